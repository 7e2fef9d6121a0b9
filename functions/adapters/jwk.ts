/** An issuer's public keys (RFC 7517) as keys that verify: what cannot be used is known by its id, and verifies nothing. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { errors, type JWSHeaderParameters } from 'jose';

/** A published key. */
interface PublishedKey {
  readonly kid: unknown;
  /** The JWS algorithms that it verifies; none where the broker cannot, or must not, use it. */
  readonly algorithms: readonly string[];
  readonly key?: KeyObject;
}

/** A set of keys as it was published at one moment. */
export interface PublishedKeys {
  /**
   * The keys that may have signed a token with this header, at most eight. `unknown`: no key of the set has its id, so
   * only a newer set can have its key.
   */
  find(header: JWSHeaderParameters): { readonly keys: readonly KeyObject[]; readonly unknown: boolean };
}

/** RFC 7518 sections 3.3 and 3.5: a shorter key must not be used. */
const RSA_BITS = 2048;
/** A set with more keys is cut: no issuer has so many. */
const MAX_KEYS = 100;
/** Keys that are tried for one token. */
const MAX_TRIED = 8;

type Members = Readonly<Record<string, unknown>>;

/** By `kty` and `crv`: RFC 7518 section 6, RFC 8037. */
const algorithmsOf = ({ kty, crv }: Members): readonly string[] => {
  if (kty === 'RSA') return ['RS256', 'PS256'];
  if (kty === 'EC' && crv === 'P-256') return ['ES256'];
  return kty === 'OKP' && crv === 'Ed25519' ? ['EdDSA'] : [];
};

/** RFC 7517 sections 4.2 to 4.4: `use`, `key_ops` and `alg` narrow what a key is for. RFC 9864 renames EdDSA to Ed25519. */
const intendedFor = (jwk: Members): readonly string[] => {
  const { use = 'sig', key_ops: operations = ['verify'], alg } = jwk;
  if (use !== 'sig' || !Array.isArray(operations) || !operations.includes('verify')) return [];
  const all = algorithmsOf(jwk);
  if (alg === undefined) return all;
  return all.filter((each) => each === alg || (each === 'EdDSA' && alg === 'Ed25519'));
};

/** A published private key has no secret: nothing that it signed can be trusted. */
const isPrivate = (jwk: Members): boolean => 'd' in jwk || 'k' in jwk;

/** @returns `undefined` for a key that Node cannot use, or must not */
export const importedKey = (jwk: Members): KeyObject | undefined => {
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    const { modulusLength = RSA_BITS } = key.asymmetricKeyDetails ?? {};
    return modulusLength < RSA_BITS ? undefined : key;
  } catch {
    // Not on its curve, not base64url, a type that Node does not know.
    return undefined;
  }
};

const publishedKey = (value: unknown): PublishedKey[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const jwk = value as Members;
  const algorithms = isPrivate(jwk) ? [] : intendedFor(jwk);
  const key = algorithms.length === 0 ? undefined : importedKey(jwk);
  return [key ? { kid: jwk.kid, algorithms, key } : { kid: jwk.kid, algorithms: [] }];
};

/** @returns `undefined` for what is no JWK Set */
export const publishedKeys = (set: unknown): PublishedKeys | undefined => {
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) return undefined;
  const all = set.keys.slice(0, MAX_KEYS).flatMap(publishedKey);
  return {
    find({ alg = '', kid }) {
      const named = kid === undefined ? all : all.filter((each) => each.kid === kid);
      const fitting = named.flatMap(({ algorithms, key }) => (key && algorithms.includes(alg) ? [key] : []));
      return { keys: fitting.slice(0, MAX_TRIED), unknown: kid === undefined || named.length === 0 };
    },
  };
};

/** Whether the signature is not of the key that was tried. */
export const isForeignSignature = (error: unknown): boolean => error instanceof errors.JWSSignatureVerificationFailed;
