/** `Encrypt` and `Decrypt` of `google.cloud.kms.v1.KeyManagementService`, with the checksums of its data integrity page. */
import { crc32c } from '../../functions/adapters/crc32c.ts';
import { Failure, invalid, type Rpc, status } from '../rpc.ts';
import type { Key } from './key.ts';

/** `unverified`: an answer to Encrypt that does not say that the checksums were looked at. */
export type Corruption = 'wrong checksum' | 'no checksum' | 'unverified';

interface Checksum {
  /** int64, decimal */
  readonly value: string;
}
interface EncryptRequest {
  readonly name: string;
  readonly plaintext: Buffer;
  readonly additionalAuthenticatedData: Buffer;
  readonly plaintextCrc32c: Checksum | null;
  readonly additionalAuthenticatedDataCrc32c: Checksum | null;
}
interface DecryptRequest {
  readonly name: string;
  readonly ciphertext: Buffer;
  readonly additionalAuthenticatedData: Buffer;
  readonly ciphertextCrc32c: Checksum | null;
  readonly additionalAuthenticatedDataCrc32c: Checksum | null;
}

const MAX_BYTES = 64 * 1024;

/** @returns whether there was a checksum to verify */
const verify = (what: string, bytes: Buffer, checksum: Checksum | null): boolean => {
  if (checksum && Number(checksum.value) !== crc32c(bytes)) {
    throw invalid(`The checksum in field ${what}_crc32c did not match the data in field ${what}.`);
  }
  return checksum !== null;
};

const bounded = (what: string, bytes: Buffer): void => {
  if (bytes.length > MAX_BYTES) throw invalid(`${what} is longer than ${MAX_BYTES} bytes.`);
};

/** @param corruption uses up one of the corruptions that were asked for, if one fits */
export const createService = (
  key: Key,
  corruption: (...fitting: Corruption[]) => Corruption | undefined,
): Record<string, Rpc> => {
  const checkName = (name: string): void => {
    if (!/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.test(name)) {
      throw invalid(`"${name}" is not the name of a CryptoKey.`);
    }
    if (name !== key.name) throw new Failure(status.NOT_FOUND, `CryptoKey ${name} not found.`);
  };
  const checksumOf = (bytes: Buffer, spoiled: Corruption | undefined) =>
    spoiled === 'no checksum' ? null : { value: (crc32c(bytes) ^ (spoiled === 'wrong checksum' ? 1 : 0)) >>> 0 };

  const Encrypt = {
    targets: ({ name }: EncryptRequest) => [name],
    answer(request: EncryptRequest) {
      const { plaintext, additionalAuthenticatedData: aad } = request;
      checkName(request.name);
      bounded('plaintext', plaintext);
      bounded('additional_authenticated_data', aad);
      const plaintextVerified = verify('plaintext', plaintext, request.plaintextCrc32c);
      const aadVerified = verify('additional_authenticated_data', aad, request.additionalAuthenticatedDataCrc32c);
      const { versionName, ciphertext } = key.encrypt(plaintext, aad);
      const spoiled = corruption('wrong checksum', 'no checksum', 'unverified');
      return {
        name: versionName,
        ciphertext,
        ciphertextCrc32c: checksumOf(ciphertext, spoiled),
        verifiedPlaintextCrc32c: plaintextVerified && spoiled !== 'unverified',
        verifiedAdditionalAuthenticatedDataCrc32c: aadVerified && spoiled !== 'unverified',
        protectionLevel: 'SOFTWARE',
      };
    },
  };

  const Decrypt = {
    targets: ({ name }: DecryptRequest) => [name],
    answer(request: DecryptRequest) {
      const { ciphertext, additionalAuthenticatedData: aad } = request;
      checkName(request.name);
      bounded('additional_authenticated_data', aad);
      verify('ciphertext', ciphertext, request.ciphertextCrc32c);
      verify('additional_authenticated_data', aad, request.additionalAuthenticatedDataCrc32c);
      const { plaintext, usedPrimary } = key.decrypt(ciphertext, aad);
      const spoiled = corruption('wrong checksum', 'no checksum');
      return { plaintext, plaintextCrc32c: checksumOf(plaintext, spoiled), usedPrimary, protectionLevel: 'SOFTWARE' };
    },
  };

  return { Decrypt, Encrypt };
};
