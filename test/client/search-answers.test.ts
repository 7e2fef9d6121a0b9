import { afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { Config } from '../../client/src/contract.ts';
import { createSearch, type SearchResult } from '../../client/src/search.ts';
import { checkSchema } from '../support/contract.ts';
import { gather } from './gather.ts';
import { sessionIdentity } from './page.ts';

const BASE = 'https://broker.example';
const policy = (change: Partial<Config['search_ai']> = {}): Config => ({
  session: sessionIdentity,
  providers: [],
  search_ai: { enabled: true, sources: { host: true, drive: true, gmail: false }, document_ids: true, ...change },
});
const searchOf = (config = policy()) =>
  createSearch(
    { config: async () => config, getAccessToken: async () => 'token' },
    { baseUrl: BASE, session: () => 'jwt', connectors: [] },
  );
const result = (source: string, id: string, more: Partial<SearchResult> = {}): SearchResult => ({
  source,
  id,
  title: `Title of ${id}`,
  ...more,
});

const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const SOURCES = event('sources', { included: [{ source: 'host', results: 1 }], excluded: [] });
const DONE = event('done', { finish: 'complete' });

/** The broker's answer. @returns what was sent */
const broker = (answer: () => Response) => jest.spyOn(globalThis, 'fetch').mockImplementation(async () => answer());
const stream = (...parts: readonly string[]) =>
  new Response(parts.join(''), { headers: { 'Content-Type': 'text/event-stream' } });
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ type: 'about:blank', title: code, status, code }, { status, headers });
const bodyOf = (fetched: ReturnType<typeof broker>, call = 0) =>
  JSON.parse(String(fetched.mock.calls[call]?.[1]?.body));

afterEach(() => {
  jest.restoreAllMocks();
});

