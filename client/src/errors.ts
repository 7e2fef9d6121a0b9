/** What can go wrong, by what a page can do about it. docs/front-end.md has the table. */
import type { AuthorizationReason, CallbackError, ProblemCode, Wanted } from './contract.ts';

/** The contract's codes, those of the way back from the provider, and this package's own. */
export type ErrorCode =
  | ProblemCode
  | CallbackError
  | 'unreachable'
  | 'cut_off'
  | 'session_timeout'
  | 'storage_denied'
  | 'framed'
  | 'still_here'
  | 'popup_blocked'
  | 'popup_closed'
  | 'popup_timeout';

/** RFC 9457, as the broker writes it. */
export interface Problem {
  readonly code: ErrorCode;
  readonly title?: string;
  readonly detail?: string;
  readonly correlation_id?: string;
  readonly provider?: string;
  readonly reason?: AuthorizationReason;
  readonly missing_scopes?: readonly string[];
  readonly claims?: string | undefined;
}

/** Everything that has no class of its own; the base of those that have one. */
export class BrokerError extends Error {
  override readonly name: string = 'BrokerError';
  declare readonly code: ErrorCode;
  /** The broker's log has the same. */
  declare readonly correlationId: string | undefined;

  constructor(problem: Problem, members: object = {}) {
    super(problem.detail ?? problem.title ?? problem.code);
    Object.assign(this, { code: problem.code, correlationId: problem.correlation_id, ...members });
  }
}

/** What a token was asked for. */
export interface Asked {
  readonly integration?: string;
  readonly scopes?: readonly string[];
}

/** What to hand to `connect`, from a click. */
export type ConnectAgain = Wanted & { readonly provider: string; readonly claims?: string | undefined };

/** The user has to go through `connect(error.request)`. */
export class AuthorizationRequiredError extends BrokerError {
  override readonly name = 'AuthorizationRequiredError';
  declare readonly reason: AuthorizationReason;
  declare readonly missingScopes: readonly string[];
  /** The provider's claims challenge; `request` has it too. */
  declare readonly claims: string | undefined;
  declare readonly request: ConnectAgain;

  /** @param asked is asked for again where the broker names no missing scopes */
  constructor(problem: Problem, { integration, scopes }: Asked) {
    const { provider, reason, missing_scopes: missing = [], claims } = problem;
    const wanted = missing[0]
      ? { scopes: missing }
      : scopes
        ? { scopes }
        : { integrations: integration ? [integration] : [] };
    super(problem, { reason, missingScopes: missing, claims, request: { provider, claims, ...wanted } });
  }
}

/** No session, or another one than that with which the call began: sign in. */
export class SessionRequiredError extends BrokerError {
  override readonly name = 'SessionRequiredError';
}

/** The organization has switched it off. */
export class IntegrationDisabledError extends BrokerError {
  override readonly name = 'IntegrationDisabledError';
}

/**
 * Connecting ends like this until somebody else acts, so do not offer it again: an administrator at the provider
 * (`organization_forbids`), or the operator of provider or broker (`no_refresh_token`).
 */
export class ConnectRefusedError extends BrokerError {
  override readonly name = 'ConnectRefusedError';
}

/** The codes of a `ConnectRefusedError`. */
export const isConnectRefused = (code: string): boolean =>
  code === 'organization_forbids' || code === 'no_refresh_token';

/** Nothing is lost: try again, after `retryAfter` seconds where they are known. */
export class BrokerUnavailableError extends BrokerError {
  override readonly name = 'BrokerUnavailableError';
  declare readonly retryAfter: number | undefined;
}

/** Call `connect` in the click itself, or with `mode: 'redirect'`. */
export class PopupBlockedError extends BrokerError {
  override readonly name = 'PopupBlockedError';
}

/** The window was closed before the provider's page was in it. (Of later, nobody knows: see `onPopupClosed`.) */
export class PopupClosedError extends BrokerError {
  override readonly name = 'PopupClosedError';
}

/** Nothing came back while the flow was good. */
export class PopupTimeoutError extends BrokerError {
  override readonly name = 'PopupTimeoutError';
}
