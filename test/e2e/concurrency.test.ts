/** One connection at a strict provider, many callers, several processes: the protocol of docs/refresh.md for real. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, startTestStack, type TestStack } from '../support/broker.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ brokers: 4 });
}, 60_000);
afterAll(() => stack?.stop());

test('32 token calls at once over 4 processes: a token or a 503 each, no reuse alarm, the connection works afterwards', async () => {
  const token = await stack.session();
  await connect(stack, 'notes', { token, integrations: ['notes'] });
  const calls = Array.from({ length: 32 }, (_, index) => {
    const broker = stack.brokers[index % 4]?.origin ?? '';
    return stack.call('POST', '/v1/connections/notes/token', { token, body: { integration: 'notes' }, broker });
  });
  const answers = await Promise.all(calls);
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(statuses).toContain(200);
  for (const { status, headers } of answers) if (status === 503) expect(headers.get('retry-after')).not.toBeNull();
  expect(stack.providers.notes.control.read().counts.reuseAlarms).toBe(0);

  const { body } = await stack.call('POST', '/v1/connections/notes/token', { token });
  const notes = await fetch(`${stack.providers.notes.origin}/me/notes`, {
    headers: { authorization: `Bearer ${body.access_token}` },
  });
  expect(notes.status).toBe(200);
}, 60_000);

test('calls that want different things wait for each other as well', async () => {
  const token = await stack.session('user-2', 'org-2');
  await connect(stack, 'notes', { token, integrations: ['notes:write'] });
  const wishes = [{}, { integration: 'notes' }, { scopes: ['notes.write'] }, { integration: 'notes:write' }];
  const answers = await Promise.all(
    [...wishes, ...wishes].map((body, index) =>
      stack.call('POST', '/v1/connections/notes/token', {
        token,
        body,
        broker: stack.brokers[index % 4]?.origin ?? '',
      }),
    ),
  );
  expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  expect(stack.providers.notes.control.read().counts.reuseAlarms).toBe(0);
  expect((await stack.call('POST', '/v1/connections/notes/token', { token })).status).toBe(200);
}, 60_000);

test('a tolerant provider needs no turns: 32 calls at once, 32 tokens', async () => {
  const token = await stack.session('user-3', 'org-1');
  await connect(stack, 'microsoft', { token, integrations: ['files'] });
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, index) =>
      stack.call('POST', '/v1/connections/microsoft/token', { token, broker: stack.brokers[index % 4]?.origin ?? '' }),
    ),
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect((await stack.call('POST', '/v1/connections/microsoft/token', { token })).status).toBe(200);
}, 60_000);