describe('what is sent', () => {
  test('H2 H4 the query and the results of included sources, nothing of the others; and whose are left out is said', async () => {
    const fetched = broker(() => stream(SOURCES, DONE));
    const results = [
      result('gmail', 'm1', { snippet: 'not for a model' }),
      result('host', 'h1', { snippet: 'for a model', link: 'https://product.example/1', date: '2026-01-15' }),
      result('unnamed', 'u1'),
      result('gmail', 'm2'),
    ];
    const events = await gather(searchOf().answer({ query: 'what', results }));
    expect(fetched.mock.calls[0]).toMatchObject([
      `${BASE}/v1/answers`,
      { method: 'POST', credentials: 'omit', headers: { Authorization: 'Bearer jwt', 'Broker-Request': '1' } },
    ]);
    expect(bodyOf(fetched)).toEqual({
      query: 'what',
      results: [
        {
          source: 'host',
          id: 'h1',
          title: 'Title of h1',
          snippet: 'for a model',
          link: 'https://product.example/1',
        },
      ],
    });
    expect(events[0]).toEqual({
      type: 'sources',
      included: [{ source: 'host', results: 1 }],
      excluded: [
        { source: 'gmail', results: 2 },
        { source: 'unnamed', results: 1 },
      ],
    });
  });

  test('what the broker leaves out beyond that is added', async () => {
    const excluded = [
      { source: 'gmail', results: 1 },
      { source: 'drive', results: 2 },
    ];
    broker(() => stream(event('sources', { included: [], excluded }), DONE));
    const results = [result('gmail', 'm1'), result('host', 'h1')];
    const [sources] = await gather(searchOf().answer({ query: 'what', results }));
    expect(sources).toEqual({
      type: 'sources',
      included: [],
      excluded: [
        { source: 'gmail', results: 2 },
        { source: 'drive', results: 2 },
      ],
    });
  });

  test('of two sources that found the same, an included one is sent', async () => {
    const fetched = broker(() => stream(SOURCES, DONE));
    const results = [result('gmail', 'm1', { also: [result('drive', 'd1')] })];
    await gather(searchOf().answer({ query: 'what', results }));
    expect(bodyOf(fetched).results).toEqual([{ source: 'drive', id: 'd1', title: 'Title of d1' }]);
  });

  test('Search AI is off, all is excluded, or nothing was found: nothing is sent', async () => {
    const fetched = broker(() => stream(SOURCES, DONE));
    const off = searchOf(policy({ enabled: false })).answer({ query: 'what', results: [result('host', 'h1')] });
    await expect(off.next()).rejects.toMatchObject({ name: 'BrokerError', code: 'search_ai_disabled' });
    const excluded = searchOf().answer({ query: 'what', results: [result('gmail', 'm1')] });
    expect((await excluded.next()).value).toEqual({
      type: 'sources',
      included: [],
      excluded: [{ source: 'gmail', results: 1 }],
    });
    await expect(excluded.next()).rejects.toMatchObject({ code: 'source_disabled' });
    await expect(searchOf().answer({ query: 'what', results: [] }).next()).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(fetched).not.toHaveBeenCalled();
  });

  test('whatever was found, what is sent keeps the contract, and no character is cut in two', async () => {
    const fetched = broker(() => stream(SOURCES, DONE));
    const long = (most: number) =>
      fc
        .tuple(fc.constantFrom('a', 'ä', '€', '𝄞', '"', '\n'), fc.nat(most + 5))
        .map(([each, times]) => each.repeat(times));
    const hit = fc.record({
      source: fc.constantFrom('host', 'drive', 'gmail'),
      id: long(512),
      title: long(500),
      snippet: long(2000),
      link: fc.constantFrom('https://product.example/', `https://product.example/${'x'.repeat(2048)}`),
    });
    let call = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(hit, { maxLength: 70 }), long(1000), async (hits, query) => {
        const results = [result('host', 'first'), ...hits];
        await gather(searchOf().answer({ query: `q${query}`, results }));
        const text = String(fetched.mock.calls[call]?.[1]?.body);
        checkSchema('AnswerRequest', JSON.parse(text));
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(128 * 1024);
        expect(text.isWellFormed()).toBe(true);
        // The best of them: the rest, not the beginning, is left out.
        const sent = JSON.parse(text).results.map(({ id }: { id: string }) => id);
        const could = results.filter(({ source, id }) => source !== 'gmail' && id !== '' && id.length <= 512);
        expect(sent).toEqual(could.slice(0, sent.length).map(({ id }) => id));
        call += 1;
      }),
      { numRuns: 40 },
    );
  });
});

