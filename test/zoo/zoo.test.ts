/** The zoo of token answers, through exchange and refresh of every kind of provider: both must read an answer alike. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { googleTokens } from '../../functions/adapters/google/tokens.ts';
import { createHttpClient, type HttpClient } from '../../functions/adapters/http-client.ts';
import { microsoftTokens } from '../../functions/adapters/microsoft/tokens.ts';
import type { OidcConfig } from '../../functions/adapters/oidc/config.ts';
import { oidcDiscovery } from '../../functions/adapters/oidc/discovery.ts';
import { oidcTokens } from '../../functions/adapters/oidc/tokens.ts';
import { type CompleteDependencies, complete } from '../../functions/core/complete.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { newDataKey, open, seal, tokenPlace } from '../../functions/core/envelope.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import { bindingOf, type Flow } from '../../functions/core/flow.ts';
import type {
  CodeExchanger,
  ConnectionStore,
  Event,
  ExchangeAnswer,
  RefreshAnswer,
  Refresher,
} from '../../functions/core/ports.ts';
import type { ProviderProfile } from '../../functions/core/provider.ts';
import { refresh } from '../../functions/core/refresh.ts';
import { refusalAfter } from '../support/refusal.ts';
import { idToken, now } from '../support/stub-provider.ts';
import { ACCESS, ROTATED, SECRET_TEXT, type ZooAnswer, zoo } from './answers.ts';
import { startZooServer, type ZooServer } from './server.ts';

const CLIENT = 'client-1';
const NONCE = 'nonce-1';
const DIRECTORY = '11111111-2222-3333-4444-555555555555';

let server: ZooServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startZooServer();
  server.metadata = {
    issuer: server.origin,
    authorization_endpoint: `${server.origin}/authorize`,
    token_endpoint: `${server.origin}/token`,
    revocation_endpoint: `${server.origin}/revoke`,
    code_challenge_methods_supported: ['S256'],
  };
  http = createHttpClient({ developmentOrigins: [server.origin], deadlineMs: 5_000 });
});
afterAll(() => server.close());

type Adapter = CodeExchanger & Refresher;
interface Kind {
  readonly make: () => Adapter;
  readonly claims: (() => Record<string, unknown>) | undefined;
}

const openId = (): Record<string, unknown> => ({
  iss: server.origin,
  aud: CLIENT,
  sub: 'one',
  nonce: NONCE,
  iat: now(),
  exp: now() + 3600,
});
const oidcConfig = (endpoints?: OidcConfig['endpoints']): OidcConfig => ({
  name: 'notes',
  issuer: server.origin,
  clientId: CLIENT,
  credential: { secret: 'secret', method: 'client_secret_post' },
  ...(endpoints ? { endpoints } : {}),
});
const byMetadata = (config: OidcConfig) => oidcTokens(config, http, oidcDiscovery(config, http));

const KINDS: Readonly<Record<string, Kind>> = {
  microsoft: {
    make: () =>
      microsoftTokens(
        {
          clientId: CLIENT,
          credential: { secret: 'secret' },
          endpoints: { issuer: `${server.origin}/{tenantid}/v2.0`, token: `${server.origin}/token` },
        },
        http,
      ),
    claims: () => ({ ...openId(), iss: `${server.origin}/${DIRECTORY}/v2.0`, tid: DIRECTORY, oid: 'person' }),
  },
  google: {
    make: () =>
      googleTokens(
        {
          clientId: CLIENT,
          clientSecret: 'secret',
          endpoints: { issuer: server.origin, token: `${server.origin}/token` },
        },
        http,
      ),
    claims: openId,
  },
  oidc: { make: () => byMetadata(oidcConfig()), claims: openId },
  oauth2: {
    make: () =>
      byMetadata(oidcConfig({ authorization: `${server.origin}/authorize`, token: `${server.origin}/token` })),
    claims: undefined,
  },
};

/** One answer in the terms in which both readers have to agree. */
const classOf = (answer: RefreshAnswer | ExchangeAnswer) => {
  switch (answer.kind) {
    case 'tokens':
      return { kind: 'tokens', tokens: answer.tokens };
    // A grant or a code that is over.
    case 'grant_dead':
    case 'code_refused':
      return { kind: 'dead', code: answer.code, refreshToken: answer.refreshToken };
    case 'no_answer':
      return { kind: answer.kind, code: answer.code, refreshToken: answer.refreshToken };
    case 'unusable':
      return { kind: answer.kind, code: answer.code, refreshToken: answer.refreshToken };
    default:
      return { kind: answer.kind, code: answer.code, refreshToken: answer.refreshToken };
  }
};

