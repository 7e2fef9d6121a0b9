import { KeyManagementServiceClient } from '@google-cloud/kms';

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
