/** The kinds of queries used here. */

import { FieldPath } from '@google-cloud/firestore';
import { beforeAll, expect, test } from '@jest/globals';
import type { Database } from './database.ts';

const ids = (found: { docs: { id: string }[] }) => found.docs.map((document) => document.id);

export const queries = ({ collection, db }: Database): void => {
  let people: FirebaseFirestore.CollectionReference;
  beforeAll(async () => {
    people = collection();
    const batch = db().batch();
    for (const [id, fields] of Object.entries({
      p1: { org: 'org-1', role: 'admin', age: 36 },
      p2: { org: 'org-1', role: 'user', age: 20 },
      p3: { org: 'org-1', role: 'user', age: 20.5, left: null },
      p4: { org: 'org-2', role: 'user', age: '20' },
      p5: { org: 'org-1', role: 'user', where: { city: 'Bonn' } },
      P6: { org: 'org-2', role: 'admin', age: 99 },
    })) {
      batch.set(people.doc(id), fields);
    }
    await batch.set(people.doc('p1/parts/part-1'), { org: 'org-1', role: 'user' }).commit();
  });

  test('equality on two fields, in the order of the names', async () => {
    expect(ids(await people.where('org', '==', 'org-1').where('role', '==', 'user').get())).toEqual(['p2', 'p3', 'p5']);
  });

  test('equality finds nested fields, null, and numbers of either type', async () => {
    expect(ids(await people.where('where.city', '==', 'Bonn').get())).toEqual(['p5']);
    expect(ids(await people.where('left', '==', null).get())).toEqual(['p3']);
    expect(ids(await people.where('age', '==', 20).get())).toEqual(['p2']);
    expect(ids(await people.where('org', '==', 'nowhere').get())).toEqual([]);
  });

  test('order by name goes by bytes; limit and startAfter page through it', async () => {
    const pages = [];
    let page = await people.orderBy(FieldPath.documentId()).limit(4).get();
    while (!page.empty) {
      pages.push(ids(page));
      page = await people.orderBy(FieldPath.documentId()).startAfter(page.docs.at(-1)?.id).limit(4).get();
    }
    expect(pages).toEqual([
      ['P6', 'p1', 'p2', 'p3'],
      ['p4', 'p5'],
    ]);
  });

  test('pages of a filtered query, by snapshot', async () => {
    const users = people.where('role', '==', 'user').limit(3);
    const first = await users.get();
    expect(ids(first)).toEqual(['p2', 'p3', 'p4']);
    expect(ids(await users.startAfter(first.docs.at(-1)).get())).toEqual(['p5']);
    expect(ids(await users.offset(1).get())).toEqual(['p3', 'p4', 'p5']);
  });

  test('a range keeps to its type, in its order', async () => {
    expect(ids(await people.where('age', '>', 20).get())).toEqual(['p3', 'p1', 'P6']);
    expect(ids(await people.where('age', '>=', 20).where('age', '<', 99).orderBy('age', 'desc').get())).toEqual([
      'p1',
      'p3',
      'p2',
    ]);
  });

  test('an order by a field leaves out documents without it; types have an order', async () => {
    expect(ids(await people.orderBy('age').get())).toEqual(['p2', 'p3', 'p1', 'P6', 'p4']);
    expect(ids(await people.orderBy('age').startAt(36).endBefore('20').get())).toEqual(['p1', 'P6']);
  });

  test('a projection leaves out the rest', async () => {
    const found = await people.where('org', '==', 'org-1').select('role', 'where.city').get();
    expect(found.docs.at(-1)?.data()).toEqual({ role: 'user', where: { city: 'Bonn' } });
  });

  test('count', async () => {
    expect((await people.count().get()).data()).toEqual({ count: 6 });
    expect((await people.where('role', '==', 'user').count().get()).data()).toEqual({ count: 4 });
    expect((await people.where('role', '==', 'user').limit(2).count().get()).data()).toEqual({ count: 2 });
  });

  test('an element of an array, in the order of another field, by pages: what a declared index answers', async () => {
    // The project's own index of `users`: the emulator asks for none, the stand-in for exactly this one.
    const users = collection().doc('org-1').collection('users');
    const batch = db().batch();
    for (const [id, fields] of Object.entries({
      u1: { keys: ['a', 'an', 'ann'], sort: 'zoe' },
      u2: { keys: ['a', 'an'], sort: 'ann' },
      u3: { keys: ['b'], sort: 'ben' },
      u4: { keys: 'a', sort: 'no array' },
      u5: { keys: ['a', 1, null], sort: 'ann' },
      u6: { keys: ['a'] },
    })) {
      batch.set(users.doc(id), fields);
    }
    await batch.commit();
    const found = users.where('keys', 'array-contains', 'a').orderBy('sort').orderBy(FieldPath.documentId());
    expect(ids(await found.get())).toEqual(['u2', 'u5', 'u1']);
    expect(ids(await found.startAfter('ann', 'u2').limit(1).get())).toEqual(['u5']);
    expect(ids(await users.where('keys', 'array-contains', 'an').get())).toEqual(['u1', 'u2']);
    await expect(
      users.where('keys', 'array-contains', 'a').where('keys', 'array-contains', 'an').get(),
    ).rejects.toThrow(/ARRAY_CONTAINS/i);
  });

  test('a collection group, lists of documents and of collections', async () => {
    expect(ids(await db().collectionGroup('parts').get())).toEqual(['part-1']);
    await people.doc('p7/parts/part-2').set({});
    const listed = (await people.listDocuments()).map((doc) => doc.id);
    expect(listed).toEqual(['P6', 'p1', 'p2', 'p3', 'p4', 'p5', 'p7']);
    expect((await people.doc('p1').listCollections()).map(({ id }) => id)).toEqual(['parts']);
  });
};
