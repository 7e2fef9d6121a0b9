/** Final refusals of real token endpoints, by what the caller hears and what the list of connections shows. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CODE_FLOW, connect, startTestStack, type TestStack } from '../support/broker.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
});
afterAll(() => stack.stop());

test('a client that gives no refresh token: a named end of complete, nothing stored, and an event for ops', async () => {
  const token = await stack.session('user-1', 'org-refused');
  stack.providers.google.control.change({ answerShape: { shape: 'no_refresh_token', next: 1 } });
  const answer = await connect(stack, 'google', { token, integrations: ['files'] });
  expect(answer).toMatchObject({ status: 403, body: { code: 'no_refresh_token' } });
  expect(answer.headers.get('retry-after')).toBeNull();
  expect((await stack.call('GET', '/v1/connections', { token })).body.connections).toEqual([]);
  expect(stack.logs.join('\n')).toContain('"event":"no_refresh_token"');
});
