/**
 * Data keys wrapped by Cloud KMS, with the integrity checks that its documentation asks for ("Verify data integrity"), apart
 * from any client.
 */
import { IntegrityError, Unavailable } from '../core/errors.ts';
import type { KeyUnwrapper, KeyWrapper } from '../core/ports.ts';
import { crc32c } from './crc32c.ts';
import { Code, codeOf } from './google-rpc.ts';

/** An answer that was damaged on its way is asked for again, this often in all. */
const ATTEMPTS = 3;

const MAY_PASS: ReadonlySet<number> = new Set([
  Code.CANCELLED,
  Code.UNKNOWN,
  Code.DEADLINE_EXCEEDED,
  Code.RESOURCE_EXHAUSTED,
  Code.ABORTED,
  Code.INTERNAL,
  Code.UNAVAILABLE,
]);

/** `…/cryptoKeys/sessions/cryptoKeyVersions/3` -> `sessions.3`: another key's version has another name. */
export const keyIdOf = (versionName: string): string => {
  const [, key, version] = /\/cryptoKeys\/([^/]+)\/cryptoKeyVersions\/([^/]+)$/.exec(versionName) ?? [];
  if (!key || !version) throw new TypeError('not the name of a key version');
  return `${key}.${version}`;
};

/** What a client is asked to encrypt or decrypt. */
export interface Sent {
  /** projects/…/locations/…/keyRings/…/cryptoKeys/…; decrypting finds the version itself. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly bytesCrc32c: number;
  readonly aad: Uint8Array;
  readonly aadCrc32c: number;
}

/** What it answers; a checksum as the client gives it: a number, decimal digits, or nothing. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly bytesCrc32c: unknown;
  /** Of the key's version, where it encrypted: `…/cryptoKeyVersions/3`. */
  readonly version?: string;
}

/** Resolves with `undefined` for an answer that cannot be trusted. Rejects with an error with a `code` (google.rpc.Code), or `Unavailable`. */
export type Ask = (sent: Sent) => Promise<Received | undefined>;

export const keyWrapper = (encrypt: Ask, keyName: string): KeyWrapper => ({
  wrap: async (dataKey, aad) => {
    const { bytes, version = '' } = await verified(async () => {
      const answer = await encrypt(sent(keyName, dataKey, aad));
      return answer?.version?.startsWith(`${keyName}/cryptoKeyVersions/`) ? answer : undefined;
    });
    return { wrappedKey: bytes, keyVersion: keyIdOf(version) };
  },
});

export const keyUnwrapper = (decrypt: Ask, keyName: string): KeyUnwrapper => ({
  unwrap: async (wrappedKey, aad) => (await verified(() => decrypt(sent(keyName, wrappedKey, aad)))).bytes,
});

const sent = (name: string, bytes: Uint8Array, aad: Uint8Array): Sent => ({
  name,
  bytes,
  bytesCrc32c: crc32c(bytes),
  aad,
  aadCrc32c: crc32c(aad),
});

/** Asks again while the answer does not fit its checksum. */
const verified = async (ask: () => Promise<Received | undefined>): Promise<Received> => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await mapped(ask);
    if (answer && Number(answer.bytesCrc32c) === crc32c(answer.bytes)) return answer;
  }
  throw new Unavailable('key_service', 'checksum');
};

const mapped = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    // A ciphertext that was altered, or that belongs to other data. (A request damaged on its way looks the same.)
    if (codeOf(error) === Code.INVALID_ARGUMENT)
      throw new IntegrityError('the key service refuses the data key', { cause: error });
    throw unavailable(error);
  }
};

/** A call to the key service that failed. */
export const unavailable = (error: unknown): Unavailable => {
  if (error instanceof Unavailable) return error;
  const code = codeOf(error);
  // No credentials, no such file: the client itself does not work.
  if (code === undefined) return new Unavailable('key_service', 'client', { needsOps: true, cause: error });
  return new Unavailable('key_service', `grpc_${code}`, { needsOps: !MAY_PASS.has(code), cause: error });
};
