import { describe, expect, test } from '@jest/globals';
import { createServiceVerifier, createSessionVerifier, type SessionRules } from '../../functions/adapters/session.ts';
import { confused, ed, type IssuerKey, jwkOf, key1, key2, localKeys, NOW, now, rsa, token } from './tokens.ts';

const rules: SessionRules = {
  issuer: 'https://issuer.example',
  audience: 'token-broker',
  claims: { user: 'sub', tenant: 'org', roles: 'roles' },
};
const good = {
  iss: 'https://issuer.example',
  aud: 'token-broker',
  sub: 'user-1',
  org: 'org-1',
  roles: ['admin'],
  iat: NOW,
  exp: NOW + 300,
};
const typed = { typ: 'JWT' };
const identity = { user: 'user-1', tenant: 'org-1', roles: ['admin'] };
const verifier = (more: Partial<SessionRules> = {}) =>
  createSessionVerifier({ ...rules, ...more }, localKeys(key1, rsa, ed), now);
const verify = verifier();

describe('a session', () => {
  test.each<[string, IssuerKey]>([
    ['ES256', key1],
    ['RS256', rsa],
    ['PS256', rsa],
    ['EdDSA', ed],
  ])('signed with %s is an identity', async (alg, key) => {
    expect(await verify(token(good, { ...typed, alg }, key))).toEqual(identity);
  });

  test('needs no typ, and takes it in any spelling', async () => {
    expect(await verify(token(good))).toEqual(identity);
    expect(await verify(token(good, { typ: 'application/jwt' }))).toEqual(identity);
  });

  test.each([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['a b  c', ['a', 'b', 'c']],
    ['', []],
    [undefined, []],
    [{ admin: true }, []],
    [['a', 1], []],
  ])('roles %j are %j', async (roles, expected) => {
    expect((await verify(token({ ...good, roles })))?.roles).toEqual(expected);
  });

  test('the names of the claims are configuration', async () => {
    const other = verifier({ claims: { user: 'https://x/user', tenant: 'tid', roles: 'groups' } });
    const claims = { ...good, 'https://x/user': 'user-2', tid: 'org-2', groups: 'a' };
    expect(await other(token(claims))).toEqual({ user: 'user-2', tenant: 'org-2', roles: ['a'] });
    expect(
      await verifier({ claims: { user: 'constructor', tenant: 'org', roles: 'roles' } })(token(good)),
    ).toBeUndefined();
  });
});

describe('S29 forged tokens', () => {
  const header = (more: Record<string, unknown>) => token(good, { ...typed, ...more });
  const [head, body, mark] = token(good, typed).split('.');
  const forged: [string, string][] = [
    ['alg none', header({ alg: 'none' })],
    ['alg None', header({ alg: 'None' })],
    ['no alg', header({ alg: undefined })],
    ...confused(good).map((text, i): [string, string] => [`HS256 with the public key (${i})`, text]),
    ['an algorithm that is not allowed', header({ alg: 'ES384' })],
    ['its own key', token(good, { ...typed, kid: 'key-1', jwk: jwkOf(key2) }, key2)],
    ['jwk beside a good signature', header({ jwk: jwkOf(key1) })],
    ['jku', header({ jku: 'https://issuer.example/jwks' })],
    ['x5u', header({ x5u: 'https://issuer.example/cert' })],
    ['x5c', header({ x5c: ['MII'] })],
    ['unknown crit', header({ crit: ['x'], x: 1 })],
    ['known crit', header({ crit: ['b64'], b64: true })],
    ['crit that is none', header({ crit: [] })],
    ['another key under this kid', token(good, { ...typed, kid: 'key-1' }, key2)],
    ['an unknown kid', token(good, typed, key2)],
    ['a kid of another type', header({ kid: 1 })],
    ['the RSA key with ES256', header({ kid: 'rsa-1' })],
    ['no signature', `${head}.${body}.`],
    ['a cut signature', `${head}.${body}.${mark?.slice(0, -2)}`],
    ['another payload', `${head}.${token({ ...good, sub: 'user-2' }).split('.')[1]}.${mark}`],
    ['two parts', `${head}.${body}`],
    ['four parts', `${head}.${body}.${mark}.`],
    ['five parts', `${head}.${body}.${mark}..`],
    ['base64 instead of base64url', `${head}=.${body}.${mark}`],
    ['a payload that is no object', token([] as never, typed)],
    ['no JSON', `bm9uZQ.bm9uZQ.${mark}`],
    ['nothing', ''],
    ['dots', '..'],
    ['more than 8 KiB', token({ ...good, filler: 'x'.repeat(8_192) }, typed)],
  ];
  test.each(forged)('S29 %s', async (_name, text) => {
    expect(await verify(text)).toBeUndefined();
  });

  test('S29 symmetric algorithms cannot be configured', () => {
    expect(() => verifier({ algorithms: ['ES256', 'HS256'] })).toThrow();
    expect(() => verifier({ algorithms: ['none'] })).toThrow();
  });

  test('only configured algorithms are taken', async () => {
    const only = verifier({ algorithms: ['RS256'] });
    expect(await only(token(good, { alg: 'RS256' }, rsa))).toEqual(identity);
    expect(await only(token(good, { alg: 'PS256' }, rsa))).toBeUndefined();
    expect(await only(token(good))).toBeUndefined();
  });
});

