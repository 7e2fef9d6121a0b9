/**
 * The host product's tokens: sessions of its users, and service tokens of its backend (RFC 7519, RFC 8725). A token that
 * is not exactly what is configured is `undefined`, whatever is wrong with it.
 */
import type { KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, type JWSHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import { Unavailable } from '../core/errors.ts';
import { type Identity, isSubject } from '../core/identity.ts';
import { claimAt } from './claim.ts';
import type { KeySet } from './jwks.ts';

export interface TokenRules {
  /** Exactly `iss`; or, beside `tenants`, a template in which `{tenant}` stands for the organization. */
  readonly issuer: string;
  readonly audience: string;
  /** The claim that names the audience, where it is not `aud`; a token with an `aud` is refused then. */
  readonly audienceClaim?: string | undefined;
  /** JWS algorithms; asymmetric ones only. */
  readonly algorithms?: readonly string[] | undefined;
  /** Accepted `typ` headers; a token without one counts as `JWT`. */
  readonly tokenTypes?: readonly string[] | undefined;
  /** Clients whose tokens are taken, where the issuer serves several (OpenID Connect Core 3.1.3.7). */
  readonly authorizedParties?: readonly string[] | undefined;
  /** The claim that names the client, where it is not `azp`: `client_id` in RFC 9068. */
  readonly partyClaim?: string | undefined;
  /** The only organizations whose tokens are taken. */
  readonly tenants?: readonly string[] | undefined;
}

export interface SessionRules extends TokenRules {
  /** Where the claims are that say who it is: names, or JSON pointers such as `/firebase/tenant` (`claimAt`). */
  readonly claims: { readonly user: string; readonly tenant: string; readonly roles: string };
  /** The organization of everybody, in the place of a claim. */
  readonly tenant?: string | undefined;
  /** `members`: the roles are the names of an object's members. */
  readonly rolesForm?: 'list' | 'members' | undefined;
}

export interface ServiceRules extends TokenRules {
  readonly claims: { readonly tenant: string };
  /** The organization of the backend, in the place of a claim. */
  readonly tenant?: string | undefined;
}

/** The rule that a token breaks: a claim's name, `header`, `signature`, `user`, `tenant` or `tenants`. */
export type Refused = (rule: string) => void;

/** Throws `Unavailable` where the issuer's keys cannot be had. */
export type VerifySession = (token: string) => Promise<Identity | undefined>;
/** Throws `Unavailable` where the issuer's keys cannot be had. */
export type VerifyService = (token: string) => Promise<{ readonly tenant: string } | undefined>;

const MAX_TOKEN_BYTES = 8 * 1024;
const TOLERANCE_SECONDS = 60;
const DEFAULT_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
/** Headers by which a token would bring its own key, or its own rules. */
const FORBIDDEN_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit'];

/** RFC 7515 section 4.1.9: `application/` may be left out, and letters' case does not matter. */
const typeOf = (typ: string): string => typ.toLowerCase().replace(/^application\//, '');

const headerOf = (token: string): JWSHeaderParameters | undefined => {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
};

/**
 * The header of a token that keeps the rules for headers.
 * @param types accepted `typ` headers, in lower case
 */
export const goodHeader = (
  token: string,
  types: readonly string[],
  algorithms: readonly string[],
): JWSHeaderParameters | undefined => {
  const header = headerOf(token);
  if (!header || FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))) return undefined;
  const { typ = 'JWT', alg, kid }: { typ?: unknown; alg?: unknown; kid?: unknown } = header;
  if (typeof typ !== 'string' || !types.includes(typeOf(typ))) return undefined;
  if (typeof alg !== 'string' || !algorithms.includes(alg)) return undefined;
  return kid === undefined || typeof kid === 'string' ? header : undefined;
};

/** A token that names a client names an allowed one, in whichever claim; one for several audiences has to name it. */
const hasGoodParty = (payload: JWTPayload, { authorizedParties, partyClaim = 'azp' }: TokenRules): boolean => {
  const several = Array.isArray(payload.aud) && payload.aud.length > 1;
  if (authorizedParties === undefined) return !several;
  const named = [payload.azp, claimAt(payload, partyClaim)].filter((party) => party !== undefined);
  if (named.length === 0) return !several;
  return named.every((party) => typeof party === 'string' && authorizedParties.includes(party));
};

/** Whatever a token makes a library throw, the token is refused (S27); only neighbours' failures are passed on. */
const ruleBroken = (error: unknown): string => {
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) return error.claim;
  return 'signature';
};

/** Every `iss` that may come, by organization where the issuer is a template. */
const issuersOf = ({ issuer, tenants }: TokenRules): readonly string[] =>
  issuer.includes('{tenant}') ? (tenants ?? []).map((tenant) => issuerFor(issuer, tenant)) : [issuer];
const issuerFor = (issuer: string, tenant: string): string => issuer.replaceAll('{tenant}', () => tenant);

