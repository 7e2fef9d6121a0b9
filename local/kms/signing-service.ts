/** `AsymmetricSign`, `GetPublicKey` and `ListCryptoKeyVersions`, with the checksums of the data integrity page. */
import { crc32c } from '../../functions/adapters/crc32c.ts';
import { invalid, type Rpc } from '../rpc.ts';
import type { Corruption } from './service.ts';
import { ALGORITHM, type SigningKey } from './signing-key.ts';

interface SignRequest {
  readonly name: string;
  readonly digest: { readonly sha256?: Buffer } | null;
  /** int64, decimal */
  readonly digestCrc32c: { readonly value: string } | null;
}
interface ListRequest {
  readonly parent: string;
  readonly filter: string;
}

/** @param corruption uses up one of the corruptions that were asked for, if one fits */
export const createSigningService = (
  key: SigningKey,
  corruption: (...fitting: Corruption[]) => Corruption | undefined,
): Record<string, Rpc> => {
  const checksumOf = (bytes: Buffer, spoiled: Corruption | undefined) =>
    spoiled === 'no checksum' ? null : { value: (crc32c(bytes) ^ (spoiled === 'wrong checksum' ? 1 : 0)) >>> 0 };

  const AsymmetricSign = {
    targets: ({ name }: SignRequest) => [name],
    answer({ name, digest, digestCrc32c }: SignRequest) {
      const sha256 = digest?.sha256 ?? Buffer.alloc(0);
      if (sha256.length !== 32) throw invalid('digest.sha256 must have 32 bytes.');
      if (digestCrc32c && Number(digestCrc32c.value) !== crc32c(sha256)) {
        throw invalid('The checksum in field digest_crc32c did not match the data in field digest.');
      }
      const signature = key.sign(name, sha256);
      const spoiled = corruption('wrong checksum', 'no checksum', 'unverified');
      return {
        name,
        signature,
        signatureCrc32c: checksumOf(signature, spoiled),
        verifiedDigestCrc32c: digestCrc32c !== null && spoiled !== 'unverified',
        protectionLevel: 'SOFTWARE',
      };
    },
  };

  const GetPublicKey = {
    targets: ({ name }: { name: string }) => [name],
    answer({ name }: { name: string }) {
      const pem = key.pem(name);
      const pemCrc32c = checksumOf(Buffer.from(pem), corruption('wrong checksum', 'no checksum'));
      return { name, pem, pemCrc32c, algorithm: ALGORITHM, protectionLevel: 'SOFTWARE' };
    },
  };

  const ListCryptoKeyVersions = {
    targets: ({ parent }: ListRequest) => [parent],
    answer({ parent, filter }: ListRequest) {
      if (parent !== key.name) throw invalid(`"${parent}" is not the name of the signing key.`);
      if (filter !== '' && filter !== 'state=ENABLED') throw invalid(`The filter "${filter}" is not in this stand-in.`);
      const versions = key.versions().filter(({ enabled }) => enabled || filter === '');
      return {
        cryptoKeyVersions: versions.map(({ name, enabled }) => ({
          name,
          state: enabled ? 'ENABLED' : 'DISABLED',
          algorithm: ALGORITHM,
          protectionLevel: 'SOFTWARE',
        })),
        nextPageToken: '',
        totalSize: versions.length,
      };
    },
  };

  return { AsymmetricSign, GetPublicKey, ListCryptoKeyVersions };
};
