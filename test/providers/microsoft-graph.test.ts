import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Account, accountOf } from '../../local/providers/accounts.ts';
import { filesOf, messagesOf } from '../../local/providers/content.ts';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { account1, callApi, createClient, createClock, pageOrigin, setup } from './client.ts';

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

describe('Graph', () => {
  const all = `${identity} Files.Read Calendars.Read.Shared Mail.ReadBasic`;

  test('answers files, events and mail without bodies', async () => {
    const { accessToken } = await createClient(microsoft, all).connect();
    const get = (path: string) => callApi(microsoft, `/v1.0/me/${path}`, accessToken);
    expect((await get('drive/root/children')).body.value).toHaveLength(3);
    expect((await get('events')).body.value).toHaveLength(2);
    const messages = (await get('messages')).body.value as Record<string, unknown>[];
    expect(messages[0]?.subject).toBe(messagesOf(accountOf(account1) as Account)[0]?.name);
    for (const message of messages) {
      expect(message).not.toHaveProperty('body');
      expect(message).not.toHaveProperty('bodyPreview');
    }
    expect((await get('messages?$search="x"')).status).toBe(403);
    const day = new Date(clock.now()).toISOString();
    const later = new Date(clock.now() + 48 * 3600 * 1000).toISOString();
    const view = await get(`calendarView?startDateTime=${day}&endDateTime=${later}`);
    expect((view.body.value as unknown[]).length).toBeGreaterThanOrEqual(1);
    expect((await get('calendarView')).status).toBe(400);
  });

  test('finds files by every word of name and text, with the asked members alone, and refuses a broken literal', async () => {
    const { accessToken } = await createClient(microsoft, all).connect();
    const search = (literal: string) =>
      callApi(microsoft, `/v1.0/me/drive/root/search(q=${literal})?$select=id,name&$top=1`, accessToken);
    const [budget] = filesOf(accountOf(account1) as Account);
    expect((await search("'EUROS%20travel'")).body.value).toEqual([{ id: budget?.id, name: budget?.name }]);
    expect((await search("'zebra''s%2F'")).body.value).toEqual([]);
    for (const literal of ["'zebra's'", 'budget', "'budget"]) {
      expect(await search(literal)).toMatchObject({ status: 400, body: { error: { code: 'invalidRequest' } } });
    }
  });

  test('refuses an unknown, expired or insufficient token, readably for the page', async () => {
    forget(account1);
    const { accessToken } = await createClient(microsoft, `${identity} Files.Read`).connect();
    const unknown = await callApi(microsoft, '/v1.0/me/messages', 'EwBinvented');
    expect(unknown).toMatchObject({ status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } });
    expect(unknown.headers.get('access-control-allow-origin')).toBe(pageOrigin);
    expect((await callApi(microsoft, '/v1.0/me/messages', accessToken)).body).toMatchObject({
      error: { code: 'ErrorAccessDenied' },
    });
    microsoft.control.happen({ event: 'expire-tokens' });
    expect((await callApi(microsoft, '/v1.0/me/drive/root/children', accessToken)).status).toBe(401);
  });

  test('claimsChallenge: names the claims to a cp1 client, until a token answers them', async () => {
    const capability = { xms_cc: { values: ['cp1'] } };
    const claims = (more: object = {}) => JSON.stringify({ access_token: { ...capability, ...more } });
    const path = '/v1.0/me/drive/root/children';
    const it = createClient(microsoft, all);
    const { refreshToken } = await it.connect();
    const able = await it.refresh(refreshToken, { claims: claims() });
    const unable = await it.refresh(refreshToken);
    microsoft.control.change({ claimsChallenge: true });
    const plain = await callApi(microsoft, path, unable.accessToken);
    const challenged = await callApi(microsoft, path, able.accessToken);
    const header = challenged.headers.get('www-authenticate') ?? '';
    const wanted = JSON.parse(Buffer.from(/claims="([^"]+)"/.exec(header)?.[1] ?? '', 'base64').toString());
    const renewed = await it.refresh(refreshToken, { claims: claims(wanted.access_token) });
    const passed = await callApi(microsoft, path, renewed.accessToken);
    const authorized = await it.connect({}, { claims: JSON.stringify(wanted) });
    const passedToo = await callApi(microsoft, path, authorized.accessToken);
    microsoft.control.change({ claimsChallenge: false });
    expect([plain.status, challenged.status, passed.status, passedToo.status]).toEqual([401, 401, 200, 200]);
    expect(plain.headers.get('www-authenticate')).not.toContain('claims=');
    expect(header).toContain('error="insufficient_claims"');
    expect(challenged.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect((await it.refresh(refreshToken, { claims: '[' })).body.error).toBe('invalid_request');
  });
});