/** The claims of a token that keeps all rules. */
export const createVerifier = (rules: TokenRules, keys: KeySet, now: () => number, refused: Refused = () => {}) => {
  const types = (rules.tokenTypes ?? ['JWT']).map(typeOf);
  const algorithms = [...(rules.algorithms ?? DEFAULT_ALGORITHMS)];
  if (algorithms.some((algorithm) => algorithm === 'none' || algorithm.startsWith('HS'))) {
    throw new Error('Session tokens must be signed with a private key.');
  }
  const issuer = [...issuersOf(rules)];
  const audienceClaim = rules.audienceClaim ?? 'aud';

  /** What no signature would make good asks for no key: a flood of it must not keep others from theirs. */
  const broken = ({ iss, exp }: JWTPayload, seconds: number): string | undefined => {
    if (typeof iss !== 'string' || !issuer.includes(iss)) return 'iss';
    return typeof exp === 'number' && exp > seconds - TOLERANCE_SECONDS ? undefined : 'exp';
  };

  const claimsOf = async (token: string): Promise<JWTPayload | string> => {
    const header = token.length > MAX_TOKEN_BYTES ? undefined : goodHeader(token, types, algorithms);
    if (!header) return 'header';
    const currentDate = new Date(now());
    const seconds = Math.floor(currentDate.getTime() / 1000);
    const rule = broken(decodeJwt(token), seconds);
    if (rule !== undefined) return rule;
    const options = {
      algorithms,
      issuer,
      ...(audienceClaim === 'aud' ? { audience: rules.audience } : {}),
      requiredClaims: ['exp'],
      clockTolerance: TOLERANCE_SECONDS,
      currentDate,
    };
    const verify = async (key: KeyObject) => (await jwtVerify(token, key, options)).payload;
    const payload = await keys.verified(header, verify);
    if (audienceClaim !== 'aud') {
      const isOurs = payload.aud === undefined && claimAt(payload, audienceClaim) === rules.audience;
      if (!isOurs) return 'aud';
    }
    const { iat = 0, events } = payload;
    // jose looks at `iat` only where a maximum age is set.
    if (typeof iat !== 'number' || iat > seconds + TOLERANCE_SECONDS) return 'iat';
    // Security event and logout tokens carry `events` (RFC 8417, OpenID Connect Back-Channel Logout 2.4).
    if (events !== undefined) return 'events';
    return hasGoodParty(payload, rules) ? payload : 'azp';
  };

  return async (token: string): Promise<JWTPayload | undefined> => {
    const read = await claimsOf(token).catch((error) => {
      if (error instanceof Unavailable) throw error;
      return ruleBroken(error);
    });
    if (typeof read !== 'string') return read;
    refused(read);
    return undefined;
  };
};

const nameIn = (payload: JWTPayload, claim: string): string | undefined => {
  const value = claimAt(payload, claim);
  return isSubject(value) ? value : undefined;
};

/** The organization that a token is of: one that is allowed, and the one that its issuer is for. */
const tenantIn = (
  payload: JWTPayload,
  { claims, tenant: fixed, tenants, issuer }: ServiceRules,
): string | undefined => {
  const tenant = fixed ?? nameIn(payload, claims.tenant);
  if (tenant === undefined || (tenants && !tenants.includes(tenant))) return undefined;
  return payload.iss === issuerFor(issuer, tenant) ? tenant : undefined;
};

const rolesIn = (payload: JWTPayload, claim: string, form: SessionRules['rolesForm']): readonly string[] => {
  const value = claimAt(payload, claim);
  if (form === 'members') {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? Object.entries(value).flatMap(([role, given]) => (given ? [role] : [])) : [];
  }
  if (typeof value === 'string') return value.split(' ').filter(Boolean);
  return Array.isArray(value) && value.every((role) => typeof role === 'string') ? value : [];
};

/**
 * @param keys resolves the issuer's keys, as `createKeySet` does
 * @param refused is told why a token is refused
 */
export const createSessionVerifier = (
  rules: SessionRules,
  keys: KeySet,
  now: () => number = Date.now,
  refused: Refused = () => {},
): VerifySession => {
  const verify = createVerifier(rules, keys, now, refused);
  return async (token) => {
    const payload = await verify(token);
    if (!payload) return undefined;
    const user = nameIn(payload, rules.claims.user);
    const tenant = tenantIn(payload, rules);
    if (user && tenant) return { user, tenant, roles: rolesIn(payload, rules.claims.roles, rules.rolesForm) };
    refused(user ? 'tenant' : 'user');
    return undefined;
  };
};

/** @param keys resolves the issuer's keys, as `createKeySet` does */
export const createServiceVerifier = (
  rules: ServiceRules,
  keys: KeySet,
  now: () => number = Date.now,
): VerifyService => {
  const verify = createVerifier(rules, keys, now);
  return async (token) => {
    const payload = await verify(token);
    const tenant = payload && tenantIn(payload, rules);
    return tenant ? { tenant } : undefined;
  };
};
