/** RFC 9457 problems: the one list of what can go wrong, as the contract (`ProblemCode` in openapi.yaml) names it. */
import type { AuthorizationReason } from '../core/connection.ts';
import type { Answer } from './answer.ts';
import type { components } from './generated/types.ts';

export type ProblemCode = components['schemas']['ProblemCode'];

/** A problem as an operation gives it; the correlation id is added where it is written. */
export type Problem = Omit<components['schemas']['Problem'], 'correlation_id'>;

export const problemCatalogue: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
  invalid_request: [400, 'The request is not well-formed'],
  invalid_state: [400, 'The flow is unknown, over or was finished before'],
  context_mismatch: [400, 'The flow belongs to another provider or place'],
  invalid_return_to: [400, 'The return URL is not registered'],
  invalid_scope: [400, 'The scopes cannot be asked for'],
  code_exchange_failed: [400, 'The provider refused the authorization code'],
  login_required: [401, 'A valid session is required'],
  session_ended: [401, 'The session is over'],
  csrf_rejected: [403, 'The request does not prove that the front end sent it'],
  origin_not_allowed: [403, 'The origin is not registered'],
  session_mismatch: [403, 'The flow was started in another session'],
  integration_disabled: [403, 'The organization has switched the integration off'],
  browser_only_flow: [403, "The organization's users authorize without the broker"],
  search_ai_disabled: [403, 'The organization has switched Search AI off'],
  source_disabled: [403, 'The organization keeps these sources out of answers'],
  forbidden: [403, 'Not allowed'],
  organization_forbids: [403, 'An administrator at the provider does not allow it'],
  no_refresh_token: [403, 'The provider gave no refresh token'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'The method is not supported here'],
  request_timeout: [408, 'The request did not arrive whole in time'],
  authorization_required: [409, 'The user has to authorize'],
  precondition_failed: [412, 'Somebody else has changed it meanwhile'],
  payload_too_large: [413, 'The request is too large'],
  unsupported_media_type: [415, 'The body must be application/json'],
  prefetch_refused: [425, 'This page cannot be loaded in advance'],
  precondition_required: [428, 'If-Match is missing'],
  rate_limited: [429, 'Too many requests'],
  headers_too_large: [431, 'The headers of the request are too large'],
  internal_error: [500, 'Internal error'],
  integrity_error: [500, 'The stored record was altered'],
  provider_error: [502, 'The provider gave no usable answer'],
  refresh_in_progress: [503, 'Another refresh is in progress'],
  model_busy: [503, 'The model takes no more questions at the moment'],
  idp_unavailable: [503, 'Sessions cannot be verified at the moment'],
  temporarily_unavailable: [503, 'Temporarily unavailable'],
};

export interface ProblemMembers {
  readonly detail?: string;
  /** Seconds; at least 1. A 429 and a 503 always carry one. */
  readonly retryAfter?: number | undefined;
  /** With `source_disabled`. */
  readonly sources?: readonly string[];
  /** With `authorization_required`. */
  readonly provider?: string;
  readonly reason?: AuthorizationReason;
  readonly missing_scopes?: readonly string[] | undefined;
  readonly claims?: string | undefined;
}

export const problem = (code: ProblemCode, { retryAfter, ...members }: ProblemMembers = {}): Answer<Problem> => {
  const [status, title] = problemCatalogue[code];
  const waits = retryAfter !== undefined || status === 429 || status === 503;
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...(waits && { 'Retry-After': String(Math.max(1, Math.ceil(retryAfter ?? 1))) }),
      ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    },
    body: { type: `urn:problem-type:token-broker:${code}`, title, status, code, ...members },
  };
};
