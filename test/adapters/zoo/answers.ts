/** What each answer of the zoo means. The token answers are those of the simulated providers. */
import { gzipSync } from 'node:zlib';
import type { RefreshAnswer, Tokens } from '../../../functions/core/ports.ts';
import { type AnswerShape, answerShapes, shaped } from '../../../local/providers/answer-shapes.ts';
import { type Answer, html, json } from '../../../local/providers/web.ts';
import { CANARIES } from '../provider-answers.ts';

export interface Specimen {
  readonly name: string;
  readonly answer: (members: Readonly<Record<string, unknown>>) => Answer;
  /** Of a refresh; an exchange means the same of its code. */
  readonly refresh: Partial<RefreshAnswer> & { readonly kind: RefreshAnswer['kind'] };
  /** Whether a refresh token came. */
  readonly came: boolean;
  /** Whether the whole answer came, so that a strict provider's lease is given back. */
  readonly whole: boolean;
}

const GOOD: Tokens = { accessToken: CANARIES.accessToken, expiresIn: 3599, scopes: ['a', 'b'] };
const unscoped = { scopes: undefined };
const endless = { expiresIn: undefined };

/** Where tokens differ from the usual ones. */
const tokensOf: Partial<Record<AnswerShape, Partial<Record<keyof Tokens, unknown>>>> = {
  scope_list_of_lists: { scopes: ['a', 'b', 'a', 'b'] },
  scope_null: unscoped,
  scope_empty: unscoped,
  scope_number: unscoped,
  scope_empty_array: unscoped,
  no_expires_in: endless,
  expires_text: { expiresIn: 3600 },
  expires_float_text: { expiresIn: 3600 },
  expires_null: endless,
  expires_never: endless,
  expires_negative: endless,
  expires_zero: endless,
  expires_boolean: endless,
  expires_huge: { expiresIn: 31_536_000 },
};

const WITHOUT: readonly AnswerShape[] = ['no_refresh_token', 'refresh_token_null', 'refresh_token_empty'];

const unusable = (
  code: string,
  came = true,
  whole = true,
  more: { readonly unlisted?: true } = {},
): Pick<Specimen, 'refresh' | 'came' | 'whole'> => ({
  refresh: { kind: 'unusable', code, ...(whole ? {} : { incomplete: true as const }), ...more },
  came,
  whole,
});
const refusedBy = (refresh: Specimen['refresh'], came = true, whole = true) => ({ refresh, came, whole });
const unlisted = (code: string) => ({ kind: 'refused', needsOps: false, unlisted: true, code }) as const;

const refusedShapes: Partial<Record<AnswerShape, Pick<Specimen, 'refresh' | 'came' | 'whole'>>> = {
  mac: unusable('not_bearer'),
  dpop: unusable('not_bearer'),
  not_applicable: unusable('not_bearer'),
  token_type_number: unusable('not_bearer'),
  no_access_token: unusable('no_access_token'),
  access_token_null: unusable('no_access_token'),
  access_token_object: unusable('no_access_token'),
  authed_user: unusable('no_access_token'),
  redirect: unusable('redirect', false),
  redirect_with_tokens: unusable('redirect'),
  html: unusable('not_json', false),
  html_with_example: unusable('not_json', false),
  empty: unusable('not_json', false),
  no_content: unusable('not_json', false),
  too_long: unusable('too_large', true, false),
  gzip_bomb: unusable('too_large', true, false),
  encoding_unknown: unusable('encoding', true, false),
  encoding_opaque: unusable('encoding', false, false),
  gzip_cut: unusable('encoding', true, false),
  truncated: refusedBy({ kind: 'no_answer', sent: true, code: 'reset' }, true, false),
  truncated_gzip: refusedBy({ kind: 'no_answer', sent: true, code: 'reset' }, true, false),
  truncated_at_once: refusedBy({ kind: 'no_answer', sent: true, code: 'reset' }, false, false),
  cut_json: unusable('not_json'),
  array_of_two: unusable('not_json'),
  error_with_tokens: refusedBy(unlisted('a_strange_error')),
  invalid_grant_with_tokens: refusedBy({ kind: 'grant_dead', code: 'invalid_grant' }),
  bad_request_with_tokens: unusable('http_400', true, true, { unlisted: true }),
  forbidden_with_tokens: unusable('http_403', true, true, { unlisted: true }),
  overload_with_tokens: refusedBy({ kind: 'refused', needsOps: false, code: 'http_429' }),
  failure_with_tokens: refusedBy({ kind: 'no_answer', sent: true, code: 'http_500' }, true, false),
  gateway_with_tokens: refusedBy({ kind: 'no_answer', sent: true, code: 'http_502' }, true, false),
};

