/** The load that docs/scale.md promises, with the default limits and a clock that the test moves: nobody gets 429. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { noContent, ok, seeOther } from '../../functions/http/answer.ts';
import { publicOperation, renewalOperation, serviceOperation } from '../../functions/http/operation.ts';
import { problem } from '../../functions/http/problems.ts';
import { createRateLimits, RATE_LIMITS } from '../../functions/http/rate-limit.ts';
import { type Ask, type Host, host, type Reply } from './support.ts';

const ORIGIN = 'https://app.example';
const user = { id: 'user-1', tenant: 'org-1', roles: [] };
const session = { user, expires_in: 300, session_token: 't' };

let running: Host;
afterEach(() => running?.close());

/** The operations of sign-in on one port. Codes and tokens that begin with "bad" are unknown. */
const start = async (clock: { now: number }, limits = {}) => {
  const services = { verify: async (tenant: string) => (tenant.startsWith('org-') ? { tenant } : undefined) };
  running = await host(
    () => [
      serviceOperation(
        'redeemSignIn',
        services,
        async ({ body: { code } }) =>
          code.startsWith('bad') ? problem('invalid_state') : ok({ ...session, renewal_token: `of-${code}` }),
        ({ body }) => body.code,
      ),
      serviceOperation(
        'renewForBackend',
        services,
        async ({ body }) => (body.renewal_token.startsWith('bad') ? problem('session_ended') : ok(session)),
        ({ body }) => body.renewal_token,
      ),
      serviceOperation('deleteUser', services, async () => noContent()),
      renewalOperation('renewSession', { origins: [ORIGIN] }, async ({ renewalToken }) =>
        renewalToken.startsWith('bad') ? problem('session_ended') : ok({ user, expires_in: 300 }),
      ),
      publicOperation('startSignIn', async () => seeOther('https://provider.example/')),
    ],
    { addressHops: 0, ...limits },
    () => clock.now,
  );
  return running;
};

const json = { 'content-type': 'application/json' };
const token = (name: string) => name.padEnd(43, '0');
const backend = (path: string, body: object, tenant = 'org-1'): Ask => ({
  method: 'POST',
  path,
  headers: { ...json, authorization: `Bearer ${tenant}` },
  body: JSON.stringify(body),
});
const redeemed = (code: string) => backend('/v1/sessions', { code: token(code), verifier: token('v') });
const renewed = (name: string, tenant?: string) =>
  backend('/v1/sessions/renew', { renewal_token: token(name) }, tenant);
const byCookie = (name: string): Ask => ({
  method: 'POST',
  path: '/v1/session',
  headers: { ...json, origin: ORIGIN, 'broker-request': '1', cookie: `__Host-renewal=${token(name)}` },
});
const signInOf: Ask = { path: '/v1/sso/google/start?return_to=x', headers: { 'sec-fetch-mode': 'navigate' } };

/** Sends `perSecond` requests in each second of the clock. */
const drive = async (clock: { now: number }, seconds: number, perSecond: number, make: (index: number) => Ask) => {
  const statuses: Record<number, number> = {};
  for (let second = 0; second < seconds; second += 1) {
    const replies = await Promise.all(
      Array.from({ length: perSecond }, (_, index) => running.ask(make(second * perSecond + index))),
    );
    for (const { status } of replies) statuses[status] = (statuses[status] ?? 0) + 1;
    clock.now += 1000;
  }
  return statuses;
};

