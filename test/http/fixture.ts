/** Operations of every kind, with answers of their own, for the tests of what stands before them. */
import { Unavailable } from '../../functions/core/errors.ts';
import { noContent, ok, page, seeOther } from '../../functions/http/answer.ts';
import { publicOperation, serviceOperation, sessionOperation } from '../../functions/http/operation.ts';
import { problem } from '../../functions/http/problems.ts';
import type { RateLimitConfig } from '../../functions/http/rate-limit.ts';
import { type Ask, type Host, type HostName, host, type Reply } from './support.ts';

export const ORIGIN = 'http://localhost:8081';
export const COOKIE = '__Host-session';
export const TOKEN = '/v1/connections/google/token';
export const user1 = { tenant: 'org-1', user: 'user-1', roles: [] };
export const user2 = { tenant: 'org-2', user: 'user-2', roles: [] };
export const answer = {
  access_token: 'a',
  token_type: 'Bearer',
  expires_in: 60,
  scope: 's',
  user: 'u'.repeat(43),
} as const;

export const bearer = { authorization: 'Bearer session-1' };
export const json = { 'content-type': 'application/json' };
export const cookie = { cookie: `${COOKIE}=session-1` };
/** What a page sends that shares the broker's host. */
export const fromPage = { ...cookie, ...json, origin: ORIGIN, 'broker-request': '1' };

const sessions = {
  cookie: COOKIE,
  origins: [ORIGIN, 'https://app.example'],
  verify: async (token: string) => {
    if (token === 'down') throw new Unavailable('identity_provider', 'no_keys', { retryAfter: 42 });
    return { 'session-1': user1, 'session-2': user2 }[token];
  },
};
const services = { verify: async (token: string) => (token === 'service-1' ? { tenant: 'org-1' } : undefined) };

export interface Fixture extends Host {
  /** What the operations were called with, since the last question. */
  readonly calls: readonly unknown[];
  askToken(headers: Ask['headers'], body?: Ask['body']): Promise<Reply>;
  /** A token call whose operation throws. */
  fail(error: unknown): Promise<Reply>;
}

export const fixture = async (limits?: RateLimitConfig, now?: () => number, by?: HostName): Promise<Fixture> => {
  let calls: unknown[] = [];
  let thrown: { readonly error: unknown } | undefined;
  const server = await host(
    ({ observe }) => [
      sessionOperation('token', sessions, async (call) => {
        calls.push(call);
        observe({ event: 'token_issued' });
        if (thrown) throw thrown.error;
        return call.path.provider === 'unknown' ? problem('not_found') : ok(answer);
      }),
      sessionOperation('authorize', sessions, async ({ body }) => {
        calls.push(body.return_to);
        return problem('invalid_return_to');
      }),
      sessionOperation('connections', sessions, async () => ok({ connections: [] })),
      sessionOperation('revoke', sessions, async () => noContent()),
      sessionOperation('deleteAccount', sessions, async () => noContent()),
      serviceOperation('deleteUser', services, async ({ service, path }) => {
        calls.push({ service, path });
        return noContent();
      }),
      publicOperation('callback', async ({ query }) =>
        query.has('code') ? seeOther(`${ORIGIN}/#ticket=x`) : page(400, '<!doctype html><title>Over</title>'),
      ),
    ],
    limits,
    now,
    undefined,
    by,
  );
  const ask = (what: Ask) => {
    calls = [];
    thrown = undefined;
    return server.ask(what);
  };
  return {
    ...server,
    get calls() {
      return calls;
    },
    ask,
    askToken: (headers = {}, body) =>
      ask({ method: 'POST', path: TOKEN, headers, ...(body !== undefined && { body }) }),
    fail: (error) => {
      thrown = { error };
      return server.ask({ method: 'POST', path: TOKEN, headers: { ...bearer, origin: ORIGIN } });
    },
  };
};