const tokenAnswers = answerShapes.map((name): Specimen => {
  const answer = (members: Readonly<Record<string, unknown>>) => shaped(name, members);
  const refused = refusedShapes[name];
  if (refused) return { name, answer, ...refused };
  const came = !WITHOUT.includes(name);
  const all = { ...GOOD, ...(came ? { refreshToken: CANARIES.rotated } : {}), ...tokensOf[name] };
  const tokens = Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as unknown as Tokens;
  return { name, answer, refresh: { kind: 'tokens', tokens }, came, whole: true };
});

const said = { error_description: CANARIES.providerText, error_uri: 'https://provider.example/canary' };
const error = (
  name: string,
  status: number,
  members: unknown,
  refresh: Specimen['refresh'],
  whole = true,
): Specimen => ({ name, answer: () => json(status, members), refresh, came: false, whole });
const form = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  body,
});
const text = (name: string, answer: Answer, refresh: Specimen['refresh'], whole = true): Specimen => ({
  name,
  answer: () => answer,
  refresh,
  came: false,
  whole,
});

const DEAD = { kind: 'grant_dead', code: 'invalid_grant' } as const;
const silence = (status: number) => ({ kind: 'no_answer', sent: true, code: `http_${status}` }) as const;

const errorAnswers: readonly Specimen[] = [
  ...[200, 201, 400, 401, 403, 422].map((status) =>
    error(`invalid_grant with ${status}`, status, { error: 'invalid_grant', ...said }, DEAD),
  ),
  error('INVALID_GRANT', 400, { error: 'INVALID_GRANT', ...said }, { kind: 'grant_dead', code: 'INVALID_GRANT' }),
  error('invalid-grant', 400, { error: 'invalid-grant', ...said }, { kind: 'grant_dead', code: 'invalid-grant' }),
  text('a form of an error', form(`error=invalid_grant&error_description=${CANARIES.providerText}`), DEAD),
  error('an array of one error', 400, [{ error: 'invalid_grant', ...said }], DEAD),
  error('an unknown code with 200', 200, { error: 'a_new_error', ...said }, unlisted('a_new_error')),
  error(
    'HubSpot with a message',
    400,
    { status: 'SOME_NEW_CODE', message: CANARIES.providerText },
    unlisted('SOME_NEW_CODE'),
  ),
  error(
    'Facebook',
    400,
    {
      error: { message: CANARIES.providerText, type: 'OAuthException', code: 190, error_subcode: 463, fbtrace_id: 'x' },
    },
    unlisted('OAuthException_190'),
  ),
  error(
    'a Google API',
    403,
    { error: { code: 403, message: CANARIES.providerText, status: 'PERMISSION_DENIED' } },
    unlisted('PERMISSION_DENIED'),
  ),
  error('an error with a code', 400, { error: { code: 'InvalidToken', message: 'x' } }, unlisted('InvalidToken')),
  error('errors', 400, { errors: [{ code: 'E-77.old', detail: CANARIES.providerText }] }, unlisted('E-77.old')),
  error('errorCode', 400, { errorCode: 'INVALID_SESSION_ID', message: 'x' }, unlisted('INVALID_SESSION_ID')),
  error('error_code', 400, { error_code: 'bad_verification', msg: 'x' }, unlisted('bad_verification')),
  error('code', 401, { code: 'UNAUTHENTICATED', message: 'x' }, unlisted('UNAUTHENTICATED')),
  error('a code that is a number', 200, { code: 20_026, msg: CANARIES.providerText }, unlisted('20026')),
  error('errcode', 200, { errcode: 40_029, errmsg: CANARIES.providerText }, unlisted('40029')),
  error(
    'Apigee',
    401,
    { fault: { faultstring: CANARIES.providerText, detail: { errorcode: 'oauth.v2.InvalidRefreshToken' } } },
    unlisted('oauth.v2.InvalidRefreshToken'),
  ),
  error('Slack', 200, { ok: false, error: 'some_slack_error' }, unlisted('some_slack_error')),
  error('free text as a code', 400, { error: CANARIES.providerText.replaceAll('-', ' ') }, unlisted('unknown_error')),
  error('what was sent as a code', 400, { error: CANARIES.secret }, unlisted('unknown_error')),
  error('true as a code', 400, { error: true }, unlisted('unknown_error')),
  error('a list as a code', 400, { error: ['x'] }, unlisted('unknown_error')),
  error('error: null', 400, { error: null }, { kind: 'unusable', code: 'http_400', unlisted: true }),
  error('nothing', 400, {}, { kind: 'unusable', code: 'http_400', unlisted: true }),
  error('nothing with 200', 200, {}, { kind: 'unusable', code: 'no_access_token' }),
  error('null with 200', 200, null, { kind: 'unusable', code: 'not_json' }),
  error('an empty array', 200, [], { kind: 'unusable', code: 'not_json' }),
  error('a number', 200, 7, { kind: 'unusable', code: 'not_json' }),
  error(
    'a mask for a token',
    400,
    { refresh_token: '********' },
    { kind: 'unusable', code: 'http_400', unlisted: true },
  ),
  error('a mask in brackets', 200, { refresh_token: '[REDACTED]' }, { kind: 'unusable', code: 'no_access_token' }),
  text(
    'XML',
    { status: 200, headers: { 'content-type': 'text/xml' }, body: `<t>${CANARIES.providerText}</t>` },
    { kind: 'unusable', code: 'not_json' },
  ),
  text(
    'gzip of an error',
    { status: 400, headers: { 'content-encoding': 'gzip' }, body: gzipSync('\uFEFF{"error":"invalid_grant"}') },
    DEAD,
  ),
  text('HTML with 403', html(403, 'Forbidden'), { kind: 'unusable', code: 'not_json', unlisted: true }),
  text('HTML with 408', html(408, 'Request Timeout'), { kind: 'unusable', code: 'not_json' }),
  error('overload', 429, { error: 'too_many_requests' }, { kind: 'refused', needsOps: false, code: 'http_429' }),
  ...[400, 500, 503].map((status) =>
    error(
      `temporarily_unavailable with ${status}`,
      status,
      { error: 'temporarily_unavailable' },
      {
        kind: 'no_answer',
        sent: true,
        decided: true,
        code: status < 500 ? 'temporarily_unavailable' : `http_${status}`,
      },
    ),
  ),
  error('invalid_grant with 500', 500, { error: 'invalid_grant' }, { ...silence(500), decided: true, unlisted: true }),
  // A gateway speaks for a server that may still be at work.
  error('invalid_grant with 502', 502, { error: 'invalid_grant' }, { ...silence(502), unlisted: true }, false),
  error('server_error with 504', 504, { error: 'server_error' }, silence(504), false),
  error(
    'words of a framework',
    503,
    { status: 503, error: 'Service Unavailable', path: '/token' },
    silence(503),
    false,
  ),
  error('a gateway in JSON', 504, { message: 'Endpoint request timed out' }, silence(504), false),
  ...[500, 502, 503, 504].map((status) => text(`HTML with ${status}`, html(status, 'Oops'), silence(status), false)),
];

export const zoo: readonly Specimen[] = [...tokenAnswers, ...errorAnswers];
