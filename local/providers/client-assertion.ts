/** Client assertions (RFC 7523 section 3). */
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { Refused } from './refusals.ts';

export interface AssertionRule {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** The issuer's keys; without them the signature is not checked. */
  readonly keys?: JSONWebKeySet;
}

/** Throws `Refused` unless issuer, subject, audience, expiry and (with keys) signature are right. */
export const checkClientAssertion = async (
  assertion: string,
  rule: AssertionRule,
  now: () => number,
): Promise<void> => {
  try {
    const claims =
      rule.keys === undefined
        ? decodeJwt(assertion)
        : (await jwtVerify(assertion, createLocalJWKSet(rule.keys), { currentDate: new Date(now()) })).payload;
    const isRight =
      claims.iss === rule.issuer &&
      claims.sub === rule.subject &&
      claims.aud === rule.audience &&
      (claims.exp ?? 0) * 1000 > now();
    if (isRight) return;
  } catch {
    // Not a JWT, or not signed by these keys.
  }
  throw new Refused('assertion_wrong');
};
