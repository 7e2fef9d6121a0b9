/** The session as a JWT (RFC 7519, ES256), signed by a key that no process holds. */
import type { Clock } from './clock.ts';
import { randomId } from './flow.ts';
import type { Identity } from './identity.ts';

/** Seconds. What was signed cannot be taken back: this is how long a sign-out takes at most. */
export const SESSION_TOKEN_SECONDS = 300;

export interface SessionSigner {
  /** Names the key's version, as in the published key set. */
  readonly keyId: string;
  /** ECDSA on P-256 with SHA-256 over `input`: r and s, 32 bytes each (RFC 7518 section 3.4). Throws `Unavailable`. */
  sign(input: string): Promise<Uint8Array>;
}

export interface SessionIssuer {
  readonly signer: SessionSigner;
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const issueSession = async (
  { signer, issuer, audience, clock }: SessionIssuer,
  { user, tenant, roles }: Identity,
): Promise<string> => {
  const iat = Math.floor(clock.now() / 1000);
  const claims = {
    iss: issuer,
    aud: audience,
    sub: user,
    tenant,
    roles,
    iat,
    exp: iat + SESSION_TOKEN_SECONDS,
    jti: randomId(),
  };
  const input = `${part({ alg: 'ES256', typ: 'JWT', kid: signer.keyId })}.${part(claims)}`;
  return `${input}.${Buffer.from(await signer.sign(input)).toString('base64url')}`;
};
