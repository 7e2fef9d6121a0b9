/** The running broker as an attacker meets it over HTTP: rows S16 to S30 (the layer itself has tests in test/http). */
import { generateKeyPairSync } from 'node:crypto';
import { connect as openSocket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { securityHeaders } from '../../functions/http/answer.ts';
import { connect, startTestStack, type TestStack } from '../support/broker.ts';
import { exchange } from '../support/raw.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await connect(stack, 'google', { token: await stack.session(), integrations: ['files'] });
}, 60_000);
afterAll(() => stack?.stop());

const SESSION_ROUTES = [
  ['GET', '/v1/connections'],
  ['DELETE', '/v1/connections/google'],
  ['POST', '/v1/connections/google/authorize'],
  ['POST', '/v1/connections/google/complete'],
  ['POST', '/v1/connections/google/token'],
  ['DELETE', '/v1/account'],
] as const;
const WRITES = SESSION_ROUTES.filter(([method]) => method !== 'GET');

describe('sessions', () => {
  test.each(SESSION_ROUTES)('S16 %s %s without a session: 401', async (method, path) => {
    expect(await stack.call(method, path)).toMatchObject({ status: 401, body: { code: 'login_required' } });
  });

  test.each([
    ['no scheme', 'abc'],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['an empty token', 'Bearer '],
    ['two tokens', 'Bearer a b'],
    ['no JWT', 'Bearer abc'],
    ['a comma list', 'Bearer a, Bearer b'],
  ])('S27 a malformed Authorization (%s): 401, also beside a good cookie', async (_, authorization) => {
    const cookie = `__Host-session=${await stack.session()}`;
    expect((await stack.call('GET', '/v1/connections', { headers: { authorization, cookie } })).status).toBe(401);
  });

  test('S29 S30 forged and foreign tokens: 401', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = await new SignJWT({ sub: 'user-1', tenant: 'org-1', azp: 'demo-web' })
      .setProtectedHeader({ alg: 'ES256', kid: 'demo-1', typ: 'JWT' })
      .setIssuer(stack.demo.issuer)
      .setAudience(stack.demo.audience)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
    const [, payload = ''] = (await stack.session()).split('.');
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
    for (const token of [forged, none])
      expect((await stack.call('GET', '/v1/connections', { token })).status).toBe(401);
  });
});

describe('S19 a session that comes as a cookie', () => {
  const proof = () => ({ origin: stack.demo.origin, 'broker-request': '1', 'content-type': 'application/json' });

  test('reads without more', async () => {
    const cookie = `__Host-session=${await stack.session()}`;
    expect((await stack.call('GET', '/v1/connections', { headers: { cookie } })).status).toBe(200);
  });

  test.each(WRITES)('S19 %s %s needs the header, a registered origin and the JSON type', async (method, path) => {
    // A user without connections: what gets through removes nothing of the others' tests.
    const cookie = `__Host-session=${await stack.session('user-cookie')}`;
    for (const missing of ['origin', 'broker-request', 'content-type'] as const) {
      const { [missing]: _, ...rest } = proof();
      const answer = await stack.call(method, path, {
        headers: { ...rest, cookie },
        ...(method === 'POST' ? { body: undefined } : {}),
      });
      expect(answer).toMatchObject({ status: 403, body: { code: 'csrf_rejected' } });
    }
    const whole = await stack.call(method, path, { headers: { ...proof(), cookie } });
    expect(whole.body?.code).not.toBe('csrf_rejected');
    expect([204, 400, 409]).toContain(whole.status);
  });
});

