/** What went well or wrong, as a sentence for the user, and what can be done next. */
import {
  type AuthorizationReason,
  BrokerProblem,
  type CallbackError,
  type CompleteAnswer,
  type Problem,
  type ProblemCode,
  type Removed,
  type Wanted,
} from './broker.ts';
import type { Provider } from './providers.ts';
import { ApiProblem } from './tokens.ts';

export type Step =
  | { readonly kind: 'authorize'; readonly wanted?: Wanted; readonly claims?: string }
  /** `after`: seconds. */
  | { readonly kind: 'retry'; readonly after: number }
  | { readonly kind: 'open'; readonly url: string };

export interface Notice {
  readonly tone: 'good' | 'plain' | 'bad';
  readonly text: string;
  readonly step?: Step;
}

const reasons: Readonly<Record<AuthorizationReason, (title: string) => string>> = {
  no_connection: (title) => `${title} is not connected. Authorize to use it.`,
  scope_not_granted: (title) => `${title} is connected, but this was not allowed. You can add it.`,
  grant_dead: (title) =>
    `${title} no longer accepts this connection: it has expired, or access was taken back at ${title}. Authorize again to go on.`,
  user_needed: (title) =>
    `${title} wants to hear from you, for instance to agree again or for a second factor. Authorize again to go on.`,
  integrity_error: (title) =>
    `The stored connection to ${title} did not pass its check and is not used. Authorize again to replace it.`,
};

export const explainReason = (reason: AuthorizationReason, { title }: Provider): string => reasons[reason](title);

const HERE = 'Nothing was stored. Start again here.';

const problems: Readonly<Record<ProblemCode, string>> = {
  invalid_request: 'The broker did not understand this page. Reload it and try again.',
  invalid_state: `This authorization is over, or was begun in another browser. ${HERE}`,
  context_mismatch: `This authorization belongs to another provider. ${HERE}`,
  invalid_return_to: 'This page is not registered with the broker. Ask your administrator.',
  invalid_scope: 'This cannot be asked for. Ask your administrator.',
  code_exchange_failed: `The provider did not accept the authorization. ${HERE}`,
  login_required: 'Your session is over. Sign in again.',
  session_ended: 'Your session is over. Sign in again.',
  csrf_rejected: 'The broker could not tell that this page sent the request. Reload it and try again.',
  origin_not_allowed: 'This page is not registered with the broker. Ask your administrator.',
  session_mismatch: `Somebody else began this authorization, so it is not yours to finish. ${HERE}`,
  integration_disabled: 'Your organization has switched this integration off. Ask your administrator.',
  browser_only_flow: 'Your organization authorizes this provider in the browser alone. Ask your administrator.',
  forbidden: 'You are not allowed to do this.',
  not_found: 'The broker does not know this provider. Ask your administrator.',
  method_not_allowed: 'The broker did not understand this page. Reload it and try again.',
  authorization_required: 'Authorize to go on.',
  precondition_failed: 'Somebody else has changed it meanwhile. Reload this page.',
  precondition_required: 'The broker did not understand this page. Reload it and try again.',
  payload_too_large: 'The broker did not understand this page. Reload it and try again.',
  unsupported_media_type: 'The broker did not understand this page. Reload it and try again.',
  rate_limited: 'That was a lot of requests in a short time.',
  internal_error: 'Something went wrong at the broker.',
  integrity_error: reasons.integrity_error('this provider'),
  provider_error: 'The provider gave an answer that makes no sense. Nothing has changed.',
  refresh_in_progress: 'This connection is being renewed right now.',
  idp_unavailable: 'Your session cannot be checked at the moment. Nothing has changed.',
  temporarily_unavailable: 'This is temporarily unavailable. Nothing has changed.',
  unreachable: 'The broker does not answer. Nothing has changed.',
};

const MAY_PASS: ReadonlySet<ProblemCode> = new Set([
  'rate_limited',
  'provider_error',
  'refresh_in_progress',
  'idp_unavailable',
  'temporarily_unavailable',
  'unreachable',
]);

const bad = (text: string, step?: Step): Notice => ({ tone: 'bad', text, ...(step ? { step } : {}) });
const retry = (after = 1): Step => ({ kind: 'retry', after });

/** `authorize` with what the problem says is missing, or else with what was granted before. */
const authorizeFor = ({ missing_scopes, claims }: Problem): Step => ({
  kind: 'authorize',
  ...(missing_scopes?.length ? { wanted: { scopes: missing_scopes } } : {}),
  ...(claims === undefined ? {} : { claims }),
});

