import { createHash } from 'node:crypto';

/** Who is asking: read from a verified session, never from a request's path, query or body. */
export interface Identity {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
}

/** The one owner of a connection. Every read of a stored token starts from a verified identity's owner. */
export type Owner = Pick<Identity, 'tenant' | 'user'>;

/** UTF-16 units: `Subject` in openapi.yaml. */
const MAX_SUBJECT = 256;

/**
 * Whether this can be the id of a user or an organization. Half of a surrogate pair would hash like any other half, so two
 * users could share a record; and no URL can carry `.` or `..` as a segment of its path (RFC 3986 section 5.2.4).
 * Ids are compared as they are: no case, no Unicode form, no blank is taken away.
 */
export const isSubject = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= MAX_SUBJECT &&
  value.isWellFormed() &&
  value !== '.' &&
  value !== '..';

/**
 * What a front end compares to know whether its user is still the same: a hash, so that it says nothing else.
 * @param issuer `iss` of the session, as it is configured
 */
export const userKey = (issuer: string, { tenant, user }: Owner): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, tenant, user]))
    .digest('base64url');
