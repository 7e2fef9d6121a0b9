/** `POST /v1/connections/{provider}/token`: a fresh access token for the caller's own connection. */
import type { AuthorizationReason } from './connection.ts';
import type { Identity } from './identity.ts';
import { allowedCatalogue, type PolicyRefusal, refusalOf } from './policy.ts';
import type { PolicySource } from './ports.ts';
import type { ProviderProfile } from './provider.ts';
import { type RefreshDependencies, type RefreshOutcome, refresh } from './refresh.ts';
import { toldOncePerOrganization } from './refusals.ts';
import { choose, grantedOf, integrationsWith, scopesOf, type Wanted } from './scopes.ts';
import { singleFlight } from './single-flight.ts';

/** Seconds, where the provider does not say how long its token lives (RFC 6749 section 5.1 only recommends it). */
const DEFAULT_EXPIRES_IN = 300;

export interface TokenDependencies extends RefreshDependencies {
  readonly profile: ProviderProfile;
  readonly policies: PolicySource;
}

export interface TokenRequest {
  readonly identity: Identity;
  /** Absent: everything granted that the organization allows. */
  readonly wanted?: Wanted;
  /** A claims challenge, JSON text. */
  readonly claims?: string;
}

export type TokenOutcome =
  | {
      readonly kind: 'token';
      readonly accessToken: string;
      readonly expiresIn: number;
      readonly scopes: readonly string[];
    }
  | {
      readonly kind: 'authorize';
      readonly reason: AuthorizationReason;
      readonly missing?: readonly string[];
      readonly claims?: string;
    }
  | { readonly kind: 'unknown_scope' }
  | { readonly kind: PolicyRefusal }
  | { readonly kind: 'busy'; readonly retryAfter: number }
  | { readonly kind: 'unusable' };

/** One per provider and instance: calls that overlap and want the same share one refresh. */
export const tokenService = (given: TokenDependencies) => {
  const dependencies = { ...given, observe: toldOncePerOrganization(given.observe) };
  const shared = singleFlight<RefreshOutcome>();

  /** Throws `Unavailable` and `IntegrityError`. */
  return async ({ identity, wanted, claims }: TokenRequest): Promise<TokenOutcome> => {
    const { connections, policies, profile, provider } = dependencies;
    const key = { tenant: identity.tenant, user: identity.user, provider: profile.name };
    const reading = Promise.all([connections.read(key), policies.policy(identity.tenant)]);
    provider.prepare?.();
    const [stored, { policy }] = await reading;

    const refusal = refusalOf(policy, profile, []);
    if (wanted && !scopesOf(profile.catalogue, wanted)) return { kind: 'unknown_scope' };
    if (refusal) return { kind: refusal };
    const catalogue = allowedCatalogue(policy, profile);
    // In one spelling: what was stored before may have another.
    const granted = grantedOf(profile.catalogue, stored?.connection.scopes ?? []);
    const known = granted.filter((scope) => integrationsWith(catalogue, scope).length > 0);
    // What is named must be allowed as a whole; what is not named is narrowed to what is allowed.
    const chosen = wanted
      ? choose(catalogue, wanted, granted, stored?.connection.withheld)
      : { use: known, missing: [] };
    if (!chosen) return { kind: 'integration_disabled' };
    const { use, missing } = chosen;
    if (!stored) return { kind: 'authorize', reason: 'no_connection', missing };
    if (missing.length > 0) return { kind: 'authorize', reason: 'scope_not_granted', missing };
    if (use.length === 0) return withoutScopes(profile, granted);

    const request = { scopes: use, ...(claims === undefined ? {} : { claims }) };
    const flight = JSON.stringify([key.tenant, key.user, stored.connection.generation, use, claims]);
    const outcome = await shared(flight, () => refresh(dependencies, stored, request));
    if (outcome.kind !== 'tokens') return outcome;

    const carried = grantedOf(profile.catalogue, outcome.tokens.scopes ?? use);
    const lacking = (wanted && choose(catalogue, wanted, carried, stored.connection.withheld)?.missing) ?? [];
    if (lacking.length > 0) return { kind: 'authorize', reason: 'scope_not_granted', missing: lacking };
    return {
      kind: 'token',
      accessToken: outcome.tokens.accessToken,
      expiresIn: outcome.tokens.expiresIn ?? DEFAULT_EXPIRES_IN,
      scopes: carried,
    };
  };
};

/** Nothing to ask for: everything that was granted is switched off, or nothing was. */
const withoutScopes = ({ catalogue }: ProviderProfile, granted: readonly string[]): TokenOutcome =>
  granted.some((scope) => integrationsWith(catalogue, scope).length > 0)
    ? { kind: 'integration_disabled' }
    : { kind: 'authorize', reason: 'scope_not_granted', missing: [] };

export type TokenService = ReturnType<typeof tokenService>;
