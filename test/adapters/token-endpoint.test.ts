import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHttpClient } from '../../functions/adapters/http-client.ts';
import { tokenCall } from '../../functions/adapters/token-endpoint.ts';
import { type StubProvider, startStubProvider } from '../support/stub-provider.ts';

let stub: StubProvider;
beforeEach(async () => {
  stub = await startStubProvider();
});
afterEach(() => stub.close());

const call = () => tokenCall(createHttpClient({ developmentOrigins: [stub.origin] }), `${stub.origin}/token`);

test('a library that tries again sends nothing', async () => {
  stub.answer({ status: 503, json: {} }, { json: { access_token: 'a', token_type: 'Bearer' } });
  const one = call();
  await expect(one.send('a=1')).rejects.toThrow('no_answer');
  await expect(one.send('a=1')).rejects.toThrow('once');
  expect(stub.requests).toHaveLength(1);
  expect(one.answer).toMatchObject({ kind: 'no_answer', sent: true });
});

test('a library that writes into the answer changes its own copy', async () => {
  stub.answer({ json: { access_token: 'a', token_type: 'bearer', refresh_token: 'new', id_token: 'i' } });
  const one = call();
  const members: Record<string, unknown> = await one.send('a=1');
  members.refresh_token = 'old';
  members.id_token = undefined;
  expect(one.answer).toMatchObject({ tokens: { refreshToken: 'new' }, members: { id_token: 'i' } });
});

test('the body is a form, whatever else is sent along', async () => {
  stub.answer({ json: {} });
  await call()
    .send('a=1', { authorization: 'Basic x', 'content-type': 'text/plain' })
    .catch(() => undefined);
  expect(stub.requests[0]).toMatchObject({
    method: 'POST',
    body: 'a=1',
    headers: { authorization: 'Basic x', 'content-type': 'application/x-www-form-urlencoded' },
  });
});

test.each([
  ['0', 1],
  ['120', 120],
  ['999999999', 86_400],
  ['Thu, 01 Jan 2015 00:00:00 GMT', 1],
  ['soon', undefined],
])('Retry-After %s means %p seconds', async (header, seconds) => {
  stub.answer({ status: 429, headers: { 'retry-after': header }, json: {} });
  const one = call();
  await one.send('').catch(() => undefined);
  expect(one.answer).toEqual({
    kind: 'refused',
    needsOps: false,
    code: 'http_429',
    ...(seconds === undefined ? {} : { retryAfter: seconds }),
  });
});
