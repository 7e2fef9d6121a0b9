import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { securityHeaders } from '../../functions/http/answer.ts';
import { answer, bearer, type Fixture, fixture, json, ORIGIN, TOKEN, user1 } from './fixture.ts';
import { type Ask, HOSTS, isProblem } from './support.ts';

describe.each(HOSTS)('%s', (by) => {
  let server: Fixture;
  beforeAll(async () => {
    server = await fixture(undefined, undefined, by);
  });
  afterAll(() => server.close());

  describe('routes', () => {
    test('an operation gets identity, path and body, and its answer is written', async () => {
      const reply = await server.askToken({ ...bearer, ...json }, '{"integration":"files:write"}');
      expect(reply).toMatchObject({ status: 200, json: answer });
      expect(reply.headers['content-type']).toBe('application/json');
      expect(server.calls).toMatchObject([
        { identity: user1, path: { provider: 'google' }, body: { integration: 'files:write' } },
      ]);
    });

    test('an optional body may be absent', async () => {
      expect((await server.askToken(bearer)).status).toBe(200);
      expect(server.calls).toMatchObject([{ body: undefined }]);
    });

    test.each([
      ['/', 404],
      ['/v1/connections/google/token/', 404],
      ['/v1/connections//token', 404],
      ['/connections/google/token', 404],
      ['/v1/connections/../account', 404],
      ['/v1/connections/Google/token', 404],
      [`/v1/connections/${'g'.repeat(33)}/token`, 404],
      ['/v1/connections/%67oogle/token', 200],
      ['/v1/connections/google%2Fx/token', 404],
      ['/v1/connections/%E0%A4%A/token', 400],
      ['//v1/connections/google/token', 404],
    ])('%s answers %i', async (path, status) => {
      const reply = await server.ask({ method: 'POST', path, headers: bearer });
      expect(reply.status).toBe(status);
      if (status !== 200) expect(isProblem(reply.json)).toBe(true);
    });

    test('S20 GET on a route that changes something or hands out tokens is 405, with what is allowed', async () => {
      for (const path of [TOKEN, '/v1/connections/google/authorize', '/v1/account', '/v1/connections/google']) {
        for (const method of ['GET', 'HEAD', 'PUT', 'PATCH']) {
          const reply = await server.ask({ method, path, headers: bearer });
          expect(reply.status).toBe(405);
          expect(reply.headers.allow).toMatch(/^(POST|DELETE), OPTIONS$/);
        }
      }
      expect(server.calls).toEqual([]);
    });

    test('HEAD is GET without a body', async () => {
      const reply = await server.ask({ method: 'HEAD', path: '/v1/connections', headers: bearer });
      expect(reply).toMatchObject({ status: 200, text: '' });
      expect(reply.headers['content-type']).toBe('application/json');
    });

    test('OPTIONS outside of CORS says what is allowed, and opens nothing', async () => {
      const reply = await server.ask({
        method: 'OPTIONS',
        path: '/v1/tenants/org-1/users/u',
        headers: { origin: ORIGIN },
      });
      expect(reply).toMatchObject({ status: 204, headers: { allow: 'DELETE, OPTIONS' } });
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
      const own = await server.ask({ method: 'OPTIONS', path: '/v1/connections' });
      expect(own).toMatchObject({ status: 204, headers: { allow: 'GET, HEAD, OPTIONS' } });
    });

    test('path parameters of the service route are decoded, and bounded', async () => {
      const path = '/v1/tenants/org-1/users/';
      const headers = { authorization: 'Bearer service-1' };
      expect((await server.ask({ method: 'DELETE', path: `${path}a%2Fb%20%C3%A9`, headers })).status).toBe(204);
      expect(server.calls).toEqual([{ service: { tenant: 'org-1' }, path: { tenant: 'org-1', user: 'a/b é' } }]);
      expect((await server.ask({ method: 'DELETE', path: path + 'a'.repeat(257), headers })).status).toBe(400);
    });

    test('S24 a redirect carries what the operation says, and no store keeps it', async () => {
      const reply = await server.ask({ path: '/v1/callback/google?code=1&state=2' });
      expect(reply).toMatchObject({ status: 303, text: '', headers: { location: `${ORIGIN}/#ticket=x` } });
      expect(reply.headers['cache-control']).toBe('no-store');
    });
  });

  describe('headers', () => {
    const everywhere: [string, Ask, number][] = [
      ['an answer', { path: '/v1/connections', headers: bearer }, 200],
      ['nothing to say', { method: 'DELETE', path: '/v1/account', headers: bearer }, 204],
      ['a preflight', { method: 'OPTIONS', path: TOKEN, headers: { origin: ORIGIN } }, 204],
      ['a page', { path: '/v1/callback/google' }, 400],
      ['a redirect', { path: '/v1/callback/google?code=1' }, 303],
      ['a bad path', { path: '/%E0%A4%A' }, 400],
      ['no session', { path: '/v1/connections' }, 401],
      ['a foreign origin', { path: '/v1/connections', headers: { origin: 'https://evil.example' } }, 403],
      ['no such path', { path: '/nothing' }, 404],
      ['favicon', { path: '/favicon.ico' }, 404],
      ['robots', { path: '/robots.txt' }, 404],
      ['another method', { path: TOKEN }, 405],
      ['too large', { method: 'POST', path: TOKEN, headers: { ...bearer, ...json }, body: ' '.repeat(16_385) }, 413],
      ['key endpoint down', { path: '/v1/connections', headers: { authorization: 'Bearer down' } }, 503],
    ];

    test.each(everywhere)('S22 %s carries all security headers', async (_name, what, status) => {
      const reply = await server.ask(what);
      expect(reply.status).toBe(status);
      for (const [name, value] of Object.entries(securityHeaders)) {
        expect([name, reply.headers[name.toLowerCase()]]).toEqual([name, value]);
      }
      expect(reply.headers).not.toHaveProperty('x-powered-by');
      expect(reply.headers).not.toHaveProperty('etag');
    });

    test('S22 a 500 carries them too', async () => {
      const reply = await server.fail(new Error('x'));
      expect(reply.status).toBe(500);
      for (const [name, value] of Object.entries(securityHeaders))
        expect(reply.headers[name.toLowerCase()]).toBe(value);
    });

    test('S17 the header snapshot: no cookie is set, nothing else is said', async () => {
      const { headers } = await server.askToken({ ...bearer, origin: ORIGIN });
      const { date: _date, 'x-correlation-id': correlation, ...rest } = headers;
      expect(correlation).toMatch(/^[0-9a-f-]{36}$/);
      expect(rest).toEqual({
        'access-control-allow-origin': ORIGIN,
        'access-control-expose-headers': 'ETag, Retry-After, X-Correlation-Id',
        'cache-control': 'no-store',
        connection: 'close',
        'content-length': '123',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'content-type': 'application/json',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        vary: 'Origin',
        'x-content-type-options': 'nosniff',
      });
    });
  });
});
