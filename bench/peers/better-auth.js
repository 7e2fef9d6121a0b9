/**
 * better-auth's own access-token endpoint, mounted as its documentation does it. DATABASE: `memory` or a file for
 * node:sqlite. ENCRYPT: `encryptOAuthTokens`, which is off by default.
 */
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { symmetricEncrypt } from 'better-auth/crypto';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { genericOAuth, testUtils } from 'better-auth/plugins';
import { answerParent } from '../answer.js';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, DATABASE, ENCRYPT } = process.env;
const origin = 'http://127.0.0.1';
const options = {
  baseURL: origin,
  secret: SECRET,
  database:
    DATABASE === 'memory'
      ? memoryAdapter({ user: [], session: [], account: [], verification: [] })
      : new DatabaseSync(DATABASE),
  account: { encryptOAuthTokens: ENCRYPT === 'yes' },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [
    genericOAuth({
      config: [
        {
          providerId: 'provider',
          clientId: CLIENT_ID,
          clientSecret: CLIENT_SECRET,
          authorizationUrl: `${ISSUER}/authorize`,
          tokenUrl: `${ISSUER}/token`,
        },
      ],
    }),
    // Sessions without a sign-in, for the bench's users.
    testUtils(),
  ],
};
const auth = betterAuth(options);
if (DATABASE !== 'memory') await (await getMigrations(options)).runMigrations();
const context = await auth.$context;
createServer(toNodeHandler(auth)).listen(0);

/** Named after their grants: a database keeps them over a restart. */
const connect = async (refreshToken) => {
  const [name] = refreshToken.split('.');
  const user = await context.test.saveUser(context.test.createUser({ name, email: `${name}@org-1.example` }));
  const stored = (token) => (ENCRYPT === 'yes' ? symmetricEncrypt({ key: context.secretConfig, data: token }) : token);
  const account = await context.internalAdapter.createAccount({
    userId: user.id,
    providerId: 'provider',
    issuer: ISSUER,
    accountId: name,
    accessToken: await stored('none'),
    refreshToken: await stored(refreshToken),
    accessTokenExpiresAt: new Date(),
  });
  const headers = await context.test.getAuthHeaders({ userId: user.id });
  return {
    headers: { cookie: headers.get('cookie'), origin, 'content-type': 'application/json' },
    body: JSON.stringify({ accountId: account.id }),
  };
};

answerParent({
  connect: async (refreshTokens) => {
    const callers = [];
    for (const refreshToken of refreshTokens) callers.push(await connect(refreshToken));
    return callers;
  },
});
