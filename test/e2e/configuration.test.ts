/** S49: a broker that is not wholly configured, or wrongly, does not start. */
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, load, type Setting } from '../../functions/config/load.ts';
import { parseProviders } from '../../functions/config/providers.ts';
import * as settings from '../../functions/config/settings.ts';
import { startStack } from '../../local/stack.ts';

describe('S49 the running broker', () => {
  test.each([
    ['a missing key service', { KMS_KEY: undefined }, 'KMS_KEY is missing'],
    ['a missing client secret', { CLIENT_SECRET_GOOGLE: undefined }, 'CLIENT_SECRET_GOOGLE is missing'],
    ['development settings on Google Cloud', { K_SERVICE: 'token' }, 'is a development setting'],
    ['one audience for users and backends', { SERVICE_AUDIENCE: 'token-broker' }, 'is the same as SESSION_AUDIENCE'],
  ])(
    'S49 does not start with %s',
    async (_, environment, message) => {
      await expect(startStack({ environment })).rejects.toThrow(message);
    },
    60_000,
  );
});

describe('S49 settings', () => {
  test('every fault is named at once, and no value is repeated', () => {
    const environment = {
      STATE_SIGNING_KEYS: '{"keys":[{"d":"CANARY"}]}',
      ACCOUNT_HASH_KEY: 'CANARY',
      PUBLIC_URL: 'ftp://CANARY',
    };
    const attempt = () =>
      load(
        {
          keys: settings.stateSigningKeys,
          hash: settings.accountHashKey,
          url: settings.publicUrl,
          returns: settings.returnUrls,
        },
        environment,
      );
    expect(attempt).toThrow(ConfigurationError);
    try {
      attempt();
    } catch (error) {
      const { message } = error as Error;
      for (const variable of ['STATE_SIGNING_KEYS', 'ACCOUNT_HASH_KEY', 'PUBLIC_URL', 'RETURN_URLS']) {
        expect(message).toContain(variable);
      }
      expect(message).not.toContain('CANARY');
    }
  });

  const groups = Object.values(settings).flatMap((each): Setting<unknown>[] =>
    typeof each === 'function' ? [] : 'variable' in each ? [each] : Object.values(each),
  );
  test.each(groups.filter(({ development }) => development).map((setting) => [setting.variable, setting] as const))(
    'S49 %s alone is refused on Google Cloud, and accepted elsewhere',
    (variable, setting) => {
      expect(() => load({ setting }, { K_SERVICE: 'token', [variable]: 'http://127.0.0.1:1' })).toThrow(variable);
      expect(load({ setting }, { [variable]: 'http://127.0.0.1:1' })).toBeDefined();
      expect(load({ setting }, { K_SERVICE: 'token' })).toBeDefined();
    },
  );
  test('S49 every setting that points at a stand-in is known as one', () => {
    const names = groups.map(({ variable }) => variable).filter((name) => /EMULATOR|DEVELOPMENT/.test(name));
    expect(groups.filter(({ development }) => development).map(({ variable }) => variable)).toEqual(names);
    expect(names.length).toBeGreaterThan(2);
  });

  test.each([
    ['a public key set with a private key', settings.statePublicKeys, '{"keys":[{"kid":"a","kty":"EC","d":"x"}]}'],
    ['an empty key set', settings.statePublicKeys, '{"keys":[]}'],
    ['a short hash key', settings.accountHashKey, Buffer.alloc(31).toString('base64')],
    ['a return URL with a fragment', settings.returnUrls, 'https://app.example/#x'],
    ['a return URL of 200 characters', settings.returnUrls, `https://app.example/${'x'.repeat(180)}`],
    ['a public URL with a path', settings.publicUrl, 'https://broker.example/v1'],
    ['an origin with a slash', settings.http.allowedOrigins, 'https://app.example/'],
    ['a wildcard origin', settings.http.allowedOrigins, '*'],
    ['symmetric session signatures', settings.session.sessionAlgorithms, 'HS256'],
    ['no signature at all', settings.session.sessionAlgorithms, 'none'],
    ['a cookie without the prefix', settings.session.sessionCookie, 'session'],
    ['a key that is no key name', settings.keys.kmsKey, 'connections'],
    ['a policy that is none', settings.defaultPolicy, '{"providers":{"google":true}}'],
    ['a policy of another form', settings.defaultPolicy, '{"providers":{"google":{"integrations":{"mail":false}}}}'],
    ['a policy with an unknown flow', settings.defaultPolicy, '{"providers":{"google":{"flow":"pkce"}}}'],
    ['a policy with an unknown member', settings.defaultPolicy, '{"providers":{},"searchAi":{}}'],
    ['a policy that says nothing', settings.defaultPolicy, '{}'],
    ['a scheduler without an address', settings.scheduler.schedulerAccount, 'scheduler'],
  ])('S49 %s is refused', (_, setting, value) => {
    expect(() => load({ setting }, { [setting.variable]: value })).toThrow(ConfigurationError);
  });
});