describe('no 429', () => {
  test("S26 400 people a minute sign in and are renewed through one organization's backend", async () => {
    const clock = { now: 0 };
    await start(clock);
    // Five minutes; beside each code that is redeemed a renewal of somebody who is there already.
    const statuses = await drive(clock, 300, 14, (index) =>
      index % 2 === 0 ? redeemed(`code-${index}`) : renewed(`token-${index}`),
    );
    expect(statuses).toEqual({ 200: 4200 });
  });

  test('S26 13 people a second sign in, and 13 renew by cookie, behind one address', async () => {
    const clock = { now: 0 };
    await start(clock);
    const statuses = await drive(clock, 120, 26, (index) => (index % 2 === 0 ? byCookie(`token-${index}`) : signInOf));
    expect(statuses).toEqual({ 200: 1560, 303: 1560 });
  });

  test('S26 13 people a second whose sessions ended overnight are told so, behind one address', async () => {
    const clock = { now: 0 };
    await start(clock);
    expect(await drive(clock, 120, 13, (index) => byCookie(`bad-${index}`))).toEqual({ 401: 1560 });
    expect(await drive(clock, 60, 13, (index) => renewed(`bad-${index}`))).toEqual({ 401: 780 });
  });

  test('S26 a company of 30,000 behind one address and one backend, all within one minute, on one instance', () => {
    let now = 0;
    const limits = createRateLimits({ addressHops: 0 }, () => now);
    const req = { headersDistinct: {}, socket: { remoteAddress: '192.0.2.1' } } as never;
    let refused = 0;
    for (let minute = 0; minute < 5; minute += 1) {
      for (let person = 0; person < 30_000; person += 1) {
        now += 2;
        if (limits.address(req) > 0 || limits.service('org-1') > 0 || limits.item(`token-${person}`) > 0) refused += 1;
      }
    }
    expect(refused).toBe(0);
  });
});

describe('what is bounded all the same', () => {
  const ask = (what: Ask): Promise<Reply> => running.ask(what);

  test('S26 one renewal token has the limit of a user; other tokens of the same backend go on', async () => {
    await start({ now: 0 });
    for (let index = 0; index < RATE_LIMITS.user.capacity; index += 1)
      expect((await ask(renewed('token-1'))).status).toBe(200);
    expect(await ask(renewed('token-1'))).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect((await ask(renewed('token-2'))).status).toBe(200);
    // The same text of another organization is another token.
    expect((await ask(renewed('token-1', 'org-2'))).status).toBe(200);
  });

  test('S26 so has one renewal cookie', async () => {
    await start({ now: 0 });
    for (let index = 0; index < RATE_LIMITS.user.capacity; index += 1)
      expect((await ask(byCookie('token-1'))).status).toBe(200);
    expect((await ask(byCookie('token-1'))).status).toBe(429);
    expect((await ask(byCookie('token-2'))).status).toBe(200);
  });

  test('S26 a backend over its limit: 429 with Retry-After; the backend of another organization goes on', async () => {
    await start({ now: 0 }, { service: { capacity: 3, refillPerSecond: 0.25 } });
    for (let index = 0; index < 3; index += 1) expect((await ask(redeemed(`code-${index}`))).status).toBe(200);
    expect(await ask(redeemed('code-4'))).toMatchObject({ status: 429, headers: { 'retry-after': '4' } });
    expect((await ask(renewed('token-1', 'org-2'))).status).toBe(200);
  });

  test('S26 guessed codes and tokens use up a limit of their own, and no valid one is refused for them', async () => {
    await start({ now: 0 }, { failures: { capacity: 3, refillPerSecond: 0.25 } });
    for (let index = 0; index < 3; index += 1) expect((await ask(redeemed(`bad-${index}`))).status).toBe(400);
    expect(await ask(redeemed('bad-4'))).toMatchObject({ status: 429, headers: { 'retry-after': '4' } });
    expect((await ask(renewed('bad-5'))).status).toBe(429);
    expect((await ask(redeemed('code-1'))).status).toBe(200);
    for (let index = 0; index < 3; index += 1) expect((await ask(byCookie(`bad-${index}`))).status).toBe(401);
    expect((await ask(byCookie('bad-4'))).status).toBe(429);
    expect((await ask(byCookie('token-1'))).status).toBe(200);
  });

  test('S26 many guessed tokens do not make a limited one be forgotten', () => {
    const limits = createRateLimits({ addressHops: 0 }, () => 0);
    for (let index = 0; index < RATE_LIMITS.user.capacity; index += 1) limits.item('real');
    for (let index = 0; index < 20_000; index += 1) {
      limits.item(`guess-${index}`);
      limits.forgetItem(`guess-${index}`);
    }
    expect(limits.item('real')).toBeGreaterThan(0);
  });
});
