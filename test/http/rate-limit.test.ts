import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { clientAddress, createRateLimits, RATE_LIMITS } from '../../functions/http/rate-limit.ts';
import { bearer, type Fixture, fixture, ORIGIN } from './fixture.ts';

const request = (remoteAddress: string, ...forwarded: string[]) =>
  ({
    headersDistinct: forwarded.length > 0 ? { 'x-forwarded-for': forwarded } : {},
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

describe('the bucket', () => {
  const bucket = { capacity: 3, refillPerSecond: 2 };
  const make = (start = 0) => {
    let time = start;
    const limits = createRateLimits({ user: bucket, addressHops: 0 }, () => time);
    return { take: limits.user, pass: (milliseconds: number) => (time += milliseconds) };
  };

  test('a burst up to its capacity, then what comes back', () => {
    const { take, pass } = make();
    expect([take('a'), take('a'), take('a'), take('a')]).toEqual([0, 0, 0, 0.5]);
    expect(take('b')).toBe(0);
    pass(499);
    expect(take('a')).toBeGreaterThan(0);
    pass(1);
    expect(take('a')).toBe(0);
    expect(take('a')).toBe(0.5);
    pass(3_600_000);
    expect([take('a'), take('a'), take('a'), take('a')]).toEqual([0, 0, 0, 0.5]);
  });

  test('being refused does not make the wait longer', () => {
    const { take, pass } = make();
    for (let i = 0; i < 50; i += 1) take('a');
    pass(500);
    expect(take('a')).toBe(0);
  });

  test('ten thousand keys are kept, the one unused for longest goes first', () => {
    const { take } = make();
    const empty = (key: string) => {
      for (let i = 0; i < 3; i += 1) take(key);
    };
    empty('oldest');
    empty('used');
    for (let i = 0; i < 9_997; i += 1) take(`k${i}`);
    expect(take('used')).toBeGreaterThan(0);
    take('one more');
    expect(take('used')).toBeGreaterThan(0);
    take('and one more');
    take('a third');
    expect(take('used')).toBeGreaterThan(0);
    expect(take('oldest')).toBe(0);
  });

  test('the defaults', () => {
    const limits = createRateLimits({ addressHops: 0 }, () => 0);
    const passed = (take: () => number) => {
      let count = 0;
      while (take() === 0) count += 1;
      return count;
    };
    expect(passed(() => limits.user('a'))).toBe(120);
    expect(limits.user('a')).toBe(0.25);
    expect(passed(() => limits.address(request('192.0.2.1')))).toBe(30_000);
    expect(limits.address(request('192.0.2.1'))).toBeCloseTo(0.002);
    expect(passed(() => limits.service('a'))).toBe(30_000);
    expect(passed(() => limits.failureFrom(request('192.0.2.1')))).toBe(3_000);
    expect(passed(() => limits.item('a'))).toBe(120);
  });
});

test('docs/scale.md and the balancer have the same limits', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const scale = read('docs/scale.md');
  for (const [name, { capacity, refillPerSecond }] of Object.entries(RATE_LIMITS))
    expect(scale).toContain(`| \`RATE_LIMIT_${name.toUpperCase()}\` | ${capacity} | ${refillPerSecond} |`);
  const [, balancer] = /variable "address_limit" \{[^}]*?default\s*=\s*(\d+)/.exec(read('infra/variables.tf')) ?? [];
  for (const { capacity, refillPerSecond } of [RATE_LIMITS.service, RATE_LIMITS.address]) {
    expect(capacity).toBeGreaterThanOrEqual(Number(balancer));
    expect(refillPerSecond * 60).toBeGreaterThanOrEqual(Number(balancer));
  }
  expect(scale).toContain(`| \`address_limit\` (balancer) | ${balancer} | ${Number(balancer) / 60} |`);
});

describe('the client address', () => {
  test.each([
    [0, ['203.0.113.9'], '10.0.0.1'],
    [1, ['203.0.113.9'], '203.0.113.9'],
    [2, ['203.0.113.9, 198.51.100.1'], '203.0.113.9'],
    [2, ['1.1.1.1, 2.2.2.2, 203.0.113.9, 198.51.100.1'], '203.0.113.9'],
    [2, ['1.1.1.1', '203.0.113.9', '198.51.100.1'], '203.0.113.9'],
    [2, ['203.0.113.9,198.51.100.1'], '203.0.113.9'],
    [2, ['198.51.100.1'], '10.0.0.1'],
    [2, [], '10.0.0.1'],
    [1, [''], '10.0.0.1'],
  ])('S26 %i hops of %j', (hops, forwarded, address) => {
    expect(clientAddress(request('10.0.0.1', ...forwarded), hops)).toBe(address);
  });

  test.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2'],
    ['2001:db8::5', '2001:db8:0:0'],
    ['2001:db8:1::', '2001:db8:1:0'],
    ['::1', '0:0:0:0'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
  ])('S26 %s counts as %s: one client owns a whole /64', (address, network) => {
    expect(clientAddress(request(address), 0)).toBe(network);
  });
});

