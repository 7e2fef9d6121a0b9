import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnswerShape, answerShapes } from '../../local/providers/answer-shapes.ts';
import { startGoogle } from '../../local/providers/google.ts';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { startStrict } from '../../local/providers/strict.ts';
import type { Switches } from '../../local/providers/switches.ts';
import { account1, callApi, createClient, setup } from './client.ts';

const started: LocalProvider[] = [];
/** How each provider is connected so that a refresh token comes, and an API of it. */
const cases = [
  {
    name: 'google',
    start: startGoogle,
    scope: 'openid https://www.googleapis.com/auth/drive.readonly https://www.googleapis.com/auth/calendar.readonly',
    parameters: { access_type: 'offline', prompt: 'consent' },
    api: '/drive/v3/files',
  },
  {
    name: 'microsoft',
    start: startMicrosoft,
    scope: 'openid offline_access Files.Read Mail.ReadBasic',
    parameters: {},
    api: '/v1.0/me/drive/root/children',
  },
  {
    name: 'notes',
    start: startStrict,
    scope: 'openid offline_access notes.read notes.write',
    parameters: { prompt: 'consent' },
    api: '/me/notes',
  },
];

describe.each(cases)('$name', ({ name, start, scope, parameters, api }) => {
  let provider: LocalProvider;
  beforeAll(async () => {
    provider = await start(setup);
    started.push(provider);
  });
  afterAll(() => provider.stop());

  const oauth = () => createClient(provider, scope, parameters);
  const http = async (method: string, path: string, body?: unknown, type = 'application/json') => {
    const response = await fetch(`${provider.origin}/control${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } }),
    });
    return { status: response.status, body: await response.json() };
  };
  const during = async <T>(change: Partial<Switches>, back: Partial<Switches>, act: () => Promise<T>): Promise<T> => {
    provider.control.change(change);
    try {
      return await act();
    } finally {
      provider.control.change(back);
    }
  };

  test('GET and PATCH show and set switches; wrong ones change nothing', async () => {
    expect((await http('GET', '')).body).toMatchObject({ provider: name, switches: { latencyMs: 0 }, counts: {} });
    expect((await http('PATCH', '', { latencyMs: 1 })).body).toMatchObject({ switches: { latencyMs: 1 } });
    for (const wrong of [
      { latencyMs: -1 },
      { latencyMs: '1' },
      { unknown: true },
      { toString: 1 },
      { outage: { at: 'all' } },
      { latencyMs: 5, rotation: 'sometimes' },
      { claimsChallenge: 'yes' },
      [],
    ]) {
      expect((await http('PATCH', '', wrong)).status).toBe(400);
    }
    expect(provider.control.read().switches.latencyMs).toBe(1);
    provider.control.change({ latencyMs: 0 });
    const inert = name === 'microsoft' ? { withheldScopes: ['x'] } : { claimsChallenge: true };
    expect((await http('PATCH', '', inert)).status).toBe(400);
  });

  test('events are checked', async () => {
    for (const wrong of [
      { event: 'unknown', account: account1 },
      { event: 'revoke-access' },
      { event: 'revoke-access', account: 'nobody' },
      { event: 'expire-tokens', tokens: 'some' },
      { event: 'change-password', account: account1, more: 1 },
    ]) {
      expect((await http('POST', '/events', wrong)).status).toBe(400);
    }
    expect((await http('POST', '/events', { event: 'expire-tokens' }, 'text/plain')).status).toBe(400);
    expect((await http('POST', '/events', { event: 'revoke-access', account: account1 })).status).toBe(200);
    expect((await http('GET', '/nothing')).status).toBe(404);
  });

  test('a page of another site does not reach it', async () => {
    const response = await fetch(`${provider.origin}/control`, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(response.status).toBe(403);
  });

  test('counts calls, live tokens and what was turned away', async () => {
    const before = provider.control.read().counts;
    const { refreshToken } = await oauth().connect();
    await oauth().refresh(refreshToken);
    await oauth().refresh('unknown');
    const { counts } = provider.control.read();
    expect(counts.authorizations).toBeGreaterThan(before.authorizations);
    expect(counts.tokenCalls.authorization_code).toBe((before.tokenCalls.authorization_code ?? 0) + 1);
    expect(counts.tokenCalls.refresh_token).toBe((before.tokenCalls.refresh_token ?? 0) + 2);
    expect(counts.liveRefreshTokens).toBeGreaterThan(before.liveRefreshTokens);
  });

  test('outage: 503 or a reset, of everything or of the token endpoint, while the control endpoint answers', async () => {
    const it = oauth();
    const { refreshToken, accessToken } = await it.connect();
    const calls = { ...provider.control.read().counts };
    await during({ outage: { at: 'token', as: '503' } }, { outage: null }, async () => {
      expect((await it.refresh(refreshToken)).status).toBe(503);
      expect((await callApi(provider, api, accessToken)).status).toBe(200);
    });
    await during({ outage: { at: 'all', as: 'reset' } }, { outage: null }, async () => {
      await expect(it.refresh(refreshToken)).rejects.toThrow();
      await expect(callApi(provider, api, accessToken)).rejects.toThrow();
      expect((await http('GET', '')).status).toBe(200);
    });
    const { counts } = provider.control.read();
    expect(counts.turnedAway).toBe(calls.turnedAway + 2);
    expect(counts.tokenCalls).toEqual(calls.tokenCalls);
    expect((await it.refresh(refreshToken)).status).toBe(200);
  });

  test('latency delays', async () => {
    await during({ latencyMs: 120 }, { latencyMs: 0 }, async () => {
      const begin = performance.now();
      await fetch(provider.endpoints.discovery);
      expect(performance.now() - begin).toBeGreaterThan(100);
    });
  });

  test('accessTokenSeconds and clientSecretExpired', async () => {
    const it = oauth();
    const { refreshToken } = await it.connect();
    const short = await during({ accessTokenSeconds: 7 }, { accessTokenSeconds: 3599 }, () => it.refresh(refreshToken));
    expect(short.body.expires_in).toBe(7);
    const next = short.refreshToken || refreshToken;
    const refused = await during({ clientSecretExpired: true }, { clientSecretExpired: false }, () => it.refresh(next));
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await it.refresh(next)).status).toBe(200);
  });

  test('tooManyRequests: the next N only, without effect', async () => {
    const it = oauth();
    const { refreshToken } = await it.connect();
    provider.control.change({ tooManyRequests: { retryAfter: 9, next: 2 } });
    for (let call = 0; call < 2; call += 1) {
      const answer = await it.refresh(refreshToken);
      expect(answer.status).toBe(429);
      expect(answer.headers.get('retry-after')).toBe('9');
    }
    expect(provider.control.read().switches.tooManyRequests).toBeNull();
    expect((await it.refresh(refreshToken)).status).toBe(200);
  });

  test('commitThen: the refresh takes effect, and the answer is lost', async () => {
    for (const fail of ['504', 'reset', 'truncated'] as const) {
      const it = oauth();
      const { refreshToken } = await it.connect();
      const issued = provider.control.issued().length;
      provider.control.change({ commitThen: { fail, next: 1 } });
      const status = await it.refresh(refreshToken).then(
        (answer) => answer.status,
        () => 'broken',
      );
      expect(status).toBe(fail === '504' ? 504 : 'broken');
      expect(provider.control.issued().length).toBeGreaterThan(issued);
      // Only a strict provider has spent the token by that.
      expect((await it.refresh(refreshToken)).status).toBe(name === 'notes' ? 400 : 200);
    }
  });

  const shapes: Partial<
    Record<AnswerShape, (answer: Awaited<ReturnType<ReturnType<typeof oauth>['refresh']>>) => void>
  > = {
    no_refresh_token: ({ status, body }) => {
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('refresh_token');
    },
    no_expires_in: ({ body }) => {
      expect(body).toHaveProperty('access_token');
      expect(body).not.toHaveProperty('expires_in');
    },
    comma_scope: ({ body }) => expect(body.scope).toMatch(/^[^ ]+,[^ ]+$/),
    redirect: ({ status, headers }) => {
      expect(status).toBe(302);
      expect(headers.get('location')).toBe('/elsewhere');
    },
    html: ({ status, headers }) => {
      expect(status).toBe(200);
      expect(headers.get('content-type')).toContain('text/html');
    },
    too_long: ({ headers }) => expect(Number(headers.get('content-length'))).toBeGreaterThan(65_536),
    mac: ({ body }) => expect(body.token_type).toBe('mac'),
  };

  test.each(Object.keys(shapes) as AnswerShape[])('answerShape %s, once', async (shape) => {
    const it = oauth();
    const { refreshToken } = await it.connect();
    provider.control.change({ answerShape: { shape, next: 1 } });
    shapes[shape]?.(await it.refresh(refreshToken));
    expect(provider.control.read().switches.answerShape).toBeNull();
    const plain = await it.connect();
    expect(plain.body).toMatchObject({ token_type: 'Bearer', scope: expect.stringContaining(' ') });
  });

  test('every answerShape is taken, and is used up by one answer', async () => {
    const it = oauth();
    for (const shape of answerShapes) {
      const { refreshToken } = await it.connect();
      provider.control.change({ answerShape: { shape, next: 1 } });
      await it.refresh(refreshToken).catch(() => undefined);
      expect([shape, provider.control.read().switches.answerShape]).toEqual([shape, null]);
    }
  });

  test('every secret that was handed out is listed, with its canary; content by its names', async () => {
    const it = oauth();
    const code = (await it.authorize()).get('code') ?? '';
    const { accessToken, refreshToken } = await it.exchange(code);
    const issued = (await http('GET', '/issued')).body as { kind: string; value: string }[];
    expect(issued).toEqual(provider.control.issued());
    for (const [kind, value] of [
      ['code', code],
      ['access_token', accessToken],
      ['refresh_token', refreshToken],
    ]) {
      expect(issued).toContainEqual({ kind, value });
      expect(value).toContain('CANARY-');
    }
    const content = JSON.stringify((await callApi(provider, api, accessToken)).body);
    const seen = issued.filter((entry) => entry.kind === 'content' && content.includes(entry.value));
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(issued.some(({ kind }) => kind === 'id_token')).toBe(true);
  });
});
