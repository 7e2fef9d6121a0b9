import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Demo, startDemo } from '../../local/demo/server.ts';

let demo: Demo;
beforeAll(async () => {
  const settings = { broker: 'http://127.0.0.1:1', apis: { google: 'http://127.0.0.1:2' } };
  demo = await startDemo({ settings: () => settings });
});
afterAll(() => demo?.stop());

const json = { 'Content-Type': 'application/json' };
const signIn = (body: string, headers: Record<string, string> = json) =>
  fetch(`${demo.origin}/session`, { method: 'POST', headers, body });
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';
const sessionOf = (cookie: string) => fetch(`${demo.origin}/session`, { headers: { cookie } });

describe('the demo product', () => {
  test('every answer carries the page’s rules, and no inline script or style is among them', async () => {
    for (const path of ['/', '/returned.html', '/main.ts', '/style.css', '/settings', '/session', '/nothing']) {
      const { headers } = await fetch(demo.origin + path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("connect-src 'self' http://127.0.0.1:1 http://127.0.0.1:2;");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('modules are served without their types, and other files not at all', async () => {
    const module = await fetch(`${demo.origin}/broker.ts`);
    expect(module.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await module.text()).not.toMatch(/interface |import type|: Promise</);
    const sdk = await fetch(`${demo.origin}/client/src/index.ts`);
    expect(await sdk.text()).not.toMatch(/export type|import type/);
    for (const path of [
      '/tsconfig.json',
      '/client/package.json',
      '/client/src/../package.json',
      '/..%2fserver.ts',
      '/%2e%2e/server.ts',
      '/server.ts',
      '/page/main.ts',
    ]) {
      expect((await fetch(demo.origin + path)).status).toBe(404);
    }
  });

  test('S18 signing in gives a new session, and signing out ends this browser’s alone', async () => {
    const first = await signIn('{"user":"user-1"}');
    expect(first.headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    const { token, tenant } = (await first.json()) as { token: string; tenant: string };
    expect(decodeJwt(token)).toMatchObject({ iss: demo.issuer, aud: demo.audience, sub: 'user-1', tenant });

    const other = cookieOf(await signIn('{"user":"user-1"}'));
    const next = cookieOf(await signIn('{"user":"user-1"}', { ...json, cookie: cookieOf(first) }));
    expect((await sessionOf(cookieOf(first))).status).toBe(204);
    expect((await sessionOf(next)).status).toBe(200);
    await fetch(`${demo.origin}/session`, { method: 'DELETE', headers: { cookie: next } });
    expect((await sessionOf(next)).status).toBe(204);
    expect((await sessionOf(other)).status).toBe(200);
  });

  test('what another site’s form can send signs nobody in', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      expect((await signIn('{"user":"user-1"}', { 'Content-Type': type })).status).toBe(400);
    }
    expect((await signIn('{"user":"constructor"}')).status).toBe(400);
    expect((await signIn('not JSON')).status).toBe(400);
    expect((await signIn(`{"user":"${'x'.repeat(2000)}"}`)).status).toBe(400);
  });

  test('the backend’s token is for one tenant that there is, and for no other site’s form', async () => {
    const ask = (body: string, headers = json) =>
      fetch(`${demo.origin}/service-token`, { method: 'POST', headers, body });
    const { token } = (await (await ask('{"tenant":"org-1"}')).json()) as { token: string };
    expect(decodeJwt(token)).toMatchObject({ iss: demo.issuer, aud: demo.serviceAudience, tenant: 'org-1' });
    for (const body of ['{"tenant":"org-9"}', '{}', 'null', 'not JSON']) expect((await ask(body)).status).toBe(400);
    expect((await ask('{"tenant":"org-1"}', { 'Content-Type': 'text/plain' })).status).toBe(400);
  });

  test('the product’s articles are found by all words of a query, by whoever is signed in', async () => {
    const find = (query: string, cookie = '') => fetch(`${demo.origin}/articles?${query}`, { headers: { cookie } });
    expect((await find('query=travel')).status).toBe(401);
    const cookie = cookieOf(await signIn('{"user":"user-2"}'));
    const idsOf = async (query: string) => {
      const { articles } = (await (await find(query, cookie)).json()) as { articles: { id: string }[] };
      return articles.map(({ id }) => id);
    };
    expect(await idsOf('query=BUDGET+travel')).toEqual(['travel-rules']);
    expect(await idsOf('query=budget+nowhere')).toEqual([]);
    expect(await idsOf('query=')).toEqual([]);
    expect(await idsOf('id=new-here')).toEqual(['new-here']);
  });

  test('it goes by one name', async () => {
    const { port } = new URL(demo.origin);
    const answer = await new Promise<{ status?: number | undefined; location?: string | undefined }>(
      (resolve, reject) => {
        request({ host: '127.0.0.1', port, headers: { host: `product.example:${port}` } }, (res) => {
          res.resume();
          resolve({ status: res.statusCode, location: res.headers.location });
        })
          .on('error', reject)
          .end();
      },
    );
    expect(answer).toEqual({ status: 302, location: `${demo.origin}/` });
  });
});
