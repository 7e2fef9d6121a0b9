/** What can go well or wrong, in one sentence each. */
import type {
  AuthorizationReason,
  CallbackError,
  Connected,
  ErrorCode,
  ProblemCode,
  Removed,
} from '../client/src/index.ts';
import { listed } from './words.ts';

const reasons: Readonly<Record<AuthorizationReason, (title: string) => string>> = {
  no_connection: (title) => `${title} is not connected. Authorize to use it.`,
  scope_not_granted: (title) => `${title} is connected, but this was not allowed. You can add it.`,
  grant_dead: (title) =>
    `${title} no longer accepts this connection: it has expired, or access was taken back at ${title}. Authorize again to go on.`,
  user_needed: (title) =>
    `${title} wants to hear from you, for instance to agree again or for a second factor. Authorize again to go on.`,
  organization_forbids: (title) =>
    `${title} does not allow this for your account: a rule of your organization, or of your account there, forbids it. Ask your administrator. It works again by itself once it is allowed.`,
  provider_refuses: (title) =>
    `${title} has refused this connection for a while and does not say why. Authorize again; if that does not help, ask your administrator.`,
  integrity_error: (title) =>
    `The stored connection to ${title} did not pass its check and is not used. Authorize again to replace it.`,
};

export const reasonText = (reason: AuthorizationReason, title: string): string => reasons[reason](title);

export const HERE = 'Nothing was stored. Start again here.';

const problems: Readonly<Record<ProblemCode | 'unreachable' | 'cut_off' | 'storage_denied', string>> = {
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
  organization_forbids:
    'The provider does not allow this for your account: a rule of your organization, or of your account there, forbids it. Nothing was stored. Ask your administrator to allow it, then connect again.',
  no_refresh_token:
    'The provider did not give what is needed to stay connected. Nothing was stored, and another try ends in the same way. Ask your administrator.',
  not_found: 'The broker does not know this provider. Ask your administrator.',
  method_not_allowed: 'The broker did not understand this page. Reload it and try again.',
  authorization_required: 'Authorize to go on.',
  precondition_failed: 'Somebody else has changed it meanwhile. Reload this page.',
  precondition_required: 'The broker did not understand this page. Reload it and try again.',
  payload_too_large: 'The broker did not understand this page. Reload it and try again.',
  unsupported_media_type: 'The broker did not understand this page. Reload it and try again.',
  request_timeout: 'The request took too long to reach the broker. Check your connection and try again.',
  headers_too_large: 'Your browser sent more than the broker takes. Delete the cookies of this site and sign in again.',
  prefetch_refused: 'The browser asked before it was time. Try again.',
  rate_limited: 'That was a lot of requests in a short time.',
  internal_error: 'Something went wrong at the broker.',
  integrity_error: reasons.integrity_error('this provider'),
  provider_error: 'The provider gave an answer that makes no sense. Nothing has changed.',
  refresh_in_progress: 'This connection is being renewed right now.',
  idp_unavailable: 'Your session cannot be checked at the moment. Nothing has changed.',
  temporarily_unavailable: 'This is temporarily unavailable. Nothing has changed.',
  search_ai_disabled:
    'Your organization has switched Search AI off, so there is no answer. Results are there all the same.',
  source_disabled: 'Your organization keeps all of what was found out of answers. Results are there all the same.',
  model_busy: 'The model is busy: its quota is used up for the moment.',
  unreachable: 'The broker does not answer. Nothing has changed.',
  storage_denied: 'Your browser denies this page its storage. Allow it for this site. Nothing has changed.',
  cut_off: 'The answer broke off before its end.',
};

/** Of the broker's own codes. */
export const problemText = (code: ErrorCode): string =>
  Object.hasOwn(problems, code) ? problems[code as ProblemCode] : problems.internal_error;

const NOTHING = 'Nothing has changed.';

const returns: Readonly<Record<CallbackError, (title: string) => string>> = {
  access_denied: (title) => `You cancelled at ${title}. ${NOTHING}`,
  organization_forbids: (title) =>
    `${title} does not allow this for your account: a rule of your organization, or of your account there, forbids it. ${NOTHING} Ask your administrator.`,
  issuer_mismatch: (title) => `The answer did not come from ${title}, so it was not used. ${NOTHING} Try once more.`,
  invalid_scope: (title) => `${title} does not know what was asked for. ${NOTHING} Ask your administrator.`,
  consent_required: (title) => `${title} needs your agreement, or your administrator's. ${NOTHING}`,
  interaction_required: (title) => `${title} wants you to confirm something first. ${NOTHING} Try once more.`,
  login_required: (title) => `You were not signed in at ${title}. ${NOTHING} Try once more.`,
  account_selection_required: (title) => `${title} wants you to choose an account. ${NOTHING} Try once more.`,
  temporarily_unavailable: (title) => `${title} is busy. ${NOTHING} Try again in a while.`,
  server_error: (title) => `Something went wrong at ${title}. ${NOTHING} Try again in a while.`,
  provider_error: (title) =>
    `${title} answered with an error. ${NOTHING} Try once more; if it happens again, ask your administrator.`,
};

/** Of the way back from the provider. Whoever sends the user to the page can write what is in its address. */
export const returnText = (error: string, title: string): string =>
  (Object.hasOwn(returns, error) ? returns[error as CallbackError] : returns.provider_error)(title);

export const connectedText = (
  { missing_scopes, account_replaced, replaced }: Pick<Connected, 'missing_scopes' | 'account_replaced' | 'replaced'>,
  title: string,
  say: (scope: string) => string,
): string => {
  const missing = missing_scopes.map((scope) => `“${say(scope)}”`);
  return [
    `${title} is connected.`,
    account_replaced && `Another ${title} account was connected before; that connection is gone.`,
    account_replaced &&
      replaced &&
      replaced.revocation !== 'revoked' &&
      `${title} may still list this app for that account: remove it on its account page there.`,
    missing.length > 0 && `You did not allow ${listed(missing)}. You can add it at any time.`,
  ]
    .filter(Boolean)
    .join(' ');
};

export const removedText = (revocation: Removed['revocation'], title: string): string => {
  const removed = 'Disconnected: the stored token is removed.';
  switch (revocation) {
    case 'revoked':
      return `${removed} Access at ${title} has ended too.`;
    case 'failed':
      return `${removed} ${title} did not confirm that access has ended: check it on your account page there.`;
    case 'impossible':
      return `The stored token is removed. ${title} may still list this app: remove it on your account page there.`;
  }
};
