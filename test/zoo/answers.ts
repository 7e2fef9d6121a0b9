/**
 * Answers of token endpoints as real servers give them, and what they must mean for an exchange and a refresh alike. Each row
 * is what goes over the wire: status, headers, bytes. Sources are named where a public report shows the answer.
 */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

/** What an answer must mean. `tokens`: usable. `unusable`: 502. `error`: by its code. `no_answer`: nobody knows. */
export type Meaning =
  | {
      readonly kind: 'tokens';
      /** Seconds; `undefined`: the answer does not say. */
      readonly expiresIn: number | undefined;
      /** `undefined`: the answer does not say. */
      readonly scopes: readonly string[] | undefined;
    }
  | { readonly kind: 'unusable' | 'dead' | 'refused' | 'no_answer' };

export interface ZooAnswer {
  readonly name: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The connection ends here although more was announced. */
  readonly cut?: true;
  readonly meaning: Meaning;
  /** The rotated refresh token came, however it was wrapped: it must be kept. */
  readonly rotates: boolean;
  /** The provider's whole answer came: a strict lease is given back. */
  readonly complete: boolean;
}

export const ACCESS = 'zoo-access-token';
export const ROTATED = 'zoo-rotated-token';
export const SECRET_TEXT = 'zoo-text-of-the-provider';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Small on the wire, 10 MB when decoded. */
const BOMB = gzipSync(Buffer.alloc(10_000_000, 0x20));
const good = { kind: 'tokens', expiresIn: 3599, scopes: ['a', 'b'] } as const;

