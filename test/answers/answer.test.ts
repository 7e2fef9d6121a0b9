/** What the operation makes of policies and models. */
import { describe, expect, test } from '@jest/globals';
import { type AnswerEvent, answer } from '../../functions/core/answers/answer.ts';
import type { AnswerDocuments, Model, ModelEvent } from '../../functions/core/answers/ports.ts';
import type { Prompt } from '../../functions/core/answers/prompt.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import type { SearchAiPolicy } from '../../functions/core/policy-form.ts';
import type { Event } from '../../functions/core/ports.ts';

const OWNER = { tenant: 'org-1', user: 'user-1' };
const RESULTS = [
  { source: 'drive', id: 'd1', title: 'One', snippet: 'first' },
  { source: 'gmail', id: 'g1', title: 'Two', snippet: 'second' },
  { source: 'drive', id: 'd2', title: 'Three', snippet: 'third' },
];
const done: ModelEvent = { kind: 'end', finish: 'complete' };
const text = (text: string): ModelEvent => ({ kind: 'text', text });

const world = (
  events: readonly ModelEvent[],
  { later, ...rule }: Partial<SearchAiPolicy> & { later?: Partial<SearchAiPolicy> } = {},
) => {
  const prompts: Prompt[] = [];
  const kept: unknown[] = [];
  const log: Event[] = [];
  let closed = 0;
  let reads = 0;
  const model: Model = {
    async *answer(prompt) {
      prompts.push(prompt);
      try {
        yield* events;
      } finally {
        closed += 1;
      }
    },
  };
  const add: AnswerDocuments['add'] = async (owner, cited) => {
    kept.push({ owner, cited: cited.map(({ source, id }) => `${source} ${id}`) });
    return true;
  };
  const documents = { list: async () => [], forget: async () => {}, add };
  const first = { enabled: true, sources: { drive: true, gmail: true }, document_ids: true, ...rule };
  const dependencies = {
    policies: {
      policy: async () => {
        reads += 1;
        return { policy: { providers: {}, search_ai: reads > 1 ? { ...first, ...later } : first }, readAt: 0 };
      },
    },
    model,
    documents,
    observe: (event: Event) => void log.push(event),
  };
  const gone = new AbortController().signal;
  return {
    dependencies,
    prompts,
    kept,
    log,
    closed: () => closed,
    ask: (results = RESULTS) => answer(dependencies, { owner: OWNER, query: 'What?', results, gone }),
  };
};

const collect = async (outcome: Awaited<ReturnType<ReturnType<typeof world>['ask']>>): Promise<AnswerEvent[]> => {
  if (outcome.kind !== 'events') throw new Error(outcome.kind);
  const all: AnswerEvent[] = [];
  for await (const event of outcome.events) all.push(event);
  return all;
};

test('H2 sources, text with numbered citations, done', async () => {
  const { ask, kept } = world([text('Third [3], first [1]'), text(' and third again [3].'), done]);
  expect(await collect(await ask())).toEqual([
    {
      kind: 'sources',
      included: [
        { source: 'drive', results: 2 },
        { source: 'gmail', results: 1 },
      ],
      excluded: [],
    },
    { kind: 'text', text: 'Third' },
    { kind: 'citation', number: 1, source: 'drive', id: 'd2' },
    { kind: 'text', text: ', ' },
    { kind: 'text', text: 'first' },
    { kind: 'citation', number: 2, source: 'drive', id: 'd1' },
    { kind: 'text', text: ' and third ' },
    { kind: 'text', text: 'again' },
    { kind: 'citation', number: 1, source: 'drive', id: 'd2' },
    { kind: 'text', text: '.' },
    { kind: 'done', finish: 'complete' },
  ]);
  expect(kept).toEqual([{ owner: OWNER, cited: ['drive d2', 'drive d1'] }]);
});

