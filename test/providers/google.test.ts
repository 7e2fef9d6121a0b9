import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { startGoogle } from '../../local/providers/google.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { consent } from '../support/consent.ts';
import {
  account1,
  account2,
  account3,
  basic,
  claimsOf,
  client,
  createClient,
  createClock,
  post,
  redirectUri,
  setup,
} from './client.ts';

const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;
const offline = { access_type: 'offline', prompt: 'consent' };
const clock = createClock();
let google: LocalProvider;

beforeAll(async () => {
  google = await startGoogle({ ...setup, now: clock.now });
});
afterAll(() => google.stop());

describe('authorization', () => {
  test('refuses an unknown client or redirect URI, or a repeated parameter, with a page and no redirect', async () => {
    const it = createClient(google, scope('drive.readonly'));
    const urls: [string, number, string][] = [
      [it.authorizationUrl({ client_id: 'other' }), 401, 'invalid_client'],
      [it.authorizationUrl({ redirect_uri: `${redirectUri}/` }), 400, 'redirect_uri_mismatch'],
      [`${it.authorizationUrl()}&state=again`, 400, 'invalid_request'],
    ];
    for (const [url, status, error] of urls) {
      const response = await fetch(url, { redirect: 'manual' });
      expect(response.status).toBe(status);
      expect(response.headers.get('location')).toBeNull();
      expect(await response.text()).toContain(error);
    }
  });

  test.each([
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ scope: 'https://www.googleapis.com/auth/unknown' }, 'invalid_scope'],
    [{ scope: '' }, 'invalid_request'],
    [{ access_type: 'always' }, 'invalid_request'],
    [{ prompt: 'maybe' }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge: 'short' }, 'invalid_request'],
  ])('shows the user what is wrong with %j', async (parameters, error) => {
    const url = createClient(google, scope('drive.readonly')).authorizationUrl(parameters);
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(error);
  });

  test('sends its pages with COOP and into no frame, and offers its accounts', async () => {
    const response = await fetch(createClient(google, scope('drive.readonly')).authorizationUrl());
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const page = await response.text();
    for (const account of [account1, account2, account3]) expect(page).toContain(account);
    expect(page).not.toContain('<script');
  });

  test('answers code, state, scope and the issuer', async () => {
    const answer = await createClient(google, `openid ${scope('drive.readonly')}`).authorize();
    expect(answer.get('code')).toContain('CANARY-CODE-');
    expect(answer.get('state')).toBe('state-1');
    expect(answer.get('iss')).toBe(google.endpoints.issuer);
    expect(answer.get('scope')).toBe(`openid ${scope('drive.readonly')}`);
  });

  test('cancelling is access_denied, with the state and without a code', async () => {
    const answer = await createClient(google, scope('drive.readonly')).authorize({ deny: true });
    expect(Object.fromEntries(answer)).toMatchObject({ error: 'access_denied', state: 'state-1' });
    expect(answer.has('code')).toBe(false);
  });

  test('prompt=none is login_required, because nobody is signed in', async () => {
    const answer = await createClient(google, scope('drive.readonly')).authorize({}, { prompt: 'none' });
    expect(answer.get('error')).toBe('login_required');
  });

  test('a form of another site is refused', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await post(`${google.origin}/consent`, { transaction: 'x' }, headers)).status).toBe(403);
    expect((await post(`${google.origin}/account/remove`, { account: account1 }, headers)).status).toBe(403);
  });

  test('only requests to 127.0.0.1 and localhost are answered', async () => {
    const port = new URL(google.origin).port;
    expect((await fetch(`http://localhost:${port}/control`)).status).toBe(200);
    const status = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/control', headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });
});

