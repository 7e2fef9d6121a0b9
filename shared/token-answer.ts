/**
 * What stands in an answer of a token endpoint (RFC 6749 sections 5.1 and 5.2), read as tolerantly as real servers
 * demand: docs/refresh.md lists what they send. Code exchange and refresh, in the functions and in the SDK, read with this
 * one module, so that a connection that could be made can also be renewed. It imports nothing. Whether an answer is accepted
 * is decided by those who read: functions/adapters/token-endpoint.ts, client/src/native/provider.ts.
 */

export type Members = Readonly<Record<string, unknown>>;

/** Of an answer that is accepted. */
export interface AnsweredTokens {
  readonly accessToken: string;
  /** Seconds, where the provider says. */
  readonly expiresIn?: number;
  /** Where the provider says; split, as the provider spells them. */
  readonly scopes?: readonly string[];
  readonly refreshToken?: string;
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A JSON object, with or without a byte order mark before it (RFC 8259 section 8.1 lets a reader ignore one). */
export const jsonObject = (text: string): Members | undefined => {
  const value = parse(text.replace(/^\uFEFF/, ''));
  return isObject(value) ? value : undefined;
};

// --- From bytes to members ----------------------------------------------------------------------------------------

/**
 * The members of a body: a JSON object, an array of one, JSON text inside of a JSON text, or a form, whatever the content
 * type says. `undefined`: none of these.
 */
export const membersOf = (body: Uint8Array, contentType = ''): Members | undefined => {
  for (const text of textsOf(body, contentType)) {
    const members = jsonMembers(text) ?? formMembers(text);
    if (members) return unwrapped(members);
  }
  return undefined;
};

/** As its byte order mark or its first character shows it, as its content type declares it, and as it should be: UTF-8. */
const textsOf = (body: Uint8Array, contentType: string): string[] => {
  const declared = /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  const labels = new Set([utf16Of(body) ?? declared, declared, 'utf-8']);
  return [...labels].flatMap((label) => {
    try {
      // The decoder drops one byte order mark; some servers send two, and some end with NULs.
      return new TextDecoder(label).decode(body).replace(/^[\uFEFF\s]+|[\0\s]+$/g, '');
    } catch {
      // The platform does not know this charset.
      return [];
    }
  });
};

const utf16Of = ([first, second]: Uint8Array): string | undefined => {
  if ((first === 0xff && second === 0xfe) || (first === 0x7b && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second === 0x7b) ? 'utf-16be' : undefined;
};

const jsonMembers = (text: string, depth = 0): Members | undefined => {
  // Some servers put a guard against inclusion as a script before all of their JSON.
  const value = parse(text.replace(/^(\)\]\}'?,?|while\s*\(1\);|for\s*\(;;\);)\s*/, ''));
  if (typeof value === 'string' && depth === 0) return jsonMembers(value, 1);
  const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isObject(only) ? only : undefined;
};

const formMembers = (text: string): Members | undefined => {
  if (!/^[\w.-]+=[^\s<>{}"]*$/.test(text)) return undefined;
  const form = new URLSearchParams(text);
  return ['access_token', 'refresh_token', 'error'].some((name) => form.has(name))
    ? Object.fromEntries(form)
    : undefined;
};

/** Some providers put the members into `data` (Lark, TikTok Shop), `body` (Withings) or a member of another name. */
const WRAPPERS = ['data', 'body', 'result', 'response', 'token', 'tokens'] as const;

const unwrapped = (given: Members): Members => {
  const members = inSnakeCase(given);
  if (isText(members.access_token) || isText(members.refresh_token)) return members;
  const inside = WRAPPERS.map((name) => members[name])
    .filter(isObject)
    .map(inSnakeCase);
  const found = inside.find(({ access_token, refresh_token }) => isText(access_token) || isText(refresh_token));
  return found ? { ...members, ...found } : members;
};

const CAMEL_CASE = {
  access_token: 'accessToken',
  refresh_token: 'refreshToken',
  expires_in: 'expiresIn',
  token_type: 'tokenType',
  id_token: 'idToken',
} as const;

/** Some providers spell the members of RFC 6749 in camel case (DingTalk). */
const inSnakeCase = (members: Members): Members => {
  const renamed = Object.entries(CAMEL_CASE).filter(
    ([name, camel]) => members[name] === undefined && members[camel] !== undefined,
  );
  return renamed.length === 0
    ? members
    : { ...members, ...Object.fromEntries(renamed.map(([name, camel]) => [name, members[camel]])) };
};

// --- Tokens -------------------------------------------------------------------------------------------------------

/** Seconds: a year. A time in milliseconds, or "never" as a large number, is not believed. */
const LONGEST = 31_536_000;

/** Seconds as a number or as text; `undefined`: unknown, as with "never", 0 and negative numbers. */
const secondsOf = (value: unknown): number | undefined => {
  const seconds = typeof value === 'number' || isText(value) ? Math.floor(Number(value)) : Number.NaN;
  return seconds > 0 ? Math.min(seconds, LONGEST) : undefined;
};

/** Separated by blanks (RFC 6749 section 3.3), by commas or, in the place of blanks, by plus signs; or a list. */
const scopesOf = (value: unknown): string[] => {
  const parts: unknown[] = Array.isArray(value) ? value : [value];
  return parts.filter(isText).flatMap((part) => {
    const separator = /[\s,]/.test(part.trim()) ? /[\s,]+/ : /\++/;
    return part.trim().split(separator).filter(isText);
  });
};

/** RFC 6749 section 7.1: any case. Without a type it is Bearer, as many servers mean it (openid-client#826). */
export const isBearer = ({ token_type: type }: Members): boolean =>
  type === undefined || type === null || (typeof type === 'string' && /^(bearer)?$/i.test(type.trim()));

export const tokensOf = (members: Members, accessToken: string): AnsweredTokens => {
  const expiresIn = secondsOf(members.expires_in);
  const scopes = scopesOf(members.scope);
  const refreshToken = cameAlong(members);
  return {
    accessToken,
    ...(expiresIn === undefined ? {} : { expiresIn }),
    ...(scopes.length > 0 ? { scopes } : {}),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
};

/**
 * What a provider's library is given: the members that RFC 6749 and OpenID Connect name, in the types that they name.
 * Libraries differ in what else they dislike, and a code is spent when one of them throws.
 */
export const normalized = (
  { accessToken, expiresIn, scopes, refreshToken }: AnsweredTokens,
  { id_token }: Members,
): Members => ({
  access_token: accessToken,
  token_type: 'Bearer',
  ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
  ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
  ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  ...(isText(id_token) ? { id_token } : {}),
});

// --- Rescue -------------------------------------------------------------------------------------------------------

/** RFC 6749 appendix A.17, without blanks; not what a server writes where it hides a token or has none. */
const isToken = (value: unknown): value is string =>
  isText(value) &&
  /^[\x21-\x7e]+$/.test(value) &&
  !/^([*x.]+|null|none|undefined|nil|\[?(redacted|filtered|hidden)\]?)$/i.test(value);

/**
 * The refresh token of an answer, whatever else stands in it: it may be the only one that still works. Slack puts a
 * user's tokens into `authed_user`.
 */
export const cameAlong = (members: Members | undefined): string | undefined =>
  [members, members?.data, members?.authed_user]
    .map((each) => (isObject(each) ? each.refresh_token : undefined))
    .find(isToken);

/**
 * The same of a body that was cut off or is too long: of the members that are complete. Only a body that begins as JSON or
 * as a form is read. A page that shows an example of a token is neither, and must not replace a token that works.
 */
export const cameAlongIn = (body: Uint8Array, contentType = ''): string | undefined => {
  for (const text of textsOf(body, contentType)) {
    const form = text.slice(0, Math.max(0, text.lastIndexOf('&')));
    const found = cameAlong(completeMembers(text) ?? formMembers(form));
    if (found !== undefined) return found;
  }
  return undefined;
};

const completeMembers = (text: string): Members | undefined => {
  const start = /^(\[\s*)?\{/.exec(text);
  if (!start) return undefined;
  const object = text.slice(start[0].length - 1);
  let depth = 0;
  let isQuoted = false;
  let lastMember = 0;
  for (let at = 0; at < object.length; at++) {
    const character = object[at];
    if (isQuoted) {
      if (character === '\\') at += 1;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return jsonObject(object.slice(0, at + 1));
    } else if (character === ',' && depth === 1) lastMember = at;
  }
  // Text that was closed is whole, though nothing follows it.
  return jsonObject(`${object}}`) ?? jsonObject(`${object.slice(0, lastMember)}}`);
};

// --- Errors -------------------------------------------------------------------------------------------------------

const MAX_CODE = 64;

/** A provider's error code, fit for one's own logs: one word, never free text. */
export const shortCode = (value: unknown): string | undefined =>
  isText(value) && value.length <= MAX_CODE && /^(\d{1,8}|[a-z]+([_.:-]*[a-z0-9]+)*_*)$/i.test(value)
    ? value
    : undefined;

export const codeOf = (error: unknown): string => shortCode(error) ?? 'unknown_error';

/** What providers write into `error` and its like where there is no error. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 0 ||
  (typeof value === 'string' && /^(0|ok|success|none|null|false)?$/i.test(value.trim())) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/**
 * The code of an error answer, as the provider spells it; `undefined`: no member names an error. Where providers put
 * it: `error` as text (RFC 6749) or as an object (Facebook's `type` and `code`, Google's `status`), the first of `errors`,
 * `error_code`, `errorCode`, `errcode` or `code`, HubSpot's `status`, Apigee's `fault`.
 */
export const errorIn = (members: Members): string | undefined => {
  const { error, errors, error_code, errorCode, errcode, code, status, fault } = members;
  // Where it only says that there is an error, another member says which one.
  const isFlag = error === true || error === 'true' || error === 1;
  if (!isNothing(error) && !isFlag) return isObject(error) ? codeIn(error) : scalar(error);
  const first: unknown = Array.isArray(errors) ? errors[0] : errors;
  if (!isNothing(first)) return isObject(first) ? codeIn(first) : scalar(first);
  const finer = isObject(fault) && isObject(fault.detail) ? fault.detail.errorcode : fault;
  // A status of HTTP is no code: HubSpot's is a word.
  const word = isText(status) && !/^\d+$/.test(status) ? status : undefined;
  const found = [error_code, errorCode, errcode, finer, code, word].find((value) => !isNothing(value));
  if (found === undefined) return isFlag ? 'unknown_error' : undefined;
  return scalar(found);
};

const codeIn = (error: Members): string | undefined => {
  const { code, type, status, error: inner, errorCode, error_code, name } = error;
  if ([code, status].some((value) => typeof value === 'string' && /^(ok|success)$/i.test(value))) return undefined;
  const words = [
    inner,
    errorCode,
    error_code,
    isText(code) && !/^\d+$/.test(code) ? code : undefined,
    type,
    status,
    name,
  ];
  const word = words.find((value) => isText(value) && !/^\d+$/.test(value));
  // Facebook's `type` says little, and its `code` everything: OAuthException_190.
  const isNumber = (typeof code === 'number' || isText(code)) && /^\d+$/.test(String(code));
  if (isText(type) && word === type && isNumber) return `${type}_${code}`;
  return scalar(word ?? code ?? status);
};

const scalar = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value)
        .trim()
        .slice(0, 2 * MAX_CODE)
    : 'unknown_error';
