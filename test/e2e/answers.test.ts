/** Search AI over HTTP: rows H2 to H4, S25, S53. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { initialSwitches } from '../../local/gemini/switches.ts';
import { status } from '../../local/rpc.ts';
import { administer, sweep } from '../support/admin.ts';
import { startTestStack, type TestStack } from '../support/broker.ts';
import { checkSchema } from '../support/contract.ts';
import { eventsIn, type ReadEvent } from '../support/events.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ environment: { RATE_LIMIT_ANSWERS: '5/1' } });
}, 60_000);
afterEach(() => {
  Object.assign(stack.gemini.switches, initialSwitches());
  stack.firestore?.faults.clear();
});
afterAll(() => stack?.stop());

const PATH = '/v1/answers';
const DOCUMENTS = '/v1/answers/documents';
const SCHEMAS: Readonly<Record<string, string>> = {
  sources: 'AnswerSources',
  text: 'AnswerText',
  citation: 'AnswerCitation',
  done: 'AnswerDone',
  error: 'AnswerError',
};
const results = [
  { source: 'drive', id: 'd/1?', title: 'Travel policy', snippet: 'Travel is paid back within ten days.' },
  {
    source: 'gmail',
    id: 'g1',
    title: 'Re: travel',
    snippet: 'My travel to org-2 was paid back late.',
    link: 'https://mail.example/g1',
  },
  { source: 'outlook', id: 'o1', title: 'Travel report' },
];
const question = { query: 'When is travel paid back?', results };

let serial = 0;
/** A user of an organization of their own, with Search AI as the admin has switched it. */
const newUser = async (search_ai: object = {}, tenant = `org-a${++serial}`) => {
  const admin = await administer(stack, tenant);
  const rule = {
    enabled: true,
    sources: { drive: true, gmail: true, outlook: true },
    document_ids: true,
    ...search_ai,
  };
  const set = (change: object) => admin.change({ search_ai: change });
  expect((await set(rule)).status).toBe(200);
  const user = `user-a${++serial}`;
  const token = await stack.session(user, tenant);
  const ask = (body: unknown = question) => stack.call('POST', PATH, { token, body });
  return {
    tenant,
    user,
    token,
    set,
    ask,
    answer: async (body?: unknown): Promise<ReadEvent[]> => {
      const answer = await ask(body);
      expect(answer).toMatchObject({ status: 200 });
      const events = eventsIn(answer.body);
      for (const { event, data } of events) checkSchema(SCHEMAS[event] ?? event, data);
      return events;
    },
    documents: async (query = '') => (await stack.call('GET', DOCUMENTS + query, { token })).body,
    forget: (path = '') => stack.call('DELETE', DOCUMENTS + path, { token }),
  };
};
const textOf = (events: readonly ReadEvent[]) => events.map(({ data }) => data.text ?? '').join('');

test('H2 the story: a question with results, and an answer with citations of them', async () => {
  const events = await (await newUser()).answer();
  expect(events[0]).toEqual({
    event: 'sources',
    data: { included: ['drive', 'gmail', 'outlook'].map((source) => ({ source, results: 1 })), excluded: [] },
  });
  expect(textOf(events)).toContain('Travel is paid back within ten days');
  const citations = events.filter(({ event }) => event === 'citation').map(({ data }) => data);
  expect(citations[0]).toEqual({ number: 1, source: 'drive', id: 'd/1?' });
  expect(events.at(-1)).toEqual({ event: 'done', data: { finish: 'complete' } });
});

test('H2 the demo organizations: one has Search AI, the other has not', async () => {
  const ask = async (tenant: string) =>
    stack.call('POST', PATH, { token: await stack.session('user-1', tenant), body: question });
  expect((await ask('org-1')).status).toBe(200);
  expect(await ask('org-2')).toMatchObject({ status: 403, body: { code: 'search_ai_disabled' } });
});

describe('the policy', () => {
  test('S53 H4 switched off: the very next question is refused, and the model hears nothing', async () => {
    const { ask, set } = await newUser();
    await set({ enabled: false });
    const before = stack.gemini.requests.length;
    expect(await ask()).toMatchObject({ status: 403, body: { code: 'search_ai_disabled' } });
    expect(stack.gemini.requests.length).toBe(before);
  });

  test('S53 H4 only excluded sources: refused and named; mixed: dropped and named', async () => {
    const { ask, answer, set } = await newUser();
    await set({ sources: { gmail: false, outlook: false } });
    expect(await ask({ ...question, results: results.slice(1) })).toMatchObject({
      status: 403,
      body: { code: 'source_disabled', sources: ['gmail', 'outlook'] },
    });
    const events = await answer();
    expect(events[0]?.data).toEqual({
      included: [{ source: 'drive', results: 1 }],
      excluded: [
        { source: 'gmail', results: 1 },
        { source: 'outlook', results: 1 },
      ],
    });
    expect(JSON.stringify(stack.gemini.requests.at(-1)?.body)).not.toContain('org-2');
  });
});

