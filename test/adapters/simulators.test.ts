/** The adapters against the simulated providers, over the wire: the whole way of a grant. */
import { afterEach, expect, test } from '@jest/globals';
import { googleAuthorization } from '../../functions/adapters/google/authorization.ts';
import { googleRevocation } from '../../functions/adapters/google/revocation.ts';
import { googleTokens } from '../../functions/adapters/google/tokens.ts';
import { createHttpClient, type HttpClient } from '../../functions/adapters/http-client.ts';
import { microsoftAuthorization } from '../../functions/adapters/microsoft/authorization.ts';
import { microsoftTokens } from '../../functions/adapters/microsoft/tokens.ts';
import { codeChallengeOf, randomId } from '../../functions/core/flow.ts';
import type { AuthorizationUrlBuilder, CodeExchanger, Refresher } from '../../functions/core/ports.ts';
import { accounts } from '../../local/providers/accounts.ts';
import { startGoogle } from '../../local/providers/google.ts';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider, ProviderOptions } from '../../local/providers/provider.ts';
import { consent } from '../support/consent.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } from './provider-answers.ts';

const [person] = accounts;
const account = person?.email ?? '';

let provider: LocalProvider;
afterEach(() => provider.stop());

const start = async (launch: (options: ProviderOptions) => Promise<LocalProvider>): Promise<HttpClient> => {
  provider = await launch({
    client: { id: CLIENT_ID, secret: CLIENT_SECRET },
    redirectUris: [REDIRECT_URI],
    browserOrigins: [],
  });
  return createHttpClient({ developmentOrigins: [provider.origin] });
};

const connect = async (
  authorization: AuthorizationUrlBuilder,
  tokens: CodeExchanger,
  scopes: string[],
  codeVerifier = randomId(32),
) => {
  const nonce = randomId();
  const url = await authorization.authorizationUrl({
    scopes,
    exactScopes: false,
    state: 'state-1',
    codeChallenge: codeChallengeOf(codeVerifier),
    nonce,
    redirectUri: REDIRECT_URI,
  });
  const code = new URL(await consent(url, { account })).searchParams.get('code') ?? '';
  const request = { code, codeVerifier, nonce, redirectUri: REDIRECT_URI, scopes };
  return { request, answer: await tokens.exchange(request) };
};

const refreshTokenOf = ({ answer }: { answer: Awaited<ReturnType<CodeExchanger['exchange']>> }): string => {
  if (answer.kind !== 'tokens' || !answer.tokens.refreshToken) throw new Error(`no refresh token: ${answer.kind}`);
  return answer.tokens.refreshToken;
};

const refreshWith = (tokens: Refresher, refreshToken: string, scopes: string[]) =>
  tokens.refresh({ refreshToken, scopes });

test('microsoft: exchange, rotating refresh, missing consent, second factor, an end', async () => {
  const http = await start(startMicrosoft);
  const config = {
    clientId: CLIENT_ID,
    credential: { secret: CLIENT_SECRET },
    endpoints: provider.endpoints,
  };
  const tokens = microsoftTokens(config, http);
  const scopes = ['Files.Read'];
  const connected = await connect(microsoftAuthorization(config), tokens, scopes);
  expect(connected.answer).toMatchObject({
    kind: 'tokens',
    tokens: { scopes: expect.arrayContaining(scopes) },
    account: { issuer: `${provider.origin}/${person?.tenantId}/v2.0`, subject: person?.objectId },
  });
  expect(await tokens.exchange(connected.request)).toMatchObject({ kind: 'code_refused', code: 'invalid_grant' });

  const first = refreshTokenOf(connected);
  const refreshed = await refreshWith(tokens, first, scopes);
  expect(refreshed).toMatchObject({ kind: 'tokens', tokens: { refreshToken: expect.any(String) } });
  expect(refreshed).not.toHaveProperty('tokens.refreshToken', first);
  expect(await refreshWith(tokens, first, scopes)).toHaveProperty('kind', 'tokens');

  provider.control.change({ mfaRequired: true });
  expect(await refreshWith(tokens, first, scopes)).toMatchObject({
    kind: 'user_needed',
    claims: expect.stringContaining('access_token'),
  });
  provider.control.change({ mfaRequired: false, clientSecretExpired: true });
  expect(await refreshWith(tokens, first, scopes)).toMatchObject({ kind: 'refused', needsOps: true });
  provider.control.change({ clientSecretExpired: false });

  provider.control.happen({ event: 'revoke-access', account });
  expect(await refreshWith(tokens, first, scopes)).toMatchObject({ kind: 'user_needed' });
  provider.control.happen({ event: 'revoke-sessions', account });
  expect(await refreshWith(tokens, first, scopes)).toMatchObject({ kind: 'grant_dead', code: 'invalid_grant' });
});

test('google: exchange, stable refresh, re-authentication, revocation', async () => {
  const http = await start(startGoogle);
  const config = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, endpoints: provider.endpoints };
  const tokens = googleTokens(config, http);
  const scopes = ['https://www.googleapis.com/auth/drive.readonly'];
  const connected = await connect(googleAuthorization(config), tokens, scopes);
  expect(connected.answer).toMatchObject({
    kind: 'tokens',
    tokens: { scopes: expect.arrayContaining(scopes) },
    account: { issuer: provider.origin, subject: person?.subject },
  });
  expect(await tokens.exchange(connected.request)).toMatchObject({ kind: 'code_refused' });

  const refreshToken = refreshTokenOf(connected);
  const refreshed = await refreshWith(tokens, refreshToken, scopes);
  expect(refreshed).toMatchObject({ kind: 'tokens', tokens: { scopes: expect.arrayContaining(scopes) } });
  expect(refreshed).not.toHaveProperty('tokens.refreshToken');

  provider.control.change({ mfaRequired: true });
  expect(await refreshWith(tokens, refreshToken, scopes)).toMatchObject({
    kind: 'user_needed',
    detail: 'invalid_rapt',
  });
  provider.control.change({ mfaRequired: false, tooManyRequests: { retryAfter: 9, next: 1 } });
  expect(await refreshWith(tokens, refreshToken, scopes)).toMatchObject({ kind: 'refused', retryAfter: 9 });
  provider.control.change({ outage: { at: 'token', as: '503' } });
  expect(await refreshWith(tokens, refreshToken, scopes)).toMatchObject({ kind: 'no_answer', sent: true });
  provider.control.change({ outage: null });

  const revocation = googleRevocation(config, http);
  expect(await revocation.revoke(refreshToken)).toBe('revoked');
  expect(await refreshWith(tokens, refreshToken, scopes)).toMatchObject({ kind: 'grant_dead' });
  // What is gone already is as good as revoked.
  expect(await revocation.revoke(refreshToken)).toBe('revoked');
});
