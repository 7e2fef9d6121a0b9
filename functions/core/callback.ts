/**
 * `GET /v1/callback/{provider}`: the provider's redirect target. It can do nothing but pass on: public keys to verify
 * and to encrypt with, and the registered return URLs, are all that it has.
 */
import type { Clock } from './clock.ts';
import { digest, type FlowState, type StateVerifier, TICKET_SECONDS, type TicketSealer } from './flow.ts';

export interface CallbackDependencies {
  readonly tokens: StateVerifier & TicketSealer;
  readonly returnUrls: ReadonlySet<string>;
  readonly clock: Clock;
}

export type CallbackOutcome =
  | { readonly kind: 'redirect'; readonly location: string }
  /** Nothing here can be trusted: a fixed page, never a redirect. */
  | { readonly kind: 'refused'; readonly code: 'invalid_request' | 'invalid_state' | 'context_mismatch' };

/**
 * What a provider's `error` becomes: one of these or `provider_error`; its text is dropped. Sources: RFC 6749 section
 * 4.1.2.1, OpenID Connect Core section 3.1.2.6.
 */
const PASSED_ON: ReadonlySet<string> = new Set([
  'access_denied',
  'invalid_scope',
  'consent_required',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'temporarily_unavailable',
  'server_error',
]);

/**
 * What an administrator forbids, as providers name it in an authorization response; passed on as `organization_forbids`.
 * Sources: Google's authorization errors, Keycloak's `not_allowed`.
 */
const ORGANIZATION_FORBIDS: ReadonlySet<string> = new Set([
  'access_not_configured',
  'admin_policy_enforced',
  'not_allowed',
  'org_internal',
  'organization_forbids',
  'policy_enforced',
]);

const passedOn = (error: string): string => {
  if (ORGANIZATION_FORBIDS.has(error)) return 'organization_forbids';
  return PASSED_ON.has(error) ? error : 'provider_error';
};

const MAX_CODE = 4096;

export const callback = async (
  { tokens, returnUrls, clock }: CallbackDependencies,
  { provider, query }: { provider: string; query: URLSearchParams },
): Promise<CallbackOutcome> => {
  const response = readResponse(query);
  if (!response) return refused('invalid_request');
  const { code, error } = response;

  const signed = query.get('state') ?? '';
  const state = await tokens.verifyState(signed, 'connect');
  if (!state) return refused('invalid_state');
  if (state.provider !== provider) return refused('context_mismatch');
  const returnTo = [...returnUrls].find((url) => digest(url) === state.returnTo);
  if (returnTo === undefined) return refused('invalid_state');

  const back = (result: Record<string, string>): CallbackOutcome => ({
    kind: 'redirect',
    location: `${returnTo}#${new URLSearchParams({ ...result, provider, flow_id: state.flowId })}`,
  });
  if (!issuerFits(state, query.get('iss'))) return back({ error: 'issuer_mismatch' });
  if (code === undefined) return back({ error });
  const expiresAt = Math.floor(clock.now() / 1000) + TICKET_SECONDS;
  return back({ ticket: await tokens.sealTicket({ code, state: signed, expiresAt }) });
};

/**
 * The authorization response (RFC 6749 section 4.1.2): a code, or what may be passed on of an error. `undefined` where
 * parameters occur twice or contradict each other.
 */
export const readResponse = (
  query: URLSearchParams,
):
  | { readonly code: string; readonly error?: undefined }
  | { readonly code?: undefined; readonly error: string }
  | undefined => {
  const names = [...query.keys()];
  const code = query.get('code');
  const error = query.get('error');
  if (new Set(names).size < names.length) return undefined;
  if (code === null) return error === null ? undefined : { error: passedOn(error) };
  return error !== null || code === '' || code.length > MAX_CODE ? undefined : { code };
};

const refused = (code: Extract<CallbackOutcome, { kind: 'refused' }>['code']): CallbackOutcome => ({
  kind: 'refused',
  code,
});

/** RFC 9207 section 2.4: must be there and equal where the provider announces it, and is not expected elsewhere. */
const issuerFits = (state: FlowState, iss: string | null): boolean =>
  iss === null ? state.issuer === undefined : state.issuer === undefined || digest(iss) === state.issuer;