/** @param idToken of the kind under test; `undefined` where it has none */
export const zoo = (idToken: string | undefined): readonly ZooAnswer[] => {
  const whole = {
    token_type: 'Bearer',
    access_token: ACCESS,
    expires_in: 3599,
    scope: 'a b',
    refresh_token: ROTATED,
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
  const row = (name: string, more: Partial<Omit<ZooAnswer, 'name'>> = {}): ZooAnswer => ({
    name,
    status: 200,
    headers: { 'content-type': JSON_TYPE },
    body: Buffer.from(JSON.stringify(whole)),
    meaning: good,
    rotates: true,
    complete: true,
    ...more,
  });
  const text = (name: string, body: string, more: Partial<Omit<ZooAnswer, 'name'>> = {}) =>
    row(name, { body: Buffer.from(body), ...more });
  const members = (name: string, change: Record<string, unknown>, more: Partial<Omit<ZooAnswer, 'name'>> = {}) =>
    text(name, JSON.stringify({ ...whole, ...change }), more);
  const expires = (name: string, value: unknown, seconds: number | undefined) =>
    members(`expires_in ${name}`, { expires_in: value }, { meaning: { ...good, expiresIn: seconds } });
  const scope = (name: string, value: unknown, scopes: readonly string[] | undefined) =>
    members(`scope ${name}`, { scope: value }, { meaning: { ...good, scopes } });
  const encoded = (name: string, encoding: string, body: Buffer) =>
    row(name, { body, headers: { 'content-type': JSON_TYPE, 'content-encoding': encoding } });
  const failing = (name: string, status: number, body: unknown, kind: 'dead' | 'refused' | 'unusable' | 'no_answer') =>
    text(name, typeof body === 'string' ? body : JSON.stringify(body), { status, meaning: { kind }, rotates: false });
  const json = JSON.stringify(whole);
  const plain = Buffer.from(json);
  const form = new URLSearchParams(Object.entries(whole).map(([key, value]) => [key, String(value)])).toString();
  const html = `<html><body>${SECRET_TEXT}</body></html>`;
  const unusable = { kind: 'unusable' } as const;

  return [
    // --- status
    row('200'),
    row('201 (modelcontextprotocol/python-sdk#1502)', { status: 201 }),
    row('202', { status: 202 }),
    row('203 of a transforming proxy', { status: 203 }),
    row('206', { status: 206 }),
    row('299', { status: 299 }),
    // --- wrapping
    text('a byte order mark (DollhouseMCP/mcp-server#2520)', `\ufeff${json}`),
    text('two byte order marks', `\ufeff\ufeff${json}`),
    text('blank lines around it', `\r\n\r\n${json}\n\n`),
    text('pretty-printed', JSON.stringify(whole, null, 2)),
    text('an array of one', `[${json}]`),
    text('encoded twice', JSON.stringify(json)),
    text('behind a guard against script inclusion', `)]}'\n${json}`),
    text('in "data"', JSON.stringify({ code: 0, data: whole })),
    text('in "body" (Withings)', JSON.stringify({ status: 0, body: whole })),
    text('names in camel case', json.replace('access_token', 'accessToken').replace('refresh_token', 'refreshToken')),
    row('JSON called text/html', { headers: { 'content-type': 'text/html' } }),
    row('JSON called text/plain', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
    row('JSON called text/javascript', { headers: { 'content-type': 'text/javascript;charset=UTF-8' } }),
    row('JSON called a form', { headers: { 'content-type': FORM_TYPE } }),
    row('JSON without a content type', { headers: {} }),
    row('an unknown charset', { headers: { 'content-type': 'application/json; charset=klingon' } }),
    row('charset in quotes', { headers: { 'content-type': 'application/json; charset="utf-8"' } }),
    row('UTF-16 by its charset', {
      headers: { 'content-type': 'application/json; charset=utf-16le' },
      body: Buffer.from(json, 'utf16le'),
    }),
    row('UTF-16 by its mark', { body: Buffer.from(`\ufeff${json}`, 'utf16le') }),
    row('Latin-1', { headers: { 'content-type': 'application/json; charset=iso-8859-1' } }),
    text('a form (GitHub)', form, { headers: { 'content-type': FORM_TYPE } }),
    text('a form with a charset', form, { headers: { 'content-type': `${FORM_TYPE}; charset=utf-8` } }),
    text('a form called text/plain', form, { headers: { 'content-type': 'text/plain' } }),
    text('a form called text/html', form, { headers: { 'content-type': 'text/html; charset=UTF-8' } }),
    // --- encoding
    encoded('gzip unasked (epam/ai-dial-core#1496)', 'gzip', gzipSync(plain)),
    encoded('x-gzip', 'x-gzip', gzipSync(plain)),
    encoded('GZIP', 'GZIP', gzipSync(plain)),
    encoded('deflate', 'deflate', deflateSync(plain)),
    encoded('deflate without its header', 'deflate', deflateRawSync(plain)),
    encoded('br', 'br', brotliCompressSync(plain)),
    encoded('zstd', 'zstd', zstdCompressSync(plain)),
    encoded('deflate, then gzip', 'deflate, gzip', gzipSync(deflateSync(plain))),
    encoded('identity', 'identity', plain),
    encoded('called gzip, and is not', 'gzip', plain),
    row('gzip that no header names', { body: gzipSync(plain) }),
    encoded('gzip of a byte order mark', 'gzip', gzipSync(Buffer.from(`\ufeff${json}`))),
    row('an unknown coding', {
      headers: { 'content-type': JSON_TYPE, 'content-encoding': 'compress' },
      body: Buffer.from([0x1f, 0x9d, 0x90, 0x61]),
      meaning: unusable,
      rotates: false,
      complete: false,
    }),
    row('a bomb', {
      headers: { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' },
      body: BOMB,
      meaning: unusable,
      rotates: false,
      complete: false,
    }),
    // --- members
    members('no token_type (openid-client#826)', { token_type: undefined }),
    members('token_type null', { token_type: null }),
    members('token_type empty', { token_type: '' }),
    members('token_type bearer', { token_type: 'bearer' }),
    members('token_type BEARER', { token_type: 'BEARER' }),
    members('token_type with blanks', { token_type: ' Bearer ' }),
    expires('as text', '3600', 3600),
    expires('with a fraction', 3599.5, 3599),
    expires('null', null, undefined),
    expires('absent', undefined, undefined),
    expires('never', 'never', undefined),
    expires('empty', '', undefined),
    expires('negative', -1, undefined),
    expires('zero', 0, undefined),
    expires('true', true, undefined),
    expires('an object', {}, undefined),
    expires('beyond all bounds', 1e300, 31_536_000),
    scope('as an array (twitchdev/issues#164)', ['a', 'b'], ['a', 'b']),
    scope('as an array of lists', ['a b', 'c,d'], ['a', 'b', 'c', 'd']),
    scope('null', null, undefined),
    scope('absent', undefined, undefined),
    scope('empty', '', undefined),
    scope('an empty array', [], undefined),
    scope('with commas', 'a,b', ['a', 'b']),
    scope('with commas and blanks', 'a, b', ['a', 'b']),
    scope('with lines', 'a\nb\tc', ['a', 'b', 'c']),
    scope('a number', 5, undefined),
    scope('an object', { a: true }, undefined),
    members('members that nobody knows', { foci: '1', nested: { error: 'no' }, list: [1], ext_expires_in: 'x' }),
    members('error null beside a token', { error: null, error_description: null }),
    members('error empty beside a token', { error: '' }),
    members('error false beside a token', { error: false }),
    members('refresh_token null', { refresh_token: null }, { rotates: false }),
    members('refresh_token empty', { refresh_token: '' }, { rotates: false }),
    members('refresh_token absent', { refresh_token: undefined }, { rotates: false }),
    ...(idToken === undefined
      ? [
          members('id_token null', { id_token: null }),
          members('id_token empty', { id_token: '' }),
          members('an id_token nobody asked for', { id_token: 'e30.e30.c2ln' }),
        ]
      : []),
    // --- refused, and the rotated token is rescued
    members('S48 MAC', { token_type: 'mac' }, { meaning: unusable }),
    members('S48 DPoP', { token_type: 'DPoP' }, { meaning: unusable }),
    members('S48 N_A', { token_type: 'N_A' }, { meaning: unusable }),
    members('S48 a token type that is a number', { token_type: 5 }, { meaning: unusable }),
    members('no access token', { access_token: undefined }, { meaning: unusable }),
    members('access_token null', { access_token: null }, { meaning: unusable }),
    members('access_token a number', { access_token: 5 }, { meaning: unusable }),
    members('S48 tokens behind a redirect', {}, { status: 302, meaning: unusable }),
    members('tokens with 400', {}, { status: 400, meaning: unusable }),
    members('tokens with 500', {}, { status: 500, meaning: { kind: 'no_answer' } }),
    members(
      'an error and a new token',
      { access_token: undefined, error: 'invalid_grant' },
      { meaning: { kind: 'dead' } },
    ),
    members('an error and a new token, 400', { error: 'invalid_grant' }, { status: 400, meaning: { kind: 'dead' } }),
    text('cut off after the refresh token', `{"access_token":"${ACCESS}","refresh_token":"${ROTATED}","expi`, {
      meaning: unusable,
    }),
    text('cut off on the wire', `{"access_token":"${ACCESS}","refresh_token":"${ROTATED}","expi`, {
      headers: { 'content-type': JSON_TYPE, 'content-length': '4000' },
      cut: true,
      meaning: { kind: 'no_answer' },
    }),
    members(
      'S48 more than 64 KiB, the token first',
      {},
      {
        body: Buffer.from(`{"refresh_token":"${ROTATED}","padding":"${'x'.repeat(70_000)}"}`),
        meaning: unusable,
      },
    ),
    // --- errors
    failing('invalid_grant, 400', 400, { error: 'invalid_grant', error_description: SECRET_TEXT }, 'dead'),
    failing('invalid_grant, 200', 200, { error: 'invalid_grant' }, 'dead'),
    failing('invalid_grant, 401', 401, { error: 'invalid_grant' }, 'dead'),
    failing('invalid_grant, 403', 403, { error: 'invalid_grant' }, 'dead'),
    failing('invalid_grant behind a byte order mark', 400, '\ufeff{"error":"invalid_grant"}', 'dead'),
    failing('invalid_grant in an array', 400, '[{"error":"invalid_grant"}]', 'dead'),
    {
      ...failing('invalid_grant as a form', 400, `error=invalid_grant&error_description=x`, 'dead'),
      headers: { 'content-type': FORM_TYPE },
    },
    {
      ...failing('invalid_grant in gzip', 400, '', 'dead'),
      body: gzipSync(Buffer.from('{"error":"invalid_grant"}')),
      headers: { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' },
    },
    failing('an error that no list names', 400, { error: 'out_of_the_blue' }, 'refused'),
    failing('free text in error', 400, { error: SECRET_TEXT.repeat(10) }, 'refused'),
    failing('a code in capitals', 400, { error: 'OUT_OF_THE_BLUE' }, 'refused'),
    failing('an object in error', 400, { error: { message: SECRET_TEXT, type: 'OAuthException', code: 1 } }, 'refused'),
    failing('an object in error, 200', 200, { error: { message: SECRET_TEXT, type: 'Strange' } }, 'refused'),
    failing('429', 429, { error: 'slow_down' }, 'refused'),
    failing('429 with HTML', 429, html, 'refused'),
    failing('server_error, 400', 400, { error: 'server_error' }, 'no_answer'),
    failing('server_error, 500', 500, { error: 'server_error' }, 'no_answer'),
    failing('temporarily_unavailable, 503', 503, { error: 'temporarily_unavailable' }, 'no_answer'),
    failing('invalid_grant of a broken server', 500, { error: 'invalid_grant' }, 'no_answer'),
    { ...failing('a bare 500', 500, html, 'no_answer'), complete: false },
    { ...failing('a gateway that gave up', 504, html, 'no_answer'), complete: false },
    { ...failing('a gateway with JSON', 502, { error: 'bad_gateway' }, 'no_answer'), complete: false },
    { ...failing('an empty 503', 503, '', 'no_answer'), complete: false },
    // --- neither tokens nor an error
    failing('S48 a redirect', 302, '', 'unusable'),
    failing('S48 a permanent redirect', 308, html, 'unusable'),
    failing('S48 HTML', 200, html, 'unusable'),
    failing('HTML with 403', 403, html, 'unusable'),
    failing('nothing', 200, '', 'unusable'),
    failing('204', 204, '', 'unusable'),
    failing('null', 200, 'null', 'unusable'),
    failing('an empty object', 200, {}, 'unusable'),
    failing('an empty array', 200, [], 'unusable'),
    failing(
      'an array of two',
      200,
      [whole, whole].map(({ refresh_token: _, ...rest }) => rest),
      'unusable',
    ),
    failing('XML', 200, `<?xml version="1.0"?><t>${SECRET_TEXT}</t>`, 'unusable'),
    failing('a mask in the place of a token', 400, { refresh_token: '********' }, 'unusable'),
    failing('a mask in brackets', 400, { refresh_token: '[REDACTED]' }, 'unusable'),
    {
      ...failing('cut off before anything', 200, '{"acc', 'no_answer'),
      headers: { 'content-type': JSON_TYPE, 'content-length': '4000' },
      cut: true,
      complete: false,
    },
  ];
};
