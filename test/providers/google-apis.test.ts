import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Account, accountOf } from '../../local/providers/accounts.ts';
import { filesOf } from '../../local/providers/content.ts';
import { startGoogle } from '../../local/providers/google.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { account1, account2, callApi, createClient, createClock, pageOrigin, setup } from './client.ts';

const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;
const clock = createClock();
let google: LocalProvider;

beforeAll(async () => {
  google = await startGoogle({ ...setup, now: clock.now });
});
afterAll(() => google.stop());

describe('APIs', () => {
  const all = ['drive.readonly', 'calendar.readonly', 'gmail.readonly'].map(scope).join(' ');

  test('answer a few deterministic things per account', async () => {
    const it = createClient(google, all);
    const token = (await it.connect()).accessToken;
    const files = await callApi(google, '/drive/v3/files', token);
    expect(files.status).toBe(200);
    expect(JSON.stringify(files.body)).toContain(filesOf(accountOf(account1) as Account)[0]?.name);
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

  test('searches find by every word of name and text, answer the asked fields alone, and refuse what is no query', async () => {
    const { accessToken } = await createClient(google, all).connect();
    const get = (path: string, parameters: Record<string, string>) =>
      callApi(google, `${path}?${new URLSearchParams(parameters)}`, accessToken);
    const fullText = (literal: string) => `fullText contains '${literal}' and trashed = false`;
    const [budget] = filesOf(accountOf(account1) as Account);
    const found = await get('/drive/v3/files', { q: fullText('EUROS travel'), fields: 'files(id,name)' });
    expect(found.body).toEqual({ files: [{ id: budget?.id, name: budget?.name }] });
    expect((await get('/drive/v3/files', { q: fullText("zebra\\'s"), fields: 'files/id' })).body).toEqual({
      files: [],
    });
    for (const q of [fullText("zebra's"), fullText('\\'), "name contains 'x'", '']) {
      expect(await get('/drive/v3/files', { q })).toMatchObject({ status: 400, body: { error: { code: 400 } } });
    }
    for (const fields of ['files(id', 'files(id))', 'files//id', '', 'a b']) {
      expect((await get('/drive/v3/files', { fields })).status).toBe(400);
    }
    const calendar = await get('/calendar/v3/calendars/primary/events', {
      q: 'review fair',
      fields: 'items(summary,start/dateTime)',
    });
    expect(calendar.body).toEqual({
      items: [{ summary: expect.any(String), start: { dateTime: expect.any(String) } }],
    });
    expect((await get('/gmail/v1/users/me/messages', { q: 'nowhere', fields: 'messages/id' })).body).toEqual({});
    const message = await get('/gmail/v1/users/me/messages/message-12', { format: 'metadata', fields: 'snippet' });
    expect(message.body.snippet).toMatch(/^The train&#39;s invoice/);
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
    const headers = await callApi(google, `${list}/message-21?format=metadata`, accessToken);
    expect(headers.status).toBe(200);
    expect(headers.body).not.toHaveProperty('snippet');
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
