/**
 * The id_token of a code exchange. It came straight from the token endpoint over TLS, which vouches for it in place of
 * its signature (OpenID Connect Core 3.1.3.7 item 6); every other check of that section is made.
 */
import { isText, jsonObject, type Members } from '../../shared/token-answer.ts';

const TOLERANCE_SECONDS = 60;

export interface ExpectedIdToken {
  readonly clientId: string;
  readonly nonce: string;
  /** Whether this is the issuer that the claims should name. */
  readonly issuedBy: (issuer: string, claims: Members) => boolean;
}

/** Which claim does not fit. */
export type IdTokenFault =
  `id_token_${'missing' | 'malformed' | 'iss' | 'aud' | 'azp' | 'exp' | 'iat' | 'nbf' | 'nonce' | 'sub'}`;

export type IdToken =
  | { readonly kind: 'claims'; readonly issuer: string; readonly subject: string; readonly claims: Members }
  | { readonly kind: 'unusable' | 'code_refused'; readonly code: IdTokenFault };

/** @param now seconds since the epoch */
export const readIdToken = (idToken: unknown, expected: ExpectedIdToken, now: number): IdToken => {
  if (!isText(idToken)) return unusable('id_token_missing');
  const [header, claims] = idToken.split('.').map(part);
  if (!header || !claims || idToken.split('.').length !== 3 || header.alg === 'none') {
    return unusable('id_token_malformed');
  }
  const { iss, aud, azp, exp, iat, nbf, nonce, sub } = claims;
  if (!isText(iss) || !expected.issuedBy(iss, claims)) return unusable('id_token_iss');
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(expected.clientId)) return unusable('id_token_aud');
  if (azp === undefined ? audiences.length > 1 : azp !== expected.clientId) return unusable('id_token_azp');
  if (typeof exp !== 'number' || now > exp + TOLERANCE_SECONDS) return unusable('id_token_exp');
  if (typeof iat !== 'number' || now < iat - TOLERANCE_SECONDS) return unusable('id_token_iat');
  if (nbf !== undefined && (typeof nbf !== 'number' || now < nbf - TOLERANCE_SECONDS)) return unusable('id_token_nbf');
  if (!isText(sub)) return unusable('id_token_sub');
  // Somebody else's code: the tokens belong to a flow that another browser began.
  if (nonce !== expected.nonce) return { kind: 'code_refused', code: 'id_token_nonce' };
  return { kind: 'claims', issuer: iss, subject: sub, claims };
};

const unusable = (code: IdTokenFault) => ({ kind: 'unusable', code }) as const;

const part = (text: string): Members | undefined => jsonObject(Buffer.from(text, 'base64url').toString());
