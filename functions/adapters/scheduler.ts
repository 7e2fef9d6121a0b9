/** Cloud Scheduler's token (S58): https://cloud.google.com/scheduler/docs/http-target-auth#using-oidc */
import type { KeySet } from './jwks.ts';
import { createVerifier } from './session.ts';

export interface SchedulerRules {
  readonly audience: string;
  /** The e-mail address of its service account. */
  readonly account: string;
}

/** Of every token that Google makes for a service account, or for a user. */
const ISSUER = 'https://accounts.google.com';

/** @param keys resolves Google's keys, as `createKeySet` does. Throws `Unavailable` where they cannot be had. */
export const createSchedulerVerifier = (
  { audience, account }: SchedulerRules,
  keys: KeySet,
  now: () => number = Date.now,
): ((token: string) => Promise<boolean>) => {
  const verify = createVerifier({ issuer: ISSUER, audience, algorithms: ['RS256'] }, keys, now);
  return async (token) => {
    const payload = await verify(token);
    // A service account's address is its own; a user's would have to be verified, and is not this one.
    return payload?.email === account && payload.email_verified === true;
  };
};
