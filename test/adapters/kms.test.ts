import type { KeyManagementServiceClient } from '@google-cloud/kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { crc32c } from '../../functions/adapters/crc32c.ts';
import { standInTokens } from '../../functions/adapters/google-api.ts';
import { keyWrapper } from '../../functions/adapters/kms.ts';
import { kmsKeys, openKms } from '../../functions/adapters/kms-client.ts';
import { restKeys } from '../../functions/adapters/kms-rest.ts';
import { systemClock } from '../../functions/core/clock.ts';
import { IntegrityError, Unavailable } from '../../functions/core/errors.ts';
import type { KeyUnwrapper, KeyWrapper } from '../../functions/core/ports.ts';
import { type KmsStandIn, startKms } from '../../local/kms/server.ts';
import { status } from '../../local/rpc.ts';

/** Cloud KMS by each client: all that is unwrapped was wrapped by the official one. */
const CLIENTS: readonly (readonly [string, () => KeyUnwrapper])[] = [
  ['official client', () => keys],
  ['HTTP and JSON', () => restKeys({ kmsKey: kms.keyName, kmsEmulator: kms.address }, standInTokens)],
];

let kms: KmsStandIn;
let client: KeyManagementServiceClient;
let keys: KeyWrapper & KeyUnwrapper;
beforeAll(async () => {
  process.env.METADATA_SERVER_DETECTION = 'none';
  kms = await startKms();
  client = await openKms({ kmsEmulator: kms.address });
  keys = kmsKeys(client, kms.keyName);
});
afterEach(() => kms.faults.clear());
afterAll(async () => {
  await client?.close();
  await kms?.stop();
  // The official client loads what decodes the errors of the calls that this ended, and jest complains where it is gone by then.
  await systemClock.sleep(200);
});

const dataKey = Buffer.from('0123456789abcdef0123456789abcdef');
const place = Buffer.from('here');
const callsOf = (method: string) => kms.calls()[method] ?? 0;

describe.each(CLIENTS)('unwrapping by the %s', (_, open) => {
  let unwrapper: KeyUnwrapper;
  beforeAll(() => {
    unwrapper = open();
  });

  test('a data key comes back as it was, and is not readable in between', async () => {
    const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
    expect(Buffer.from(wrapped).includes(dataKey)).toBe(false);
    expect(Buffer.from(await unwrapper.unwrap(wrapped, place))).toEqual(dataKey);
  });

  test('S41 in another place, or altered, it does not', async () => {
    const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
    await expect(unwrapper.unwrap(wrapped, Buffer.from('elsewhere'))).rejects.toBeInstanceOf(IntegrityError);
    const altered = Uint8Array.from(wrapped);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    await expect(unwrapper.unwrap(altered, place)).rejects.toBeInstanceOf(IntegrityError);
  });

  test.each(['wrong checksum', 'no checksum'] as const)('S52 %s, twice, then a good one', async (how) => {
    const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
    kms.corrupt(how, 2);
    const before = callsOf('Decrypt');
    expect(Buffer.from(await unwrapper.unwrap(wrapped, place))).toEqual(dataKey);
    expect(callsOf('Decrypt')).toBe(before + 3);
  });

  test.each(['wrong checksum', 'no checksum'] as const)('S52 %s, three times, is the end', async (how) => {
    const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
    const before = callsOf('Decrypt');
    kms.corrupt(how, 3);
    await expect(unwrapper.unwrap(wrapped, place)).rejects.toMatchObject({
      name: 'Unavailable',
      upstream: 'key_service',
    });
    expect(callsOf('Decrypt')).toBe(before + 3);
    expect(Buffer.from(await unwrapper.unwrap(wrapped, place))).toEqual(dataKey);
  });

  test('a rotated key still unwraps what an older version wrapped', async () => {
    const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
    kms.rotate();
    expect(Buffer.from(await unwrapper.unwrap(wrapped, place))).toEqual(dataKey);
  });

  describe('what is unavailable is never taken for damage', () => {
    test('a disabled version needs ops', async () => {
      const version = kms.rotate();
      const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
      kms.setEnabled(version, false);
      await expect(unwrapper.unwrap(wrapped, place)).rejects.toMatchObject({ name: 'Unavailable', needsOps: true });
      kms.setEnabled(version, true);
      expect(Buffer.from(await unwrapper.unwrap(wrapped, place))).toEqual(dataKey);
    });

    test.each([
      ['permission denied', status.PERMISSION_DENIED, true],
      ['internal', status.INTERNAL, false],
    ])('%s', async (_, code, needsOps) => {
      const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
      kms.faults.inject({ code, when: 'before', times: 100 });
      const failure = await unwrapper.unwrap(wrapped, place).catch((error) => error);
      expect(failure).toBeInstanceOf(Unavailable);
      expect(failure).toMatchObject({ needsOps });
    });

    test('a moment of UNAVAILABLE is not noticed', async () => {
      const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
      kms.faults.inject({ code: status.UNAVAILABLE, when: 'before', times: 1 });
      expect(Buffer.from(await unwrapper.unwrap(wrapped, place))).toEqual(dataKey);
    });
  });
});

test('a service that does not answer costs five seconds at most, by either client', async () => {
  const { wrappedKey: wrapped } = await keys.wrap(dataKey, place);
  kms.faults.inject({ delay: 60_000, times: 100 });
  const begun = performance.now();
  const failures = CLIENTS.map(([, open]) => open().unwrap(wrapped, place));
  for (const each of await Promise.allSettled(failures)) {
    expect(each).toMatchObject({
      status: 'rejected',
      reason: { name: 'Unavailable', message: 'key_service: timeout' },
    });
  }
  expect(performance.now() - begun).toBeLessThan(6_500);
}, 15_000);

describe('wrapping', () => {
  test('says which version did, by key and number; a rotation changes it', async () => {
    const { keyVersion = '' } = await keys.wrap(dataKey, place);
    expect(keyVersion).toMatch(/^connections\.\d+$/);
    const version = kms.rotate();
    expect((await keys.wrap(dataKey, place)).keyVersion).toBe(`connections.${version.split('/').at(-1)}`);
    expect((await keys.wrap(dataKey, place)).keyVersion).not.toBe(keyVersion);
  });

  test.each([
    ['another key’s version', `-2/cryptoKeyVersions/1`],
    ['no version', ''],
  ])('an answer that names %s is discarded', async (_, suffix) => {
    const named = keyWrapper(
      async ({ name, bytes }) => ({ bytes, bytesCrc32c: crc32c(bytes), version: `${name}${suffix}` }),
      kms.keyName,
    );
    await expect(named.wrap(dataKey, place)).rejects.toMatchObject({ upstream: 'key_service' });
  });

  test.each(['wrong checksum', 'no checksum', 'unverified'] as const)(
    'S52 answers that do not fit their checksums are discarded: %s, twice, then a good one',
    async (how) => {
      kms.corrupt(how, 2);
      const before = callsOf('Encrypt');
      const { wrappedKey } = await keys.wrap(dataKey, place);
      expect(Buffer.from(await keys.unwrap(wrappedKey, place))).toEqual(dataKey);
      expect(callsOf('Encrypt')).toBe(before + 3);
    },
  );

  test('a service that is down costs five seconds at most', async () => {
    kms.faults.inject({ code: status.UNAVAILABLE, when: 'before', times: 1_000 });
    const begun = performance.now();
    await expect(keys.wrap(dataKey, place)).rejects.toBeInstanceOf(Unavailable);
    expect(performance.now() - begun).toBeLessThan(6_500);
  });
});
