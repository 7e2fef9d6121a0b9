/** More requests at once than an instance takes: the rest is turned away at once, and nothing waits in a queue. */
import { afterEach, expect, test } from '@jest/globals';
import { ok } from '../../functions/http/answer.ts';
import { sessionOperation } from '../../functions/http/operation.ts';
import { HOSTS, type Host, host } from './support.ts';

let running: Host;
afterEach(() => running?.close());

test.each(HOSTS)(
  'what comes on top gets 503 with Retry-After and readable headers; afterwards everything is served again: %s',
  async (by) => {
    const gate = Promise.withResolvers<void>();
    const identity = { tenant: 'org-1', user: 'user-1', roles: [] };
    const sessions = { verify: async () => identity, origins: ['http://localhost:1'] };
    running = await host(
      () => [
        sessionOperation('connections', sessions, async () => {
          await gate.promise;
          return ok({ connections: [] });
        }),
      ],
      undefined,
      undefined,
      3,
      by,
    );
    const headers = { authorization: 'Bearer a', origin: 'http://localhost:1' };
    const get = () => running.ask({ path: '/v1/connections', headers });
    const waiting = [get(), get(), get()];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await get();
    expect(refused).toMatchObject({ status: 503, json: { code: 'temporarily_unavailable' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(refused.headers['access-control-allow-origin']).toBe('http://localhost:1');
    gate.resolve();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await get()).status).toBe(200);
  },
);
