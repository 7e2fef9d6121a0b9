import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CodeChallengeMethod, OAuth2Client } from 'google-auth-library';
import { googleAuthorization } from '../../functions/adapters/google/authorization.ts';
import type { GoogleConfig } from '../../functions/adapters/google/config.ts';
import { googleRevocation } from '../../functions/adapters/google/revocation.ts';
import { googleTokens } from '../../functions/adapters/google/tokens.ts';
import { createHttpClient } from '../../functions/adapters/http-client.ts';
import { idToken, now, type Scripted, type StubProvider, startStubProvider } from '../support/stub-provider.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, tokenAnswer } from './provider-answers.ts';
import { describeProvider } from './provider-contract.ts';

const configAt = (origin: string): GoogleConfig => ({
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  endpoints: { issuer: origin, token: `${origin}/token`, revocation: `${origin}/revoke` },
});
const claimsAt = (origin: string) => ({ iss: origin, aud: CLIENT_ID, sub: '1234', iat: now(), exp: now() + 3600 });

describeProvider({
  name: 'google',
  rotation: 'stable',
  make: (origin, http) => googleTokens(configAt(origin), http),
  claims: claimsAt,
  account: (origin) => ({ issuer: origin, subject: '1234' }),
  refreshErrors: [
    [
      { error: 'invalid_grant', error_subtype: 'invalid_rapt' },
      { kind: 'user_needed', code: 'invalid_grant', detail: 'invalid_rapt' },
    ],
    [
      { error: 'invalid_grant', error_subtype: 'rapt_required' },
      { kind: 'user_needed', detail: 'rapt_required' },
    ],
    [{ error: 'invalid_grant', error_subtype: 'Free text.' }, { kind: 'user_needed' }],
    [{ error: 'deleted_client' }, { kind: 'refused', needsOps: true }],
    [{ error: 'redirect_uri_mismatch' }, { kind: 'refused', needsOps: true }],
    [{ error: 'disabled_client' }, { kind: 'refused', needsOps: true }],
    ...['policy_enforced', 'admin_policy_enforced', 'access_denied', 'org_internal', 'access_not_configured'].map(
      (error) => [{ error }, { kind: 'organization_forbids', code: error }] as const,
    ),
    [{ error: 'invalid_rapt' }, { kind: 'user_needed' }],
    [{ error: 'admin_policy_enforced', error_subtype: 'a_subtype_of_tomorrow' }, { kind: 'organization_forbids' }],
  ],
});

describe('google', () => {
  let stub: StubProvider;
  const http = (deadlineMs = 10_000) => createHttpClient({ developmentOrigins: [stub.origin], deadlineMs });

  beforeEach(async () => {
    stub = await startStubProvider();
  });
  afterEach(() => stub.close());

  test.each(['https://accounts.google.com', 'accounts.google.com'])(
    'an account has one spelling, however the id_token spells its issuer (%s)',
    async (iss) => {
      const token = idToken({ ...claimsAt(stub.origin), iss, nonce: 'n' });
      stub.answer(tokenAnswer({ id_token: token }));
      const config = { ...configAt(stub.origin), endpoints: { token: `${stub.origin}/token` } };
      const request = { code: 'c', codeVerifier: 'v', nonce: 'n', redirectUri: REDIRECT_URI, scopes: [] };
      expect(await googleTokens(config, http()).exchange(request)).toMatchObject({
        account: { issuer: 'https://accounts.google.com', subject: '1234' },
      });
    },
  );

  test('a refresh carries the client secret in the body, and one credential only', async () => {
    stub.answer(tokenAnswer());
    await googleTokens(configAt(stub.origin), http()).refresh({ refreshToken: 'one', scopes: ['a'], claims: '{}' });
    expect(Object.fromEntries(new URLSearchParams(stub.requests[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'one',
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    });
    expect(stub.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  const request = {
    scopes: ['https://www.googleapis.com/auth/drive.readonly'],
    state: 'state-1',
    nonce: 'nonce-1',
    codeChallenge: 'challenge-1',
    redirectUri: REDIRECT_URI,
  };

  test.each([false, true])(
    'S06 the authorization URL is the one that the library would build (exact scopes: %s)',
    async (exactScopes) => {
      const own = new URL(await googleAuthorization(configAt('')).authorizationUrl({ ...request, exactScopes }));
      const library = new URL(
        new OAuth2Client({ clientId: CLIENT_ID, redirectUri: REDIRECT_URI }).generateAuthUrl({
          access_type: 'offline',
          prompt: 'consent',
          scope: ['openid', ...request.scopes],
          state: request.state,
          nonce: request.nonce,
          code_challenge: request.codeChallenge,
          code_challenge_method: CodeChallengeMethod.S256,
          ...(exactScopes ? {} : { include_granted_scopes: true }),
        }),
      );
      expect(own.origin + own.pathname).toBe(library.origin + library.pathname);
      expect(Object.fromEntries(own.searchParams)).toEqual(Object.fromEntries(library.searchParams));
    },
  );

  test('no issuer is expected in the authorization response', async () => {
    expect(await googleAuthorization(configAt(stub.origin)).responseIssuer()).toBeUndefined();
  });

  const revoke = (deadlineMs?: number) => googleRevocation(configAt(stub.origin), http(deadlineMs)).revoke('one two+&');

  test.each<[string, Scripted, string]>([
    ['200', { json: {} }, 'revoked'],
    ['a token that is over already', { status: 400, json: { error: 'invalid_token' } }, 'revoked'],
    ['another client error', { status: 400, json: { error: 'invalid_request' } }, 'failed'],
    ['invalid_token with another status', { status: 401, json: { error: 'invalid_token' } }, 'failed'],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, json: {} }, 'failed'],
    ['no JSON', { status: 400, text: '<html></html>' }, 'failed'],
    ['an outage', { status: 503, json: {} }, 'failed'],
    ['a reset', 'reset', 'failed'],
  ])('S47 one attempt to revoke, the token in the body: %s', async (_name, answer, expected) => {
    stub.answer(answer);
    expect(await revoke()).toBe(expected);
    expect(stub.requests).toHaveLength(1);
    expect(stub.requests[0]).toMatchObject({ method: 'POST', path: '/revoke', body: 'token=one+two%2B%26' });
  });

  test('S47 a revocation that is not answered in time failed', async () => {
    stub.answer('hang');
    expect(await revoke(200)).toBe('failed');
  });

  test('S35 a revocation over plain HTTP is not tried', async () => {
    expect(await googleRevocation(configAt(stub.origin), createHttpClient()).revoke('one')).toBe('failed');
    expect(stub.connections).toBe(0);
  });
});
