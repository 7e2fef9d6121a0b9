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
  callApi,
  claimsOf,
  client,
  createClient,
  createClock,
  pageOrigin,
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

/** Takes everything back, so that each test starts with an account that never consented. */
const forget = (...accounts: string[]) => {
  for (const account of accounts) google.control.happen({ event: 'revoke-access', account });
};

const revoke = (token: string) => post(`${google.origin}/revoke`, { token });

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

describe('refresh tokens', () => {
  test('come with access_type=offline only, and after the first consent only with prompt=consent', async () => {
    forget(account1);
    const it = createClient(google, scope('drive.readonly'));
    expect((await it.connect()).body).not.toHaveProperty('refresh_token');
    forget(account1);
    expect((await it.connect({}, { access_type: 'offline' })).refreshToken).toContain('CANARY-REFRESH-');
    expect((await it.connect({}, { access_type: 'offline' })).body).not.toHaveProperty('refresh_token');
    expect((await it.connect({}, offline)).refreshToken).toContain('CANARY-REFRESH-');
  });

  test('are stable: a refresh answers none, and the same one works again', async () => {
    const it = createClient(google, `openid ${scope('drive.readonly')}`, offline);
    const { refreshToken } = await it.connect();
    for (let round = 0; round < 3; round += 1) {
      const answer = await it.refresh(refreshToken);
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('refresh_token');
      expect(answer.accessToken).toContain('CANARY-ACCESS-');
      expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
      expect(claimsOf(answer.body.id_token)).not.toHaveProperty('nonce');
    }
  });

  test('are not narrowed, and do not grow', async () => {
    const it = createClient(google, `${scope('drive.readonly')} ${scope('calendar.readonly')}`, offline);
    const { refreshToken } = await it.connect();
    const narrower = await it.refresh(refreshToken, { scope: scope('drive.readonly') });
    expect(narrower.body.scope).toBe(`${scope('drive.readonly')} ${scope('calendar.readonly')}`);
    expect((await it.refresh(refreshToken, { scope: scope('drive') })).body.error).toBe('invalid_scope');
  });

  test('die silently, oldest first, beyond the limit per account', async () => {
    forget(account1, account2);
    google.control.change({ liveRefreshTokens: 2 });
    const it = createClient(google, scope('drive.readonly'), offline);
    const other = await it.connect({ account: account2 });
    const [first, second, third] = [await it.connect(), await it.connect(), await it.connect()];
    google.control.change({ liveRefreshTokens: 100 });
    expect((await it.refresh(first.refreshToken)).body).toMatchObject({
      error: 'invalid_grant',
      error_description: 'Token has been expired or revoked.',
    });
    for (const { refreshToken } of [second, third, other]) expect((await it.refresh(refreshToken)).status).toBe(200);
  });

  test('die unused after six months, and sooner where the grant is limited in time', async () => {
    const it = createClient(google, scope('drive.readonly'), offline);
    const idle = await it.connect();
    google.control.change({ refreshTokenSeconds: 604_800 });
    const limited = await it.connect();
    google.control.change({ refreshTokenSeconds: null });
    expect(limited.body.refresh_token_expires_in).toBe(604_800);
    clock.advance(604_801);
    expect((await it.refresh(limited.refreshToken)).body.error).toBe('invalid_grant');
    expect((await it.refresh(idle.refreshToken)).status).toBe(200);
    clock.advance(181 * 24 * 3600);
    expect((await it.refresh(idle.refreshToken)).body.error).toBe('invalid_grant');
  });

  test('with mfaRequired: invalid_rapt, until the user authorizes again', async () => {
    const it = createClient(google, scope('drive.readonly'), offline);
    const before = await it.connect();
    google.control.change({ mfaRequired: true });
    const refused = await it.refresh(before.refreshToken);
    const after = await it.connect();
    const accepted = await it.refresh(after.refreshToken);
    google.control.change({ mfaRequired: false });
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant', error_subtype: 'invalid_rapt' } });
    expect(accepted.status).toBe(200);
    expect((await it.refresh(before.refreshToken)).status).toBe(200);
  });

  test('with clientSecretExpired: invalid_client', async () => {
    const it = createClient(google, scope('drive.readonly'), offline);
    const { refreshToken } = await it.connect();
    google.control.change({ clientSecretExpired: true });
    const refused = await it.refresh(refreshToken);
    google.control.change({ clientSecretExpired: false });
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});

describe('consent', () => {
  const both = `openid ${scope('drive.readonly')} ${scope('calendar.readonly')}`;

  test('is granular: the answer says what the user left ticked', async () => {
    forget(account1);
    const it = createClient(google, both, offline);
    const answer = await it.connect({ withhold: [scope('calendar.readonly')] });
    expect(answer.body.scope).toBe(`openid ${scope('drive.readonly')}`);
    expect((await callApi(google, '/calendar/v3/calendars/primary/events', answer.accessToken)).status).toBe(403);
    expect((await callApi(google, '/drive/v3/files', answer.accessToken)).status).toBe(200);
    expect((await it.refresh(answer.refreshToken)).body.scope).toBe(`openid ${scope('drive.readonly')}`);
  });

  test('nothing ticked is access_denied', async () => {
    forget(account1);
    const answer = await createClient(google, scope('drive.readonly')).authorize({
      withhold: [scope('drive.readonly')],
    });
    expect(answer.get('error')).toBe('access_denied');
  });

  test('withheldScopes unticks for a user who does not', async () => {
    forget(account1);
    google.control.change({ withheldScopes: [scope('drive.readonly')] });
    const answer = await createClient(google, both).connect();
    google.control.change({ withheldScopes: [] });
    expect(answer.body.scope).toBe(`openid ${scope('calendar.readonly')}`);
  });

  test('grows in steps: include_granted_scopes adds what was granted before, to the new token only', async () => {
    forget(account1);
    const first = await createClient(google, scope('drive.readonly'), offline).connect();
    const calendar = createClient(google, scope('calendar.readonly'), offline);
    const apart = await calendar.connect();
    expect(apart.body.scope).toBe(scope('calendar.readonly'));
    const merged = await calendar.connect({}, { include_granted_scopes: 'true' });
    expect(String(merged.body.scope).split(' ').sort()).toEqual([scope('calendar.readonly'), scope('drive.readonly')]);
    expect((await calendar.refresh(first.refreshToken)).body.scope).toBe(scope('drive.readonly'));
  });

  test('is not asked for again, unless prompt=consent', async () => {
    forget(account1);
    const it = createClient(google, scope('drive.readonly'));
    await it.connect();
    const page = await (await fetch(it.authorizationUrl())).text();
    const transaction = /name="transaction" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const form = new URLSearchParams({ transaction, account: account1 });
    const next = await fetch(`${google.origin}/consent`, { method: 'POST', body: form, redirect: 'manual' });
    expect(next.status).toBe(302);
    expect(next.headers.get('location')).toContain('code=');
    const again = await fetch(`${google.origin}/consent`, { method: 'POST', body: form, redirect: 'manual' });
    expect(again.status).toBe(400);
  });
});

describe('endings', () => {
  test('S47 revoking any token ends the whole grant of user and client, and nobody else’s', async () => {
    forget(account1, account2);
    const drive = createClient(google, scope('drive.readonly'), offline);
    const calendar = createClient(google, scope('calendar.readonly'), offline);
    const [one, two, other] = [
      await drive.connect(),
      await calendar.connect(),
      await drive.connect({ account: account2 }),
    ];
    expect((await revoke(two.accessToken)).status).toBe(200);
    for (const { refreshToken } of [one, two]) {
      expect((await drive.refresh(refreshToken)).body).toMatchObject({ error: 'invalid_grant' });
    }
    expect((await callApi(google, '/drive/v3/files', one.accessToken)).status).toBe(401);
    expect((await drive.refresh(other.refreshToken)).status).toBe(200);
    expect(await revoke(one.refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_token' } });
    expect((await revoke('1//invented')).status).toBe(400);
    // The next consent is a first one again.
    expect((await drive.connect({}, { prompt: 'select_account' })).refreshToken).not.toBe('');
  });

  test('a token in the URL of the revocation endpoint is refused', async () => {
    const { refreshToken } = await createClient(google, scope('drive.readonly'), offline).connect();
    expect((await post(`${google.origin}/revoke?token=${encodeURIComponent(refreshToken)}`, {})).status).toBe(400);
  });

  test('a changed password ends tokens with Gmail scopes only', async () => {
    forget(account1);
    const drive = createClient(google, scope('drive.readonly'), offline);
    const mail = createClient(google, scope('gmail.readonly'), offline);
    const [files, messages] = [await drive.connect(), await mail.connect()];
    google.control.happen({ event: 'change-password', account: account1 });
    expect((await drive.refresh(files.refreshToken)).status).toBe(200);
    expect((await mail.refresh(messages.refreshToken)).body.error).toBe('invalid_grant');
    expect((await callApi(google, '/gmail/v1/users/me/messages', messages.accessToken)).status).toBe(401);
  });

  test('the account page shows a grant and takes it back', async () => {
    forget(account1, account2, account3);
    const it = createClient(google, scope('drive.readonly'), offline);
    const { refreshToken } = await it.connect();
    const page = await (await fetch(google.endpoints.manage)).text();
    expect(page).toContain(account1);
    expect(page).toContain(scope('drive.readonly'));
    expect(page).not.toContain(account2);
    await post(`${google.origin}/account/remove`, { account: account1 });
    expect((await it.refresh(refreshToken)).body.error).toBe('invalid_grant');
    expect(await (await fetch(google.endpoints.manage)).text()).not.toContain(account1);
  });
});

describe('APIs', () => {
  const all = ['drive.readonly', 'calendar.readonly', 'gmail.readonly'].map(scope).join(' ');

  test('answer a few deterministic things per account', async () => {
    const it = createClient(google, all);
    const token = (await it.connect()).accessToken;
    const files = await callApi(google, '/drive/v3/files', token);
    expect(files.status).toBe(200);
    expect(JSON.stringify(files.body)).toContain('CANARY-CONTENT-');
    expect((await callApi(google, '/drive/v3/files', token)).body).toEqual(files.body);
    const other = await callApi(google, '/drive/v3/files', (await it.connect({ account: account2 })).accessToken);
    expect(other.body).not.toEqual(files.body);
    const calendar = '/calendar/v3/calendars/primary/events';
    expect((await callApi(google, calendar, token)).body.items).toHaveLength(2);
    expect((await callApi(google, `${calendar}?timeMax=2020-01-01T00:00:00Z`, token)).body.items).toEqual([]);
    const { messages } = (await callApi(google, '/gmail/v1/users/me/messages', token)).body;
    expect(messages).toHaveLength(3);
    expect((await callApi(google, '/gmail/v1/users/me/messages?q=invoice', token)).body.messages).toHaveLength(1);
    const [{ id }] = messages as [{ id: string }];
    const message = await callApi(
      google,
      `/gmail/v1/users/me/messages/${id}?format=metadata&metadataHeaders=Subject`,
      token,
    );
    expect(message.body).toMatchObject({ id, payload: { headers: [{ name: 'Subject' }] } });
    expect((await callApi(google, '/gmail/v1/users/me/messages/none', token)).status).toBe(404);
  });

  test('gmail.metadata forbids searching and bodies, even beside gmail.readonly', async () => {
    const it = createClient(google, `${scope('gmail.metadata')} ${scope('gmail.readonly')}`);
    const { accessToken } = await it.connect({ account: account2 });
    const list = '/gmail/v1/users/me/messages';
    expect((await callApi(google, list, accessToken)).status).toBe(200);
    expect(await callApi(google, `${list}?q=x`, accessToken)).toMatchObject({
      status: 403,
      body: { error: { code: 403, status: 'PERMISSION_DENIED' } },
    });
    expect((await callApi(google, `${list}/message-21`, accessToken)).status).toBe(403);
    expect((await callApi(google, `${list}/message-21?format=metadata`, accessToken)).status).toBe(200);
  });

  test('refuse a missing, unknown, expired or insufficient token', async () => {
    const { accessToken } = await createClient(google, scope('drive.readonly')).connect();
    expect((await fetch(`${google.origin}/drive/v3/files`)).status).toBe(401);
    expect((await fetch(`${google.origin}/drive/v3/files?access_token=${accessToken}`)).status).toBe(401);
    expect((await callApi(google, '/drive/v3/files', 'ya29.invented')).body).toMatchObject({
      error: { code: 401, status: 'UNAUTHENTICATED' },
    });
    expect((await callApi(google, '/gmail/v1/users/me/messages', accessToken)).status).toBe(403);
    clock.advance(3600);
    expect((await callApi(google, '/drive/v3/files', accessToken)).status).toBe(401);
  });

  test('S21 CORS: registered origins only', async () => {
    const preflight = (origin: string) =>
      fetch(`${google.origin}/drive/v3/files`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
      });
    const allowed = await preflight(pageOrigin);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(pageOrigin);
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    for (const origin of ['null', `${pageOrigin}.evil.example`, 'http://localhost:80810']) {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      const call = await callApi(google, '/drive/v3/files', 'x', origin);
      expect(call.headers.get('access-control-allow-origin')).toBeNull();
    }
    // An expired token must be readable as 401 by the page.
    const expired = await callApi(google, '/drive/v3/files', 'x');
    expect(expired.headers.get('access-control-allow-origin')).toBe(pageOrigin);
    const token = await fetch(google.endpoints.token, { method: 'OPTIONS', headers: { origin: pageOrigin } });
    expect(token.headers.get('access-control-allow-origin')).toBeNull();
  });
});
