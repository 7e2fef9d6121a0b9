/** What the Firestore stand-in has beyond the real service's behaviour: faults, counts, a dump, a clock, refusals. */

import { FieldValue, Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { find, type StructuredQuery } from '../../local/firestore/queries.ts';
import { type FirestoreStandIn, startFirestore } from '../../local/firestore/server.ts';
import { Store } from '../../local/firestore/store.ts';
import { integer, reference } from '../../local/firestore/values.ts';
import { status } from '../../local/rpc.ts';

// No question leaves this machine.
process.env.METADATA_SERVER_DETECTION = 'none';

let server: FirestoreStandIn;
let db: Firestore;
let documents = 0;
const fresh = () => db.doc(`things/${++documents}`);

beforeAll(async () => {
  server = await startFirestore();
  db = new Firestore({ projectId: 'demo', host: server.address, ssl: false });
});
afterEach(() => server.faults.clear());
afterAll(async () => {
  await db.terminate();
  await server.stop();
});

test('it listens on loopback only, and instances share nothing', async () => {
  expect(server.address).toMatch(/^127\.0\.0\.1:\d+$/);
  const other = await startFirestore();
  await fresh().set({ n: 1 });
  expect(other.dump()).toEqual([]);
  await other.stop();
});

describe('faults', () => {
  test('a commit that fails before it is applied writes nothing', async () => {
    const doc = fresh();
    server.faults.inject({ methods: ['Commit'], code: status.INTERNAL });
    await expect(doc.create({ n: 1 })).rejects.toMatchObject({ code: status.INTERNAL });
    expect((await doc.get()).exists).toBe(false);
    await doc.create({ n: 1 });
  });

  test('a commit that fails after it is applied has happened', async () => {
    const doc = fresh();
    server.faults.inject({ methods: ['Commit'], code: status.DEADLINE_EXCEEDED, when: 'after' });
    await expect(doc.create({ n: 1 })).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect((await doc.get()).data()).toEqual({ n: 1 });
  });

  test('the client repeats an ambiguous commit by itself, and then meets its own write', async () => {
    const doc = fresh();
    const { writeTime } = await doc.create({ n: 1 });
    server.faults.inject({ methods: ['Commit'], code: status.UNAVAILABLE, when: 'after' });
    const update = doc.update({ n: 2 }, { lastUpdateTime: writeTime });
    await expect(update).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
    expect((await doc.get()).data()).toEqual({ n: 2 });
  });

  test('they hit the documents that they are meant for, as often as they are meant to', async () => {
    const [hit, spared] = [fresh(), fresh()];
    server.faults.inject({
      methods: ['Commit'],
      matching: (names) => names.some((name) => name.endsWith(hit.path)),
      times: 2,
      code: status.INTERNAL,
    });
    await spared.set({ n: 1 });
    await expect(hit.set({ n: 1 })).rejects.toMatchObject({ code: status.INTERNAL });
    await expect(db.batch().set(spared, { n: 2 }).set(hit, { n: 1 }).commit()).rejects.toThrow('INTERNAL');
    await hit.set({ n: 3 });
    expect((await db.getAll(hit, spared)).map((snapshot) => snapshot.get('n'))).toEqual([3, 1]);
  });

  test('an outage lasts until it is lifted; reads outlive it by the retries of the client', async () => {
    const doc = fresh();
    const lift = server.faults.inject({ code: status.UNAVAILABLE, times: Number.POSITIVE_INFINITY });
    let answered = false;
    const read = doc.get().finally(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(answered).toBe(false);
    lift();
    expect((await read).exists).toBe(false);
  });

  test('a delay alone only delays', async () => {
    const doc = fresh();
    server.faults.inject({ methods: ['Commit'], delay: 200 });
    const started = performance.now();
    await doc.set({ n: 1 });
    expect(performance.now() - started).toBeGreaterThan(190);
  });

  test('a transaction is run again after an aborted commit', async () => {
    const doc = fresh();
    server.faults.inject({ methods: ['Commit'], code: status.ABORTED });
    let runs = 0;
    await db.runTransaction(async (transaction) => {
      await transaction.get(doc);
      transaction.set(doc, { run: ++runs });
    });
    expect((await doc.get()).data()).toEqual({ run: 2 });
  });

  test('stopping ends what is delayed', async () => {
    const other = await startFirestore();
    const client = new Firestore({ projectId: 'demo', host: other.address, ssl: false });
    other.faults.inject({ methods: ['Commit'], delay: 60_000 });
    const late = expect(client.runTransaction(async (t) => t.set(client.doc('a/b'), {}), { maxAttempts: 1 })).rejects;
    while (!other.calls().Commit) await new Promise((resolve) => setTimeout(resolve, 5));
    await other.stop();
    await client.terminate();
    await late.toThrow();
    expect(other.dump()).toEqual([]);
  });
});

test('it counts documents read and written, queries, transactions and calls', async () => {
  const [a, b] = [fresh(), fresh()];
  const counts = () => ({ ...server.counts(), ...server.calls() });
  const before = counts();
  await db.batch().set(a, { key: 'counted' }).set(b, { key: 'counted' }).commit();
  await db.getAll(a, b, fresh());
  await db.collection('things').where('key', '==', 'counted').get();
  await db.collection('things').where('key', '==', 'nowhere').get();
  await expect(a.create({})).rejects.toThrow('ALREADY_EXISTS');
  await db.runTransaction(async (transaction) => void transaction.delete((await transaction.get(a)).ref));
  const after = counts();
  const done = Object.entries(after).map(([name, n]) => [name, n - (before[name as keyof typeof before] ?? 0)]);
  expect(Object.fromEntries(done)).toMatchObject({
    reads: 3 + 2 + 1 + 1,
    writes: 3,
    queries: 2,
    transactions: 1,
    Commit: 3,
    BatchGetDocuments: 2,
    RunQuery: 2,
  });
});

test('a dump shows every document with its bytes, and nothing deleted', async () => {
  const [kept, gone] = [db.doc('dumped/kept'), db.doc('dumped/gone/below/it')];
  await kept.set({ bytes: Buffer.from('canary'), deep: { list: [1, 'x', null, true, 0.5] }, at: new Date(5) });
  await gone.set({ n: 1 });
  await gone.delete();
  const dumped = server.dump().filter(({ name }) => name.includes('/dumped/'));
  expect(dumped).toMatchObject([
    {
      name: 'projects/demo/databases/(default)/documents/dumped/kept',
      fields: { bytes: Buffer.from('canary'), deep: { list: [1, 'x', null, true, 0.5] }, at: new Date(5) },
    },
  ]);
});

describe('time', () => {
  test('the clock runs ahead when it is told to', async () => {
    const doc = fresh();
    const before = (await doc.set({ n: 1 })).writeTime.toMillis();
    server.advance(3_600_000);
    await doc.set({ at: FieldValue.serverTimestamp() });
    const read = await doc.get();
    for (const time of [read.readTime, read.updateTime, read.get('at')]) {
      expect(time.toMillis() - before).toBeGreaterThanOrEqual(3_600_000);
      expect(time.toMillis() - before).toBeLessThan(3_610_000);
    }
  });

  test('a transaction left idle for a minute has expired, and is run again', async () => {
    const doc = fresh();
    let runs = 0;
    await db.runTransaction(async (transaction) => {
      await transaction.get(doc);
      if (++runs === 1) server.advance(61_000);
      transaction.set(doc, { runs });
    });
    expect((await doc.get()).data()).toEqual({ runs: 2 });
    const once = db.runTransaction(
      async (transaction) => {
        await transaction.get(doc);
        server.advance(61_000);
        transaction.set(doc, { runs: 99 });
      },
      { maxAttempts: 1 },
    );
    await expect(once).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    expect((await doc.get()).data()).toEqual({ runs: 2 });
  });

  test('the past is readable for minutes, then forgotten', async () => {
    const store = new Store();
    const name = 'projects/p/databases/d/documents/c/a';
    const put = (n: number) =>
      store.commit([
        {
          operation: 'update',
          update: { name, fields: { n: integer(n) } },
          updateMask: null,
          updateTransforms: [],
          currentDocument: null,
        },
      ]).time;
    const first = put(1);
    store.advance(200_000);
    put(2);
    expect(store.read(name, first)?.fields).toEqual({ n: integer(1) });
    store.advance(271_000);
    put(3);
    expect(store.read(name, first)).toBeUndefined();
    expect(store.read(name, store.now())?.fields).toEqual({ n: integer(3) });
  });
});

describe('what it cannot do is refused by name', () => {
  test('filters and transforms', async () => {
    const doc = fresh();
    await expect(doc.set({ list: FieldValue.arrayUnion(1) })).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
      message: expect.stringContaining('appendMissingElements'),
    });
    expect((await doc.get()).exists).toBe(false);
    const isIn = { fieldFilter: { field: path('n'), op: 'IN', value: integer(1) } };
    expect(() => ask({ where: isIn })).toThrow('the filter IN');
    expect(() => ask({ where: { compositeFilter: { op: 'OR', filters: [] } } })).toThrow('composed by OR');
    expect(() => ask({ from: [{ collectionId: '', allDescendants: true }] })).toThrow('over all collections');
  });

  test('queries that need an index nobody declared', () => {
    const where = (field: string, op = 'EQUAL') => ({ fieldFilter: { field: path(field), op, value: integer(1) } });
    const and = (...filters: object[]) => ({ compositeFilter: { op: 'AND', filters } });
    const by = (field: string, direction = 'ASCENDING') => ({ field: path(field), direction });
    const name = { fieldFilter: { field: path('__name__'), op: 'GREATER_THAN', value: reference('x') } };
    const answered = [
      { where: and(where('a'), where('b'), name), orderBy: [by('__name__')] },
      { where: and(where('a', 'GREATER_THAN'), where('a', 'LESS_THAN')), orderBy: [by('a', 'DESCENDING')] },
      { where: where('a'), orderBy: [by('a'), by('__name__')] },
      { from: [{ collectionId: 'c', allDescendants: true }] },
    ];
    const refused = [
      { where: and(where('a'), where('b', 'GREATER_THAN')) },
      { where: where('a'), orderBy: [by('b')] },
      { where: and(name, where('b', 'GREATER_THAN')) },
      { orderBy: [by('a'), by('b')] },
      { orderBy: [by('a'), by('__name__', 'DESCENDING')] },
      { orderBy: [by('__name__', 'DESCENDING')] },
      { from: [{ collectionId: 'c', allDescendants: true }], where: where('a') },
    ];
    for (const query of answered) expect(ask(query)).toEqual([]);
    for (const query of refused) expect(() => ask(query)).toThrow(/requires an index|descending key scans/);
  });
});

const path = (fieldPath: string) => ({ fieldPath });

/** Straight to the query engine: the client repeats refused queries for seconds. */
const ask = (query: object) =>
  find(
    new Store(),
    'projects/p/databases/d/documents',
    {
      select: null,
      from: [{ collectionId: 'c', allDescendants: false }],
      where: null,
      orderBy: [],
      startAt: null,
      endAt: null,
      offset: 0,
      limit: null,
      findNearest: null,
      ...query,
    } satisfies StructuredQuery,
    1,
    [],
  );
