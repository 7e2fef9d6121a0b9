import type { KeyManagementServiceClient } from '@google-cloud/kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { createKeySet } from '../../functions/adapters/jwks.ts';
import { kmsPublicKeys, kmsSigner, lazyKms } from '../../functions/adapters/kms-signer.ts';
import { createSessionVerifier } from '../../functions/adapters/session.ts';
import { systemClock } from '../../functions/core/clock.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import { cachedKeys } from '../../functions/core/session-keys.ts';
import { issueSession } from '../../functions/core/session-token.ts';
import { type KmsStandIn, startKms } from '../../local/kms/server.ts';
import { status } from '../../local/rpc.ts';

let kms: KmsStandIn;
let client: () => Promise<KeyManagementServiceClient>;
beforeAll(async () => {
  process.env.METADATA_SERVER_DETECTION = 'none';
  kms = await startKms();
  client = lazyKms({ kmsEmulator: kms.address });
});
afterEach(() => kms.faults.clear());
afterAll(async () => {
  await (await client?.())?.close();
  await kms?.stop();
});

const versions = () => kms.signingKey.versions().map(({ name }) => name);
const signer = (version = versions()[0] ?? '') => kmsSigner(client, version);
const publicKeys = () => kmsPublicKeys(client, kms.signingKey.name);
const keySet = async () =>
  createLocalJWKSet({
    keys: (await publicKeys().list()).map((key) => ({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', ...key })),
  });
const identity = { tenant: 'org-1', user: 'user-1', roles: ['admin'] };
const issue = (version?: string) =>
  issueSession(
    { signer: signer(version), issuer: 'https://broker.example', audience: 'a', clock: systemClock },
    identity,
  );

describe('sessions', () => {
  test('are signed by the key service, and verify by the published keys', async () => {
    const token = await issue();
    const rules = { issuer: 'https://broker.example', audience: 'a', algorithms: ['ES256'], typ: 'JWT' };
    const { payload, protectedHeader } = await jwtVerify(token, await keySet(), rules);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'sessions.1' });
    expect(payload).toMatchObject({ sub: 'user-1', tenant: 'org-1', roles: ['admin'] });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    expect(payload.jti).toMatch(/^[\w-]{22}$/);
  });

  test('S34 a running verifier follows a rotation by itself, and no session outlives its minutes', async () => {
    const MINUTE = 60_000;
    let elapsed = 0;
    const clock = { ...systemClock, elapsed: () => elapsed, now: () => 1_800_000_000_000 + elapsed };
    const own = { issuer: 'https://broker.example', audience: 'a', clock };
    const published = cachedKeys(publicKeys(), clock);
    let asked = 0;
    const verify = createSessionVerifier(
      { ...own, claims: { user: 'sub', tenant: 'tenant', roles: 'roles' } },
      createKeySet({
        url: 'https://broker.example/v1/.well-known/jwks.json',
        get: async () => {
          asked += 1;
          const keys = (await published.list()).map((key) => ({ kty: 'EC', crv: 'P-256', alg: 'ES256', ...key }));
          return { status: 200, body: Buffer.from(JSON.stringify({ keys })) };
        },
        now: clock.now,
      }),
      clock.now,
    );
    const signedBy = (version: string) => issueSession({ signer: signer(version), ...own }, identity);
    const [first = ''] = versions();
    const old = await signedBy(first);
    expect(await verify(old)).toEqual(identity);
    const next = kms.signingKey.addVersion();
    // Published within five minutes; ten later it signs.
    elapsed = 10 * MINUTE;
    const fresh = await signedBy(next);
    expect(await verify(fresh)).toEqual(identity);
    expect(await verify(await signedBy(first))).toEqual(identity);
    expect(asked).toBe(2);
    // Whatever was signed before: five minutes, and one for the clocks.
    elapsed += 5 * MINUTE + 59_000;
    expect(await verify(fresh)).toEqual(identity);
    elapsed += 2_000;
    expect(await verify(fresh)).toBeUndefined();
    expect(await verify(old)).toBeUndefined();
  });

  test('rotation: the new version is published, then signs; both verify until the old one is disabled', async () => {
    const [first = ''] = versions();
    const old = await issue(first);
    const next = kms.signingKey.addVersion();
    const both = await keySet();
    const fresh = await issue(next);
    for (const token of [old, fresh]) await jwtVerify(token, both);
    kms.signingKey.setEnabled(first, false);
    const one = await keySet();
    await jwtVerify(fresh, one);
    await expect(jwtVerify(old, one)).rejects.toThrow(/no applicable key/);
    await expect(issue(first)).rejects.toMatchObject({ name: 'Unavailable', needsOps: true });
    kms.signingKey.setEnabled(first, true);
  });
});

describe('S52 answers that do not fit their checksums are discarded', () => {
  const callsOf = (method: string) => kms.calls()[method] ?? 0;

  test.each(['wrong checksum', 'no checksum', 'unverified'] as const)(
    'S52 signing: %s, twice, then a good one',
    async (how) => {
      const before = callsOf('AsymmetricSign');
      kms.corrupt(how, 2);
      await jwtVerify(await issue(), await keySet());
      expect(callsOf('AsymmetricSign')).toBe(before + 3);
    },
  );

  test.each(['wrong checksum', 'no checksum'] as const)('S52 public keys: %s, three times, is the end', async (how) => {
    const only = kmsPublicKeys(client, kms.signingKey.name);
    for (const name of versions().slice(1)) kms.signingKey.setEnabled(name, false);
    kms.corrupt(how, 3);
    await expect(only.list()).rejects.toMatchObject({ name: 'Unavailable', upstream: 'key_service' });
    expect(await only.list()).toHaveLength(1);
    for (const name of versions().slice(1)) kms.signingKey.setEnabled(name, true);
  });

  test("S52 another version's answer, or one in another form, is none", async () => {
    const real = await client();
    const [name = ''] = versions();
    const answers = [
      { name: `${kms.signingKey.name}/cryptoKeyVersions/9` },
      { signature: Buffer.from('no signature'), signatureCrc32c: { value: 0 } },
    ];
    for (const spoilt of answers) {
      const asymmetricSign = async (request: Parameters<typeof real.asymmetricSign>[0]) => {
        const [answer] = await real.asymmetricSign(request as object);
        return [{ ...answer, ...spoilt }];
      };
      const bad = async () => ({ asymmetricSign }) as unknown as KeyManagementServiceClient;
      await expect(kmsSigner(bad, name).sign('input')).rejects.toMatchObject({ message: 'key_service: checksum' });
    }
  });
});

describe('what is unavailable', () => {
  test.each([
    ['permission denied', status.PERMISSION_DENIED, true],
    ['internal', status.INTERNAL, false],
  ])('%s', async (_, code, needsOps) => {
    kms.faults.inject({ code, times: 100 });
    const failure = await signer()
      .sign('input')
      .catch((error) => error);
    expect(failure).toBeInstanceOf(Unavailable);
    expect(failure.needsOps).toBe(needsOps);
  });

  test('public keys that are known outlive a key service that is down, for a day; new ones are found within five minutes', async () => {
    let time = 0;
    const clock = { ...systemClock, elapsed: () => time };
    const cached = cachedKeys(publicKeys(), clock);
    const before = kms.calls().ListCryptoKeyVersions ?? 0;
    const [known] = await Promise.all([cached.list(), cached.list(), cached.list()]);
    expect(kms.calls().ListCryptoKeyVersions).toBe(before + 1);
    kms.signingKey.addVersion();
    time = 5 * 60_000 - 1;
    expect(await cached.list()).toBe(known);
    time = 5 * 60_000;
    expect(await cached.list()).toHaveLength(known.length + 1);
    kms.faults.inject({ code: status.PERMISSION_DENIED, times: 100 });
    time += 24 * 60 * 60_000 - 1;
    expect(await cached.list()).toHaveLength(known.length + 1);
    time += 1;
    await expect(cached.list()).rejects.toBeInstanceOf(Unavailable);
  });
});
