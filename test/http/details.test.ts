/** The sentence of a 400 for a query names what is wrong with it, and no parameter that the operation does not have. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { directoryOperations } from '../../functions/directory/handler.ts';
import { documentsOperations } from '../../functions/documents/handler.ts';
import { configOperation } from '../../functions/offer/handler.ts';
import { signInOperations } from '../../functions/signin/handler.ts';
import { bearer, user1 } from './fixture.ts';
import { type Host, host } from './support.ts';

/** Nothing of them is called: the query is refused before. */
// biome-ignore lint/suspicious/noExplicitAny: any dependency will do
const untouched: any = new Proxy(
  {},
  {
    get: () => () => {
      throw new Error('called');
    },
  },
);
const sessions = { ...untouched, origins: [], verify: async () => user1, cookie: undefined, claims: [] };

let server: Host;
beforeAll(async () => {
  server = await host(() => [
    ...directoryOperations(sessions, untouched),
    ...documentsOperations(sessions, untouched),
    configOperation(sessions, untouched),
    ...signInOperations(untouched),
  ]);
});
afterAll(() => server.close());

const START = '/v1/sso/google/start';
test.each([
  ['/v1/directory/users', ['query', 'page'], ['platform']],
  ['/v1/directory/groups?query=a&query=b', ['query', 'page'], ['platform']],
  ['/v1/directory/groups/01grp/members?page=a&page=b', ['page'], ['query']],
  ['/v1/answers/documents?page=a&page=b', ['page'], ['query']],
  ['/v1/config?platform=windows', ['platform', 'ios', 'android', 'desktop'], ['page']],
  [START, ['return_to'], ['tenant', 'challenge']],
  [`${START}?return_to=x&tenant=`, ['tenant'], ['return_to', 'challenge']],
  [`${START}?return_to=x&challenge=x`, ['challenge'], ['return_to', 'tenant']],
])('%s', async (path, named, unnamed) => {
  const { status, json } = await server.ask({ path, headers: bearer });
  expect([status, json.code]).toEqual([400, 'invalid_request']);
  for (const name of named) expect(json.detail).toContain(name);
  for (const name of unnamed) expect(json.detail).not.toContain(name);
});