const explainApi = ({ status, retryAfter }: ApiProblem, { title }: Provider): Notice => {
  if (status === 0 || status === 429 || status >= 500) {
    return bad(`${title} itself does not answer at the moment. Nothing has changed.`, retry(retryAfter));
  }
  if (status === 401)
    return bad(`${title} does not accept a fresh token. Authorize again to go on.`, { kind: 'authorize' });
  return bad(`${title} refused this request. What you allowed may not be enough for it.`, { kind: 'authorize' });
};

export const explain = (error: unknown, provider: Provider): Notice => {
  if (error instanceof ApiProblem) return explainApi(error, provider);
  if (!(error instanceof BrokerProblem)) return bad('Something went wrong on this page. Reload it and try again.');
  const { problem, retryAfter } = error;
  const { code, reason, correlation_id } = problem;
  if (code === 'authorization_required' && reason) return bad(explainReason(reason, provider), authorizeFor(problem));
  if (code === 'integrity_error') return bad(problems[code], { kind: 'authorize' });
  if (MAY_PASS.has(code)) return bad(problems[code], retry(retryAfter));
  const number = code === 'internal_error' && correlation_id ? ` Its number in the log: ${correlation_id}.` : '';
  return bad((problems[code] ?? problems.internal_error) + number);
};

const NOTHING = 'Nothing has changed.';

const returns: Readonly<Record<CallbackError, (title: string) => string>> = {
  access_denied: (title) => `You cancelled at ${title}. ${NOTHING}`,
  issuer_mismatch: (title) => `The answer did not come from ${title}, so it was not used. ${NOTHING} Try once more.`,
  invalid_scope: (title) => `${title} does not know what was asked for. ${NOTHING} Ask your administrator.`,
  consent_required: (title) => `${title} needs your agreement, or your administrator's. ${NOTHING}`,
  interaction_required: (title) => `${title} wants you to confirm something first. ${NOTHING} Try once more.`,
  login_required: (title) => `You were not signed in at ${title}. ${NOTHING} Try once more.`,
  account_selection_required: (title) => `${title} wants you to choose an account. ${NOTHING} Try once more.`,
  temporarily_unavailable: (title) => `${title} is busy. ${NOTHING} Try again in a while.`,
  server_error: (title) => `Something went wrong at ${title}. ${NOTHING} Try again in a while.`,
  provider_error: (title) => `${title} answered with an error. ${NOTHING} Try again in a while.`,
};

export const explainReturn = (error: CallbackError, { title }: Provider): Notice => ({
  tone: error === 'access_denied' ? 'plain' : 'bad',
  // Whoever sends the user to this page can write its fragment.
  text: (Object.hasOwn(returns, error) ? returns[error] : returns.provider_error)(title),
});

/** The callback brought a ticket, and the flow that it belongs to is not in this tab. */
export const explainForeign = ({ title }: Provider): Notice =>
  bad(`This authorization for ${title} was begun in another browser or tab, so it cannot be finished here. ${HERE}`);

/** "a, b and c" */
export const listed = (words: readonly string[]): string => new Intl.ListFormat('en-GB').format(words);

export const explainConnected = (
  { missing_scopes, account_replaced }: CompleteAnswer,
  { title, scopes }: Provider,
): Notice => {
  const missing = missing_scopes.map((scope) => `“${scopes[scope] ?? scope}”`);
  return {
    tone: missing.length > 0 ? 'plain' : 'good',
    text: [
      `${title} is connected.`,
      account_replaced && `Another ${title} account was connected before; that connection is gone.`,
      missing.length > 0 && `You did not allow ${listed(missing)}. You can add it at any time.`,
    ]
      .filter(Boolean)
      .join(' '),
  };
};

export const explainRemoved = ({ revocation, manage_url }: Removed, { title }: Provider): Notice => {
  const removed = 'Disconnected: the stored token is removed.';
  const step: { step?: Step } = manage_url === undefined ? {} : { step: { kind: 'open', url: manage_url } };
  switch (revocation) {
    case 'revoked':
      return { tone: 'good', text: `${removed} Access at ${title} has ended too.` };
    case 'failed':
      return {
        tone: 'plain',
        text: `${removed} ${title} did not confirm that access has ended: check it on your account page there.`,
        ...step,
      };
    case 'impossible':
      return {
        tone: 'plain',
        text: `The stored token is removed. ${title} may still list this app: remove it on your account page there.`,
        ...step,
      };
  }
};