describe('S49 providers', () => {
  const oidc = {
    kind: 'oidc',
    issuer: 'https://id.example',
    client_id: 'c',
    integrations: { notes: { read: ['notes.read'] } },
  };
  const oauth2 = {
    ...oidc,
    kind: 'oauth2',
    pkce: 'S256',
    endpoints: { authorization: 'https://id.example/authorize', token: 'https://id.example/token' },
  };
  test('plain OAuth 2 asks for nothing but what it is told to', () => {
    expect(parseProviders(JSON.stringify({ plain: oauth2 })).get('plain')).toMatchObject({
      kind: 'oauth2',
      identityScopes: [],
    });
  });
  test('an unknown provider is strict unless it says otherwise', () => {
    expect(parseProviders(JSON.stringify({ notes: oidc })).get('notes')).toMatchObject({
      kind: 'oidc',
      rotation: 'strict',
    });
  });
  const spa = { client_id: 'c' };
  const google = (more: object) => ({ google: { kind: 'google', client_id: 'c', ...more } });
  const native = (platform: string, redirect_uri: string, kind = 'google') => ({
    [kind]: { kind, client_id: 'c', native: { [platform]: { client_id: 'n', redirect_uri } } },
  });

  test('B1 the browser flows that a provider supports can be chosen where it has a public client', () => {
    const flowsOf = (name: string, config: object) =>
      parseProviders(JSON.stringify({ [name]: config }))
        .get(name)
        ?.profile.flows.slice(1);
    expect(flowsOf('microsoft', { kind: 'microsoft', client_id: 'c', browser: spa })).toEqual([
      'browser_code',
      'implicit',
    ]);
    expect(flowsOf('google', { kind: 'google', client_id: 'c', browser: spa })).toEqual(['implicit']);
    expect(flowsOf('google', { kind: 'google', client_id: 'c' })).toEqual([]);
    expect(flowsOf('notes', { ...oidc, browser: spa })).toEqual(['browser_code']);
    expect(flowsOf('notes', { ...oidc, browser: { ...spa, flows: ['implicit'] } })).toEqual(['implicit']);
  });
  test.each([
    native('ios', 'com.googleusercontent.apps.1-a:/oauth2redirect'),
    native('android', 'https://app.example/oauth2redirect'),
    native('desktop', 'http://127.0.0.1/callback'),
    native('desktop', 'http://localhost', 'microsoft'),
    native('android', 'msauth://com.example.app/hash', 'microsoft'),
    // Its own SDK authorizes.
    google({ native: { android: { client_id: 'n' } } }),
  ])('S55 a redirect of RFC 8252 %#', (value) => {
    expect(() => parseProviders(JSON.stringify(value))).not.toThrow();
  });
  test.each([
    ['none', {}],
    ['the code flow in the browser at Google', google({ browser: { ...spa, flows: ['browser_code'] } })],
    ['no flow at all', google({ browser: { ...spa, flows: [] } })],
    ['a public client with a secret', google({ browser: { ...spa, client_secret: 's' } })],
    [
      "S55 the web's client in an app",
      google({ native: { ios: { client_id: 'c', redirect_uri: 'https://app.example/' } } }),
    ],
    [
      "S55 the browser pages' client in an app",
      google({
        browser: { client_id: 'b' },
        native: { ios: { client_id: 'b', redirect_uri: 'https://app.example/' } },
      }),
    ],
    [
      'S55 the client of signing in in an app',
      google({
        sign_in: { client_id: 's' },
        native: { ios: { client_id: 's', redirect_uri: 'https://app.example/' } },
      }),
    ],
    ["S55 Google's Android client when it is the web's", google({ native: { android: { client_id: 'c' } } })],
    ['S55 no redirect on iOS', google({ native: { ios: { client_id: 'n' } } })],
    [
      'S55 no redirect at Microsoft',
      { microsoft: { kind: 'microsoft', client_id: 'c', native: { android: { client_id: 'n' } } } },
    ],
    ['S55 a platform that is none', native('web', 'https://app.example/')],
    ['S55 http to elsewhere', native('desktop', 'http://app.example/')],
    ['S55 a host that starts like loopback', native('desktop', 'http://127.0.0.1.example/')],
    ['S55 a scheme that is no domain name', native('ios', 'myapp:/callback')],
    ['S55 loopback on a phone', native('android', 'http://127.0.0.1/')],
    ['S55 a fragment', native('ios', 'https://app.example/#x')],
    ['no kind', { a: { client_id: 'c' } }],
    [
      'an endpoint that is unknown',
      { google: { kind: 'google', client_id: 'c', endpoints: { tokn: 'https://a.example' } } },
    ],
    ['an endpoint that is no URL', { google: { kind: 'google', client_id: 'c', endpoints: { token: 'token' } } }],
    ['a page that is a script', { google: { kind: 'google', client_id: 'c', manage_url: 'javascript:alert(1)' } }],
    ['an issuer that is no URL', { notes: { ...oidc, issuer: 'not a url' } }],
    ['endpoints beside metadata', { notes: { ...oidc, endpoints: { token: 'https://id.example/token' } } }],
    ['no scopes', { notes: { ...oidc, integrations: { notes: { read: [] } } } }],
    ['no levels', { notes: { ...oidc, integrations: { notes: {} } } }],
    ['a scope that is none', { notes: { ...oidc, integrations: { notes: { read: ['b c'] } } } }],
    ['S15 plain OAuth 2 without PKCE', { plain: { ...oauth2, pkce: undefined } }],
    [
      'plain OAuth 2 without a token endpoint',
      { plain: { ...oauth2, endpoints: { authorization: 'https://id.example/a' } } },
    ],
    ['no client id', { google: { kind: 'google' } }],
    ['a misspelt member', { google: { kind: 'google', client_id: 'c', clientid: 'd' } }],
    ['integrations for a built-in provider', { google: { kind: 'google', client_id: 'c', integrations: {} } }],
    ['a weak rotation class', { notes: { ...oidc, rotation: 'any' } }],
    ['PKCE switched off', { notes: { ...oidc, pkce: 'plain' } }],
    [
      'an integration that the contract has no name for',
      { notes: { ...oidc, integrations: { 'My Notes': { read: ['a'] } } } },
    ],
    ['a name that cannot stand in a path', { 'a/b': { kind: 'google', client_id: 'c' } }],
  ])('S49 %s: refused', (_, value) => {
    expect(() => parseProviders(JSON.stringify(value))).toThrow();
  });
});