describe('requests', () => {
  test.each([
    ['no query', { results }],
    ['an empty query', { query: '', results }],
    ['a long query', { query: 'x'.repeat(1001), results }],
    ['no results', { query: 'x', results: [] }],
    ['too many results', { query: 'x', results: Array(51).fill(results[0]) }],
    ['a long snippet', { query: 'x', results: [{ ...results[0], snippet: 'x'.repeat(2001) }] }],
    ['a member more', { query: 'x', results: [{ ...results[0], html: 'x' }] }],
    ['a link that is none', { query: 'x', results: [{ ...results[0], link: 'javascript:alert(1)' }] }],
    ['an odd source', { query: 'x', results: [{ ...results[0], source: 'Drive!' }] }],
  ])('S25 %s: 400', async (name, body) => {
    const token = await stack.session(`user with ${name}`, 'org-1');
    expect(await stack.call('POST', PATH, { token, body })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  test('S25 more than 128 KiB: 413; nearly as much is read', async () => {
    const token = await stack.session('user-large', 'org-1');
    const many = (count: number) =>
      Array.from({ length: count }, (_, id) => ({
        ...results[0],
        id: `${id}`,
        title: 'x'.repeat(500),
        snippet: 'x'.repeat(2000),
      }));
    const send = (count: number) => stack.call('POST', PATH, { token, body: { query: 'x', results: many(count) } });
    expect((await send(49)).status).toBe(200);
    const long = many(50).map((each) => ({ ...each, link: `https://x.example/${'x'.repeat(1000)}` }));
    expect(await stack.call('POST', PATH, { token, body: { query: 'x', results: long } })).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    });
  });

  test('S26 have a limit of their own, because each costs', async () => {
    const { ask } = await newUser();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask()));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(3);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(30);
    expect((await ask()).status).toBe(429);
  });

  test('S20 a cookie alone is not enough', async () => {
    const token = await stack.session('user-cookie', 'org-1');
    const headers = { cookie: `__Host-session=${token}`, origin: stack.demo.origin };
    expect(await stack.call('POST', PATH, { headers, body: question })).toMatchObject({
      status: 403,
      body: { code: 'csrf_rejected' },
    });
    const proven = { ...headers, 'broker-request': '1' };
    expect((await stack.call('POST', PATH, { headers: proven, body: question })).status).toBe(200);
  });
});

describe('the model', () => {
  test.each([
    [{ status: 429 }, 503, 'model_busy'],
    [{ status: 500 }, 503, 'temporarily_unavailable'],
    [{ status: 404 }, 503, 'temporarily_unavailable'],
    [{ status: 400 }, 502, 'provider_error'],
    [{ malformed: 0 }, 502, 'provider_error'],
    [{ stop: { after: 0, reason: 'NONE' } }, 502, 'provider_error'],
    [{ cut: 0 }, 503, 'temporarily_unavailable'],
  ] as const)('%j before a word: %d %s', async (switches, expected, code) => {
    Object.assign(stack.gemini.switches, switches);
    const { ask, documents } = await newUser();
    const answer = await ask();
    expect(answer).toMatchObject({ status: expected, body: { code } });
    if (expected === 503) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(1);
    expect(await documents()).toEqual({ documents: [] });
  });

  test.each([
    [{ cut: 8 }, 'temporarily_unavailable'],
    [{ malformed: 8 }, 'provider_error'],
    [{ lateError: 8 }, 'model_busy'],
    [{ stop: { after: 8, reason: 'OTHER' } }, 'provider_error'],
  ] as const)('%j in the middle: the stream ends with %s', async (switches, code) => {
    Object.assign(stack.gemini.switches, { betweenMs: 10, ...switches });
    const { answer, documents } = await newUser();
    const events = await answer();
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code, correlation_id: expect.any(String) } });
    expect(textOf(events)).not.toBe('');
    expect(await documents()).toEqual({ documents: [] });
  });

  test.each([
    [{ blockPrompt: true }, 'declined', false],
    [{ stop: { after: 5, reason: 'SAFETY' } }, 'declined', true],
    [{ stop: { after: 5, reason: 'MAX_TOKENS' } }, 'length', true],
  ] as const)('%j ends it as %s', async (switches, finish, said) => {
    Object.assign(stack.gemini.switches, switches);
    const events = await (await newUser()).answer();
    expect(events.at(-1)).toEqual({ event: 'done', data: { finish } });
    expect(textOf(events) !== '').toBe(said);
  });

  test('S53 numbers and addresses of its own invention do not get out', async () => {
    Object.assign(stack.gemini.switches, { oddMarks: true, addresses: true });
    const events = await (await newUser()).answer();
    expect(textOf(events)).not.toMatch(/attacker\.example\/|https?:|www\.|mailto:|\[\d/);
    for (const { event, data } of events) if (event === 'citation') expect(['d/1?', 'g1', 'o1']).toContain(data.id);
  });

  test.each([
    ['before a word', { hang: 0 }],
    ['in the middle', { hang: 5 }],
  ])('hears when the client goes away %s', async (_name, switches) => {
    Object.assign(stack.gemini.switches, switches);
    const { token, documents } = await newUser();
    const left = stack.gemini.left();
    const asked = stack.gemini.requests.at(-1);
    const leave = new AbortController();
    const answering = fetch(stack.broker + PATH, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(question),
      signal: leave.signal,
    });
    answering.then((response) => response.text()).catch(() => {});
    for (let waited = 0; waited < 5_000 && stack.gemini.requests.at(-1) === asked; waited += 20) await sleep(20);
    await sleep(200);
    leave.abort();
    for (let waited = 0; waited < 3_000 && stack.gemini.left() === left; waited += 20) await sleep(20);
    expect(stack.gemini.left()).toBe(left + 1);
    expect(await documents()).toEqual({ documents: [] });
  });
});

