/** What the simulated providers do for pages that authorize without a server. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGoogle } from '../../local/providers/google.ts';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { startStrict } from '../../local/providers/strict.ts';
import { consent } from '../support/consent.ts';
import { account1, callApi, client, pageOrigin, post, setup } from './client.ts';

const bridge = `${pageOrigin}/bridge.html`;
const drive = 'https://www.googleapis.com/auth/drive.readonly';
const providers: Record<'microsoft' | 'google' | 'notes', LocalProvider | undefined> = {
  microsoft: undefined,
  google: undefined,
  notes: undefined,
};
const providerOf = (name: keyof typeof providers): LocalProvider => {
  const provider = providers[name];
  if (!provider) throw new Error(`${name} does not run`);
  return provider;
};

beforeAll(async () => {
  const options = { ...setup, browserRedirectUris: [bridge] };
  providers.microsoft = await startMicrosoft(options);
  providers.google = await startGoogle(options);
  providers.notes = await startStrict(options);
});
afterAll(() => Promise.all(Object.values(providers).map((provider) => provider?.stop())));

const verifier = randomBytes(32).toString('base64url');
const pkce = {
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
};
const authorizationUrl = (provider: LocalProvider, parameters: Record<string, string>): string => {
  const url = new URL(provider.endpoints.authorization);
  const base = { client_id: client.id, redirect_uri: bridge, state: 'state-1' };
  url.search = new URLSearchParams({ ...base, ...parameters }).toString();
  return url.href;
};
const redeem = (provider: LocalProvider, code: string, headers = { origin: pageOrigin }, more = {}) =>
  post(
    provider.endpoints.token,
    {
      grant_type: 'authorization_code',
      client_id: client.id,
      redirect_uri: bridge,
      code_verifier: verifier,
      code,
      ...more,
    },
    headers,
  );

describe('implicit (RFC 6749 section 4.2)', () => {
  test.each([
    ['microsoft', 'Files.Read', '/v1.0/me/drive/root/children'],
    ['google', drive, '/drive/v3/files'],
  ] as const)(
    '%s: the token is in the fragment, opens its API, and no refresh token comes',
    async (name, scope, path) => {
      const provider = providerOf(name);
      const url = authorizationUrl(provider, { response_type: 'token', scope });
      const back = new URL(await consent(url, { account: account1 }));
      expect(back.search).toBe('');
      const answer = Object.fromEntries(new URLSearchParams(back.hash.slice(1)));
      expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: '3599', state: 'state-1' });
      expect(answer.scope?.split(' ')).toContain(scope);
      expect(Object.keys(answer)).not.toContain('refresh_token');
      expect((await callApi(provider, path, answer.access_token ?? '')).status).toBe(200);
    },
  );

  test('what goes wrong comes back in the fragment too; a server’s redirect URI gets no token', async () => {
    const provider = providerOf('microsoft');
    const url = authorizationUrl(provider, { response_type: 'token', scope: 'Files.Read' });
    const denied = new URL(await consent(url, { account: account1, deny: true }));
    expect([denied.search, new URLSearchParams(denied.hash.slice(1)).get('error')]).toEqual(['', 'access_denied']);
    const [redirectUri = ''] = setup.redirectUris;
    const server = authorizationUrl(provider, {
      response_type: 'token',
      scope: 'Files.Read',
      redirect_uri: redirectUri,
    });
    expect(await consent(server)).toContain('error=unsupported_response_type');
    for (const wrong of [`${bridge}?`, `${pageOrigin}/`, 'http://localhost:1/bridge.html']) {
      const response = await fetch(
        authorizationUrl(provider, { response_type: 'token', scope: 'Files.Read', redirect_uri: wrong }),
      );
      expect([response.status, response.redirected]).toEqual([400, false]);
    }
    const offline = { response_type: 'token', scope: drive, access_type: 'offline' };
    expect((await fetch(authorizationUrl(providerOf('google'), offline))).status).toBe(400);
  });
});

describe('a code with PKCE and without a secret', () => {
  const codeFrom = async (provider: LocalProvider, more: Record<string, string> = {}) => {
    const parameters = { response_type: 'code', scope: 'Files.Read', response_mode: 'fragment', ...pkce, ...more };
    const back = new URL(await consent(authorizationUrl(provider, parameters), { account: account1 }));
    return new URLSearchParams(back.hash.slice(1) || back.search).get('code') ?? '';
  };

  test('microsoft: redeemed by a page of a registered origin, which may read the answer, and by nobody else', async () => {
    const provider = providerOf('microsoft');
    const code = await codeFrom(provider);
    for (const headers of [{}, { origin: 'https://evil.example' }]) {
      const refused = await redeem(provider, code, headers as { origin: string });
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([400, null]);
      expect(refused.body.error_description).toContain('Single-Page Application');
    }
    expect((await redeem(provider, code, undefined, { client_secret: client.secret })).status).toBe(400);
    const answer = await redeem(provider, code);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, pageOrigin]);
    expect(answer.refreshToken).toBe('');
    // A server's code is not redeemed across origins.
    const server = await redeem(provider, code, undefined, { redirect_uri: setup.redirectUris[0] });
    expect(server.body.error_description).toContain('Cross-origin');
    const bare = authorizationUrl(provider, { response_type: 'code', scope: 'Files.Read' });
    expect(await consent(bare)).toContain('error=invalid_request');
  });

  test('google: not without the secret', async () => {
    const provider = providerOf('google');
    const answer = await redeem(provider, await codeFrom(provider, { scope: drive, response_mode: 'query' }));
    expect([answer.status, answer.body.error_description]).toEqual([400, 'client_secret is missing.']);
  });

  test('notes: by a client of its own', async () => {
    const provider = providerOf('notes');
    const id = { client_id: `${client.id}-browser` };
    const code = await codeFrom(provider, { scope: 'notes.read', response_mode: 'query', ...id });
    const answer = await redeem(provider, code, undefined, id);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, pageOrigin]);
    expect((await callApi(provider, '/me/notes', answer.accessToken)).status).toBe(200);
  });
});
