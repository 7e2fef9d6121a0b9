/**
 * Sessions signed by an asymmetric key in Cloud KMS (EC P-256, SHA-256): the private key is in no process. With the checks of
 * "Verify data integrity" (https://cloud.google.com/kms/docs/data-integrity-guidelines).
 */
import { createHash, createPublicKey } from 'node:crypto';
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import { Unavailable } from '../core/errors.ts';
import type { PublicKey, PublicKeys } from '../core/session-keys.ts';
import type { SessionSigner } from '../core/session-token.ts';
import { crc32c } from './crc32c.ts';
import { within } from './deadline.ts';
import { joseSignature } from './ecdsa.ts';
import { keyIdOf, unavailable } from './kms.ts';

const DEADLINE_MS = 5_000;
/** An answer that was damaged on its way is asked for again, this often in all. */
const ATTEMPTS = 3;
const ALGORITHM = 'EC_SIGN_P256_SHA256';

type Client = () => Promise<KeyManagementServiceClient>;

/** The official client, loaded and opened with the first call. */
export const lazyKms = (config: { kmsEmulator: string | undefined }): Client => {
  let opening: Promise<KeyManagementServiceClient> | undefined;
  return () => {
    opening ??= import('./kms-client.ts').then(({ openKms }) => openKms(config));
    return opening;
  };
};

/** @param versionName projects/…/cryptoKeys/…/cryptoKeyVersions/…: an asymmetric key has no primary version */
export const kmsSigner = (client: Client, versionName: string): SessionSigner => ({
  keyId: keyIdOf(versionName),
  sign: (input) => {
    const digest = createHash('sha256').update(input).digest();
    return intact(async () => {
      const [answer] = await call(async () =>
        (await client()).asymmetricSign({
          name: versionName,
          digest: { sha256: digest },
          digestCrc32c: { value: crc32c(digest) },
        }),
      );
      const signature = bytesOf(answer.signature);
      const fits =
        answer.name === versionName &&
        answer.verifiedDigestCrc32c === true &&
        Number(answer.signatureCrc32c?.value) === crc32c(signature);
      return fits ? joseSignature(signature) : undefined;
    });
  },
});

/** Every enabled version of the key. */
export const kmsPublicKeys = (client: Client, keyName: string): PublicKeys => ({
  async list() {
    const [versions] = await call(async () =>
      (await client()).listCryptoKeyVersions({ parent: keyName, filter: 'state=ENABLED' }, { autoPaginate: true }),
    );
    const names = versions.flatMap(({ name, state, algorithm }) =>
      name && state === 'ENABLED' && algorithm === ALGORITHM ? [name] : [],
    );
    return Promise.all(names.map((name) => publicKey(client, name)));
  },
});

const publicKey = (client: Client, name: string): Promise<PublicKey> =>
  intact(async () => {
    const [{ pem, pemCrc32c, name: named, algorithm }] = await call(async () =>
      (await client()).getPublicKey({ name }),
    );
    const fits =
      pem && named === name && algorithm === ALGORITHM && Number(pemCrc32c?.value) === crc32c(Buffer.from(pem));
    if (!fits) return undefined;
    const { x, y } = createPublicKey(pem).export({ format: 'jwk' });
    return x && y ? { kid: keyIdOf(name), x, y } : undefined;
  });

/** Asks again while the answer does not fit its checksums. */
const intact = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Unavailable('key_service', 'checksum');
};

const call = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await within(DEADLINE_MS, 'key_service', run);
  } catch (error) {
    throw unavailable(error);
  }
};

const bytesOf = (value: Uint8Array | string | null | undefined): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value, 'base64') : (value ?? new Uint8Array());