describe('methods, origins, headers', () => {
  test.each(WRITES.filter(([, path]) => path !== '/v1/connections/google'))(
    'S20 GET instead of %s %s: 405',
    async (method, path) => {
      const answer = await stack.call('GET', path, { token: await stack.session() });
      expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
      expect(answer.headers.get('allow')).toContain(method);
    },
  );

  test.each([
    'null',
    'http://localhost',
    'http://localhost:8081.elsewhere.example',
    'http://elsewhere-localhost:8081',
    'HTTP://LOCALHOST',
  ])('S21 the origin %s: 403 without Access-Control-Allow-Origin', async (origin) => {
    for (const [method, path] of SESSION_ROUTES) {
      const answer = await stack.call(method, path, { token: await stack.session('user-cors'), headers: { origin } });
      expect(answer).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('S21 the registered origin gets exactly itself, and a preflight names what is allowed', async () => {
    const headers = { origin: stack.demo.origin };
    const answer = await stack.call('GET', '/v1/connections', { token: await stack.session(), headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe(stack.demo.origin);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const preflight = await stack.call('OPTIONS', '/v1/connections/google/token', {
      headers: {
        ...headers,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
  });

  test('S17 S22 the headers of every answer, a snapshot', async () => {
    const answers = [
      await stack.call('GET', '/v1/connections', { token: await stack.session() }),
      await stack.call('GET', '/v1/connections'),
      await stack.call('GET', '/nowhere'),
      await stack.call('GET', '/'),
      await stack.call('GET', '/favicon.ico'),
      await stack.call('GET', '/v1/callback/google?state=x&code=y'),
      await stack.call('GET', '/v1/account'),
      await stack.call('OPTIONS', '/v1/connections', { headers: { origin: stack.demo.origin } }),
      await stack.call('POST', '/v1/connections/google/token', { token: await stack.session(), body: '{' }),
    ];
    // A page for people has its one style besides, by its hash.
    const STYLE = /; style-src 'sha256-[A-Za-z0-9+/]{43}='$/;
    for (const { headers } of answers) {
      const isPage = headers.get('content-type')?.startsWith('text/html') === true;
      const policy = headers.get('content-security-policy') ?? '';
      expect(STYLE.test(policy)).toBe(isPage);
      expect({
        cache: headers.get('cache-control'),
        referrer: headers.get('referrer-policy'),
        sniff: headers.get('x-content-type-options'),
        hsts: headers.get('strict-transport-security'),
        coop: headers.get('cross-origin-opener-policy'),
        csp: policy.replace(STYLE, ''),
        powered: headers.get('x-powered-by'),
        cookie: headers.get('set-cookie'),
      }).toEqual({
        cache: 'no-store',
        referrer: 'no-referrer',
        sniff: 'nosniff',
        hsts: 'max-age=31536000; includeSubDomains',
        coop: 'same-origin',
        csp: "default-src 'none'; frame-ancestors 'none'",
        powered: null,
        cookie: null,
      });
    }
  });
});

describe('S25 S28 bodies', () => {
  const post = async (body: unknown, headers = {}) =>
    stack.call('POST', '/v1/connections/google/token', { token: await stack.session(), body, headers });

  test('S25 more than 16 KiB: 413', async () => {
    expect(await post({ integration: 'x'.repeat(17_000) })).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    });
  });

  test.each([
    ['an unknown field', { integration: 'files', more: 1 }],
    ['__proto__', '{"__proto__": {"integration": "files"}}'],
    ['deep nesting', `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`],
    ['an array', []],
    ['another type', { integration: 1 }],
    ['both ways at once', { integration: 'files', scopes: ['a'] }],
    ['S28 no JSON', '{"integration": "CANARY-BODY"'],
  ])('S25 %s: 400', async (_, body) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(stack.logs.join('\n')).not.toContain('CANARY-BODY');
  });

  test('another type than JSON: 415', async () => {
    expect((await post('integration=files', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
  });
});

describe('paths', () => {
  test.each([
    '/v1/connections/GOOGLE/token',
    '/v1/connections/google%2f..%2f/token',
    '/v1/connections/__proto__/token',
    '/v1/connections//token',
  ])('%s leads nowhere', async (path) => {
    expect([404]).toContain((await stack.call('POST', path, { token: await stack.session(), body: {} })).status);
  });

  test('S23 nothing of an address is in an answer', async () => {
    const answer = await stack.call('GET', '/v1/%3Cscript%3ECANARY?x=<b>CANARY');
    expect(JSON.stringify(answer.body)).not.toContain('CANARY');
  });

  test('S27 a request that is no HTTP', async () => {
    const port = Number(new URL(stack.broker).port);
    const text = await new Promise<string>((resolve, reject) => {
      const socket = openSocket(port, '127.0.0.1', () =>
        socket.write('GET /v1/connections HTTP/1.1\r\nbad header\r\n\r\n'),
      );
      let read = '';
      socket.setTimeout(5_000, () => socket.destroy());
      socket
        .on('data', (chunk) => (read += chunk))
        .on('close', () => resolve(read))
        .on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1.1 400/);
  });
});

test('S26 a burst of one user: 429 with Retry-After, which a spoofed address does not evade and another user does not feel', async () => {
  const token = await stack.session('user-burst');
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      stack.call('GET', '/v1/connections', { token, headers: { 'x-forwarded-for': `198.51.100.${index}` } }),
    ),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(120);
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await stack.call('GET', '/v1/connections', { token: await stack.session() })).status).toBe(200);
});

test('S34 the key endpoint is down: sessions go on with the kept keys', async () => {
  const token = await stack.session();
  await stack.call('GET', '/v1/connections', { token });
  await stack.demo.stop();
  expect((await stack.call('GET', '/v1/connections', { token })).status).toBe(200);
  const fresh = await stack.addBroker();
  const answer = await stack.call('GET', '/v1/connections', { token, broker: fresh.origin });
  expect(answer).toMatchObject({ status: 503, body: { code: 'idp_unavailable' } });
  expect(answer.headers.get('retry-after')).not.toBeNull();
});

test.each([
  ['headers of 20 KiB', `GET /v1/connections HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['no HTTP', 'nonsense\r\n\r\n', 400],
  ['no Host', 'GET /v1/connections HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
])('S22 %s: what the local stack cannot read is a problem with all headers, too', async (_, sent, status) => {
  const { head, headers, text } = await exchange(Number(new URL(stack.broker).port), sent);
  expect(head).toContain(` ${status} `);
  expect(JSON.parse(text)).toMatchObject({ status, code: status === 431 ? 'headers_too_large' : 'invalid_request' });
  for (const [name, value] of Object.entries(securityHeaders)) {
    expect([name, headers.get(name.toLowerCase())]).toEqual([name, value]);
  }
});
