/** A function whose operations go wrong in every way that the framework sees; started by framework.test.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { noContent, ok } from '../../../functions/http/answer.ts';
import { prepareHost } from '../../../functions/http/host.ts';
import { createObserve } from '../../../functions/http/log.ts';
import { serve, sessionOperation } from '../../../functions/http/operation.ts';
import { createRateLimits } from '../../../functions/http/rate-limit.ts';
import { announcePort } from './announce-port.ts';

announcePort();
const observe = createObserve();
prepareHost(observe);

const CANARY = 'canary-of-an-error';
let failing = false;
// Begun by no request.
setInterval(() => {
  if (!failing) return;
  failing = false;
  throw new Error(CANARY);
}, 20);
const sessions = {
  origins: ['http://localhost:8081'],
  verify: async () => ({ tenant: 'org-1', user: 'user-1', roles: [] }),
};
const http = { limits: createRateLimits({ addressHops: 0 }), observe, maxInFlight: 200 };

export const stray = serve(
  http,
  sessionOperation('token', sessions, async () =>
    ok({ access_token: 'a', token_type: 'Bearer', expires_in: 60, scope: 's', user: 'u'.repeat(43) }),
  ),
  // Thrown by nobody's promise, while the request waits.
  sessionOperation('connections', sessions, () => {
    setImmediate(() => {
      throw new Error(CANARY);
    });
    return new Promise(() => {});
  }),
  // The same, after the answer.
  sessionOperation('revoke', sessions, async () => {
    setTimeout(() => {
      throw new Error(CANARY);
    }, 50);
    return noContent();
  }),
  // A rejection that nobody waits for.
  sessionOperation('authorize', sessions, async () => {
    void Promise.reject(new Error(CANARY));
    await sleep(100);
    return noContent() as never;
  }),
  // An error outside of any request.
  sessionOperation('complete', sessions, async () => {
    failing = true;
    await sleep(200);
    return noContent() as never;
  }),
  sessionOperation('deleteAccount', sessions, async () => {
    observe({ event: 'started' });
    await sleep(400);
    return noContent();
  }),
);
