/**
 * A provider's token endpoint (RFC 6749 sections 4.1.3 to 5.2), judged before any library sees the answer: libraries
 * turn what they do not like into errors that hide a rotated token, or carry the provider's text.
 */
import type { RefreshAnswer, Tokens } from '../core/ports.ts';
import { type HttpAnswer, TransportError } from './exchange.ts';
import type { HttpClient } from './http-client.ts';

export type Members = Readonly<Record<string, unknown>>;

/** An outcome that says nothing about the grant. */
export type NoDecision = Extract<RefreshAnswer, { kind: 'refused' | 'no_answer' | 'unusable' }>;

export type TokenEndpointAnswer =
  | { readonly kind: 'tokens'; readonly tokens: Tokens; readonly members: Members }
  /** RFC 6749 section 5.2, whatever the status: the provider's own list of errors decides what it means. */
  | TokenError
  | NoDecision;

export interface TokenError {
  readonly kind: 'error';
  readonly status: number;
  readonly members: Members;
  /** As the provider spells it, to be compared; what is logged is `codeOf` it. */
  readonly code: string;
  readonly retryAfter?: number;
}

/** One token request, sent by a provider's library through this process's own HTTP client. */
export interface TokenCall {
  /** For the library. Sends once, whatever the library tries, and throws unless tokens came. */
  send(form: string, headers?: Readonly<Record<string, string>>): Promise<Members>;
  /** What came back; `undefined` when the library sent nothing. */
  readonly answer: TokenEndpointAnswer | undefined;
}

export const tokenCall = (http: HttpClient, endpoint: string): TokenCall => {
  let sent = false;
  let answer: TokenEndpointAnswer | undefined;
  return {
    get answer() {
      return answer;
    },
    async send(form, headers) {
      if (sent) throw new Error('a token request is sent once');
      sent = true;
      answer = await post(http, endpoint, form, headers);
      if (answer.kind !== 'tokens') throw new Error(answer.kind);
      // Libraries write into what they are given.
      return { ...answer.members };
    },
  };
};

const post = async (
  http: HttpClient,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenEndpointAnswer> => {
  try {
    return judge(await http.request({ method: 'POST', url, body, headers: { ...headers, ...FORM } }));
  } catch (error) {
    if (error instanceof TransportError) return noAnswer(error);
    throw error;
  }
};

/** The body's media type (RFC 6749 section 4.1.3), for a library's requests and for one's own. */
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;

const noAnswer = ({ code, sent }: TransportError): NoDecision => {
  if (code === 'address') return { kind: 'refused', needsOps: true, code };
  if (code === 'too_large' || code === 'not_http') return { kind: 'unusable', code };
  return { kind: 'no_answer', sent, code };
};

const judge = (answer: HttpAnswer): TokenEndpointAnswer => {
  const { status } = answer;
  const members = jsonObject(answer.body.toString());
  const wait = retryAfter(answer.headers['retry-after']);
  const error = members && (status >= 400 || !isText(members.access_token)) ? errorOf(members) : undefined;
  if (members && error !== undefined && (status < 300 || status >= 400)) {
    return { kind: 'error', status, members, code: error, ...wait };
  }
  const code = `http_${status}`;
  if (status === 429) return { kind: 'refused', needsOps: false, code, ...wait };
  if (status >= 500) return { kind: 'no_answer', sent: true, code, ...wait };
  if (status >= 300 && status < 400) return { kind: 'unusable', code: 'redirect' };
  // A client error is a refusal, whatever stands in it; but for two that pass (RFC 9110 section 15.5.9, RFC 8470).
  const refuses = status >= 400 && status !== 408 && status !== 425 ? ({ unlisted: true } as const) : {};
  if (members === undefined) return { kind: 'unusable', code: 'not_json', ...refuses };
  if (status !== 200) return { kind: 'unusable', code, ...refuses };
  const came = isText(members.refresh_token) ? { refreshToken: members.refresh_token } : {};
  if (!isText(members.access_token)) return { kind: 'unusable', code: 'no_access_token', ...came };
  if (!isText(members.token_type) || members.token_type.toLowerCase() !== 'bearer') {
    return { kind: 'unusable', code: 'not_bearer', ...came };
  }
  return { kind: 'tokens', tokens: tokensOf(members, members.access_token), members };
};

/**
 * Where providers put the code of an error: RFC 6749 section 5.2; an object in its place (Facebook's `type` and `code`);
 * HubSpot's `status`, and the `error_code` and `errorCode` of others. `undefined`: the answer is no error by its members.
 */
const errorOf = ({ error, error_code, errorCode, status }: Members): string | undefined => {
  const named = error ?? error_code ?? errorCode ?? (isText(status) ? status : undefined);
  if (named === undefined || named === false) return undefined;
  if (typeof named !== 'object' || named === null) return String(named).slice(0, MAX_CODE);
  const { code, type, error: inner } = named as Members;
  return String(code ?? type ?? inner ?? 'unknown_error').slice(0, MAX_CODE);
};

const MAX_CODE = 128;

const tokensOf = (members: Members, accessToken: string): Tokens => {
  // Some providers send the number as text, and separate scopes by commas.
  const expiresIn = Number.parseInt(String(members.expires_in), 10);
  const scopes = isText(members.scope) ? members.scope.split(/[\s,]+/).filter((scope) => scope !== '') : [];
  return {
    accessToken,
    ...(expiresIn >= 0 ? { expiresIn } : {}),
    ...(scopes.length > 0 ? { scopes } : {}),
    ...(isText(members.refresh_token) ? { refreshToken: members.refresh_token } : {}),
  };
};

/** RFC 9110 section 10.2.3: seconds or a date; at least one second, at most a day. */
export const retryAfter = (header: string | undefined): { retryAfter?: number } => {
  if (header === undefined) return {};
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? {} : { retryAfter: Math.min(Math.max(seconds, 1), 86_400) };
};

/** A provider's error code, fit for one's own logs: never free text. */
export const shortCode = (value: unknown): string | undefined =>
  isText(value) && /^([a-z_]{1,64}|[A-Z_]{1,64}|\d{1,8})$/.test(value) ? value : undefined;

export const codeOf = (error: unknown): string => shortCode(error) ?? 'unknown_error';

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export const jsonObject = (text: string): Members | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
};
