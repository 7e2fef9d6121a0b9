/**
 * A provider's token endpoint (RFC 6749 sections 4.1.3 to 5.2), judged before any library sees the answer: libraries
 * turn what they do not like into errors that hide a rotated token, or carry the provider's text.
 */

import {
  cameAlong,
  cameAlongIn,
  errorIn,
  isBearer,
  isText,
  type Members,
  membersOf,
  normalized,
  tokensOf,
} from '../../shared/token-answer.ts';
import type { RefreshAnswer, Tokens } from '../core/ports.ts';
import { type HttpAnswer, TransportError } from './exchange.ts';
import type { HttpClient } from './http-client.ts';

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
  /** What came along nevertheless. */
  readonly refreshToken?: string;
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
      // A copy: libraries write into what they are given.
      return normalized(answer.tokens, answer.members);
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
    return judge(await http.request({ method: 'POST', url, body, headers: { ...headers, ...FORM } }), secretsIn(body));
  } catch (error) {
    if (error instanceof TransportError) return noAnswer(error);
    throw error;
  }
};

/** The body's media type (RFC 6749 section 4.1.3), for a library's requests and for one's own. */
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;

/** What a server may repeat, and nobody may log. */
const secretsIn = (form: string): ReadonlySet<string> =>
  new Set([...new URLSearchParams(form)].flatMap(([name, value]) => (name === 'grant_type' ? [] : value)));

/** Of an answer that did not come whole. */
const noAnswer = ({ code, sent, received }: TransportError): NoDecision => {
  if (code === 'address') return { kind: 'refused', needsOps: true, code };
  const came = received && along(cameAlongIn(received.body, received.headers['content-type']));
  if (code === 'too_large' || code === 'not_http' || code === 'encoding') {
    return { kind: 'unusable', code, incomplete: true, ...came };
  }
  return { kind: 'no_answer', sent, code, ...came };
};

const along = (refreshToken: string | undefined) => (refreshToken === undefined ? {} : { refreshToken });

const judge = ({ status, headers, body }: HttpAnswer, secrets: ReadonlySet<string>): TokenEndpointAnswer => {
  const members = membersOf(body, headers['content-type']);
  const came = along(members ? cameAlong(members) : cameAlongIn(body, headers['content-type']));
  const wait = retryAfter(headers['retry-after']);
  const isSuccess = status >= 200 && status < 300;
  const named = members && (isSuccess && isText(members.access_token) ? errorBeside(members) : errorIn(members));
  if (members && named !== undefined && (isSuccess || status >= 400)) {
    const isSecret = [members.access_token, members.refresh_token, members.id_token].includes(named);
    const error = isSecret || secrets.has(named) ? 'unknown_error' : named;
    return { kind: 'error', status, members, code: error, ...wait, ...came };
  }
  const code = `http_${status}`;
  if (status === 429) return { kind: 'refused', needsOps: false, code, ...wait, ...came };
  if (status >= 500) return { kind: 'no_answer', sent: true, code, ...wait, ...came };
  if (status >= 300 && status < 400) return { kind: 'unusable', code: 'redirect', ...came };
  // A client error is a refusal, whatever stands in it; but for two that pass (RFC 9110 section 15.5.9, RFC 8470).
  const refuses = status >= 400 && status !== 408 && status !== 425 ? ({ unlisted: true } as const) : {};
  if (members === undefined) return { kind: 'unusable', code: 'not_json', ...refuses, ...came };
  if (!isSuccess) return { kind: 'unusable', code, ...refuses, ...came };
  if (!isText(members.access_token)) return { kind: 'unusable', code: 'no_access_token', ...came };
  if (!isBearer(members)) return { kind: 'unusable', code: 'not_bearer', ...came };
  return { kind: 'tokens', tokens: tokensOf(members, members.access_token), members };
};

/** Beside a token only `error` itself is one: `code`, `status` and the like are also what a success is dressed with. */
const errorBeside = ({ error }: Members): string | undefined => errorIn({ error });

/** RFC 9110 section 10.2.3: seconds or a date; at least one second, at most a day. */
export const retryAfter = (header: string | undefined): { retryAfter?: number } => {
  if (header === undefined) return {};
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? {} : { retryAfter: Math.min(Math.max(seconds, 1), 86_400) };
};
