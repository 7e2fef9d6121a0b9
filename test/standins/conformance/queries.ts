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
      ada: { org: 'org-1', role: 'admin', age: 36 },
      bob: { org: 'org-1', role: 'user', age: 20 },
      cem: { org: 'org-1', role: 'user', age: 20.5, left: null },
      dan: { org: 'org-2', role: 'user', age: '20' },
      eve: { org: 'org-1', role: 'user', where: { city: 'Bonn' } },
      Zoe: { org: 'org-2', role: 'admin', age: 99 },
    })) {
      batch.set(people.doc(id), fields);
    }
    await batch.set(people.doc('ada/pets/rex'), { org: 'org-1', role: 'user' }).commit();
  });

  test('equality on two fields, in the order of the names', async () => {
    expect(ids(await people.where('org', '==', 'org-1').where('role', '==', 'user').get())).toEqual([
      'bob',
      'cem',
      'eve',
    ]);
  });

  test('equality finds nested fields, null, and numbers of either type', async () => {
    expect(ids(await people.where('where.city', '==', 'Bonn').get())).toEqual(['eve']);
    expect(ids(await people.where('left', '==', null).get())).toEqual(['cem']);
    expect(ids(await people.where('age', '==', 20).get())).toEqual(['bob']);
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
      ['Zoe', 'ada', 'bob', 'cem'],
      ['dan', 'eve'],
    ]);
  });

  test('pages of a filtered query, by snapshot', async () => {
    const users = people.where('role', '==', 'user').limit(3);
    const first = await users.get();
    expect(ids(first)).toEqual(['bob', 'cem', 'dan']);
    expect(ids(await users.startAfter(first.docs.at(-1)).get())).toEqual(['eve']);
    expect(ids(await users.offset(1).get())).toEqual(['cem', 'dan', 'eve']);
  });

  test('a range keeps to its type, in its order', async () => {
    expect(ids(await people.where('age', '>', 20).get())).toEqual(['cem', 'ada', 'Zoe']);
    expect(ids(await people.where('age', '>=', 20).where('age', '<', 99).orderBy('age', 'desc').get())).toEqual([
      'ada',
      'cem',
      'bob',
    ]);
  });

  test('an order by a field leaves out documents without it; types have an order', async () => {
    expect(ids(await people.orderBy('age').get())).toEqual(['bob', 'cem', 'ada', 'Zoe', 'dan']);
    expect(ids(await people.orderBy('age').startAt(36).endBefore('20').get())).toEqual(['ada', 'Zoe']);
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

  test('a collection group, lists of documents and of collections', async () => {
    expect(ids(await db().collectionGroup('pets').get())).toEqual(['rex']);
    await people.doc('ghost/pets/boo').set({});
    const listed = (await people.listDocuments()).map((doc) => doc.id);
    expect(listed).toEqual(['Zoe', 'ada', 'bob', 'cem', 'dan', 'eve', 'ghost']);
    expect((await people.doc('ada').listCollections()).map(({ id }) => id)).toEqual(['pets']);
  });
};