describe('over HTTP', () => {
  let server: Fixture;
  afterEach(() => server.close());
  const small = { capacity: 3, refillPerSecond: 0.25 };

  test('S26 a burst of one user is 429 with Retry-After; others go on', async () => {
    server = await fixture({ user: small, addressHops: 0 }, () => 0);
    const list = (token: string) =>
      server.ask({ path: '/v1/connections', headers: { authorization: `Bearer ${token}`, origin: ORIGIN } });
    for (let i = 0; i < 3; i += 1) expect((await list('session-1')).status).toBe(200);
    const reply = await list('session-1');
    expect(reply).toMatchObject({ status: 429, json: { code: 'rate_limited' }, headers: { 'retry-after': '4' } });
    expect(reply.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect((await list('session-2')).status).toBe(200);
  });

  test('S26 another X-Forwarded-For with each request evades nothing', async () => {
    server = await fixture({ user: small, address: small, addressHops: 2 }, () => 0);
    const callback = (spoofed: string) =>
      server.ask({
        path: '/v1/callback/google',
        headers: { 'x-forwarded-for': `${spoofed}, 203.0.113.9, 198.51.100.1` },
      });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await callback(`192.0.2.${i}`)).status);
    expect(statuses).toEqual([400, 400, 400, 429, 429]);
    for (let i = 0; i < 5; i += 1) {
      const headers = { ...bearer, 'x-forwarded-for': `192.0.2.${i}` };
      statuses.push((await server.ask({ path: '/v1/connections', headers })).status);
    }
    expect(statuses.slice(5)).toEqual([200, 200, 200, 429, 429]);
  });

  test('S26 S34 tokens that nobody can judge use the address up like refused ones, and stay 503 until then', async () => {
    server = await fixture({ address: small, addressHops: 0 }, () => 0);
    const unknown = { authorization: 'Bearer down' };
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await server.askToken(unknown)).status);
    expect(new Set(statuses.slice(0, small.capacity))).toEqual(new Set([503]));
    expect(statuses.at(-1)).toBe(429);
    expect((await server.askToken(bearer)).status).toBe(200);
  });

  test('S26 guessing sessions uses the address up, and not the users behind the same address', async () => {
    server = await fixture({ address: small, addressHops: 0 }, () => 0);
    const guess = () => server.ask({ path: '/v1/connections', headers: { authorization: 'Bearer guess' } });
    for (let i = 0; i < 3; i += 1) expect((await guess()).status).toBe(401);
    expect(await guess()).toMatchObject({ status: 429, headers: { 'retry-after': '4' } });
    expect((await server.ask({ path: '/v1/connections', headers: bearer })).status).toBe(200);
  });

  test('S26 a preflight costs nothing', async () => {
    server = await fixture({ user: small, address: small, addressHops: 0 }, () => 0);
    for (let i = 0; i < 6; i += 1) {
      const reply = await server.ask({ method: 'OPTIONS', path: '/v1/connections', headers: { origin: ORIGIN } });
      expect(reply.status).toBe(204);
    }
  });

  test('S26 refused sessions have a limit of their own, which requests that are let in do not use up', async () => {
    server = await fixture({ failures: small, addressHops: 0 }, () => 0);
    const guess = () => server.ask({ path: '/v1/connections', headers: { authorization: 'Bearer guess' } });
    for (let i = 0; i < 10; i += 1) expect((await server.ask({ path: '/v1/callback/google?code=a' })).status).toBe(303);
    for (let i = 0; i < 3; i += 1) expect((await guess()).status).toBe(401);
    expect(await guess()).toMatchObject({ status: 429, headers: { 'retry-after': '4' } });
    expect((await server.ask({ path: '/v1/callback/google' })).status).toBe(429);
    expect((await server.ask({ path: '/v1/callback/google?code=a' })).status).toBe(303);
    expect((await server.ask({ path: '/v1/connections', headers: bearer })).status).toBe(200);
  });

  describe('a navigation', () => {
    const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const over = async (headers: Record<string, string>) => {
      server = await fixture({ address: { capacity: 1, refillPerSecond: 0.1 }, addressHops: 0 }, () => 0);
      await server.ask({ path: '/v1/callback/google?code=a' });
      return server.ask({ path: '/v1/callback/google?code=a&state=%22%3E<script>', headers });
    };

    test.each([
      ['Sec-Fetch-Mode', { 'sec-fetch-mode': 'navigate' }],
      ['Accept', html],
    ])('S26 over the limit is a page with Retry-After and a way on: %s', async (_name, headers) => {
      const reply = await over(headers);
      expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '10' } });
      expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(reply.headers['content-security-policy']).toContain("default-src 'none'");
      expect(reply.headers['x-correlation-id']).toBeDefined();
      expect(reply.text).toContain('Wait 10 seconds, then try again.');
      // The page's own address, so that nothing of the request is in it.
      expect(reply.text).toContain('<a href="">Try again</a>');
      expect(reply.text).not.toContain('script');
    });

    test.each([
      ['a script of a page', { ...html, 'sec-fetch-mode': 'cors' }],
      ['a client that takes anything', { accept: '*/*' }],
      ['a client that takes JSON', { accept: 'application/json' }],
    ])('%s gets a problem', async (_name, headers) => {
      expect(await over(headers)).toMatchObject({ status: 429, json: { code: 'rate_limited' } });
    });
  });
});
