/** The model's adapter against the simulated Vertex AI. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createExchange } from '../../functions/adapters/exchange.ts';
import { type Deadlines, type GeminiConfig, geminiModel } from '../../functions/adapters/gemini.ts';
import { createAccessTokens } from '../../functions/adapters/google-access-token.ts';
import type { ModelEvent } from '../../functions/core/answers/ports.ts';
import { promptOf } from '../../functions/core/answers/prompt.ts';
import { type LocalGemini, startGemini } from '../../local/gemini/server.ts';
import { initialSwitches } from '../../local/gemini/switches.ts';

const CANARY = 'canary-b11e';
const RESULTS = [
  { source: 'drive', id: 'd1', title: 'Travel policy', snippet: `Travel is paid back within ten days. ${CANARY}.` },
  { source: 'gmail', id: 'g1', title: 'Lunch', snippet: 'There is soup.' },
];
const PROMPT = promptOf('When is travel paid back?', RESULTS, 'ab'.repeat(16));

let gemini: LocalGemini;
let config: Omit<GeminiConfig, 'tokens'>;
beforeAll(async () => {
  gemini = await startGemini();
  config = {
    project: 'local-project',
    location: 'europe-west4',
    model: 'gemini-3.6-flash',
    endpoint: gemini.origin,
  };
});
afterEach(() => void Object.assign(gemini.switches, initialSwitches()));
afterAll(() => gemini?.stop());

const model = (deadlines?: Deadlines, metadata = gemini.origin) =>
  geminiModel({
    ...config,
    tokens: createAccessTokens(createExchange(), metadata),
    ...(deadlines ? { deadlines } : {}),
  });

const ask = async (asked = model(), signal = new AbortController().signal) => {
  const events: ModelEvent[] = [];
  for await (const event of asked.answer(PROMPT, signal)) events.push(event);
  return {
    text: events.map((event) => (event.kind === 'text' ? event.text : '')).join(''),
    last: events.at(-1),
    texts: events.filter(({ kind }) => kind === 'text').length,
  };
};

test('H2 a prompt and nothing else goes to the model of the project and location', async () => {
  const { text, last, texts } = await ask();
  expect(text).toContain('Travel is paid back within ten days [1].');
  expect(texts).toBeGreaterThan(3);
  expect(last).toEqual({ kind: 'end', finish: 'complete' });
  const sent = gemini.requests.at(-1);
  expect(sent).toMatchObject({
    project: 'local-project',
    location: 'europe-west4',
    model: 'gemini-3.6-flash',
    system: PROMPT.system,
    prompt: PROMPT.user,
  });
  expect(Object.keys(sent?.body ?? {}).sort()).toEqual([
    'contents',
    'generationConfig',
    'safetySettings',
    'systemInstruction',
  ]);
  expect(sent?.body.generationConfig).toEqual({ temperature: 1, candidateCount: 1, maxOutputTokens: 4096 });
  expect(sent?.body.safetySettings).toHaveLength(4);
});

describe('how an answer ends', () => {
  test.each([
    ['SAFETY', { kind: 'end', finish: 'declined' }],
    ['RECITATION', { kind: 'end', finish: 'declined' }],
    ['MAX_TOKENS', { kind: 'end', finish: 'length' }],
    ['OTHER', { kind: 'failed', failure: { reason: 'unusable', code: 'odd_finish' } }],
  ] as const)('%s', async (reason, last) => {
    gemini.switches.stop = { after: 2, reason };
    expect(await ask()).toMatchObject({ texts: 2, last });
  });

  test('without a reason', async () => {
    gemini.switches.stop = { after: 2, reason: 'NONE' };
    expect((await ask()).last?.kind).toBe('text');
  });

  test('before it began: the prompt was refused', async () => {
    gemini.switches.blockPrompt = true;
    expect(await ask()).toEqual({ text: '', texts: 0, last: { kind: 'end', finish: 'declined' } });
  });
});

describe('failures are codes, whatever the model says with them', () => {
  test.each([
    [429, { reason: 'busy', code: 'http_429' }],
    [400, { reason: 'unusable', code: 'http_400', needsOps: true }],
    [403, { reason: 'unavailable', code: 'http_403', needsOps: true }],
    [404, { reason: 'unavailable', code: 'http_404', needsOps: true }],
    [503, { reason: 'unavailable', code: 'http_503' }],
  ] as const)('HTTP %d', async (status, failure) => {
    gemini.switches.status = status;
    const before = gemini.requests.length;
    expect((await ask()).last).toEqual({ kind: 'failed', failure });
    // Nothing is repeated by itself.
    expect(gemini.requests.length - before).toBe(1);
  });

  test.each([
    ['cut', { reason: 'unavailable', code: 'connection' }],
    ['malformed', { reason: 'unusable', code: 'malformed' }],
    ['lateError', { reason: 'busy', code: 'http_429' }],
  ] as const)('%s in the middle', async (name, failure) => {
    gemini.switches[name] = 2;
    gemini.switches.betweenMs = 20;
    const { last, text } = await ask();
    expect(last).toEqual({ kind: 'failed', failure });
    expect(text).not.toBe('');
    expect(JSON.stringify(last)).not.toContain(CANARY);
  });

  test('a token that is refused is not used again', async () => {
    const given: string[] = [];
    const fresh = createAccessTokens(createExchange(), gemini.origin);
    let refused = 'refused';
    const tokens = {
      get: async () => given[given.push(refused || (await fresh.get())) - 1] ?? '',
      forget: (token: string) => {
        if (token === refused) refused = '';
      },
    };
    const asked = geminiModel({ ...config, tokens });
    expect((await ask(asked)).last).toEqual({
      kind: 'failed',
      failure: { reason: 'unavailable', code: 'http_401', needsOps: true },
    });
    expect((await ask(asked)).last).toEqual({ kind: 'end', finish: 'complete' });
    expect(given[0]).toBe('refused');
  });

  test('a redirect is not followed: a prompt would go along', async () => {
    let asked = 0;
    const elsewhere = createServer((_request, response) => {
      asked += 1;
      response.writeHead(307, { location: `${gemini.origin}/v1` }).end();
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    const before = gemini.requests.length;
    const redirected = geminiModel({
      ...config,
      endpoint: `http://127.0.0.1:${port}`,
      tokens: createAccessTokens(createExchange(), gemini.origin),
    });
    expect((await ask(redirected)).last).toEqual({
      kind: 'failed',
      failure: { reason: 'unavailable', code: 'connection' },
    });
    expect([asked, gemini.requests.length - before]).toEqual([1, 0]);
    elsewhere.close();
  });

  test('no credentials', async () => {
    expect((await ask(model(undefined, 'http://127.0.0.1:1'))).last).toEqual({
      kind: 'failed',
      failure: { reason: 'unavailable', code: 'credentials', needsOps: true },
    });
  });

  test.each([
    ['to the first text', 0, { first: 200, between: 5_000 }],
    ['between two', 3, { first: 5_000, between: 200 }],
  ])('too long a wait %s ends the request', async (_name, hang, deadlines) => {
    gemini.switches.hang = hang;
    const before = gemini.left();
    const { last, texts } = await ask(model(deadlines));
    expect({ last, texts }).toEqual({
      last: { kind: 'failed', failure: { reason: 'unavailable', code: 'timeout' } },
      texts: hang,
    });
    await noticed(before);
  });
});

/** That the model saw its client leave. */
const noticed = async (before: number) => {
  for (let waited = 0; waited < 3_000 && gemini.left() === before; waited += 20)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(gemini.left()).toBe(before + 1);
};

describe('the model notices', () => {
  test('when nobody waits any more', async () => {
    gemini.switches.hang = 2;
    const gone = new AbortController();
    const before = gemini.left();
    setTimeout(() => gone.abort(), 200);
    expect((await ask(model(), gone.signal)).last).toEqual({
      kind: 'failed',
      failure: { reason: 'gone', code: 'client_gone' },
    });
    await noticed(before);
  });

  test('when nobody asks on', async () => {
    gemini.switches.hang = 2;
    const before = gemini.left();
    for await (const { kind } of model().answer(PROMPT, new AbortController().signal)) if (kind === 'text') break;
    await noticed(before);
  });
});
