/** Data keys wrapped by Cloud KMS, with the integrity checks that its documentation asks for ("Verify data integrity"). */
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import { IntegrityError, Unavailable } from '../core/errors.ts';
import type { KeyUnwrapper, KeyWrapper } from '../core/ports.ts';
import { crc32c } from './crc32c.ts';
import { within } from './deadline.ts';

const DEADLINE_MS = 5_000;
/** An answer that was damaged on its way is asked for again, this often in all. */
const ATTEMPTS = 3;

/** gRPC status codes (google.rpc.Code). */
const INVALID_ARGUMENT = 3;
const MAY_PASS: ReadonlySet<number> = new Set([1, 2, 4, 8, 10, 13, 14]);

/** `keyName`: projects/…/locations/…/keyRings/…/cryptoKeys/…; decrypting finds the version itself. */
export const kmsKeys = (client: KeyManagementServiceClient, keyName: string): KeyWrapper & KeyUnwrapper => ({
  wrap: (plaintext, aad) =>
    verified(async () => {
      const [answer] = await call(() =>
        client.encrypt({
          name: keyName,
          plaintext,
          plaintextCrc32c: { value: crc32c(plaintext) },
          additionalAuthenticatedData: aad,
          additionalAuthenticatedDataCrc32c: { value: crc32c(aad) },
        }),
      );
      const ciphertext = bytes(answer.ciphertext);
      const intact =
        answer.verifiedPlaintextCrc32c === true &&
        answer.verifiedAdditionalAuthenticatedDataCrc32c === true &&
        Number(answer.ciphertextCrc32c?.value) === crc32c(ciphertext);
      return intact ? ciphertext : undefined;
    }),

  unwrap: (ciphertext, aad) =>
    verified(async () => {
      const [answer] = await call(() =>
        client.decrypt({
          name: keyName,
          ciphertext,
          ciphertextCrc32c: { value: crc32c(ciphertext) },
          additionalAuthenticatedData: aad,
          additionalAuthenticatedDataCrc32c: { value: crc32c(aad) },
        }),
      );
      const plaintext = bytes(answer.plaintext);
      return Number(answer.plaintextCrc32c?.value) === crc32c(plaintext) ? plaintext : undefined;
    }),
});

/** Asks again while the answer does not fit its checksums. */
const verified = async (ask: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> => {
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
    if (error instanceof Unavailable) throw error;
    const code = error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
    // No credentials, no such file: the client itself does not work.
    if (code === undefined) throw new Unavailable('key_service', 'client', { needsOps: true, cause: error });
    // A ciphertext that was altered, or that belongs to other data. (A request damaged on its way looks the same.)
    if (code === INVALID_ARGUMENT) throw new IntegrityError('the key service refuses the data key', { cause: error });
    throw new Unavailable('key_service', `grpc_${code}`, { needsOps: !MAY_PASS.has(code), cause: error });
  }
};

const bytes = (value: Uint8Array | string | null | undefined): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value, 'base64') : (value ?? new Uint8Array());