describe('what comes', () => {
  const found = [result('host', 'h1', { link: 'https://product.example/1' }), result('drive', 'd1')];

  test('H2 text, citations with the page’s own results, and the end; what was not sent is not cited', async () => {
    broker(() =>
      stream(
        SOURCES,
        ': still here\n\n',
        event('text', { text: 'Ten days' }),
        event('citation', { number: 1, source: 'host', id: 'h1', link: 'https://evil.example' }),
        event('citation', { number: 2, source: 'gmail', id: 'm1' }),
        event('later', { what: 'nobody knows yet' }),
        event('text', { text: '.' }),
        event('done', { finish: 'length' }),
        event('text', { text: 'after the end' }),
      ),
    );
    expect((await gather(searchOf().answer({ query: 'when', results: found }))).slice(1)).toEqual([
      { type: 'text', text: 'Ten days' },
      { type: 'citation', number: 1, result: found[0] },
      { type: 'text', text: '.' },
      { type: 'done', finish: 'length' },
    ]);
  });

  test.each([
    [401, 'login_required', 'SessionRequiredError', {}],
    [403, 'search_ai_disabled', 'BrokerError', {}],
    [403, 'source_disabled', 'BrokerError', {}],
    [413, 'payload_too_large', 'BrokerError', {}],
    [429, 'rate_limited', 'BrokerUnavailableError', { 'Retry-After': '7' }],
    [502, 'provider_error', 'BrokerError', {}],
    [503, 'model_busy', 'BrokerUnavailableError', { 'Retry-After': '7' }],
  ])('%s %s is the SDK’s own error', async (status, code, name, headers: Record<string, string>) => {
    broker(() => problem(status, code, headers));
    const retry = headers['Retry-After'] ? { retryAfter: 7 } : {};
    await expect(searchOf().answer({ query: 'x', results: found }).next()).rejects.toMatchObject({
      name,
      code,
      ...retry,
    });
  });

  test('an error after the beginning is the same error; an answer that just ends was cut off', async () => {
    const busy = { type: 'about:blank', title: 'busy', status: 503, code: 'model_busy', retry_after: 7 };
    const text = event('text', { text: 'Ten' });
    broker(() => stream(SOURCES, text, event('error', busy)));
    const answer = searchOf().answer({ query: 'x', results: found });
    await answer.next();
    expect((await answer.next()).value).toEqual({ type: 'text', text: 'Ten' });
    await expect(answer.next()).rejects.toMatchObject({
      name: 'BrokerUnavailableError',
      code: 'model_busy',
      retryAfter: 7,
    });
    const { retry_after: _, ...bad } = { ...busy, status: 502, code: 'provider_error' };
    broker(() => stream(SOURCES, event('error', bad)));
    await expect(gather(searchOf().answer({ query: 'x', results: found }))).rejects.toMatchObject({
      name: 'BrokerError',
      code: 'provider_error',
    });
    broker(() => stream(SOURCES, text));
    await expect(gather(searchOf().answer({ query: 'x', results: found }))).rejects.toMatchObject({ code: 'cut_off' });
  });

  test('no broker, and a connection that breaks', async () => {
    jest.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new TypeError('failed'));
    await expect(gather(searchOf().answer({ query: 'x', results: found }))).rejects.toMatchObject({
      code: 'unreachable',
    });
    const breaking = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(SOURCES));
      },
      pull(controller) {
        controller.error(new TypeError('network'));
      },
    });
    broker(() => new Response(breaking));
    await expect(gather(searchOf().answer({ query: 'x', results: found }))).rejects.toMatchObject({ code: 'cut_off' });
  });

  test('leaving the loop, or the caller’s signal, ends the connection', async () => {
    const ended: string[] = [];
    const endless = (name: string) =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new TextEncoder().encode(event('text', { text: 'more ' }))),
          cancel: () => void ended.push(name),
        }),
      );
    broker(() => endless('left'));
    for await (const each of searchOf().answer({ query: 'x', results: found })) if (each.type === 'text') break;
    expect(ended).toEqual(['left']);

    const canceller = new AbortController();
    const { signal } = canceller;
    const fetched = jest
      .spyOn(globalThis, 'fetch')
      .mockImplementation(
        (_url, init) =>
          new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))),
      );
    const asking = searchOf().answer({ query: 'x', results: found, signal }).next();
    await new Promise((resolve) => setTimeout(resolve));
    canceller.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
    expect(fetched.mock.calls[fetched.mock.calls.length - 1]?.[1]?.signal).toBe(signal);
  });
});

describe('documents', () => {
  test('H3 all pages are listed, one is forgotten by its escaped name, and all at once', async () => {
    const used = { used_at: '2026-01-15T09:30:00Z' };
    const fetched = broker(() => new Response(null, { status: 204 }));
    fetched.mockResolvedValueOnce(
      Response.json({ documents: [{ source: 'host', id: '1', ...used }], next_page: 'a/b' }),
    );
    fetched.mockResolvedValueOnce(Response.json({ documents: [{ source: 'drive', id: '2', ...used }] }));
    const search = searchOf();
    expect((await search.documents()).map(({ id }) => id)).toEqual(['1', '2']);
    await search.forgetDocument({ source: 'drive', id: 'a/b ä?' });
    await search.forgetDocuments();
    const place = `${BASE}/v1/answers/documents`;
    expect(fetched.mock.calls.map(([url, init]) => [init?.method, url])).toEqual([
      ['GET', place],
      ['GET', `${place}?page=a%2Fb`],
      ['DELETE', `${place}/drive/a%2Fb%20%C3%A4%3F`],
      ['DELETE', place],
    ]);
  });
});
