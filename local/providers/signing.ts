import { createHash, generateKeyPairSync } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';

export interface Signer {
  /** A JWT with the given claims as they are. */
  sign(claims: JWTPayload): Promise<string>;
  readonly keys: { readonly keys: readonly object[] };
  /** By key id, as Google's `/oauth2/v1/certs` (there certificates, here bare public keys: Node takes either). */
  readonly pem: Readonly<Record<string, string>>;
}

/** RS256, as both Microsoft and Google sign their id_tokens. A new key per start. */
export const createSigner = (): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('hex').slice(0, 40);
  return {
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(privateKey),
    keys: { keys: [{ ...jwk, kid, use: 'sig', alg: 'RS256' }] },
    pem: { [kid]: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
  };
};
