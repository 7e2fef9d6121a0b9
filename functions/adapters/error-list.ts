/**
 * What a provider's error answers mean (RFC 6749 section 5.2). Each kind of provider states its own list as data, and an
 * entry of PROVIDERS adds to it. The meaning of an answer on no list never ends a connection.
 */

import { codeOf, isText, jsonObject, type Members } from '../../shared/token-answer.ts';
import type { ConfiguredErrors, ErrorClass } from '../core/error-classes.ts';
import type { ExchangeAnswer, RefreshAnswer, Tokens } from '../core/ports.ts';
import type { TokenCall, TokenError } from './token-endpoint.ts';

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
  const { fault, meaning, ofScopes, wait, decided } = read(errors, answer, configured);
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
      return { kind: 'refused', needsOps: false, ...fault, ...wait };
    case 'trouble':
      return { kind: 'no_answer', sent: true, ...decided, ...fault, ...wait };
    case 'disbelieved':
      return { kind: 'no_answer', sent: true, ...decided, ...fault, ...wait, unlisted: true };
    case 'unlisted':
      return { kind: 'refused', needsOps: false, ...fault, ...wait, unlisted: true };
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
  if (answer.kind === 'tokens') return { kind: 'unusable', code: 'not_accepted', ...cameWith(answer.tokens) };
  if (answer.kind !== 'error') return answer;
  const { fault, meaning, wait, decided } = read(errors, answer, configured);
  switch (meaning) {
    case 'dead_grant':
    case 'user_needed':
      return { kind: 'code_refused', ...fault };
    case 'organization_forbids':
      return { kind: 'organization_forbids', ...fault };
    case 'operator_must_act':
      return { kind: 'refused', needsOps: true, ...fault };
    case 'passing':
      return { kind: 'refused', needsOps: false, ...fault, ...wait };
    case 'trouble':
    case 'disbelieved':
      return { kind: 'no_answer', sent: true, ...decided, ...fault, ...wait };
    case 'about_scopes':
    case 'unlisted':
      return { kind: 'refused', needsOps: false, ...fault, unlisted: true };
  }
};

/** For an answer whose tokens are refused: the core ends what came along. */
export const cameWith = ({ refreshToken }: Tokens): { refreshToken?: string } =>
  refreshToken === undefined ? {} : { refreshToken };

/** The library made no request of what it was given, such as a claims challenge that it cannot merge. */
const NOT_SENT = { kind: 'refused', needsOps: false, code: 'not_sent' } as const;

/** Errors of the moment (RFC 6749 section 4.1.2.1), also seen at token endpoints. */
const TROUBLE: readonly string[] = ['temporarily_unavailable', 'server_error'];

const read = (
  errors: ErrorList,
  { status, members, code, retryAfter, refreshToken }: TokenError,
  configured?: ConfiguredErrors,
) => {
  const codes = errors.codes(code, members);
  const named = codes.find((each) => configured?.has(each));
  const decisive = named ?? codes.find((each) => builtInClass(errors, each));
  const detail = errors.detail?.(members);
  const meaning =
    named === undefined ? meaningAt(status, code, builtInClass(errors, decisive)) : configured?.get(named);
  // What a list has is no free text. In trouble, and under load, the status says most.
  const short = (decisive === undefined ? undefined : decisive.split('/')[0] === code && code) || codeOf(code);
  const byStatus = status >= 500 || status === 429;
  return {
    fault: {
      code: byStatus && named === undefined ? `http_${status}` : short,
      ...(detail === undefined ? {} : { detail }),
      ...(refreshToken === undefined ? {} : { refreshToken }),
    },
    decided: hasDecided(status, code, decisive !== undefined) ? ({ decided: true } as const) : {},
    meaning: meaning ?? 'unlisted',
    ofScopes: decisive !== undefined && errors.ofScopes?.includes(decisive) ? ({ ofScopes: true } as const) : {},
    wait: retryAfter === undefined ? {} : { retryAfter },
  } as const;
};

/**
 * Whether it is the authorization server's own word. A 502 or a 504 is a gateway's, whatever its body: the server behind it
 * may still be at work. So may be the one behind any other 5xx whose error is no code of OAuth, such as "Service
 * Unavailable".
 */
const hasDecided = (status: number, code: string, isListed: boolean): boolean =>
  status < 500 || (status !== 502 && status !== 504 && (isListed || isOneOf(TROUBLE, code)));

/**
 * What the kind's own list means beside a status. A connection is not lost to a server that is broken or overloaded: there
 * its word for a dead grant, or for a user who is wanted, counts as a refusal that no list names.
 */
const meaningAt = (status: number, code: string, listed: BuiltInClass | undefined) => {
  if (status === 429) return 'passing';
  if (isOneOf(TROUBLE, code)) return 'trouble';
  if (status < 500) return listed;
  return listed === 'dead_grant' || listed === 'user_needed' || listed === 'organization_forbids'
    ? 'disbelieved'
    : 'trouble';
};

const builtInClass = ({ classes }: ErrorList, code: string | undefined): BuiltInClass | undefined => {
  if (code === undefined) return undefined;
  const [found] = Object.entries(classes).find(([, codes]) => isOneOf(codes, code)) ?? [];
  return found as BuiltInClass | undefined;
};

/** In any case, and with hyphens for underscores: some servers spell the codes of RFC 6749 so. */
const isOneOf = (codes: readonly string[], code: string): boolean => codes.some((each) => alike(each) === alike(code));
const alike = (code: string): string => code.toLowerCase().replaceAll('-', '_');

/** A claims challenge is handed on only as what it should be: a JSON object of at most 2 KiB. */
const claimsOf = ({ claims }: Members): { claims?: string } =>
  isText(claims) && Buffer.byteLength(claims) <= 2048 && jsonObject(claims) ? { claims } : {};

/** `error/finer` and `error/*` before `error`. */
export const withFiner = (error: string, finer: unknown): string[] =>
  finer === undefined || finer === null || finer === '' ? [error] : [`${error}/${codeOf(finer)}`, `${error}/*`, error];
