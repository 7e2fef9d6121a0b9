/**
 * What a provider's error answers mean (RFC 6749 section 5.2). Each kind of provider states its own list as data, and an
 * entry of PROVIDERS adds to it. The meaning of an answer on no list never ends a connection.
 */
import type { ConfiguredErrors, ErrorClass } from '../core/error-classes.ts';
import type { ExchangeAnswer, RefreshAnswer } from '../core/ports.ts';
import { codeOf, isText, jsonObject, type Members, type TokenCall } from './token-endpoint.ts';

/**
 * `passing`: the provider's own trouble or load, however often it comes. `about_scopes`: the grant does not have the
 * scopes of this call (RFC 6749 section 6).
 */
type BuiltInClass = ErrorClass | 'passing' | 'about_scopes';

export interface ErrorList {
  /**
   * The codes of an answer, the finest first; the first one that is listed decides. What an `error` lumps together and
   * another member tells apart is written `error/finer`, and `error/*` stands for any finer code.
   */
  readonly codes: (error: string, members: Members) => readonly string[];
  readonly classes: Partial<Readonly<Record<BuiltInClass, readonly string[]>>>;
  /** Codes that concern the scopes of the call, where each call asks for its own. */
  readonly ofScopes?: readonly string[];
  /** What to record beside the code. Bounded, never the provider's text. */
  readonly detail?: (members: Members) => string | undefined;
}

/** Errors that every provider shares (RFC 6749 section 5.2) and that only ops can end. */
export const CLIENT_ERRORS = ['invalid_client', 'unauthorized_client', 'unsupported_grant_type'] as const;
/** OpenID Connect Core 3.1.2.6, Unmet Authentication Requirements 1.0, RFC 9470; Auth0's `mfa_required`. */
export const INTERACTION_ERRORS = [
  'account_selection_required',
  'consent_required',
  'insufficient_user_authentication',
  'interaction_required',
  'login_required',
  'mfa_required',
  'unmet_authentication_requirements',
] as const;
/** Load, as providers name it beside the status 429. */
export const LOAD_ERRORS = [
  'rate_limit_exceeded',
  'rate_limited',
  'ratelimited',
  'slow_down',
  'too_many_requests',
] as const;

export const refreshAnswer = (
  errors: ErrorList,
  { answer }: TokenCall,
  configured?: ConfiguredErrors,
): RefreshAnswer => {
  if (answer === undefined) return NOT_SENT;
  if (answer.kind === 'tokens') return { kind: 'tokens', tokens: answer.tokens };
  if (answer.kind !== 'error') return answer;
  const { members } = answer;
  const { fault, meaning, ofScopes } = read(errors, members, configured);
  switch (meaning) {
    case 'dead_grant':
      return { kind: 'grant_dead', ...fault };
    case 'user_needed':
      return { kind: 'user_needed', ...fault, ...claimsOf(members), ...ofScopes };
    case 'organization_forbids':
      return { kind: 'organization_forbids', ...fault, ...ofScopes };
    case 'operator_must_act':
      return { kind: 'refused', needsOps: true, ...fault };
    case 'about_scopes':
      return { kind: 'refused', needsOps: false, ...fault, ofScopes: true };
    case 'passing':
      return { kind: 'refused', needsOps: false, ...fault };
    case undefined:
      return { kind: 'refused', needsOps: false, ...fault, unlisted: true };
  }
};

/** The same list, asked about a code: what would concern the grant concerns the code. */
export const exchangeFault = (
  errors: ErrorList,
  { answer }: TokenCall,
  configured?: ConfiguredErrors,
): Exclude<ExchangeAnswer, { kind: 'tokens' }> => {
  if (answer === undefined) return NOT_SENT;
  // Tokens came, and the provider's library did not accept them.
  if (answer.kind === 'tokens') return { kind: 'unusable', code: 'not_accepted' };
  if (answer.kind !== 'error') return answer;
  const { fault, meaning } = read(errors, answer.members, configured);
  switch (meaning) {
    case 'dead_grant':
    case 'user_needed':
      return { kind: 'code_refused', ...fault };
    case 'organization_forbids':
      return { kind: 'organization_forbids', ...fault };
    case 'operator_must_act':
      return { kind: 'refused', needsOps: true, ...fault };
    case 'passing':
      return { kind: 'refused', needsOps: false, ...fault };
    case 'about_scopes':
    case undefined:
      return { kind: 'refused', needsOps: false, ...fault, unlisted: true };
  }
};

/** The library made no request of what it was given, such as a claims challenge that it cannot merge. */
const NOT_SENT = { kind: 'refused', needsOps: false, code: 'not_sent' } as const;

const read = (errors: ErrorList, members: Members, configured: ConfiguredErrors | undefined) => {
  const error = codeOf(members.error);
  const codes = errors.codes(error, members);
  const detail = errors.detail?.(members);
  const decisive = codes.find((code) => configured?.has(code)) ?? codes.find((code) => builtInClass(errors, code));
  return {
    fault: { code: error, ...(detail === undefined ? {} : { detail }) },
    meaning: decisive === undefined ? undefined : (configured?.get(decisive) ?? builtInClass(errors, decisive)),
    ofScopes: decisive !== undefined && errors.ofScopes?.includes(decisive) ? ({ ofScopes: true } as const) : {},
  };
};

const builtInClass = ({ classes }: ErrorList, code: string): BuiltInClass | undefined => {
  const [found] = Object.entries(classes).find(([, codes]) => codes.includes(code)) ?? [];
  return found as BuiltInClass | undefined;
};

/** A claims challenge is handed on only as what it should be: a JSON object of at most 2 KiB. */
const claimsOf = ({ claims }: Members): { claims?: string } =>
  isText(claims) && Buffer.byteLength(claims) <= 2048 && jsonObject(claims) ? { claims } : {};

/** `error/finer` and `error/*` before `error`. */
export const withFiner = (error: string, finer: unknown): string[] =>
  finer === undefined || finer === null || finer === '' ? [error] : [`${error}/${codeOf(finer)}`, `${error}/*`, error];
