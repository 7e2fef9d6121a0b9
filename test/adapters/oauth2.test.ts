/** A provider without metadata and without id_token: plain OAuth 2 (RFC 6749), by configuration alone. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpClient } from '../../functions/adapters/http-client.ts';
import { oidcAuthorization } from '../../functions/adapters/oidc/authorization.ts';
import type { OidcConfig } from '../../functions/adapters/oidc/config.ts';
import { checkProvider, oidcDiscovery } from '../../functions/adapters/oidc/discovery.ts';
import { oidcRevocation } from '../../functions/adapters/oidc/revocation.ts';
import { oidcTokens } from '../../functions/adapters/oidc/tokens.ts';
import { type StubProvider, startStubProvider } from '../support/stub-provider.ts';
import { REDIRECT_URI } from './provider-answers.ts';

let stub: StubProvider;
beforeEach(async () => {
  stub = await startStubProvider();
});
afterEach(() => stub.close());

const make = (more: Partial<OidcConfig> = {}, http = createHttpClient({ developmentOrigins: [stub.origin] })) => {
  const config: OidcConfig = {
    name: 'plain',
    issuer: 'https://plain.example',
    clientId: 'client',
    credential: { secret: 'client-secret', method: 'client_secret_post' },
    identityScopes: ['offline'],
    prompt: '',
    endpoints: {
      authorization: `${stub.origin}/authorize`,
      token: `${stub.origin}/token`,
      revocation: `${stub.origin}/revoke`,
    },
    ...more,
  };
  const discovery = oidcDiscovery(config, http);
  return {
    authorization: oidcAuthorization(config, discovery),
    tokens: oidcTokens(config, http, discovery),
    revocation: oidcRevocation(config, http, discovery),
    check: () => checkProvider(config, discovery),
  };
};

const exchange = ({ tokens }: ReturnType<typeof make>) =>
  tokens.exchange({
    code: 'code',
    codeVerifier: 'verifier-verifier-verifier-verifier-verifier',
    nonce: 'nonce',
    redirectUri: REDIRECT_URI,
    scopes: ['a'],
  });

const answer = { access_token: 'access', token_type: 'bearer', expires_in: 60, refresh_token: 'refresh', scope: 'a,b' };

describe('plain OAuth 2', () => {
  test('the URL asks for PKCE, and for no identity', async () => {
    const text = await make().authorization.authorizationUrl({
      scopes: ['a'],
      exactScopes: true,
      state: 'state',
      nonce: 'nonce',
      codeChallenge: 'challenge',
      redirectUri: REDIRECT_URI,
    });
    const query = new URL(text).searchParams;
    expect(query.get('scope')).toBe('offline a');
    expect(query.get('code_challenge_method')).toBe('S256');
    expect(query.has('prompt')).toBe(false);
  });

  test('S47 nobody says whose account a grant is, and a revocation may end the session', () => {
    expect(make().revocation).toMatchObject({ knowsAccounts: false, ends: 'session' });
  });

  test('exchange, refresh and revocation, with no request but these', async () => {
    stub.always('/token', { json: answer });
    stub.always('/revoke', { json: {} });
    const made = make();
    const first = await exchange(made);
    const second = await exchange(made);
    expect(first).toMatchObject({ kind: 'tokens', tokens: { refreshToken: 'refresh', scopes: ['a', 'b'] } });
    // Nobody says whose grant it is: no two are taken for the same account's.
    expect(first.kind === 'tokens' && first.account.subject).not.toBe(
      second.kind === 'tokens' && second.account.subject,
    );
    expect(await made.tokens.refresh({ refreshToken: 'refresh', scopes: ['a'] })).toMatchObject({ kind: 'tokens' });
    expect(await made.revocation.revoke('refresh')).toBe('revoked');
    expect(stub.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /token',
      'POST /token',
      'POST /token',
      'POST /revoke',
    ]);
  });

  test('S35 its endpoints are held to the same rules: plain HTTP is refused, without a socket', async () => {
    const made = make({}, createHttpClient());
    expect(await exchange(made)).toMatchObject({ kind: 'refused', code: 'address' });
    await expect(made.check()).rejects.toThrow('address');
    expect(stub.requests).toEqual([]);
  });
});
