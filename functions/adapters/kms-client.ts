/** Cloud KMS by its official client. */
import { KeyManagementServiceClient } from '@google-cloud/kms';
import type { KeyUnwrapper, KeyWrapper } from '../core/ports.ts';
import { within } from './deadline.ts';
import { keyUnwrapper, keyWrapper } from './kms.ts';

const DEADLINE_MS = 5_000;

/** `kmsEmulator`: host and port of a stand-in without TLS. */
export const openKms = async ({
  kmsEmulator,
}: {
  kmsEmulator: string | undefined;
}): Promise<KeyManagementServiceClient> => {
  if (kmsEmulator === undefined) return new KeyManagementServiceClient();
  const { credentials } = await import('@grpc/grpc-js');
  const [apiEndpoint = '', port] = kmsEmulator.split(':');
  return new KeyManagementServiceClient({ apiEndpoint, port: Number(port), sslCreds: credentials.createInsecure() });
};

export const kmsKeys = (client: KeyManagementServiceClient, keyName: string): KeyWrapper & KeyUnwrapper => ({
  ...keyWrapper(async ({ name, bytes: plaintext, bytesCrc32c, aad, aadCrc32c }) => {
    const [answer] = await within(DEADLINE_MS, 'key_service', () =>
      client.encrypt({
        name,
        plaintext,
        plaintextCrc32c: { value: bytesCrc32c },
        additionalAuthenticatedData: aad,
        additionalAuthenticatedDataCrc32c: { value: aadCrc32c },
      }),
    );
    const isVerified = answer.verifiedPlaintextCrc32c && answer.verifiedAdditionalAuthenticatedDataCrc32c;
    if (!isVerified) return undefined;
    const { name: version } = answer;
    return {
      bytes: bytesOf(answer.ciphertext),
      bytesCrc32c: answer.ciphertextCrc32c?.value,
      ...(version ? { version } : {}),
    };
  }, keyName),

  ...keyUnwrapper(async ({ name, bytes: ciphertext, bytesCrc32c, aad, aadCrc32c }) => {
    const [answer] = await within(DEADLINE_MS, 'key_service', () =>
      client.decrypt({
        name,
        ciphertext,
        ciphertextCrc32c: { value: bytesCrc32c },
        additionalAuthenticatedData: aad,
        additionalAuthenticatedDataCrc32c: { value: aadCrc32c },
      }),
    );
    return { bytes: bytesOf(answer.plaintext), bytesCrc32c: answer.plaintextCrc32c?.value };
  }, keyName),
});

const bytesOf = (value: Uint8Array | string | null | undefined): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value, 'base64') : (value ?? new Uint8Array());
