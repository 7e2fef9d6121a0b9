import { randomBytes } from 'node:crypto';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { crc32c } from '../../functions/adapters/crc32c.ts';
import { type KmsStandIn, startKms } from '../../local/kms/server.ts';
import { status } from '../../local/rpc.ts';

// No question leaves this machine.
process.env.METADATA_SERVER_DETECTION = 'none';

const { FAILED_PRECONDITION, INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE } = status;

let kms: KmsStandIn;
let client: KeyManagementServiceClient;
const aad = Buffer.from('org-1/user-1/google');
const plaintext = randomBytes(32);

/** One attempt: the client would repeat an outage for a minute. */
const once = { retry: null, timeout: 2_000 };
const encrypt = async (fields: object = {}) => {
  const [answer] = await client.encrypt(
    { name: kms.keyName, plaintext, additionalAuthenticatedData: aad, ...fields },
    once,
  );
  return { ...answer, ciphertext: answer.ciphertext as Buffer };
};
const decrypt = async (ciphertext: Uint8Array, fields: object = {}) => {
  const [answer] = await client.decrypt(
    { name: kms.keyName, ciphertext, additionalAuthenticatedData: aad, ...fields },
    once,
  );
  return { ...answer, plaintext: answer.plaintext as Buffer };
};
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

beforeAll(async () => {
  kms = await startKms();
  const [apiEndpoint, port] = kms.address.split(':') as [string, string];
  client = new KeyManagementServiceClient({ apiEndpoint, port: Number(port), sslCreds: credentials.createInsecure() });
});
afterEach(() => kms.faults.clear());
afterAll(async () => {
  await client.close();
  await kms.stop();
});

test('what was encrypted is decrypted, under the primary version', async () => {
  const { ciphertext, name } = await encrypt();
  expect(name).toBe(`${kms.keyName}/cryptoKeyVersions/1`);
  expect(ciphertext.includes(plaintext)).toBe(false);
  expect((await encrypt()).ciphertext).not.toEqual(ciphertext);
  const opened = await decrypt(ciphertext);
  expect(opened.plaintext).toEqual(plaintext);
  expect(opened.usedPrimary).toBe(true);
});

test('wrong additional authenticated data is refused', async () => {
  const { ciphertext } = await encrypt();
  for (const other of ['org-1/user-2/google', '']) {
    const wrong = decrypt(ciphertext, { additionalAuthenticatedData: Buffer.from(other) });
    await expect(wrong).rejects.toMatchObject({ code: INVALID_ARGUMENT });
  }
});

test('an altered ciphertext is refused, wherever it was altered', async () => {
  const { ciphertext } = await encrypt();
  for (const at of [0, 3, 4, 16, ciphertext.length - 1]) {
    await expect(decrypt(flipped(ciphertext, at))).rejects.toMatchObject({ code: INVALID_ARGUMENT });
  }
  for (const cut of [ciphertext.subarray(0, -1), ciphertext.subarray(0, 10), Buffer.alloc(0)]) {
    await expect(decrypt(cut)).rejects.toMatchObject({ code: INVALID_ARGUMENT });
  }
});

test('the key of another stand-in does not open it', async () => {
  const other = await startKms();
  const [apiEndpoint, port] = other.address.split(':') as [string, string];
  const sslCreds = credentials.createInsecure();
  const stranger = new KeyManagementServiceClient({ apiEndpoint, port: Number(port), sslCreds });
  const { ciphertext } = await encrypt();
  const opened = stranger.decrypt({ name: other.keyName, ciphertext, additionalAuthenticatedData: aad }, once);
  await expect(opened).rejects.toMatchObject({ code: INVALID_ARGUMENT });
  await stranger.close();
  await other.stop();
});

