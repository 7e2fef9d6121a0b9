/** Everything that is not measured, in one process: the provider, Firestore and Cloud KMS stand-ins, and the sessions. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { FieldValue } from '@google-cloud/firestore';
import { exportJWK, SignJWT } from 'jose';
import { connectionRef } from '../functions/adapters/firestore/client.ts';
import { openKms } from '../functions/adapters/kms-client.ts';
import { dataKeyPlace, newDataKey, seal, tokenPlace } from '../functions/core/envelope.ts';
import { randomId } from '../functions/core/flow.ts';
import { environmentOf } from '../local/environment.ts';
import { databaseOf } from '../local/firestore/client.ts';
import { startFirestore } from '../local/firestore/server.ts';
import { generateKeys } from '../local/keys.ts';
import { startKms } from '../local/kms/server.ts';
import { answerParent } from './answer.js';
import { refreshToken, SCOPES, startProvider } from './provider.ts';

export interface World {
  /** What the broker's functions get. */
  readonly broker: Readonly<Record<string, string>>;
  /** What the floor gets. */
  readonly floor: Readonly<Record<string, string>>;
  /** What the peers get. */
  readonly peer: Readonly<Record<string, string>>;
}

/** Grants are named after who holds them: no two servers share one. */
export const grantOf = (holder: string, user: number): string => `${holder}_${user}`;
const ownerOf = (user: number) => ({ tenant: `org-${user % 10}`, user: `user-${user}` });

const SCOPE_OF: Readonly<Record<string, string>> = Object.fromEntries(
  ['microsoft', 'google', 'notes'].map((name, index) => [name, SCOPES.split(' ')[index] ?? '']),
);

const start = async (tls: { readonly key: string; readonly cert: string }) => {
  const client = { id: 'bench', secret: randomBytes(24).toString('base64url') };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'session-1', alg: 'ES256', use: 'sig' };
  const provider = await startProvider(tls, client, { keys: [jwk] });
  const firestore = await startFirestore();
  const kms = await startKms();
  const issuer = provider.origin;
  const audience = 'token-broker';

  const providers = Object.fromEntries(
    Object.entries({ microsoft: '', google: '/stable', notes: '/strict' }).map(([name, path]) => {
      const base = `${provider.origin}${path}`;
      const endpoints = {
        issuer: base,
        authorization: `${base}/authorize`,
        token: `${base}/token`,
        jwks: `${base}/jwks`,
        discovery: `${base}/.well-known/openid-configuration`,
        revocation: `${base}/revocation`,
        manage: `${base}/account`,
      };
      return [name, { origin: provider.origin, endpoints }];
    }),
  ) as Parameters<typeof environmentOf>[0]['providers'];
  const environment = environmentOf({
    brokerOrigin: 'http://127.0.0.1',
    demo: {
      origin: issuer,
      issuer,
      audience,
      serviceAudience: `${audience}-service`,
      keysUrl: `${issuer}/jwks`,
      returnUrls: [`${issuer}/`],
    },
    frontEnd: [],
    firestore: firestore.address,
    kms,
    keys: generateKeys(),
    clients: { microsoft: client, google: client, notes: client },
    providers,
    workspace: { origin: provider.origin, administrator: 'admin@org-1.example' },
    gemini: { origin: provider.origin },
  });
  const world: World = {
    broker: {
      ...environment,
      // By default Google's tokens do not come to the broker at all.
      DEFAULT_POLICY: JSON.stringify({ providers: { google: { flow: 'authorization_code' } } }),
      RATE_LIMIT_USER: '999999/999999',
      MAX_IN_FLIGHT: '1000',
    },
    floor: {
      SESSION_KEY: JSON.stringify(jwk),
      SESSION_ISSUER: issuer,
      SESSION_AUDIENCE: audience,
      DATABASE: `http://${firestore.address}`,
      KEY_SERVICE: `http://${kms.address}`,
      KMS_KEY: kms.keyName,
      TOKEN_ENDPOINT: provider.origin,
      CLIENT_ID: client.id,
      CLIENT_SECRET: client.secret,
    },
    peer: {
      ISSUER: provider.origin,
      CLIENT_ID: client.id,
      CLIENT_SECRET: client.secret,
      SECRET: randomBytes(32).toString('base64url'),
    },
  };

  const keys = await openKms({ kmsEmulator: kms.address });
  const database = databaseOf(environment);
  const wrap = async (plaintext: Uint8Array, additionalAuthenticatedData: Uint8Array): Promise<Uint8Array> => {
    const [{ ciphertext }] = await keys.encrypt({ name: kms.keyName, plaintext, additionalAuthenticatedData });
    return Buffer.from(ciphertext ?? '');
  };

  /** A connection of each user, as `complete` stores it (docs/storage.md). */
  const connect = async ({ holder, provider, from, to }: Connecting): Promise<void> => {
    const writer = database.bulkWriter({ throttling: false });
    const one = async (user: number) => {
      const key = { ...ownerOf(user), provider };
      const generation = randomId();
      const dataKey = newDataKey();
      const wrappedKey = await wrap(dataKey, dataKeyPlace(key, generation));
      void writer.set(connectionRef(database, key), {
        ...key,
        generation,
        revision: 1,
        wrapped_key: wrappedKey,
        sealed_token: seal(dataKey, refreshToken(grantOf(holder, user), 0), tokenPlace(key, generation, 1)),
        scopes: [SCOPE_OF[provider] ?? SCOPES],
        account: randomId(),
        attempt: randomId(),
        connected_at: FieldValue.serverTimestamp(),
        updated_at: FieldValue.serverTimestamp(),
      });
    };
    // Not all at once: each is a call to the key service.
    for (let begin = from; begin < to; begin += 100) {
      const length = Math.min(100, to - begin);
      await Promise.all(Array.from({ length }, (_, index) => one(begin + index)));
    }
    await writer.close();
  };

  /** A session of each user, for the broker and for the floor. */
  const sessions = ({ from, to }: { readonly from: number; readonly to: number }): Promise<string[]> =>
    Promise.all(
      Array.from({ length: to - from }, (_, index) => {
        const { user, tenant } = ownerOf(from + index);
        return new SignJWT({ sub: user, tenant, roles: [], azp: 'demo-web' })
          .setProtectedHeader({ alg: 'ES256', kid: 'session-1', typ: 'JWT' })
          .setIssuer(issuer)
          .setAudience(audience)
          .setIssuedAt()
          .setExpirationTime('2h')
          .setJti(randomUUID())
          .sign(privateKey);
      }),
    );

  return { world, provider, connect, sessions };
};

interface Connecting {
  readonly holder: string;
  /** One of the broker's, or the floor's own. */
  readonly provider: string;
  /** Users from this one to before that one. */
  readonly from: number;
  readonly to: number;
}

if (process.send) {
  let started: Awaited<ReturnType<typeof start>> | undefined;
  const it = () => {
    if (!started) throw new Error('not started');
    return started;
  };
  answerParent({
    start: async (tls: { readonly key: string; readonly cert: string }) => {
      started = await start(tls);
      return started.world;
    },
    latency: (milliseconds: number) => it().provider.setLatency(milliseconds),
    strict: (grant: string) => it().provider.makeStrict(grant),
    issued: () => it().provider.issued(),
    connect: (what: Connecting) => it().connect(what),
    sessions: (which: { readonly from: number; readonly to: number }) => it().sessions(which),
  });
}
