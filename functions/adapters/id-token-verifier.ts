/** An id_token that decides who somebody is: its signature too, whatever way it came (OpenID Connect Core 3.1.3.7). */
import { compactVerify } from 'jose';
import { Unavailable } from '../core/errors.ts';
import { type ExpectedIdToken, type IdToken, type IdTokenFault, readIdToken } from './id-token.ts';
import type { KeySet } from './jwks.ts';
import { goodHeader } from './session.ts';

export type VerifiedIdToken =
  | Extract<IdToken, { kind: 'claims' }>
  | { readonly kind: 'id_token_refused'; readonly code: IdTokenFault | 'id_token_header' | 'id_token_signature' };

/** Throws `Unavailable` where the issuer's keys cannot be had. */
export type VerifyIdToken = (idToken: unknown, expected: ExpectedIdToken) => Promise<VerifiedIdToken>;

/** What Google and Microsoft sign with. */
const ALGORITHMS = ['RS256'];

/**
 * @param keys resolves the issuer's keys, as `createKeySet` does
 * @param now milliseconds since the epoch
 */
export const createIdTokenVerifier =
  (keys: KeySet, now: () => number = Date.now): VerifyIdToken =>
  async (idToken, expected) => {
    if (typeof idToken !== 'string') return refused('id_token_missing');
    // An access token or a logout token has a type of its own, and no nonce.
    const header = goodHeader(idToken, ['jwt'], ALGORITHMS);
    if (!header) return refused('id_token_header');
    try {
      await keys.verified(header, (key) => compactVerify(idToken, key, { algorithms: ALGORITHMS }));
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      return refused('id_token_signature');
    }
    const read = readIdToken(idToken, expected, now() / 1000);
    return read.kind === 'claims' ? read : refused(read.code);
  };

const refused = (code: Extract<VerifiedIdToken, { kind: 'id_token_refused' }>['code']): VerifiedIdToken => ({
  kind: 'id_token_refused',
  code,
});