describe('the policy', () => {
  test('S53 H2 off: no prompt is made', async () => {
    const { ask, prompts } = world([done], { enabled: false });
    expect(await ask()).toEqual({ kind: 'search_ai_disabled' });
    expect(prompts).toEqual([]);
  });

  test('S53 H4 only excluded sources: they are named, and no prompt is made', async () => {
    const { ask, prompts } = world([done], { sources: { host: true, gmail: false } });
    expect(await ask()).toEqual({ kind: 'source_disabled', sources: ['drive', 'gmail'] });
    expect(prompts).toEqual([]);
  });

  test('S53 H4 some excluded: their texts are in no prompt, and cannot be cited', async () => {
    const { ask, prompts } = world([text('One [1] two [2] three [3].'), done], { sources: { drive: true } });
    const events = await collect(await ask());
    expect(events[0]).toMatchObject({ excluded: [{ source: 'gmail', results: 1 }] });
    expect(events.flatMap((event) => (event.kind === 'citation' ? [event.id] : []))).toEqual(['d1', 'd2']);
    expect(JSON.stringify(prompts)).not.toMatch(/second|Two|gmail|g1/);
  });
});

describe('the model', () => {
  test.each([
    ['failed', [{ kind: 'failed', failure: { reason: 'busy', code: 'http_429' } }] as const, 'busy'],
    ['said nothing', [], 'unusable'],
  ])('%s before a word: no stream begins', async (_name, events, reason) => {
    const { ask, log, closed } = world(events);
    expect(await ask()).toMatchObject({ kind: 'failed', failure: { reason } });
    expect(closed()).toBe(1);
    expect(log).toMatchObject([{ event: 'model_failed', reason }]);
  });

  test.each([
    ['failed', [{ kind: 'failed', failure: { reason: 'unavailable', code: 'connection' } }] as const, 'unavailable'],
    ['stopped without an end', [], 'unusable'],
  ])('%s after a word: the stream says so, and nothing is kept', async (_name, events, reason) => {
    const { ask, kept, closed } = world([text('So far [1]'), ...events]);
    const told = await collect(await ask());
    expect(told.at(-1)).toMatchObject({ kind: 'failed', failure: { reason } });
    expect(told.filter(({ kind }) => kind === 'text' || kind === 'citation')).toHaveLength(3);
    expect(kept).toEqual([]);
    expect(closed()).toBe(1);
  });

  test('declines before any text: an answer without one', async () => {
    const { ask, kept } = world([{ kind: 'end', finish: 'declined' }]);
    expect((await collect(await ask())).map(({ kind }) => kind)).toEqual(['sources', 'done']);
    expect(kept).toEqual([]);
  });

  test('whoever leaves early ends the work', async () => {
    const { ask, closed, kept } = world([text('a '), text('b '), text('c '), done]);
    const outcome = await ask();
    if (outcome.kind !== 'events') throw new Error();
    for await (const { kind } of outcome.events) if (kind === 'text') break;
    expect(closed()).toBe(1);
    expect(kept).toEqual([]);
  });
});

describe('S53 H3 names of cited documents', () => {
  const cited = [text('Yes [1].'), done];

  test('are kept for whoever leaves as soon as the answer is done', async () => {
    const { ask, kept } = world(cited);
    const outcome = await ask();
    if (outcome.kind !== 'events') throw new Error();
    for await (const { kind } of outcome.events) if (kind === 'done') break;
    expect(kept).toHaveLength(1);
  });

  test('are not kept where nothing was cited, without consent, or when consent ended meanwhile', async () => {
    for (const { ask, kept } of [
      world([text('Yes.'), done]),
      world(cited, { document_ids: false }),
      world(cited, { later: { document_ids: false } }),
    ]) {
      await collect(await ask());
      expect(kept).toEqual([]);
    }
  });

  test('that cannot be kept spoil no answer, and are not in the log', async () => {
    for (const [error, code] of [
      [new Unavailable('database', 'timeout'), 'database: timeout'],
      [new TypeError('d1 canary'), 'failed'],
    ] as const) {
      const { ask, log, dependencies } = world(cited);
      dependencies.documents.add = () => Promise.reject(error);
      expect((await collect(await ask())).at(-1)).toEqual({ kind: 'done', finish: 'complete' });
      expect(log).toMatchObject([
        { event: 'answered', cited: 1 },
        { event: 'documents_not_kept', code },
      ]);
      expect(JSON.stringify(log)).not.toMatch(/d1|canary/);
    }
  });
});
