/** Preconditions, writes, times and values. */

import { FieldPath, FieldValue, Timestamp } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { status } from '../../../local/rpc.ts';
import type { Database, Doc } from './database.ts';

const { ALREADY_EXISTS, FAILED_PRECONDITION, NOT_FOUND } = status;

const micros = (time: Timestamp | undefined) => (time ? time.seconds * 1e6 + time.nanoseconds / 1e3 : Number.NaN);

export const documents = ({ client, collection, db }: Database): void => {
  describe('preconditions', () => {
    test('create refuses what exists and leaves it alone', async () => {
      const doc = collection().doc('a');
      await doc.create({ n: 1 });
      await expect(doc.create({ n: 2 })).rejects.toMatchObject({ code: ALREADY_EXISTS });
      expect((await doc.get()).data()).toEqual({ n: 1 });
    });

    test('update refuses what is missing and does not create it', async () => {
      const doc = collection().doc('a');
      await expect(doc.update({ n: 1 })).rejects.toMatchObject({ code: NOT_FOUND });
      expect((await doc.get()).exists).toBe(false);
    });

    test('an update passes with the present update time, and only with that', async () => {
      const doc = collection().doc('a');
      const { writeTime: first } = await doc.create({ n: 1 });
      const { writeTime: second } = await doc.update({ n: 2 }, { lastUpdateTime: first });
      expect(micros(second)).toBeGreaterThan(micros(first));
      await expect(doc.update({ n: 3 }, { lastUpdateTime: first })).rejects.toMatchObject({
        code: FAILED_PRECONDITION,
      });
      const read = await doc.get();
      expect(read.data()).toEqual({ n: 2 });
      expect(read.updateTime).toEqual(second);
      expect(read.createTime).toEqual(first);
    });

    test('an update with an update time refuses a document that is gone, and one that came back', async () => {
      const doc = collection().doc('a');
      const { writeTime } = await doc.create({ n: 1 });
      await doc.delete();
      const late = () => doc.update({ n: 2 }, { lastUpdateTime: writeTime });
      await expect(late()).rejects.toMatchObject({ code: FAILED_PRECONDITION });
      expect((await doc.get()).exists).toBe(false);
      await doc.create({ n: 1 });
      await expect(late()).rejects.toMatchObject({ code: FAILED_PRECONDITION });
    });

    test('delete takes preconditions', async () => {
      const doc = collection().doc('a');
      await expect(doc.delete({ exists: true })).rejects.toMatchObject({ code: NOT_FOUND });
      await doc.delete();
      const { writeTime: first } = await doc.create({ n: 1 });
      const { writeTime: second } = await doc.update({ n: 2 });
      const stale = doc.delete({ lastUpdateTime: first });
      await expect(stale).rejects.toMatchObject({ code: FAILED_PRECONDITION });
      expect((await doc.get()).exists).toBe(true);
      await doc.delete({ lastUpdateTime: second });
      expect((await doc.get()).exists).toBe(false);
      const gone = doc.delete({ lastUpdateTime: second });
      await expect(gone).rejects.toMatchObject({ code: FAILED_PRECONDITION });
    });

    test('a write that changes nothing keeps the update time', async () => {
      const doc = collection().doc('a');
      const { writeTime } = await doc.set({ n: 1, m: { x: [1] } });
      expect((await doc.set({ n: 1, m: { x: [1] } })).writeTime).toEqual(writeTime);
      expect((await doc.get()).updateTime).toEqual(writeTime);
    });
  });

  describe('writes', () => {
    test('a batch is atomic: one failing precondition, and nothing is written', async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((id) => db().doc(`atomic/${id}`)) as [Doc, Doc, Doc];
      await b.create({ n: 1 });
      const batch = db().batch().set(a, { n: 1 }).create(b, { n: 2 }).set(c, { n: 1 });
      await expect(batch.commit()).rejects.toMatchObject({ code: ALREADY_EXISTS });
      const found = await db().getAll(a, b, c);
      expect(found.map((snapshot) => snapshot.data())).toEqual([undefined, { n: 1 }, undefined]);
    });

    test('a batch gives all its documents one update time', async () => {
      const [a, b] = ['a', 'b'].map((id) => db().doc(`together/${id}`)) as [Doc, Doc];
      const [first, second] = await db().batch().create(a, { n: 1 }).update(a, { n: 2 }).create(b, { n: 1 }).commit();
      expect(first?.writeTime).toEqual(second?.writeTime);
      const found = await db().getAll(a, b);
      expect(found.map((snapshot) => snapshot.updateTime)).toEqual([first?.writeTime, first?.writeTime]);
      expect(found.map((snapshot) => snapshot.get('n'))).toEqual([2, 1]);
    });

    test('set replaces the whole document, merge does not', async () => {
      const doc = collection().doc('a');
      await doc.set({ old: 1, both: { x: 1 } });
      await doc.set({ both: { y: 1 } });
      expect((await doc.get()).data()).toEqual({ both: { y: 1 } });
      await doc.set({ both: { x: 2 }, more: 1 }, { merge: true });
      expect((await doc.get()).data()).toEqual({ both: { x: 2, y: 1 }, more: 1 });
    });

    test('update changes what it names, by path, and FieldValue.delete removes', async () => {
      const doc = collection().doc('a');
      await doc.set({ keep: 1, drop: 1, map: { keep: 1, drop: 1, 'dot.ted': 1 } });
      await doc.update({ drop: FieldValue.delete(), 'map.drop': FieldValue.delete(), 'map.added': 2 });
      await doc.update(new FieldPath('map', 'dot.ted'), 3);
      expect((await doc.get()).data()).toEqual({ keep: 1, map: { keep: 1, added: 2, 'dot.ted': 3 } });
      await doc.update({ map: { only: 1 } });
      expect((await doc.get()).data()).toEqual({ keep: 1, map: { only: 1 } });
    });

    test('increment adds, and starts at nothing', async () => {
      const doc = collection().doc('a');
      await doc.set({ n: FieldValue.increment(2), text: 'x' });
      await doc.update({
        n: FieldValue.increment(3),
        'deep.n': FieldValue.increment(0.5),
        text: FieldValue.increment(1),
      });
      expect((await doc.get()).data()).toEqual({ n: 5, deep: { n: 0.5 }, text: 1 });
    });

    test('bulk writes succeed and fail one by one', async () => {
      const writes = collection();
      await writes.doc('b').create({ n: 1 });
      const bulk = db().bulkWriter();
      const created = ['a', 'b', 'c'].map((id) => bulk.create(writes.doc(id), { n: 2 }));
      const outcomes = await Promise.all([Promise.allSettled(created), bulk.close()]);
      expect(outcomes[0].map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await writes.get()).docs.map((doc) => doc.get('n'))).toEqual([2, 1, 2]);
    });
  });

  describe('time', () => {
    test('server timestamp <= update time < read time, for all documents of a commit alike', async () => {
      const [a, b] = ['a', 'b'].map((id) => db().doc(`time/${id}`)) as [Doc, Doc];
      const before = (await a.get()).readTime;
      await db()
        .batch()
        .set(a, { at: FieldValue.serverTimestamp() })
        .set(b, { at: FieldValue.serverTimestamp() })
        .commit();
      const [first, second] = (await db().getAll(a, b)) as [FirebaseFirestore.DocumentSnapshot, never];
      expect(first.get('at')).toEqual((second as typeof first).get('at'));
      // A server timestamp has milliseconds only.
      expect(first.get('at').nanoseconds % 1e6).toBe(0);
      expect(micros(first.get('at'))).toBeGreaterThanOrEqual(Math.floor(micros(before) / 1e3) * 1e3);
      expect(micros(first.get('at'))).toBeLessThanOrEqual(micros(first.updateTime));
      expect(micros(first.updateTime)).toBeLessThan(micros(first.readTime));
    });

    test('documents that are missing carry a read time, and later reads a later one', async () => {
      const doc = collection().doc('missing');
      const times = [];
      for (let i = 0; i < 5; i++) times.push(micros((await doc.get()).readTime));
      expect(new Set(times).size).toBe(5);
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
    });

    test('update times grow strictly', async () => {
      const doc = collection().doc('a');
      const times = [];
      for (let n = 0; n < 10; n++) times.push(micros((await doc.set({ n })).writeTime));
      expect(new Set(times).size).toBe(10);
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
    });
  });

  describe('values', () => {
    test('come back as they were stored', async () => {
      const doc = client({ useBigInt: true }).doc('values/all');
      const values = {
        bytes: Buffer.from(Array.from({ length: 8192 }, (_, i) => (i * 7) % 256)),
        noBytes: Buffer.alloc(0),
        nested: { a: { b: { c: [{ d: null }, 'x', true] } }, empty: {}, list: [] },
        int64: [2n ** 63n - 1n, -(2n ** 63n), 0n],
        double: [0.1, 1e300, Number.NaN, Number.NEGATIVE_INFINITY, -0],
        time: new Timestamp(1_700_000_000, 123_456_000),
        before1970: new Timestamp(-1, 999_999_000),
        nothing: null,
        text: 'ä€😀\u0000',
        'strange name.`\\': 1n,
      };
      await doc.set(values);
      expect((await doc.get()).data()).toEqual(values);
    });

    test('timestamps are cut to microseconds', async () => {
      const doc = collection().doc('a');
      await doc.set({ at: new Timestamp(5, 123_456_789) });
      expect((await doc.get()).get('at')).toEqual(new Timestamp(5, 123_456_000));
    });
  });

  test('databases are apart', async () => {
    const doc = collection().doc('a');
    const other = client({ databaseId: 'other' }).doc(doc.path);
    await doc.set({ n: 1 });
    expect((await other.get()).exists).toBe(false);
    await other.set({ n: 2 });
    expect((await doc.get()).get('n')).toBe(1);
  });
};