const expected = ({ meaning, rotates }: ZooAnswer): Record<string, unknown> => {
  if (meaning.kind !== 'tokens') return { kind: meaning.kind, ...(rotates ? { refreshToken: ROTATED } : {}) };
  const { expiresIn, scopes } = meaning;
  return {
    kind: 'tokens',
    tokens: {
      accessToken: ACCESS,
      ...(expiresIn === undefined ? {} : { expiresIn }),
      ...(scopes === undefined ? {} : { scopes }),
      ...(rotates ? { refreshToken: ROTATED } : {}),
    },
  };
};

const KEY = { tenant: 'org-1', user: 'user-1', provider: 'notes' };

/** One connection in a database of one record, refreshed at the zoo by the real core. */
const refreshed = async (provider: Refresher) => {
  const dataKey = newDataKey();
  let version = 1;
  let connection: Connection = {
    generation: 'life',
    revision: 1,
    scopes: ['a', 'b'],
    account: 'account',
    attempt: 'first',
    connectedAt: 0,
    updatedAt: 0,
    sealed: { wrappedKey: dataKey, ciphertext: seal(dataKey, 'old-token', tokenPlace(KEY, 'life', 1)) },
  };
  const read = async () => ({ key: KEY, connection, version, readAt: 1000 });
  const connections: ConnectionStore = {
    read,
    update: async (found, { lease, sealed, authorizeAgain, refusal, wrapped: _, ...rest }) => {
      if (found.version !== version) return 'conflict';
      const { lease: held, sealed: kept, authorizeAgain: mark, refusal: recorded, ...same } = connection;
      const next = {
        lease: lease === undefined ? held : lease && { attempt: lease.attempt, startedAt: 1000 },
        sealed: sealed === undefined ? kept : sealed,
        authorizeAgain: authorizeAgain === undefined ? mark : authorizeAgain,
      };
      connection = {
        ...same,
        ...rest,
        ...(next.lease ? { lease: next.lease } : {}),
        ...(next.sealed ? { sealed: next.sealed } : {}),
        ...(next.authorizeAgain ? { authorizeAgain: next.authorizeAgain } : {}),
        ...refusalAfter(recorded, refusal, 1000),
      };
      return { version: ++version };
    },
  };
  const events: Event[] = [];
  const clock = { now: () => Date.now(), elapsed: () => performance.now(), sleep: async () => {} };
  const outcome = await refresh(
    {
      connections,
      provider: { ...provider, rotation: 'strict' },
      keys: { unwrap: async () => dataKey },
      clock,
      observe: (event) => void events.push(event),
    },
    await read(),
    { scopes: ['a', 'b'] },
  ).catch((error: unknown) => {
    if (error instanceof Unavailable) return error;
    throw error;
  });
  const { sealed, revision, lease } = connection;
  const token = sealed && open(dataKey, sealed.ciphertext, tokenPlace(KEY, 'life', revision));
  return { outcome, token, isLeased: lease !== undefined, events };
};

const profile: ProviderProfile = {
  name: 'notes',
  kind: 'oidc',
  flows: ['authorization_code'],
  catalogue: { integrations: { notes: { read: ['a'] } } },
  stepwise: 'ask_for_all',
};

