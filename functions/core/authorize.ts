/** `POST /v1/connections/{provider}/authorize`: where to send the user, and what the page keeps until it comes back. */
import type { Clock } from './clock.ts';
import {
  bindingOf,
  codeChallengeOf,
  digest,
  type Flow,
  type FlowSealer,
  randomId,
  STATE_SECONDS,
  type StateSigner,
} from './flow.ts';
import type { Identity } from './identity.ts';
import { allowedScopes, type PolicyRefusal, refusalOf } from './policy.ts';
import type { AuthorizationUrlBuilder, ConnectionStore, PolicySource } from './ports.ts';
import type { ProviderProfile } from './provider.ts';
import {
  compatibleWith,
  grantedOf,
  hasExclusivePair,
  scopesOf,
  toKeep,
  touchesExclusive,
  unique,
  type Wanted,
} from './scopes.ts';

export interface AuthorizeDependencies {
  readonly profile: ProviderProfile;
  readonly provider: AuthorizationUrlBuilder;
  readonly connections: Pick<ConnectionStore, 'read'>;
  readonly policies: PolicySource;
  readonly tokens: StateSigner & FlowSealer;
  readonly redirectUri: string;
  /** The registered URLs, compared as strings: never by origin, prefix or after parsing. */
  readonly returnUrls: ReadonlySet<string>;
  readonly clock: Clock;
}

export interface AuthorizeRequest {
  readonly identity: Identity;
  readonly wanted: Wanted;
  readonly returnTo: string;
  /** A claims challenge, JSON text. */
  readonly claims?: string;
}

export type AuthorizeOutcome =
  | {
      readonly kind: 'started';
      readonly authorizationUrl: string;
      readonly flow: string;
      readonly flowId: string;
      readonly expiresIn: number;
    }
  | { readonly kind: 'invalid_return_to' }
  /** Not in the catalogue, not to meet in one grant, or too many for a flow to hold. */
  | { readonly kind: 'invalid_scope'; readonly why: 'unknown' | 'exclusive' | 'too_many' }
  | { readonly kind: PolicyRefusal };

/** `CompleteRequest.flow` in openapi.yaml. */
const MAX_FLOW = 8192;

/** Throws `Unavailable`. */
export const authorize = async (
  dependencies: AuthorizeDependencies,
  { identity, wanted, returnTo, claims }: AuthorizeRequest,
): Promise<AuthorizeOutcome> => {
  const { profile, provider, connections, policies, tokens, redirectUri, clock } = dependencies;
  const { tenant, user } = identity;
  if (!dependencies.returnUrls.has(returnTo)) return { kind: 'invalid_return_to' };
  const usual = scopesOf(profile.catalogue, wanted);
  if (!usual) return { kind: 'invalid_scope', why: 'unknown' };
  if (hasExclusivePair(profile.catalogue, usual)) return { kind: 'invalid_scope', why: 'exclusive' };

  const [{ policy, readAt }, stored] = await Promise.all([
    policies.policy(tenant),
    connections.read({ tenant, user, provider: profile.name }),
  ]);
  const asked = scopesOf(profile.catalogue, wanted, stored?.connection.withheld) ?? usual;
  const refusal = refusalOf(policy, profile, asked);
  if (refusal) return { kind: refusal };

  // What was granted before and is switched off by now, or not known any more, is not asked for again.
  const granted = grantedOf(profile.catalogue, stored?.connection.scopes ?? []);
  const request = stepScopes(profile, asked, granted, allowedScopes(policy, profile, granted));
  const flow: Flow = {
    flowId: randomId(),
    provider: profile.name,
    tenant,
    user,
    redirectUri,
    codeVerifier: randomId(32),
    nonce: randomId(),
    scopes: request.scopes,
    // The database's clock, as in a tombstone: a deletion refuses exactly the flows that were begun before it.
    startedAt: readAt,
  };
  const issuer = await provider.responseIssuer();
  const state = await tokens.signState({
    purpose: 'connect',
    flowId: flow.flowId,
    provider: profile.name,
    expiresAt: Math.floor(clock.now() / 1000) + STATE_SECONDS,
    returnTo: digest(returnTo),
    binding: bindingOf(flow),
    ...(issuer === undefined ? {} : { issuer: digest(issuer) }),
  });
  const authorizationUrl = await provider.authorizationUrl({
    scopes: request.scopes,
    exactScopes: request.exact,
    state,
    codeChallenge: codeChallengeOf(flow.codeVerifier),
    nonce: flow.nonce,
    redirectUri,
    ...(claims === undefined ? {} : { claims }),
  });
  const sealed = await tokens.sealFlow(flow);
  // What `complete` would not accept is not begun.
  if (sealed.length > MAX_FLOW) return { kind: 'invalid_scope', why: 'too_many' };
  return { kind: 'started', authorizationUrl, flow: sealed, flowId: flow.flowId, expiresIn: STATE_SECONDS };
};

/** How this request adds to what was granted before (see `ProviderProfile.stepwise`). */
const stepScopes = (
  { catalogue, stepwise }: ProviderProfile,
  asked: readonly string[],
  granted: readonly string[],
  allowed: readonly string[],
): { scopes: readonly string[]; exact: boolean } => {
  const askForAll = unique([...asked, ...compatibleWith(catalogue, asked, toKeep(catalogue, allowed))]);
  if (stepwise === 'ask_for_all') return { scopes: askForAll, exact: true };
  // The provider would merge what must not meet, or what is switched off: name everything instead, without what does not fit.
  const merges = touchesExclusive(catalogue, [...asked, ...allowed]) || allowed.length < granted.length;
  if (merges) return { scopes: askForAll, exact: true };
  return { scopes: asked, exact: false };
};
