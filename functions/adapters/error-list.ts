/**
 * What a provider's error answers mean (RFC 6749 section 5.2). Each adapter states its own list as data; the meaning of
 * an unlisted answer never ends a connection.
 */
import type { ExchangeAnswer, RefreshAnswer } from '../core/ports.ts';
import { codeOf, isText, jsonObject, type Members, type TokenCall } from './token-endpoint.ts';

export interface ErrorList {
  /** The member that tells apart what `error` lumps together, where the provider has one. */
  readonly finerMember?: string;
  /**
   * The grant is over: `error` with exactly one of these finer codes. `none` stands for an answer without one.
   * The same `error` with any other finer code asks for the user: the grant is kept, and authorizing again helps.
   */
  readonly deadGrant: Readonly<Record<string, readonly string[]>>;
  /** The grant lives, the user has to act. */
  readonly userNeeded: readonly string[];
  /** The configuration is wrong: no user and no request can provoke these. */
  readonly needsOps: readonly string[];
  /** What to record beside the code. Bounded, never the provider's text. */
  readonly detail?: (members: Members) => string | undefined;
}

export const NONE = 'none';

/** Errors that every provider shares (RFC 6749 section 5.2) and that only ops can end. */
export const CLIENT_ERRORS = ['invalid_client', 'unauthorized_client', 'unsupported_grant_type'] as const;

export const refreshAnswer = (errors: ErrorList, { answer }: TokenCall): RefreshAnswer => {
  if (answer === undefined) return NOT_SENT;
  if (answer.kind === 'tokens') return { kind: 'tokens', tokens: answer.tokens };
  if (answer.kind !== 'error') return answer;
  const { members } = answer;
  const fault = faultOf(errors, members);
  const finerCodes = finerCodesOf(errors, fault.code);
  if (finerCodes?.includes(finerCode(errors, members))) return { kind: 'grant_dead', ...fault };
  if (finerCodes || errors.userNeeded.includes(fault.code)) {
    return { kind: 'user_needed', ...fault, ...claimsOf(members) };
  }
  return { kind: 'refused', needsOps: errors.needsOps.includes(fault.code), ...fault };
};

/** The same list, asked about a code: what would concern the grant concerns the code. */
export const exchangeFault = (
  errors: ErrorList,
  { answer }: TokenCall,
): Exclude<ExchangeAnswer, { kind: 'tokens' }> => {
  if (answer === undefined) return NOT_SENT;
  // Tokens came, and the provider's library did not accept them.
  if (answer.kind === 'tokens') return { kind: 'unusable', code: 'not_accepted' };
  if (answer.kind !== 'error') return answer;
  const fault = faultOf(errors, answer.members);
  if (finerCodesOf(errors, fault.code) || errors.userNeeded.includes(fault.code)) {
    return { kind: 'code_refused', ...fault };
  }
  return { kind: 'refused', needsOps: errors.needsOps.includes(fault.code), ...fault };
};

/** The library made no request of what it was given, such as a claims challenge that it cannot merge. */
const NOT_SENT = { kind: 'refused', needsOps: false, code: 'not_sent' } as const;

const finerCodesOf = ({ deadGrant }: ErrorList, code: string): readonly string[] | undefined =>
  Object.hasOwn(deadGrant, code) ? deadGrant[code] : undefined;

const finerCode = ({ finerMember }: ErrorList, members: Members): string => {
  const value = finerMember === undefined ? undefined : members[finerMember];
  return value === undefined || value === '' ? NONE : codeOf(value);
};

const faultOf = (errors: ErrorList, members: Members): { code: string; detail?: string } => {
  const detail = errors.detail?.(members);
  return { code: codeOf(members.error), ...(detail === undefined ? {} : { detail }) };
};

/** A claims challenge is handed on only as what it should be: a JSON object of at most 2 KiB. */
const claimsOf = ({ claims }: Members): { claims?: string } =>
  isText(claims) && Buffer.byteLength(claims) <= 2048 && jsonObject(claims) ? { claims } : {};