/** A flow that is completed at the zoo by the real core, with nothing stored before. */
const completed = async (provider: CodeExchanger) => {
  const flow: Flow = {
    flowId: 'flow',
    provider: 'notes',
    tenant: KEY.tenant,
    user: KEY.user,
    redirectUri: 'https://broker.example/callback',
    codeVerifier: 'verifier-verifier-verifier-verifier-verifier-1',
    nonce: NONCE,
    scopes: ['a'],
    startedAt: 1000,
  };
  const revoked: string[] = [];
  const events: Event[] = [];
  let stored: unknown;
  const dependencies = {
    profile,
    provider: {
      exchange: provider.exchange,
      ends: 'token',
      knowsAccounts: true,
      revoke: async (token: string) => {
        revoked.push(token);
        return 'revoked';
      },
    },
    store: {
      claimFlow: async () => true,
      store: async (_: unknown, decide: (found: object) => { write?: unknown }) => {
        const choice = decide({ policy: { providers: { notes: { enabled: true, flow: 'authorization_code' } } } });
        stored = choice.write;
        return choice;
      },
    },
    accounts: { hasOthers: async () => false },
    policies: {
      policy: async () => ({
        policy: { providers: { notes: { enabled: true, flow: 'authorization_code' } } },
        readAt: 0,
      }),
    },
    keys: { wrap: async (dataKey: Uint8Array) => ({ wrappedKey: dataKey }), unwrap: async () => newDataKey() },
    tokens: {
      openTicket: async () => ({ state: 'state', code: 'code', expiresAt: now() + 60 }),
      openFlow: async () => flow,
      verifyState: async () => ({ flowId: 'flow', provider: 'notes', binding: bindingOf(flow) }),
    },
    redirectUri: flow.redirectUri,
    hashKey: new Uint8Array(32),
    clock: { now: () => Date.now(), elapsed: () => performance.now(), sleep: async () => {} },
    observe: (event: Event) => void events.push(event),
  } as unknown as CompleteDependencies;
  const identity = { tenant: KEY.tenant, user: KEY.user } as Parameters<typeof complete>[1]['identity'];
  const outcome = await complete(dependencies, { identity, ticket: 'ticket', flow: 'flow' }).catch((error: unknown) => {
    if (error instanceof Unavailable) return error;
    throw error;
  });
  return { outcome, stored, revoked, events };
};

test('the zoo has at least sixty answers, each with a name of its own', () => {
  const names = zoo('token').map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(60);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(Object.entries(KINDS))('%s', (_kind, { make, claims }) => {
  const token = () => claims && idToken(claims());
  const request = {
    code: 'code',
    codeVerifier: 'verifier-verifier-verifier-verifier-verifier-1',
    nonce: NONCE,
    redirectUri: 'https://broker.example/callback',
    scopes: ['a', 'b'],
  };
  const show = (name: string): ZooAnswer => {
    const answer = zoo(token()).find((each) => each.name === name);
    if (!answer) throw new Error(name);
    server.answer = answer;
    return answer;
  };

  test.each(zoo(claims && 'token').map(({ name }) => name))('%s: both readers agree', async (name) => {
    const answer = show(name);
    const ofRefresh = classOf(await make().refresh({ refreshToken: 'old-token', scopes: ['a', 'b'] }));
    const ofExchange = classOf(await make().exchange(request));
    expect(ofRefresh).toMatchObject(expected(answer));
    expect(ofExchange).toEqual(ofRefresh);
  });

  test.each(zoo(claims && 'token').map(({ name }) => name))('%s: no refresh token is dropped', async (name) => {
    const answer = show(name);
    const after = await refreshed(make());
    const isDead = answer.meaning.kind === 'dead';
    expect(after.token).toBe(answer.rotates ? ROTATED : isDead ? undefined : 'old-token');
    // A complete answer gives the lease back; so does a token that was kept.
    expect(after.isLeased).toBe(!answer.complete && !answer.rotates);
    const made = await completed(make());
    const isKept = answer.meaning.kind === 'tokens' && answer.rotates;
    expect(made.stored !== undefined).toBe(isKept);
    expect(made.revoked).toEqual(answer.rotates && !isKept ? [ROTATED] : []);
    const said = JSON.stringify([
      after.events,
      made.events,
      after.outcome instanceof Unavailable ? String(after.outcome) : '',
    ]);
    for (const secret of [SECRET_TEXT, ROTATED, ACCESS, 'old-token']) expect(said).not.toContain(secret);
  });

  test('asks for an answer that is not compressed', async () => {
    show('200');
    server.encodings.length = 0;
    await make().refresh({ refreshToken: 'old-token', scopes: ['a'] });
    await make().exchange(request);
    expect(server.encodings).toEqual(['identity', 'identity']);
  });
});
