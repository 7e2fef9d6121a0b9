/** Transactions: what one reads stays true until its commit, or the commit is refused and it runs again. */

import { FieldValue } from '@google-cloud/firestore';
import { expect, test } from '@jest/globals';
import { status } from '../../../local/rpc.ts';
import { CONTENDED_MS, type Database, type Doc } from './database.ts';

const { ALREADY_EXISTS } = status;

/** Reads, and gives what to do then. */
type Body = (transaction: FirebaseFirestore.Transaction) => Promise<() => void>;

/** @returns a call to make on arrival, and a promise that resolves when so many arrived, or after a moment */
const meeting = (size: number): [() => void, Promise<void>] => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  const arrive = () => {
    arrived++;
    if (arrived >= size) resolve();
    else setTimeout(resolve, 500).unref();
  };
  return [arrive, promise];
};

export const transactions = ({ client, collection, db }: Database): void => {
  test(
    'ten clients increment: ten',
    async () => {
      const counter = collection().doc('counter');
      await counter.set({ n: 0 });
      const increments = Array.from({ length: 10 }, () => {
        const own = client();
        const doc = own.doc(counter.path);
        return own.runTransaction(
          async (transaction) => {
            const n = (await transaction.get(doc)).get('n');
            transaction.update(doc, { n: n + 1 });
          },
          { maxAttempts: 15 },
        );
      });
      await Promise.all(increments);
      expect((await counter.get()).get('n')).toBe(10);
    },
    CONTENDED_MS,
  );

  /** Runs two transactions so that both have read before either writes (as far as the database lets them). */
  const collide = async (first: Body, second: Body) => {
    const [readOnce, waitForBoth] = meeting(2);
    const run = (body: Body) =>
      client().runTransaction(async (transaction) => {
        const write = await body(transaction);
        readOnce();
        await waitForBoth;
        write();
      });
    return Promise.allSettled([run(first), run(second)]);
  };

  test(
    'two that read both documents and write one each: the second sees the first (no write skew)',
    async () => {
      const [a, b] = ['a', 'b'].map((id) => db().doc(`skew/${id}`)) as [Doc, Doc];
      await db().batch().set(a, { on: true }).set(b, { on: true }).commit();
      const switchOff = (mine: Doc, other: Doc) => async (transaction: FirebaseFirestore.Transaction) => {
        const [, found] = await transaction.getAll(mine, other);
        return () => void (found?.get('on') && transaction.update(mine, { on: false }));
      };
      await collide(switchOff(a, b), switchOff(b, a));
      const left = (await db().getAll(a, b)).filter((snapshot) => snapshot.get('on'));
      expect(left).toHaveLength(1);
    },
    CONTENDED_MS,
  );

  test(
    'two that find a document missing: one creates it',
    async () => {
      const marker = collection().doc('marker');
      const claim = (who: string) => async (transaction: FirebaseFirestore.Transaction) => {
        const { exists } = await transaction.get(marker);
        return () => void (exists || transaction.set(marker, { who }));
      };
      await collide(claim('first'), claim('second'));
      const { updateTime, createTime } = await marker.get();
      expect(updateTime).toEqual(createTime);
    },
    CONTENDED_MS,
  );

  test(
    'two that find a query empty: one adds to it (no phantoms)',
    async () => {
      const members = collection();
      const join = (id: string) => async (transaction: FirebaseFirestore.Transaction) => {
        const { empty } = await transaction.get(members.where('team', '==', 'red'));
        return () => void (empty && transaction.create(members.doc(id), { team: 'red' }));
      };
      await collide(join('first'), join('second'));
      expect((await members.get()).size).toBe(1);
    },
    CONTENDED_MS,
  );

  test('a write from outside is not lost', async () => {
    const doc = collection().doc('a');
    await doc.set({ n: 0 });
    let outside: Promise<unknown> | undefined;
    await db().runTransaction(async (transaction) => {
      const n = (await transaction.get(doc)).get('n');
      outside ??= doc.update({ n: FieldValue.increment(10) });
      await Promise.race([outside, new Promise((resolve) => setTimeout(resolve, 300))]);
      transaction.update(doc, { n: n + 1 });
    });
    await outside;
    expect((await doc.get()).get('n')).toBe(11);
  });

  test('a read-only transaction sees one moment', async () => {
    const [a, b] = ['a', 'b'].map((id) => db().doc(`moment/${id}`)) as [Doc, Doc];
    await a.set({ n: 1 });
    const seen = await db().runTransaction(
      async (transaction) => {
        const first = await transaction.get(a);
        await db().batch().set(a, { n: 2 }).set(b, { n: 2 }).commit();
        const [again, other] = await transaction.getAll(a, b);
        return [first.get('n'), again?.get('n'), other?.exists];
      },
      { readOnly: true },
    );
    expect(seen).toEqual([1, 1, false]);
  });

  test('a past moment can be read', async () => {
    const doc = collection().doc('a');
    const { writeTime } = await doc.set({ n: 1 });
    await doc.set({ n: 2 });
    const then = db().runTransaction((transaction) => transaction.get(doc), { readOnly: true, readTime: writeTime });
    expect((await then).get('n')).toBe(1);
  });

  test('a callback that throws, or a failing precondition, writes nothing', async () => {
    const [a, b] = ['a', 'b'].map((id) => db().doc(`nothing/${id}`)) as [Doc, Doc];
    await b.set({ n: 1 });
    const thrown = db().runTransaction(async (transaction) => {
      await transaction.get(a);
      transaction.set(a, { n: 1 });
      throw new Error('changed my mind');
    });
    await expect(thrown).rejects.toThrow('changed my mind');
    const refused = db().runTransaction(async (transaction) => {
      await transaction.get(a);
      transaction.set(a, { n: 1 }).create(b, { n: 2 });
    });
    await expect(refused).rejects.toMatchObject({ code: ALREADY_EXISTS });
    expect((await db().getAll(a, b)).map((snapshot) => snapshot.get('n'))).toEqual([undefined, 1]);
  });
};