describe('CRC32C', () => {
  test('of a request is verified, and the answer says so', async () => {
    const sums = {
      plaintextCrc32c: { value: crc32c(plaintext) },
      additionalAuthenticatedDataCrc32c: { value: crc32c(aad) },
    };
    const answer = await encrypt(sums);
    expect(answer.verifiedPlaintextCrc32c).toBe(true);
    expect(answer.verifiedAdditionalAuthenticatedDataCrc32c).toBe(true);
    const silent = await encrypt();
    expect(silent.verifiedPlaintextCrc32c).toBe(false);
    expect(silent.verifiedAdditionalAuthenticatedDataCrc32c).toBe(false);
  });

  test('that does not fit a request is refused', async () => {
    const wrong = { value: (crc32c(plaintext) ^ 1) >>> 0 };
    const { ciphertext } = await encrypt();
    for (const request of [
      encrypt({ plaintextCrc32c: wrong }),
      encrypt({ additionalAuthenticatedDataCrc32c: wrong }),
      decrypt(ciphertext, { ciphertextCrc32c: wrong }),
      decrypt(ciphertext, { additionalAuthenticatedDataCrc32c: wrong }),
    ]) {
      await expect(request).rejects.toMatchObject({ code: INVALID_ARGUMENT });
    }
    const right = { ciphertextCrc32c: { value: crc32c(ciphertext) } };
    expect((await decrypt(ciphertext, right)).plaintext).toEqual(plaintext);
  });

  test('of an answer fits, until it is spoiled', async () => {
    const sealed = await encrypt();
    expect(Number(sealed.ciphertextCrc32c?.value)).toBe(crc32c(sealed.ciphertext));
    const opened = await decrypt(sealed.ciphertext);
    expect(Number(opened.plaintextCrc32c?.value)).toBe(crc32c(plaintext));

    kms.corrupt('wrong checksum', 2);
    const spoiled = await encrypt();
    expect(Number(spoiled.ciphertextCrc32c?.value)).not.toBe(crc32c(spoiled.ciphertext));
    const spoiledToo = await decrypt(sealed.ciphertext);
    expect(Number(spoiledToo.plaintextCrc32c?.value)).not.toBe(crc32c(plaintext));
    kms.corrupt('no checksum');
    expect((await decrypt(sealed.ciphertext)).plaintextCrc32c).toBeNull();
    const healed = await decrypt(sealed.ciphertext);
    expect(Number(healed.plaintextCrc32c?.value)).toBe(crc32c(plaintext));
  });

  test('missing verified flags', async () => {
    const sums = { plaintextCrc32c: { value: crc32c(plaintext) } };
    const { ciphertext } = await encrypt(sums);
    kms.corrupt('unverified');
    // Only an answer to Encrypt has such flags: a Decrypt does not use the switch up.
    await decrypt(ciphertext);
    expect((await encrypt(sums)).verifiedPlaintextCrc32c).toBe(false);
    expect((await encrypt(sums)).verifiedPlaintextCrc32c).toBe(true);
  });
});

describe('key versions', () => {
  test('after a rotation the new one encrypts and the old one still decrypts', async () => {
    const old = await encrypt();
    const version = kms.rotate();
    const renewed = await encrypt();
    expect(renewed.name).toBe(version);
    expect(renewed.name).not.toBe(old.name);
    expect(await decrypt(old.ciphertext)).toMatchObject({ plaintext, usedPrimary: false });
    expect(await decrypt(renewed.ciphertext)).toMatchObject({ plaintext, usedPrimary: true });
  });

  test('a disabled one neither decrypts nor, as the primary one, encrypts, until it is enabled again', async () => {
    const version = kms.rotate();
    const { ciphertext } = await encrypt();
    kms.setEnabled(version, false);
    await expect(decrypt(ciphertext)).rejects.toMatchObject({ code: FAILED_PRECONDITION });
    await expect(encrypt()).rejects.toMatchObject({ code: FAILED_PRECONDITION });
    kms.rotate();
    await encrypt();
    await expect(decrypt(ciphertext)).rejects.toMatchObject({ code: FAILED_PRECONDITION });
    kms.setEnabled(version, true);
    expect((await decrypt(ciphertext)).plaintext).toEqual(plaintext);
  });
});

describe('refusals', () => {
  test('an unknown key, a name that is none, too much data', async () => {
    await expect(encrypt({ name: `${kms.keyName}-other` })).rejects.toMatchObject({ code: NOT_FOUND });
    await expect(decrypt(plaintext, { name: `${kms.keyName}-other` })).rejects.toMatchObject({ code: NOT_FOUND });
    await expect(encrypt({ name: 'connections' })).rejects.toMatchObject({ code: INVALID_ARGUMENT });
    await expect(encrypt({ plaintext: Buffer.alloc(65537) })).rejects.toMatchObject({ code: INVALID_ARGUMENT });
  });

  test('permission denied, for one method', async () => {
    const { ciphertext } = await encrypt();
    const lift = kms.faults.inject({ methods: ['Decrypt'], code: PERMISSION_DENIED, times: Number.POSITIVE_INFINITY });
    await expect(decrypt(ciphertext)).rejects.toMatchObject({ code: PERMISSION_DENIED });
    await expect(decrypt(ciphertext)).rejects.toMatchObject({ code: PERMISSION_DENIED });
    await encrypt();
    lift();
    await decrypt(ciphertext);
  });

  test('an outage', async () => {
    kms.faults.inject({ code: UNAVAILABLE, times: 2 });
    await expect(encrypt()).rejects.toMatchObject({ code: UNAVAILABLE });
    await expect(decrypt(plaintext)).rejects.toMatchObject({ code: UNAVAILABLE });
    await encrypt();
  });

  test('methods that it does not have', async () => {
    await expect(client.getCryptoKey({ name: kms.keyName }, once)).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    });
  });
});

test('it counts calls, failed ones too', async () => {
  const before = kms.calls();
  const { ciphertext } = await encrypt();
  kms.faults.inject({ code: UNAVAILABLE });
  await expect(decrypt(ciphertext)).rejects.toThrow();
  await decrypt(ciphertext);
  const after = kms.calls();
  expect([after.Encrypt, after.Decrypt]).toEqual([(before.Encrypt ?? 0) + 1, (before.Decrypt ?? 0) + 2]);
});