describe('S30 for whom and by whom', () => {
  const claims: [string, Record<string, unknown>][] = [
    ['iss as a list', { iss: ['https://issuer.example'] }],
    ['a prefix as iss', { iss: 'https://issuer.exampl' }],
    ['a longer iss', { iss: 'https://issuer.example/' }],
    ['iss in capitals', { iss: 'https://ISSUER.example' }],
    ['no iss', { iss: undefined }],
    ['another aud', { aud: 'another' }],
    ['a prefix as aud', { aud: 'token' }],
    ['aud in a longer text', { aud: 'token-broker other' }],
    ['no aud', { aud: undefined }],
    ['aud as an object', { aud: { 'token-broker': true } }],
    ['several audiences', { aud: ['token-broker', 'another'] }],
    ['several audiences, azp that nobody configured', { aud: ['token-broker', 'another'], azp: 'token-broker' }],
  ];
  test.each(claims)('S30 %s', async (_name, more) => {
    expect(await verify(token({ ...good, ...more }, typed))).toBeUndefined();
  });

  const parties: [Record<string, unknown>, boolean][] = [
    [{}, true],
    [{ azp: 'web' }, true],
    [{ aud: ['token-broker'], azp: 'web' }, true],
    [{ aud: ['token-broker', 'another'], azp: 'web' }, true],
    [{ azp: 'we' }, false],
    [{ azp: ['web'] }, false],
    [{ azp: null }, false],
    [{ aud: ['token-broker', 'another'] }, false],
    [{ aud: ['token-broker', 'another'], azp: 'another' }, false],
    [{ aud: ['another', 'third'], azp: 'web' }, false],
  ];
  test.each(parties)('S30 with authorized parties, %j: %s', async (more, accepted) => {
    const result = await verifier({ authorizedParties: ['web', 'mobile'] })(token({ ...good, ...more }));
    expect(result !== undefined).toBe(accepted);
  });
});

describe('S32 the time', () => {
  const times: [string, Record<string, unknown>, boolean][] = [
    ['expired for 59 s', { exp: NOW - 59 }, true],
    ['expired for 61 s', { exp: NOW - 61 }, false],
    ['valid in 59 s', { nbf: NOW + 59 }, true],
    ['valid in 61 s', { nbf: NOW + 61 }, false],
    ['issued in 59 s', { iat: NOW + 59 }, true],
    ['issued in 61 s', { iat: NOW + 61 }, false],
    ['no exp', { exp: undefined }, false],
    ['exp as text', { exp: String(NOW + 300) }, false],
    ['exp null', { exp: null }, false],
    ['nbf as text', { nbf: String(NOW) }, false],
    ['iat as text', { iat: String(NOW) }, false],
    ['no iat', { iat: undefined }, true],
    ['milliseconds', { iat: NOW * 1000 }, false],
  ];
  test.each(times)('S32 %s: %s', async (_name, more, accepted) => {
    expect((await verify(token({ ...good, ...more }, typed))) !== undefined).toBe(accepted);
  });
});

describe('S33 other kinds of token', () => {
  test.each([
    'at+jwt',
    'application/at+jwt',
    'AT+JWT',
    'logout+jwt',
    'secevent+jwt',
    'dpop+jwt',
    'JOSE',
    '',
    null,
    1,
    ['JWT'],
  ])('S33 typ %j', async (typ) => {
    expect(await verify(token(good, { typ }))).toBeUndefined();
  });

  test('S33 events', async () => {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    expect(await verify(token({ ...good, events }, typed))).toBeUndefined();
  });

  test('a type of its own can be configured, and is then the only one', async () => {
    const own = verifier({ tokenTypes: ['session+jwt'] });
    expect(await own(token(good, { typ: 'session+jwt' }))).toEqual(identity);
    expect(await own(token(good, typed))).toBeUndefined();
    expect(await own(token(good))).toBeUndefined();
  });
});

describe('who it is', () => {
  test.each([undefined, '', 1, null, ['user-1'], {}, 'x'.repeat(257), '\ud800'])('%j names nobody', async (name) => {
    expect(await verify(token({ ...good, sub: name }))).toBeUndefined();
    expect(await verify(token({ ...good, org: name }))).toBeUndefined();
  });

  test('256 characters are a name', async () => {
    expect((await verify(token({ ...good, sub: 'x'.repeat(256) })))?.user).toHaveLength(256);
  });
});

describe('a service token', () => {
  const service = createServiceVerifier(
    { issuer: 'https://issuer.example', audience: 'token-broker-service', claims: { tenant: 'org' } },
    localKeys(key1),
    now,
  );
  const claims = { ...good, aud: 'token-broker-service', sub: undefined };

  test('names its tenant', async () => {
    expect(await service(token(claims))).toEqual({ tenant: 'org-1' });
  });

  test('S33 a session is no service token, and a service token no session', async () => {
    expect(await service(token(good))).toBeUndefined();
    expect(await verify(token({ ...claims, sub: 'user-1' }))).toBeUndefined();
  });

  test('keeps the same rules', async () => {
    expect(await service(token({ ...claims, org: '' }))).toBeUndefined();
    expect(await service(token({ ...claims, exp: NOW - 61 }))).toBeUndefined();
    expect(await service(token(claims, { typ: 'at+jwt' }))).toBeUndefined();
    expect(await service(token(claims, { alg: 'none' }))).toBeUndefined();
  });
});
