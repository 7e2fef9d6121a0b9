/** Everything that is not measured, in one process: the provider, Firestore and Cloud KMS stand-ins, and the sessions. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { FieldValue } from '@google-cloud/firestore';
import { exportJWK, SignJWT } from 'jose';
import { connectionRef } from '../functions/adapters/firestore/client.ts';
import { openKms } from '../functions/adapters/kms-client.ts';
import type { ConnectionKey } from '../functions/core/connection.ts';
import { dataKeyPlace, newDataKey, seal, tokenPlace } from '../functions/core/envelope.ts';
import { randomId } from '../functions/core/flow.ts';
import { environmentOf, type ProviderName } from '../local/environment.ts';
import { startFirestore } from '../local/firestore/server.ts';
import { generateKeys } from '../local/keys.ts';
import { startKms } from '../local/kms/server.ts';
import { databaseOf } from '../test/support/database.ts';
import { answerParent } from './ipc.ts';
import { refreshToken, SCOPES, startProvider } from './provider.ts';
import { startRestStandIns } from './standins.ts';

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

const SCOPE_OF: Readonly<Record<ProviderName, string>> = Object.fromEntries(
  ['microsoft', 'google', 'notes'].map((name, index) => [name, SCOPES.split(' ')[index] ?? '']),
) as Record<ProviderName, string>;

const start = async (tls: { readonly key: string; readonly cert: string }) => {
  const client = { id: 'bench', secret: randomBytes(24).toString('base64url') };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'session-1', alg: 'ES256', use: 'sig' };
  const provider = await startProvider(tls, client, { keys: [jwk] });
  const firestore = await startFirestore();
  const kms = await startKms();
  const rest = await startRestStandIns();
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
  });
  const world: World = {
    broker: { ...environment, RATE_LIMIT_USER: '999999/999999', MAX_IN_FLIGHT: '1000' },
    floor: {
      SESSION_KEY: JSON.stringify(jwk),
      SESSION_ISSUER: issuer,
      SESSION_AUDIENCE: audience,
      DATABASE: rest.origin,
      KEY_SERVICE: rest.origin,
      KMS_KEY: rest.keyName,
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

  /** A sealed grant, as `complete` stores it (docs/storage.md). */
  const sealedGrant = async (holder: string, key: ConnectionKey, user: number, wrapBy: typeof wrap) => {
    const generation = randomId();
    const dataKey = newDataKey();
    return {
      generation,
      revision: 1,
      wrapped_key: await wrapBy(dataKey, dataKeyPlace(key, generation)),
      sealed_token: seal(dataKey, refreshToken(grantOf(holder, user), 0), tokenPlace(key, generation, 1)),
    };
  };

  /** A connection of each user. */
  const connect = async ({ holder, provider, from, to }: Connecting): Promise<void> => {
    const writer = database.bulkWriter({ throttling: false });
    const one = async (user: number) => {
      const key = { ...ownerOf(user), provider };
      void writer.set(connectionRef(database, key), {
        ...key,
        ...(await sealedGrant(holder, key, user, wrap)),
        scopes: [SCOPE_OF[provider]],
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

  /** The same for the floor, in its own stand-ins. */
  const connectFloor = async ({ holder, from, to }: Omit<Connecting, 'provider'>): Promise<void> => {
    for (let user = from; user < to; user++) {
      const key = { ...ownerOf(user), provider: holder };
      const grant = await sealedGrant(holder, key, user, async (dataKey, aad) => rest.wrap(dataKey, aad));
      rest.put(`projects/local-project/databases/(default)/documents/${connectionRef(database, key).path}`, {
        generation: { stringValue: grant.generation },
        revision: { integerValue: String(grant.revision) },
        wrapped_key: { bytesValue: Buffer.from(grant.wrapped_key).toString('base64') },
        sealed_token: { bytesValue: Buffer.from(grant.sealed_token).toString('base64') },
      });
    }
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

  return { world, provider, connect, connectFloor, sessions };
};

interface Connecting {
  readonly holder: string;
  readonly provider: ProviderName;
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
    connectFloor: (what: Omit<Connecting, 'provider'>) => it().connectFloor(what),
    sessions: (which: { readonly from: number; readonly to: number }) => it().sessions(which),
  });
}
