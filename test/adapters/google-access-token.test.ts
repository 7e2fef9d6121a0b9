/** The function's own access token: asked for rarely, and never waited for while there is one. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type Exchange, type HttpAnswer, type Outgoing, TransportError } from '../../functions/adapters/exchange.ts';
import { type AccessTokens, createAccessTokens } from '../../functions/adapters/google-access-token.ts';

const HOUR = 3600;
let asked: Outgoing[];
let answers: (() => Promise<HttpAnswer>)[];
let tokens: AccessTokens;
let now: number;

const answer =
  (body: unknown, { status = 200, flavor = 'Google' } = {}) =>
  async (): Promise<HttpAnswer> => ({
    status,
    headers: { 'metadata-flavor': flavor },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
const token = (name: string, seconds = HOUR) =>
  answer({ access_token: name, expires_in: seconds, token_type: 'Bearer' });
const down = async (): Promise<HttpAnswer> => {
  throw new TransportError('connect', false);
};
const settle = () => new Promise(setImmediate);

beforeEach(() => {
  asked = [];
  answers = [];
  now = 1_800_000_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  const exchange: Exchange = (outgoing) => {
    asked.push(outgoing);
    return (answers.shift() ?? down)();
  };
  tokens = createAccessTokens(exchange);
});
afterEach(() => {
  jest.restoreAllMocks();
});

test("the metadata server is asked for the function's own account, once for calls at the same time and for the next hour", async () => {
  answers.push(token('one'));
  expect(await Promise.all([tokens.get(), tokens.get(), tokens.get()])).toEqual(['one', 'one', 'one']);
  now += (HOUR - 301) * 1000;
  expect(await tokens.get()).toBe('one');
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ method: 'GET', headers: { 'metadata-flavor': 'Google' } });
  expect(asked[0]?.url.href).toBe('http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token');
});

test('in its last five minutes it is renewed while the old one goes on', async () => {
  answers.push(token('one'), token('two'));
  await tokens.get();
  now += (HOUR - 299) * 1000;
  expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['one', 'one']);
  await settle();
  expect(await tokens.get()).toBe('two');
  expect(asked).toHaveLength(2);
});

test('a renewal that fails disturbs nobody until the end, and is tried again with the next call', async () => {
  answers.push(token('one'));
  await tokens.get();
  now += (HOUR - 200) * 1000;
  expect(await tokens.get()).toBe('one');
  await settle();
  expect(await tokens.get()).toBe('one');
  await settle();
  expect(asked).toHaveLength(5);
  answers.push(token('two'));
  await tokens.get();
  await settle();
  expect(await tokens.get()).toBe('two');
});

test('half a minute before its end it is not used any more', async () => {
  answers.push(token('one'));
  await tokens.get();
  now += (HOUR - 30) * 1000;
  await expect(tokens.get()).rejects.toThrow(TransportError);
  answers.push(token('two'));
  expect(await tokens.get()).toBe('two');
});

test('a token that was refused is not given again; an older refusal takes nothing away', async () => {
  answers.push(token('one'), token('two'));
  await tokens.get();
  tokens.forget('one');
  expect(await tokens.get()).toBe('two');
  tokens.forget('one');
  expect(await tokens.get()).toBe('two');
  expect(asked).toHaveLength(2);
});

test('what fails once is asked for again; what fails twice is told, and nothing of it is kept', async () => {
  answers.push(down, token('one'));
  expect(await tokens.get()).toBe('one');
  tokens.forget('one');
  await expect(tokens.get()).rejects.toThrow('connect');
  expect(asked).toHaveLength(4);
  answers.push(token('two'));
  expect(await tokens.get()).toBe('two');
});

test.each([
  ['no such account', answer('Not Found', { status: 404 })],
  ['somebody else answers', answer({ access_token: 'one', expires_in: HOUR }, { flavor: 'none' })],
  ['a page', answer('<html>')],
  ['no token', answer({ expires_in: HOUR })],
  ['no end', answer({ access_token: 'one' })],
])('%s: no token', async (_, given) => {
  answers.push(given, given);
  await expect(tokens.get()).rejects.toThrow();
});
