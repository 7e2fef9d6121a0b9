/**
 * Every operation with generated and spoilt requests, by strangers and by another user: no unplanned 500, no answer outside
 * the contract, nothing of anybody else's. `FUZZ_RUNS` widens it; a failure prints the seed and path that replay it.
 */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { signInCookie } from '../../functions/http/cookies.ts';
import { connect, leaks, startTestStack, type TestStack } from '../support/broker.ts';
import { type FuzzedRequest, OPERATIONS, requestsTo } from './requests.ts';

const { FUZZ_RUNS = '1000', FUZZ_SEED, FUZZ_PATH } = process.env;
const RUNS = Number(FUZZ_RUNS);
const seed = FUZZ_SEED === undefined ? randomInt(2 ** 31) : Number(FUZZ_SEED);

let stack: TestStack;
beforeAll(async () => {
  // The first ones take their time to be made: longer than a connection to the broker is kept.
  fc.sample(requestsTo(), 50);
  stack = await startTestStack({
    environment: {
      RATE_LIMIT_USER: '100000/100000',
      RATE_LIMIT_ADDRESS: '100000/100000',
      RATE_LIMIT_ANSWERS: '100000/100000',
      DEFAULT_POLICY: JSON.stringify({ providers: {}, search_ai: { enabled: true } }),
    },
  });
}, 60_000);
afterAll(() => stack?.stop());

/** Turned away at the door: by whom it comes from, its method, its path or its form. */
const UNREACHED = new Set([401, 403, 404, 405, 413, 415, 429]);

test(
  'S43 fuzzed requests find nothing, break nothing and leave nothing',
  async () => {
    const victim = await stack.session('user-victim', 'org-1');
    for (const provider of ['google', 'notes'] as const) {
      const integrations = [provider === 'notes' ? 'notes' : 'files'];
      await connect(stack, provider, { token: victim, integrations });
    }
    const before = (await stack.call('GET', '/v1/connections', { token: victim })).body;

    const stranger = await stack.session('user-2', 'org-2');
    const credentials: Record<string, string>[] = [
      {},
      { authorization: 'Bearer x' },
      { authorization: `Bearer ${stranger}` },
      { authorization: `Bearer ${await stack.session('user-admin', 'org-2', ['admin'])}` },
      { authorization: `Bearer ${await stack.scheduler.token()}` },
      { authorization: `Bearer ${await stack.demo.sessions.serviceToken('org-2')}` },
      { cookie: `__Host-session=${stranger}` },
      { cookie: `${signInCookie('x')}=x; __Host-renewal=x` },
      {
        cookie: `__Host-session=${stranger}; __Host-renewal=x`,
        origin: stack.demo.origin,
        'broker-request': '1',
        'content-type': 'application/json',
      },
    ];
    const statuses = new Map<number, number>();
    /** Operations that looked at a request by somebody whom they know. */
    const reached = new Set<string>();

    const send = async (request: FuzzedRequest, credential: Record<string, string>): Promise<void> => {
      const headers = { 'content-type': 'application/json', ...request.headers, ...credential };
      const answer = await stack.call(request.method, request.path, {
        headers,
        ...(request.body === undefined || ['GET', 'HEAD'].includes(request.method) ? {} : { body: request.body }),
      });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      expect(answer.status).not.toBe(500);
      // A session that is over was looked for, and a source that is excluded was found to be.
      const isReached =
        !UNREACHED.has(answer.status) || ['session_ended', 'source_disabled'].includes(answer.body?.code);
      if (credential.authorization !== 'Bearer x' && isReached) reached.add(request.operation);
      // Nobody who asks here has connected anything.
      const { connections, access_token: accessToken } = Object(answer.body) as Record<string, unknown>;
      expect(connections ?? []).toEqual([]);
      expect(accessToken).toBeUndefined();
      const text = `${JSON.stringify(answer.body) ?? ''} ${[...answer.headers].join(' ')}`;
      expect(text).not.toContain('user-victim');
      expect(leaks(stack, text)).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(requestsTo(), fc.constantFrom(...credentials), send), {
      numRuns: RUNS,
      seed,
      ...(FUZZ_PATH === undefined ? {} : { path: FUZZ_PATH }),
    });

    // Chance leaves some out: they are tried until somebody is known there.
    for (const operation of OPERATIONS) {
      for (const request of fc.sample(requestsTo(operation), { numRuns: 30, seed })) {
        for (const credential of credentials) if (!reached.has(operation)) await send(request, credential);
      }
    }
    expect({ seed, missed: OPERATIONS.filter((operation) => !reached.has(operation)) }).toEqual({ seed, missed: [] });
    // The requests did get somewhere: refusals of several kinds, and some that were served.
    for (const status of [400, 401, 403, 404]) expect(statuses.get(status) ?? 0).toBeGreaterThan(RUNS / 100);
    expect((statuses.get(200) ?? 0) + (statuses.get(204) ?? 0) + (statuses.get(409) ?? 0)).toBeGreaterThan(0);
    expect((await stack.call('GET', '/v1/connections', { token: victim })).body).toEqual(before);
    for (const provider of ['google', 'notes']) {
      expect((await stack.call('POST', `/v1/connections/${provider}/token`, { token: victim })).status).toBe(200);
    }
  },
  60_000 + RUNS * 180,
);
