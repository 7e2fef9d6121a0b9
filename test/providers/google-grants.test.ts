import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGoogle } from '../../local/providers/google.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { account1, account2, account3, callApi, claimsOf, createClient, createClock, post, setup } from './client.ts';

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