describe('code exchange', () => {
  test('a code works once, for its redirect URI, its verifier and ten minutes', async () => {
    const it = createClient(google, scope('drive.readonly'), offline);
    const code = (await it.authorize()).get('code');
    expect((await it.exchange(code, { code_verifier: 'x'.repeat(43) })).body.error).toBe('invalid_grant');
    expect((await it.exchange(code, { redirect_uri: `${redirectUri}/` })).body.error).toBe('redirect_uri_mismatch');
    expect((await it.exchange(code)).status).toBe(200);
    expect((await it.exchange(code)).body.error).toBe('invalid_grant');
    expect((await it.exchange('4/invented')).body.error).toBe('invalid_grant');
    const late = (await it.authorize()).get('code');
    clock.advance(601);
    expect((await it.exchange(late)).body.error).toBe('invalid_grant');
  });

  test('S06 a challenged code without verifier, or a verifier without challenge, is refused', async () => {
    const it = createClient(google, scope('drive.readonly'));
    const code = (await it.authorize()).get('code') ?? '';
    const bare = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    expect((await it.token(bare)).body).toMatchObject({ error: 'invalid_grant' });
    const plain = new URL(it.authorizationUrl());
    plain.searchParams.delete('code_challenge');
    plain.searchParams.delete('code_challenge_method');
    const unchallenged = new URL(await consent(plain.href)).searchParams.get('code');
    expect((await it.exchange(unchallenged)).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('the client secret is required even with PKCE, in exactly one place', async () => {
    const it = createClient(google, scope('drive.readonly'));
    const code = (await it.authorize()).get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    const { token } = google.endpoints;
    const missing = await post(token, { ...form, client_id: client.id });
    expect(missing).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const wrong = await post(token, { ...form, client_id: client.id, client_secret: 'wrong' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await post(token, form, basic('wrong'))).status).toBe(401);
    const both = await post(token, { ...form, client_secret: client.secret }, basic());
    expect(both.body.error).toBe('invalid_request');
    expect((await post(token, { ...form, client_id: 'other', client_secret: client.secret })).status).toBe(401);
    // None of these spent the code, which still wants its verifier.
    expect((await it.exchange(code)).status).toBe(200);
  });

  test('the token endpoint takes forms by POST only, and each parameter once', async () => {
    const it = createClient(google, scope('drive.readonly'));
    expect((await fetch(google.endpoints.token)).status).toBe(405);
    expect((await it.token({ grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
    const twice = await fetch(google.endpoints.token, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=refresh_token&grant_type=refresh_token',
    });
    expect(await twice.json()).toMatchObject({ error: 'invalid_request' });
    const asJson = await fetch(google.endpoints.token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(asJson.status).toBe(400);
  });

  test('the id_token verifies, names the organization by hd, and carries the nonce', async () => {
    const it = createClient(google, 'openid email profile');
    const answer = await it.connect({ account: account2 });
    expect(answer.body.scope).toBe(`openid ${scope('userinfo.email')} ${scope('userinfo.profile')}`);
    const keys = (await (await fetch(google.endpoints.jwks)).json()) as JSONWebKeySet;
    const { payload } = await jwtVerify(String(answer.body.id_token), createLocalJWKSet(keys), {
      issuer: google.endpoints.issuer,
      audience: client.id,
      currentDate: new Date(clock.now()),
    });
    expect(payload).toMatchObject({ nonce: 'nonce-1', hd: 'org-2.example', email: account2, email_verified: true });
    const personal = await it.connect({ account: account3 });
    expect(claimsOf(personal.body.id_token)).not.toHaveProperty('hd');
    google.control.change({ issuerSpelling: 'host' });
    const host = claimsOf((await it.connect()).body.id_token).iss;
    google.control.change({ issuerSpelling: 'url' });
    expect(host).toBe(new URL(google.origin).host);
  });

  test('the issuer may be named as the real one', async () => {
    const named = await startGoogle({ ...setup, issuer: 'https://accounts.google.com' });
    try {
      const answer = await createClient(named, 'openid').connect();
      expect(claimsOf(answer.body.id_token).iss).toBe('https://accounts.google.com');
      expect(await (await fetch(named.endpoints.discovery)).json()).toMatchObject({
        issuer: 'https://accounts.google.com',
        token_endpoint: named.endpoints.token,
      });
    } finally {
      await named.stop();
    }
  });
});
