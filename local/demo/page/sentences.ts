/** What went well or wrong, as a sentence for the user, and what can be done next. */
import { connectedText, HERE, problemText, reasonText, removedText, returnText } from '../../../web/sentences.ts';
import {
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

const MAY_PASS: ReadonlySet<ProblemCode> = new Set([
  'rate_limited',
  'provider_error',
  'refresh_in_progress',
  'idp_unavailable',
  'model_busy',
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
  if (code === 'authorization_required' && reason)
    return bad(reasonText(reason, provider.title), authorizeFor(problem));
  if (code === 'integrity_error') return bad(problemText(code), { kind: 'authorize' });
  if (MAY_PASS.has(code)) return bad(problemText(code), retry(retryAfter));
  const number = code === 'internal_error' && correlation_id ? ` Its number in the log: ${correlation_id}.` : '';
  return bad(problemText(code) + number);
};

export const explainReturn = (error: CallbackError, { title }: Provider): Notice => ({
  tone: error === 'access_denied' ? 'plain' : 'bad',
  text: returnText(error, title),
});

/** The callback brought a ticket, and the flow that it belongs to is not in this tab. */
export const explainForeign = ({ title }: Provider): Notice =>
  bad(`This authorization for ${title} was begun in another browser or tab, so it cannot be finished here. ${HERE}`);

export const explainConnected = (connected: CompleteAnswer, { title, scopes }: Provider): Notice => ({
  tone: connected.missing_scopes.length > 0 ? 'plain' : 'good',
  text: connectedText(connected, title, (scope) => scopes[scope] ?? scope),
});

export const explainRemoved = ({ revocation, manage_url }: Removed, { title }: Provider): Notice => ({
  tone: revocation === 'revoked' ? 'good' : 'plain',
  text: removedText(revocation, title),
  ...(revocation === 'revoked' || manage_url === undefined ? {} : { step: { kind: 'open', url: manage_url } }),
});
