import { decodeClaims } from '../core/claims.ts';

export const BAD_CLAIMS = '/claims is not base64url of a JSON object of objects of at most 2 KiB.';

/** A body's claims challenge as JSON text; empty where there is none, `undefined` where it is none (S50). */
export const claimsOf = (body: { readonly claims?: string } | undefined): { readonly claims?: string } | undefined => {
  if (body?.claims === undefined) return {};
  const claims = decodeClaims(body.claims);
  return claims === undefined ? undefined : { claims };
};
