/**
 * Token answers as real servers, proxies and gateways send them: each takes the members of a good answer and says how it
 * leaves. The switch `answerShape` names them, and test/adapters/zoo runs all of them through every kind of provider.
 */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Answer, html, json, redirect } from './web.ts';

type Members = Readonly<Record<string, unknown>>;
type Shape = (members: Members) => Answer;

const as = (
  body: string | Buffer,
  type: string | undefined,
  headers: Answer['headers'] = {},
  status = 200,
): Answer => ({
  status,
  headers: { ...(type === undefined ? {} : { 'content-type': type }), 'cache-control': 'no-store', ...headers },
  body,
});
const JSON_TYPE = 'application/json';
const text = (members: Members) => JSON.stringify(members);
const form = (members: Members) =>
  new URLSearchParams(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString();
const bytes = (members: Members, encoding: BufferEncoding, mark = '') => Buffer.from(mark + text(members), encoding);
const swapped = (body: Buffer) => Buffer.from(body).swap16();
const withMembers =
  (more: Members): Shape =>
  (members) =>
    json(200, { ...members, ...more });
const withScope =
  (scope: (list: string[]) => unknown): Shape =>
  (members) =>
    json(200, { ...members, scope: scope(String(members.scope ?? '').split(' ')) });
const withStatus =
  (status: number, more: Members = {}): Shape =>
  (members) =>
    json(status, { ...members, ...more });
const encoded =
  (coding: string | undefined, compress: (body: string) => string | Buffer): Shape =>
  (members) =>
    as(compress(text(members)), JSON_TYPE, coding === undefined ? {} : { 'content-encoding': coding });

const shapes = {
  // Status.
  status_201: withStatus(201),
  status_202: withStatus(202),
  status_203: withStatus(203),
  status_206: withStatus(206),
  status_299: withStatus(299),
  // Text.
  bom: (members) => as(bytes(members, 'utf8', '\uFEFF'), JSON_TYPE),
  bom_twice: (members) => as(bytes(members, 'utf8', '\uFEFF\uFEFF'), JSON_TYPE),
  utf16le_bom: (members) => as(bytes(members, 'utf16le', '\uFEFF'), JSON_TYPE),
  utf16be_bom: (members) => as(swapped(bytes(members, 'utf16le', '\uFEFF')), JSON_TYPE),
  utf16_bare: (members) => as(bytes(members, 'utf16le'), JSON_TYPE),
  utf16_declared: (members) => as(bytes(members, 'utf16le'), 'application/json; charset=utf-16le'),
  utf16_untrue: (members) => as(text(members), 'application/json; charset="UTF-16"'),
  latin1_declared: (members) => as(bytes(members, 'latin1'), 'application/json;charset=ISO-8859-1'),
  unknown_charset: (members) => as(text(members), 'application/json; charset=x-unknown'),
  nul_padding: (members) => as(`${text(members)}\0\0\0`, JSON_TYPE),
  whitespace: (members) => as(`\r\n\t ${JSON.stringify(members, null, 2)}\n\n`, JSON_TYPE),
  // Content type and wrapping.
  text_plain: (members) => as(text(members), 'text/plain'),
  text_html: (members) => as(text(members), 'text/html; charset=utf-8'),
  no_content_type: (members) => as(text(members), undefined),
  json_in_text: (members) => as(JSON.stringify(text(members)), JSON_TYPE),
  array_of_one: (members) => as(JSON.stringify([members]), JSON_TYPE),
  form: (members) => as(form(members), 'application/x-www-form-urlencoded; charset=utf-8'),
  form_as_text: (members) => as(`${form(members)}\n`, 'text/plain;charset=UTF-8'),
  form_as_json: (members) => as(form(members), JSON_TYPE),
  form_as_html: (members) => as(form(members), 'text/html; charset=UTF-8'),
  guard: (members) => as(`)]}'\n${text(members)}`, JSON_TYPE),
  camel_case: (members) =>
    json(
      200,
      Object.fromEntries(
        Object.entries(members).map(([name, value]) => [
          name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()),
          value,
        ]),
      ),
    ),
  body_wrapper: (members) => json(200, { status: 0, body: members }),
  data_wrapper: (members) => json(200, { code: 0, msg: 'success', data: members }),
  // Content encoding, though none was asked for.
  gzip: encoded('gzip', (body) => gzipSync(body)),
  x_gzip: encoded('x-gzip', (body) => gzipSync(body)),
  gzip_upper: encoded('GZIP', (body) => gzipSync(body)),
  gzip_bare: encoded(undefined, (body) => gzipSync(body)),
  gzip_untrue: encoded('gzip', (body) => body),
  gzip_twice: encoded('gzip, gzip', (body) => gzipSync(gzipSync(body))),
  deflate_then_gzip: encoded('deflate,identity , gzip', (body) => gzipSync(deflateSync(body))),
  deflate: encoded('deflate', (body) => deflateSync(body)),
  deflate_raw: encoded('deflate', (body) => deflateRawSync(body)),
  brotli: encoded('br', (body) => brotliCompressSync(body)),
  zstd: encoded('zstd', (body) => zstdCompressSync(body)),
  encoding_utf8: encoded('UTF-8', (body) => body),
  encoding_empty: encoded('', (body) => body),
  gzip_of_form: (members) =>
    as(gzipSync(form(members)), 'application/x-www-form-urlencoded', { 'content-encoding': 'gzip' }),
  // Members.
  comma_scope: withScope((list) => list.join(',')),
  scope_array: withScope((list) => list),
  scope_commas_and_blanks: withScope((list) => list.join(', ')),
  scope_list_of_lists: withScope((list) => [list.join(' '), list.join(',')]),
  scope_plus: withScope((list) => list.join('+')),
  scope_newlines: withScope((list) => list.join('\n')),
  scope_blanks: withScope((list) => `  ${list.join('   ')} `),
  scope_null: withMembers({ scope: null }),
  scope_empty: withMembers({ scope: '' }),
  scope_number: withMembers({ scope: 7 }),
  scope_empty_array: withMembers({ scope: [] }),
  no_expires_in: withMembers({ expires_in: undefined }),
  expires_text: withMembers({ expires_in: '3600' }),
  expires_float: withMembers({ expires_in: 3599.7 }),
  expires_float_text: withMembers({ expires_in: ' 3600.0 ' }),
  expires_null: withMembers({ expires_in: null }),
  expires_never: withMembers({ expires_in: 'never' }),
  expires_negative: withMembers({ expires_in: -1 }),
  expires_zero: withMembers({ expires_in: 0 }),
  expires_huge: withMembers({ expires_in: 9e15 }),
  expires_boolean: withMembers({ expires_in: true }),
  no_token_type: withMembers({ token_type: undefined }),
  token_type_null: withMembers({ token_type: null }),
  token_type_empty: withMembers({ token_type: '' }),
  bearer_upper: withMembers({ token_type: 'BEARER' }),
  bearer_blanks: withMembers({ token_type: ' Bearer ' }),
  no_refresh_token: withMembers({ refresh_token: undefined }),
  refresh_token_null: withMembers({ refresh_token: null }),
  refresh_token_empty: withMembers({ refresh_token: '' }),
  unknown_members: withMembers({ foci: '1', nested: { error: 'no' }, list: [1], ext_expires_in: 'x' }),
  error_null: withMembers({ error: null, error_description: null }),
  error_empty: withMembers({ error: '', error_description: '' }),
  error_false: withMembers({ error: false }),
  error_ok: withMembers({ error: { code: 'ok', message: '' } }),
  error_list_empty: withMembers({ error: [], errors: [] }),
  dressed: withMembers({ ok: true, code: 200, status: 'success', message: 'done', suberror: '', client_info: 'x' }),
  proto: (members) => as(text(members).replace('{', '{"__proto__":{"error":"x"},"constructor":1,'), JSON_TYPE),
  // What is refused, with its tokens.
  mac: withMembers({ token_type: 'mac' }),
  dpop: withMembers({ token_type: 'DPoP' }),
  not_applicable: withMembers({ token_type: 'N_A' }),
  token_type_number: withMembers({ token_type: 1 }),
  no_access_token: withMembers({ access_token: undefined }),
  access_token_null: withMembers({ access_token: null }),
  access_token_object: withMembers({ access_token: { value: 'x' } }),
  redirect: () => redirect('/elsewhere'),
  redirect_with_tokens: (members) => ({ ...json(302, members), headers: { location: '/elsewhere' } }),
  html: () => html(200, '<!doctype html><title>Please stand by</title>'),
  html_with_example: () => html(200, '<pre>{"refresh_token":"an-example-of-one"}</pre>'),
  empty: () => as('', JSON_TYPE),
  no_content: () => as('', undefined, {}, 204),
  too_long: (members) => json(200, { ...members, padding: 'x'.repeat(65 * 1024) }),
  gzip_bomb: (members) =>
    as(gzipSync(text({ ...members, padding: '0'.repeat(20 * 1024 * 1024) })), JSON_TYPE, {
      'content-encoding': 'gzip',
    }),
  encoding_unknown: encoded('compress', (body) => body),
  encoding_opaque: encoded('x-secret', (body) => Buffer.from(body).map((byte) => byte ^ 0x55) as Buffer),
  gzip_cut: encoded('gzip', (body) => gzipSync(`${body}${' '.repeat(64)}`).subarray(0, -9)),
  truncated: (members) => ({ ...json(200, { ...members, padding: 'x'.repeat(4096) }), cut: 'truncated' }),
  truncated_gzip: (members) => ({
    ...as(gzipSync(text({ ...members, padding: noise(4096) })), JSON_TYPE, { 'content-encoding': 'gzip' }),
    cut: 'truncated',
  }),
  truncated_at_once: () => ({ ...as('{"acc{"acc', JSON_TYPE), cut: 'truncated' }),
  cut_json: (members) => as(`${text(members).slice(0, -1)},"more":"and th`, JSON_TYPE),
  array_of_two: (members) => as(JSON.stringify([members, { more: 1 }]), JSON_TYPE),
  error_with_tokens: withMembers({ error: 'a_strange_error' }),
  invalid_grant_with_tokens: withStatus(400, { error: 'invalid_grant', access_token: undefined }),
  bad_request_with_tokens: withStatus(400),
  forbidden_with_tokens: withStatus(403),
  overload_with_tokens: withStatus(429),
  failure_with_tokens: withStatus(500),
  gateway_with_tokens: withStatus(502),
  authed_user: ({ access_token, refresh_token, scope }) =>
    json(200, { ok: true, authed_user: { id: 'U1', access_token, refresh_token, scope, token_type: 'user' } }),
} satisfies Record<string, Shape>;

/** What no compression makes shorter than half. */
const noise = (length: number): string => {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state % 36).toString(36);
  }).join('');
};

export type AnswerShape = keyof typeof shapes;
export const answerShapes = Object.keys(shapes) as AnswerShape[];
export const shaped = (shape: AnswerShape, members: Members): Answer => (shapes[shape] as Shape)(members);
