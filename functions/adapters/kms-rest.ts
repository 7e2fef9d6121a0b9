/**
 * Unwrapping by Cloud KMS over HTTP and JSON:
 * https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/decrypt
 */
import { Unavailable } from '../core/errors.ts';
import type { KeyUnwrapper } from '../core/ports.ts';
import type { AccessTokens } from './google-access-token.ts';
import { createGoogleApi, standInTokens } from './google-api.ts';
import { keyUnwrapper } from './kms.ts';

/** `kmsEmulator`: host and port of a stand-in without TLS. */
export const restKeys = (
  { kmsKey, kmsEmulator }: { kmsKey: string; kmsEmulator: string | undefined },
  tokens: AccessTokens,
): KeyUnwrapper => {
  const api = createGoogleApi(
    kmsEmulator === undefined
      ? { upstream: 'key_service', origin: 'https://cloudkms.googleapis.com', tokens }
      : { upstream: 'key_service', origin: `http://${kmsEmulator}`, tokens: standInTokens },
  );
  return keyUnwrapper(async ({ name, bytes, bytesCrc32c, aad, aadCrc32c }) => {
    const request = {
      ciphertext: Buffer.from(bytes).toString('base64'),
      ciphertextCrc32c: String(bytesCrc32c),
      additionalAuthenticatedData: Buffer.from(aad).toString('base64'),
      additionalAuthenticatedDataCrc32c: String(aadCrc32c),
    };
    const answer = (await api.post(`/v1/${name}:decrypt`, request, { reads: true })) as Partial<
      Record<string, unknown>
    >;
    if (typeof answer?.plaintext !== 'string') throw new Unavailable('key_service', 'malformed');
    return { bytes: Buffer.from(answer.plaintext, 'base64'), bytesCrc32c: answer.plaintextCrc32c };
  }, kmsKey);
};