describe('H3 names of cited documents', () => {
  test('are listed to their user, and go one by one or all', async () => {
    const { answer, documents, forget, tenant } = await newUser();
    await answer();
    const listed = await documents();
    const ids = (body: { documents: { source: string; id: string }[] }) =>
      body.documents.map(({ source, id }) => `${source} ${id}`).sort();
    expect(ids(listed)).toEqual(['drive d/1?', 'gmail g1', 'outlook o1']);
    expect(Date.now() - Date.parse(listed.documents[0].used_at)).toBeLessThan(60_000);
    const colleague = await newUser({}, tenant);
    expect(await colleague.documents()).toEqual({ documents: [] });

    expect((await forget(`/drive/${encodeURIComponent('d/1?')}`)).status).toBe(204);
    expect((await forget('/drive/unknown')).status).toBe(204);
    expect(ids(await documents())).toEqual(['gmail g1', 'outlook o1']);
    expect((await colleague.forget()).status).toBe(204);
    expect(ids(await documents())).toHaveLength(2);
    expect((await forget()).status).toBe(204);
    expect((await forget()).status).toBe(204);
    expect(await documents()).toEqual({ documents: [] });
    expect(await documents('?page=x')).toMatchObject({ code: 'invalid_request' });
  });

  test('S53 are not kept without consent; once it is withdrawn they are not listed, and the sweep removes them', async () => {
    const { answer, documents, set, tenant } = await newUser({ document_ids: false });
    const left = async () =>
      (await stack.stored()).split('\n').filter((line) => line.includes('"d/1?"') && line.includes(tenant));
    await answer();
    expect(await left()).toEqual([]);
    await set({ document_ids: true });
    await answer();
    expect((await documents()).documents).toHaveLength(3);
    await set({ document_ids: false });
    expect(await documents()).toEqual({ documents: [] });
    expect(await left()).toHaveLength(1);
    expect((await sweep(stack)).body).toEqual({ removed: 0, left: false });
    expect(await left()).toEqual([]);
  });

  test.each(['the user', 'the backend'])('E5 go with the account, by %s', async (by) => {
    const { answer, documents, token, tenant, user } = await newUser();
    await answer();
    const service = await stack.demo.sessions.serviceToken(tenant);
    const deleted =
      by === 'the user'
        ? await stack.call('DELETE', '/v1/account', { token })
        : await stack.call('DELETE', `/v1/tenants/${tenant}/users/${user}`, { token: service });
    expect(deleted.status).toBe(204);
    expect(await stack.stored()).not.toContain(`"${user}"`);
    // The session lives on for a while; nothing is kept for it.
    await answer();
    expect(await documents()).toEqual({ documents: [] });
    expect(await stack.stored()).not.toContain(`"${user}"`);
  });

  test('that cannot be stored spoil no answer', async () => {
    const { answer } = await newUser();
    stack.firestore?.faults.inject({ methods: ['Commit'], code: status.PERMISSION_DENIED, when: 'before', times: 100 });
    const events = await answer();
    expect(events.at(-1)).toEqual({ event: 'done', data: { finish: 'complete' } });
    await sleep(100);
    expect(stack.logs.some((line) => line.includes('"event":"documents_not_kept"'))).toBe(true);
  });
});
