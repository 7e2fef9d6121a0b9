/**
 * The host product's tokens: sessions of its users, and service tokens of its backend (RFC 7519, RFC 8725). A token that
 * is not exactly what is configured is `undefined`, whatever is wrong with it.
 */
import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Identity } from '../core/identity.ts';

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  /** JWS algorithms; asymmetric ones only. */
  readonly algorithms?: readonly string[] | undefined;
  /** Accepted `typ` headers; a token without one counts as `JWT`. */
  readonly tokenTypes?: readonly string[] | undefined;
  /** Accepted `azp` claims, where the issuer serves several clients (OpenID Connect Core 3.1.3.7). */
  readonly authorizedParties?: readonly string[] | undefined;
}

export interface SessionRules extends TokenRules {
  /** The names of the claims that say who it is. */
  readonly claims: { readonly user: string; readonly tenant: string; readonly roles: string };
}

export interface ServiceRules extends TokenRules {
  readonly claims: { readonly tenant: string };
}

/** Throws `Unavailable` where the issuer's keys cannot be had. */
export type VerifySession = (token: string) => Promise<Identity | undefined>;
/** Throws `Unavailable` where the issuer's keys cannot be had. */
export type VerifyService = (token: string) => Promise<{ readonly tenant: string } | undefined>;

const MAX_TOKEN_BYTES = 8 * 1024;
const MAX_NAME = 256;
const TOLERANCE_SECONDS = 60;
const DEFAULT_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
/** Headers by which a token would bring its own key, or its own rules. */
const FORBIDDEN_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit'];

/** RFC 7515 section 4.1.9: `application/` may be left out, and letters' case does not matter. */
const typeOf = (typ: string): string => typ.toLowerCase().replace(/^application\//, '');

const headerOf = (token: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    return { ...decodeProtectedHeader(token) };
  } catch {
    return undefined;
  }
};

/** @param types accepted `typ` headers, in lower case */
export const hasGoodHeader = (token: string, types: readonly string[]): boolean => {
  const header = headerOf(token);
  if (!header || FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))) return false;
  const { typ = 'JWT' } = header;
  return typeof typ === 'string' && types.includes(typeOf(typ));
};

const hasGoodParty = ({ aud, azp }: JWTPayload, parties: readonly string[] | undefined): boolean => {
  const several = Array.isArray(aud) && aud.length > 1;
  if (azp === undefined || parties === undefined) return !several;
  return typeof azp === 'string' && parties.includes(azp);
};

/** The claims of a token that keeps all rules. */
export const createVerifier = (rules: TokenRules, keys: JWTVerifyGetKey, now: () => number) => {
  const types = (rules.tokenTypes ?? ['JWT']).map(typeOf);
  const algorithms = [...(rules.algorithms ?? DEFAULT_ALGORITHMS)];
  if (algorithms.some((algorithm) => algorithm === 'none' || algorithm.startsWith('HS'))) {
    throw new Error('Session tokens must be signed with a private key.');
  }
  return async (token: string): Promise<JWTPayload | undefined> => {
    if (token.length > MAX_TOKEN_BYTES || !hasGoodHeader(token, types)) return undefined;
    try {
      const currentDate = new Date(now());
      const { payload } = await jwtVerify(token, keys, {
        algorithms,
        issuer: rules.issuer,
        audience: rules.audience,
        requiredClaims: ['exp'],
        clockTolerance: TOLERANCE_SECONDS,
        currentDate,
      });
      const { iat = 0, events } = payload;
      // jose looks at `iat` only where a maximum age is set.
      const issued = typeof iat === 'number' && iat <= Math.floor(currentDate.getTime() / 1000) + TOLERANCE_SECONDS;
      // Security event and logout tokens carry `events` (RFC 8417, OpenID Connect Back-Channel Logout 2.4).
      return issued && events === undefined && hasGoodParty(payload, rules.authorizedParties) ? payload : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
};

const nameIn = (payload: JWTPayload, claim: string): string | undefined => {
  const value = payload[claim];
  // Half a surrogate pair would hash like any other half: two users could share a record.
  const good = typeof value === 'string' && value !== '' && value.length <= MAX_NAME && value.isWellFormed();
  return good ? value : undefined;
};

const rolesIn = (payload: JWTPayload, claim: string): readonly string[] => {
  const value = payload[claim];
  if (typeof value === 'string') return value.split(' ').filter(Boolean);
  return Array.isArray(value) && value.every((role) => typeof role === 'string') ? value : [];
};

/** @param keys resolves the issuer's keys, as `createKeySet` does */
export const createSessionVerifier = (
  rules: SessionRules,
  keys: JWTVerifyGetKey,
  now: () => number = Date.now,
): VerifySession => {
  const verify = createVerifier(rules, keys, now);
  return async (token) => {
    const payload = await verify(token);
    const user = payload && nameIn(payload, rules.claims.user);
    const tenant = payload && nameIn(payload, rules.claims.tenant);
    return user && tenant ? { user, tenant, roles: rolesIn(payload, rules.claims.roles) } : undefined;
  };
};

/** @param keys resolves the issuer's keys, as `createKeySet` does */
export const createServiceVerifier = (
  rules: ServiceRules,
  keys: JWTVerifyGetKey,
  now: () => number = Date.now,
): VerifyService => {
  const verify = createVerifier(rules, keys, now);
  return async (token) => {
    const payload = await verify(token);
    const tenant = payload && nameIn(payload, rules.claims.tenant);
    return tenant ? { tenant } : undefined;
  };
};
