import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { account1, account2, callApi, createClient, createClock, post, setup } from './client.ts';

const identity = 'openid profile offline_access';
const clock = createClock();
let microsoft: LocalProvider;

beforeAll(async () => {
  microsoft = await startMicrosoft({ ...setup, now: clock.now });
});
afterAll(() => microsoft.stop());

const forget = (...accounts: string[]) => {
  for (const account of accounts) microsoft.control.happen({ event: 'revoke-access', account });
};
const words = (value: unknown) => String(value).split(' ').sort();

describe('refresh tokens', () => {
  test('are tolerant: a refresh answers a new one, and the old one still works', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const first = await it.connect();
    const second = await it.refresh(first.refreshToken);
    expect(second.refreshToken).toContain('CANARY-REFRESH-');
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect((await it.refresh(first.refreshToken)).status).toBe(200);
    expect((await it.refresh(second.refreshToken)).status).toBe(200);
    expect(microsoft.control.read().counts.reuseAlarms).toBe(0);
  });

  test('rotation strict: a spent one ends the whole family, and rings', async () => {
    microsoft.control.change({ rotation: 'strict' });
    const it = createClient(microsoft, `${identity} Files.Read`);
    const [first, bystander] = [await it.connect(), await it.connect()];
    const before = microsoft.control.read().counts.reuseAlarms;
    const second = await it.refresh(first.refreshToken);
    expect(second.status).toBe(200);
    expect((await it.refresh(first.refreshToken)).body.error).toBe('invalid_grant');
    expect((await it.refresh(second.refreshToken)).body.error).toBe('invalid_grant');
    expect(microsoft.control.read().counts.reuseAlarms).toBe(before + 1);
    expect((await it.refresh(bystander.refreshToken)).status).toBe(200);
    microsoft.control.change({ rotation: 'tolerant' });
  });

  test('rotation strict with grace: a spent one works until the grace is over', async () => {
    microsoft.control.change({ rotation: 'strict', graceSeconds: 30 });
    const it = createClient(microsoft, `${identity} Files.Read`);
    const first = await it.connect();
    await it.refresh(first.refreshToken);
    clock.advance(29);
    const within = await it.refresh(first.refreshToken);
    clock.advance(2);
    const beyond = await it.refresh(first.refreshToken);
    microsoft.control.change({ rotation: 'tolerant', graceSeconds: 0 });
    expect([within.status, beyond.status]).toEqual([200, 400]);
  });

  test('rotation stable: no new one', async () => {
    microsoft.control.change({ rotation: 'stable' });
    const it = createClient(microsoft, `${identity} Files.Read`);
    const answer = await it.refresh((await it.connect()).refreshToken);
    microsoft.control.change({ rotation: 'tolerant' });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('refresh_token');
  });

  test('die unused after ninety days; each answer says so in Entra’s shape', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    clock.advance(90 * 24 * 3600 + 1);
    const correlation = '11111111-2222-4333-8444-555555555555';
    const { status, body } = await it.refresh(refreshToken, { 'client-request-id': correlation });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [700082], correlation_id: correlation });
    expect(body.error_description).toMatch(/^AADSTS700082: /);
    expect(body.timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
    expect(body.trace_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(body).not.toHaveProperty('suberror');
    expect((await it.refresh('1.invented')).body.error).toBe('invalid_grant');
  });
});

describe('scopes', () => {
  test('a token carries all that is consented, whatever was asked', async () => {
    forget(account1);
    const files = await createClient(microsoft, `${identity} Files.Read`).connect();
    const mail = createClient(microsoft, `${identity} Mail.ReadBasic`);
    expect(words((await mail.connect()).body.scope)).toEqual(['Files.Read', 'Mail.ReadBasic', 'openid', 'profile']);
    // The older refresh token has grown too: it is bound to user and client, not to its scopes.
    const asked = await mail.refresh(files.refreshToken, { scope: `${identity} mail.readbasic` });
    expect(words(asked.body.scope)).toEqual(['Files.Read', 'Mail.ReadBasic', 'openid', 'profile']);
    const prefixed = await mail.refresh(files.refreshToken, { scope: 'https://graph.microsoft.com/Files.Read' });
    expect(words(prefixed.body.scope)).toEqual([
      'https://graph.microsoft.com/Files.Read',
      'https://graph.microsoft.com/Mail.ReadBasic',
    ]);
  });

  test('a scope never consented: invalid_grant with consent_required, and the grant lives', async () => {
    forget(account1);
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    const refused = await it.refresh(refreshToken, { scope: `${identity} Calendars.ReadWrite` });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', suberror: 'consent_required', error_codes: [65001] },
    });
    expect((await it.refresh(refreshToken, { scope: 'Files.Read' })).status).toBe(200);
  });
});

describe('endings', () => {
  test('the user’s own change of password changes nothing; an administrator’s reset ends it', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const [one, other] = [await it.connect(), await it.connect({ account: account2 })];
    microsoft.control.happen({ event: 'change-password', account: account1 });
    expect((await it.refresh(one.refreshToken)).status).toBe(200);
    microsoft.control.happen({ event: 'admin-reset', account: account1 });
    const refused = await it.refresh(one.refreshToken);
    expect(refused.body).toMatchObject({ error: 'invalid_grant', error_codes: [50173] });
    expect(refused.body).not.toHaveProperty('suberror');
    expect((await it.refresh(other.refreshToken)).status).toBe(200);
  });

  test('removing consent on the account page: consent_required, until the user consents again', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken, accessToken } = await it.connect();
    await post(`${microsoft.origin}/account/remove`, { account: account1 });
    expect((await it.refresh(refreshToken)).body).toMatchObject({ suberror: 'consent_required', error_codes: [65001] });
    // Access tokens are not taken back.
    expect((await callApi(microsoft, '/v1.0/me/drive/root/children', accessToken)).status).toBe(200);
    await it.connect();
    expect((await it.refresh(refreshToken)).status).toBe(200);
  });

  test('revoked sessions end every refresh token of the user', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    microsoft.control.happen({ event: 'revoke-sessions', account: account1 });
    expect((await it.refresh(refreshToken)).body.error_codes).toEqual([50173]);
  });

  test('there is no revocation endpoint', async () => {
    expect(microsoft.endpoints).not.toHaveProperty('revocation');
    expect((await post(`${microsoft.origin}/common/oauth2/v2.0/revoke`, { token: 'x' })).status).toBe(404);
  });

  test('mfaRequired: basic_action with a claims challenge, until the user authorizes again', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    microsoft.control.change({ mfaRequired: true });
    const refused = await it.refresh(refreshToken);
    const again = await it.connect({}, { claims: String(refused.body.claims) });
    const accepted = await it.refresh(again.refreshToken);
    microsoft.control.change({ mfaRequired: false });
    expect(refused.body).toMatchObject({ error: 'invalid_grant', suberror: 'basic_action', error_codes: [50076] });
    expect(JSON.parse(String(refused.body.claims))).toHaveProperty('access_token.capolids');
    expect(accepted.status).toBe(200);
  });
});
