import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bearer,
  COOKIE,
  cookie,
  type Fixture,
  fixture,
  fromPage,
  json,
  ORIGIN,
  TOKEN,
  user1,
  user2,
} from './fixture.ts';
import { type Ask, HOSTS, isProblem } from './support.ts';

describe.each(HOSTS)('%s', (by) => {
  let server: Fixture;
  beforeAll(async () => {
    server = await fixture(undefined, undefined, by);
  });
  afterAll(() => server.close());

  describe('CORS', () => {
    test('a registered origin gets itself, and no credentials mode', async () => {
      for (const path of ['/v1/connections', TOKEN]) {
        const reply = await server.ask({ path, headers: { ...bearer, origin: ORIGIN } });
        expect(reply.headers['access-control-allow-origin']).toBe(ORIGIN);
        expect(reply.headers['access-control-expose-headers']).toBe('ETag, Retry-After, X-Correlation-Id');
        expect(reply.headers.vary).toBe('Origin');
        expect(reply.headers).not.toHaveProperty('access-control-allow-credentials');
      }
    });

    test('a preflight needs no session', async () => {
      const headers = { origin: ORIGIN, 'access-control-request-method': 'POST' };
      const reply = await server.ask({ method: 'OPTIONS', path: TOKEN, headers });
      expect(reply).toMatchObject({
        status: 204,
        text: '',
        headers: {
          'access-control-allow-origin': ORIGIN,
          'access-control-allow-methods': 'POST, OPTIONS',
          'access-control-allow-headers': 'Authorization, Content-Type, Broker-Request, If-Match',
          'access-control-max-age': '600',
          vary: 'Origin',
        },
      });
    });

    const foreign = [
      'null',
      '',
      '*',
      'http://localhost:80810',
      'http://localhost',
      'http://localhost:8081/',
      'HTTP://localhost:8081',
      'https://localhost:8081',
      'http://localhost:8081.evil.example',
      'https://evil-app.example',
      'https://app.example.evil.example',
      'https://sub.app.example',
    ];
    test.each(foreign)('S21 origin "%s" is refused on every session route, without ACAO', async (origin) => {
      for (const [method, path] of [
        ['POST', TOKEN],
        ['OPTIONS', TOKEN],
        ['GET', TOKEN],
        ['GET', '/v1/connections'],
        ['DELETE', '/v1/account'],
      ] as const) {
        const reply = await server.ask({ method, path, headers: { ...bearer, origin } });
        expect(reply).toMatchObject({ status: 403, json: { code: 'origin_not_allowed' }, headers: { vary: 'Origin' } });
        expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
      }
      expect(server.calls).toEqual([]);
    });

    test('S21 two Origin headers are no registered origin', async () => {
      expect((await server.askToken({ ...bearer, origin: [ORIGIN, ORIGIN] })).status).toBe(403);
    });

    test('the page can read every problem, also those of the body', async () => {
      for (const [body, status] of [
        ['{', 400],
        [' '.repeat(20_000), 413],
      ] as const) {
        const reply = await server.askToken({ ...bearer, ...json, origin: ORIGIN }, body);
        expect(reply.status).toBe(status);
        expect(reply.headers['access-control-allow-origin']).toBe(ORIGIN);
      }
    });
  });

  describe('session', () => {
    const routes: [string, string][] = [
      ['GET', '/v1/connections'],
      ['DELETE', '/v1/connections/google'],
      ['POST', '/v1/connections/google/authorize'],
      ['POST', TOKEN],
      ['DELETE', '/v1/account'],
      ['DELETE', '/v1/tenants/org-1/users/user-1'],
    ];
    test.each(routes)('S16 %s %s without a session is 401', async (method, path) => {
      const reply = await server.ask({ method, path });
      expect(reply).toMatchObject({ status: 401, json: { code: 'login_required' } });
      expect(reply.headers['www-authenticate']).toBe('Bearer');
      expect(isProblem(reply.json)).toBe(true);
    });

    const malformed: [string, string | string[]][] = [
      ['another scheme', 'Basic dXNlcjpwYXNz'],
      ['no token', 'Bearer'],
      ['an empty token', 'Bearer '],
      ['nothing', ''],
      ['two tokens', 'Bearer session-1 session-1'],
      ['a token that is none', 'Bearer session-1,x'],
      ['no space', 'Bearersession-1'],
      ['repeated', ['Bearer session-1', 'Bearer session-1']],
      ['repeated, one empty', ['Bearer session-1', '']],
      ['unknown', 'Bearer other'],
    ];
    test.each(malformed)(
      'S27 Authorization that is %s is 401, never a fall-back to the cookie',
      async (_name, authorization) => {
        const reply = await server.askToken({ ...fromPage, authorization });
        expect(reply).toMatchObject({ status: 401, json: { code: 'login_required' } });
        expect(server.calls).toEqual([]);
      },
    );

    test('the scheme is case-insensitive, the bearer token wins over the cookie', async () => {
      const reply = await server.askToken({ ...cookie, authorization: 'bearer session-2' });
      expect(reply.status).toBe(200);
      expect(server.calls).toMatchObject([{ identity: user2 }]);
    });

    test('the cookie is a session, among others', async () => {
      const headers = { ...fromPage, cookie: `a=b; ${COOKIE}=session-1; x${COOKIE}=session-2` };
      expect((await server.askToken(headers, '{}')).status).toBe(200);
      expect(server.calls).toMatchObject([{ identity: user1 }]);
    });

    test.each([
      [`${COOKIE}=session-1; ${COOKIE}=session-2`],
      [`${COOKIE}=session-1; ${COOKIE}=session-1`],
      [`${COOKIE}=`],
      [`${COOKIE}`],
      ['session=session-1'],
    ])('cookies "%s" are no session', async (value) => {
      expect((await server.ask({ path: '/v1/connections', headers: { cookie: value } })).status).toBe(401);
      expect((await server.ask({ path: '/v1/connections', headers: { cookie: value.split('; ') } })).status).toBe(401);
    });

    test('a key endpoint that is down is 503 with Retry-After, not 401', async () => {
      const reply = await server.ask({ path: '/v1/connections', headers: { authorization: 'Bearer down' } });
      expect(reply).toMatchObject({ status: 503, json: { code: 'idp_unavailable' }, headers: { 'retry-after': '42' } });
    });

    test('the service route takes no cookie and no session, the session routes no service token', async () => {
      const path = '/v1/tenants/org-1/users/user-1';
      for (const headers of [fromPage, bearer, { ...fromPage, ...bearer }]) {
        expect((await server.ask({ method: 'DELETE', path, headers })).status).toBe(401);
      }
      expect((await server.askToken({ authorization: 'Bearer service-1' })).status).toBe(401);
      expect(server.calls).toEqual([]);
    });
  });

  describe('CSRF', () => {
    const without = (name: string) => Object.fromEntries(Object.entries(fromPage).filter(([key]) => key !== name));
    const forged: [string, Ask['headers']][] = [
      ['no custom header', without('broker-request')],
      ['another value of it', { ...fromPage, 'broker-request': 'true' }],
      ['no Origin', without('origin')],
      ['no type', without('content-type')],
      ['a form', { ...fromPage, 'content-type': 'application/x-www-form-urlencoded' }],
      ['text', { ...fromPage, 'content-type': 'text/plain; application/json' }],
      ['another charset', { ...fromPage, 'content-type': 'application/json; charset=utf-16' }],
    ];
    test.each(forged)('S19 a write by cookie with %s is 403 csrf_rejected', async (_name, headers = {}) => {
      for (const [method, path] of [
        ['POST', TOKEN],
        ['DELETE', '/v1/connections/google'],
        ['DELETE', '/v1/account'],
      ] as const) {
        const reply = await server.ask({ method, path, headers });
        expect(reply).toMatchObject({ status: 403, json: { code: 'csrf_rejected' } });
      }
      expect(server.calls).toEqual([]);
    });

    test.each(['{}', '', '2', 'true', '1, 1'])(
      'S19 Broker-Request: %j is refused with a bearer token too',
      async (value) => {
        const wrong = { ...bearer, 'broker-request': value };
        for (const what of [
          { method: 'POST', path: TOKEN, headers: wrong },
          { method: 'DELETE', path: '/v1/connections/google', headers: wrong },
          { method: 'DELETE', path: '/v1/account', headers: wrong },
        ]) {
          const { status, json: body } = await server.ask(what);
          expect([status, body.code, body.detail]).toEqual([400, 'invalid_request', 'Broker-Request must be 1.']);
        }
        expect(server.calls).toEqual([]);
        // The session comes first, and reading takes no such header.
        expect((await server.ask({ method: 'POST', path: TOKEN, headers: { 'broker-request': value } })).status).toBe(
          401,
        );
        expect((await server.ask({ path: '/v1/connections', headers: wrong })).status).toBe(200);
        expect((await server.askToken({ ...bearer, 'broker-request': '1' })).status).toBe(200);
      },
    );

    test('S19 with all three it passes; reading needs none, a bearer token needs none', async () => {
      expect((await server.askToken(fromPage)).status).toBe(200);
      expect((await server.ask({ method: 'DELETE', path: '/v1/account', headers: fromPage })).status).toBe(204);
      expect((await server.ask({ path: '/v1/connections', headers: cookie })).status).toBe(200);
      expect((await server.askToken(bearer)).status).toBe(200);
    });
  });
});
