import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHttpClient } from '../../functions/adapters/http-client.ts';
import { oidcAuthorization } from '../../functions/adapters/oidc/authorization.ts';
import type { OidcConfig } from '../../functions/adapters/oidc/config.ts';
import { checkProvider, oidcDiscovery } from '../../functions/adapters/oidc/discovery.ts';
import { oidcRevocation } from '../../functions/adapters/oidc/revocation.ts';
import { oidcTokens } from '../../functions/adapters/oidc/tokens.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import { idToken, now, type Scripted, type StubProvider, startStubProvider } from '../support/stub-provider.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, tokenAnswer } from './provider-answers.ts';
import { describeProvider } from './provider-contract.ts';

const METADATA = '/.well-known/openid-configuration';

const configAt = (origin: string): OidcConfig => ({
  name: 'strict',
  issuer: origin,
  clientId: CLIENT_ID,
  credential: { secret: CLIENT_SECRET, method: 'client_secret_basic' },
});
const metadataAt = (origin: string) => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize?audience=api`,
  token_endpoint: `${origin}/token`,
  revocation_endpoint: `${origin}/revoke`,
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
});
const claimsAt = (origin: string) => ({ iss: origin, aud: CLIENT_ID, sub: 'one', iat: now(), exp: now() + 3600 });

describeProvider({
  name: 'oidc',
  rotation: 'strict',
  make: (origin, http) => oidcTokens(configAt(origin), http, oidcDiscovery(configAt(origin), http)),
  prepare: (stub) => stub.always(METADATA, { json: metadataAt(stub.origin) }),
  claims: claimsAt,
  account: (origin) => ({ issuer: origin, subject: 'one' }),
  refreshErrors: [
    [{ error: 'invalid_target' }, { kind: 'refused', needsOps: false, unlisted: true }],
    [{ error: 'bad_refresh_token' }, { kind: 'grant_dead' }],
    [{ error: 'token_revoked' }, { kind: 'grant_dead' }],
    [{ error: 'not_allowed' }, { kind: 'organization_forbids', code: 'not_allowed' }],
    [{ error: 'access_denied' }, { kind: 'organization_forbids' }],
    [{ error: 'mfa_required' }, { kind: 'user_needed' }],
    [{ error: 'incorrect_client_credentials' }, { kind: 'refused', needsOps: true }],
    [{ error: 'slow_down' }, { kind: 'refused', needsOps: false }],
    // Keycloak: a user who is disabled, maybe for a while. Any other text says nothing.
    [{ error: 'invalid_grant', error_description: 'User disabled' }, { kind: 'organization_forbids' }],
    [{ error: 'invalid_grant', error_description: 'Session not active' }, { kind: 'grant_dead' }],
    [{ error: 'invalid_grant', error_description: 'The user disabled this app' }, { kind: 'grant_dead' }],
  ],
});

describe('oidc', () => {
  let stub: StubProvider;
  let other: StubProvider;

  const http = (deadlineMs = 10_000) => createHttpClient({ developmentOrigins: [stub.origin], deadlineMs });
  const make = (more: Partial<OidcConfig> = {}, client = http()) => {
    const config = { ...configAt(stub.origin), ...more };
    const discovery = oidcDiscovery(config, client);
    return {
      tokens: oidcTokens(config, client, discovery),
      authorization: oidcAuthorization(config, discovery),
      revocation: oidcRevocation(config, client, discovery),
      check: () => checkProvider(config, discovery),
    };
  };
  const refresh = (made: ReturnType<typeof make>) => made.tokens.refresh({ refreshToken: 'one', scopes: ['a'] });
  const serve = (more: Record<string, unknown> = {}) =>
    stub.always(METADATA, { json: { ...metadataAt(stub.origin), ...more } });
  const posts = () => stub.requests.filter(({ method }) => method === 'POST');
  const url = (made: ReturnType<typeof make>, claims?: string) =>
    made.authorization.authorizationUrl({
      scopes: ['a', 'b'],
      exactScopes: false,
      state: 'state-1',
      nonce: 'nonce-1',
      codeChallenge: 'challenge-1',
      redirectUri: REDIRECT_URI,
      ...(claims === undefined ? {} : { claims }),
    });

  beforeEach(async () => {
    [stub, other] = await Promise.all([startStubProvider(), startStubProvider()]);
    serve();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all([stub.close(), other.close()]);
  });

  test('S06 the authorization URL asks for identity, a refresh token, PKCE and consent', async () => {
    const built = new URL(await url(make(), '{"id_token":{}}'));
    expect(built.origin + built.pathname).toBe(`${stub.origin}/authorize`);
    expect(Object.fromEntries(built.searchParams)).toEqual({
      audience: 'api',
      client_id: CLIENT_ID,
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      scope: 'openid offline_access a b',
      state: 'state-1',
      nonce: 'nonce-1',
      code_challenge: 'challenge-1',
      code_challenge_method: 'S256',
      prompt: 'consent',
      claims: '{"id_token":{}}',
    });
  });

  test('identity scopes and prompt follow the configuration, `openid` stays', async () => {
    const built = new URL(await url(make({ identityScopes: ['refresh'], prompt: '' })));
    expect(built.searchParams.get('scope')).toBe('openid refresh a b');
    expect(built.searchParams.has('prompt')).toBe(false);
  });

  test('S07 an issuer is expected in the authorization response where the metadata says so', async () => {
    expect(await make().authorization.responseIssuer()).toBe(stub.origin);
    serve({ authorization_response_iss_parameter_supported: undefined });
    expect(await make().authorization.responseIssuer()).toBeUndefined();
  });

  const secret = 'a:b c';
  test.each<[string, OidcConfig['credential'], Record<string, string>, string[] | undefined]>([
    ['basic', { secret, method: 'client_secret_basic' }, {}, [CLIENT_ID, secret]],
    ['post', { secret, method: 'client_secret_post' }, { client_id: CLIENT_ID, client_secret: secret }, undefined],
    ['public', 'public', { client_id: CLIENT_ID }, undefined],
  ])('authenticates the client: %s', async (_name, credential, members, basic) => {
    stub.answer(tokenAnswer());
    await refresh(make({ credential }));
    const [request] = posts();
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'one',
      ...members,
    });
    // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
    const [scheme, encoded] = String(request?.headers.authorization ?? '').split(' ');
    const parts = Buffer.from(encoded ?? '', 'base64')
      .toString()
      .split(':');
    expect(scheme).toBe(basic ? 'Basic' : '');
    if (basic) expect(parts.map((part) => decodeURIComponent(part.replaceAll('+', ' ')))).toEqual(basic);
  });

  test('a leniently rotating provider can be configured', () => {
    expect(make({ rotation: 'tolerant' }).tokens.rotation).toBe('tolerant');
  });

  test('an id_token that only the library refuses is not usable', async () => {
    const exchange = (header: object) => {
      stub.answer(tokenAnswer({ id_token: idToken({ ...claimsAt(stub.origin), nonce: 'n' }, header) }));
      return make().tokens.exchange({
        code: 'c',
        codeVerifier: 'v',
        nonce: 'n',
        redirectUri: REDIRECT_URI,
        scopes: [],
      });
    };
    expect(await exchange({ alg: 'RS256' })).toMatchObject({ kind: 'tokens' });
    expect(await exchange({ alg: 'HS256' })).toEqual({ kind: 'unusable', code: 'not_accepted' });
    expect(await exchange({ alg: 'none' })).toEqual({ kind: 'unusable', code: 'id_token_malformed' });
  });

  describe('metadata', () => {
    const reads = () => stub.requests.filter(({ path }) => path === METADATA).length;

    test('is read once, also by many at once', async () => {
      stub.answer(...Array.from({ length: 4 }, () => tokenAnswer()));
      const made = make();
      await Promise.all([refresh(made), refresh(made), refresh(made), url(made)]);
      await refresh(made);
      expect(reads()).toBe(1);
    });

    test('is renewed after an hour, and outlives an outage', async () => {
      let elapsed = 0;
      jest.spyOn(performance, 'now').mockImplementation(() => elapsed);
      const made = make();
      await url(made);
      elapsed += 3_599_000;
      await url(made);
      expect(reads()).toBe(1);
      elapsed += 2_000;
      serve({ authorization_endpoint: `${stub.origin}/moved` });
      expect(await url(made)).toContain('/moved');
      expect(reads()).toBe(2);
      elapsed += 3_601_000;
      stub.always(METADATA, { status: 503, json: {} });
      expect(await url(made)).toContain('/moved');
      expect(await url(made)).toContain('/moved');
      // The outage is not asked about with every call.
      expect(reads()).toBe(3);
    });

    test.each<[string, Scripted, string]>([
      ['an outage', { status: 503, json: {} }, 'http_503'],
      ['no answer', 'hang', 'timeout'],
      ['a reset', 'reset', 'reset'],
    ])('%s there means that no token request was sent, and is no reason not to start', async (_name, answer, code) => {
      stub.always(METADATA, answer);
      const made = make({}, http(300));
      expect(await refresh(made)).toEqual({ kind: 'no_answer', sent: false, code });
      await expect(url(made)).rejects.toMatchObject({ name: 'Unavailable', upstream: 'provider', needsOps: false });
      await expect(made.check()).resolves.toBeUndefined();
      expect(await made.revocation.revoke('one')).toBe('failed');
      expect(posts()).toHaveLength(0);
    });

    const refusals: [string, (at: { stub: string; other: string }) => Scripted, string][] = [
      ['another issuer', ({ stub: s, other: o }) => ({ json: { ...metadataAt(s), issuer: o } }), 'issuer_mismatch'],
      [
        'an issuer with a slash more',
        ({ stub: s }) => ({ json: { ...metadataAt(s), issuer: `${s}/` } }),
        'issuer_mismatch',
      ],
      ['a redirect', ({ other: o }) => ({ status: 302, headers: { location: o }, json: {} }), 'redirect'],
      [
        'a token endpoint on plain HTTP',
        ({ stub: s, other: o }) => ({ json: { ...metadataAt(s), token_endpoint: o } }),
        'address',
      ],
      [
        'an authorization endpoint that is no web address',
        ({ stub: s }) => ({ json: { ...metadataAt(s), authorization_endpoint: 'javascript:alert(1)' } }),
        'address',
      ],
      [
        'a revocation endpoint at a private address',
        ({ stub: s }) => ({ json: { ...metadataAt(s), revocation_endpoint: 'https://169.254.169.254/' } }),
        'address',
      ],
      [
        'no token endpoint',
        ({ stub: s }) => ({ json: { ...metadataAt(s), token_endpoint: undefined } }),
        'endpoint_missing',
      ],
      ['HTML', () => ({ text: '<html></html>' }), 'not_json'],
      ['more than 64 KiB', ({ stub: s }) => ({ json: { ...metadataAt(s), more: 'x'.repeat(65_536) } }), 'too_large'],
      ['a client error', () => ({ status: 404, json: {} }), 'http_404'],
    ];

    test.each(refusals)('S35 %s is refused, and nothing else is contacted', async (_name, answer, code) => {
      stub.always(METADATA, answer({ stub: stub.origin, other: other.origin }));
      const made = make();
      expect(await refresh(made)).toEqual({ kind: 'refused', needsOps: true, code });
      await expect(url(made)).rejects.toMatchObject({ message: `provider: ${code}`, needsOps: true });
      // What may pass by itself keeps nobody else's provider from starting.
      const mayPass = ['redirect', 'not_json', 'too_large', 'http_404'].includes(code);
      if (mayPass) await expect(made.check()).resolves.toBeUndefined();
      else await expect(made.check()).rejects.toThrow(`provider strict: ${code}`);
      expect(posts()).toHaveLength(0);
      expect(other.connections).toBe(0);
    });

    test.each(['http://{host}', 'https://{host}', 'https://user:password@{host}', 'https://[::1]', 'no URL'])(
      'S35 the issuer %s is refused without a socket',
      async (template) => {
        const issuer = template.replace('{host}', new URL(stub.origin).host);
        const made = make({ issuer }, createHttpClient());
        expect(await refresh(made)).toEqual({ kind: 'refused', needsOps: true, code: 'address' });
        await expect(made.check()).rejects.toThrow('provider strict: address');
        expect(stub.connections).toBe(0);
      },
    );

    test('S15 without S256 is refused at the start, unless the configuration vouches for it', async () => {
      for (const methods of [undefined, ['plain']]) {
        serve({ code_challenge_methods_supported: methods });
        const made = make();
        await expect(made.check()).rejects.toThrow('provider strict: pkce_missing');
        await expect(url(made)).rejects.toThrow(Unavailable);
        await expect(make({ pkce: 'S256' }).check()).resolves.toBeUndefined();
      }
    });
  });

  test.each<[string, Scripted, string]>([
    ['200', { json: {} }, 'revoked'],
    ['200 without a body', { text: '' }, 'revoked'],
    ['204', { status: 204, text: '' }, 'revoked'],
    ['a token that was over before', { status: 400, json: { error: 'invalid_token' } }, 'revoked'],
    ['200 with an error', { json: { error: 'not_allowed' } }, 'failed'],
    ['a client error', { status: 400, json: { error: 'unsupported_token_type' } }, 'failed'],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, json: {} }, 'failed'],
    ['an outage', { status: 503, json: {} }, 'failed'],
    ['a reset', 'reset', 'failed'],
  ])('S47 one attempt to revoke, the token in the body: %s', async (_name, answer, expected) => {
    stub.answer(answer);
    expect(await make().revocation.revoke('one')).toBe(expected);
    expect(posts()).toHaveLength(1);
    expect(posts()[0]?.path).toBe('/revoke');
    expect(Object.fromEntries(new URLSearchParams(posts()[0]?.body))).toEqual({
      token: 'one',
      token_type_hint: 'refresh_token',
    });
  });

  test('S47 a provider that refuses the optional hint is asked once more without it', async () => {
    stub.answer({ status: 400, json: { error: 'invalid_request' } });
    stub.answer({ json: {} });
    expect(await make().revocation.revoke('one')).toBe('revoked');
    expect(posts().map(({ body }) => body)).toEqual(['token_type_hint=refresh_token&token=one', 'token=one']);
  });

  test('S47 without a revocation endpoint it is impossible', async () => {
    serve({ revocation_endpoint: undefined });
    expect(await make().revocation.revoke('one')).toBe('impossible');
  });
});
