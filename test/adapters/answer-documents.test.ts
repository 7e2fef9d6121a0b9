/** Names of cited documents, on the strict stand-in and, where it is found, on the official emulator (S53, H3). */
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  firestoreAnswerDocuments,
  firestoreAnswerTenants,
  forgetAnswers,
} from '../../functions/adapters/firestore/answer-documents.ts';
import { DELETED_SECONDS, MOST_DOCUMENTS } from '../../functions/core/answers/documents.ts';
import { sweepAnswers } from '../../functions/core/answers/sweep.ts';
import { systemClock } from '../../functions/core/clock.ts';
import type { Event } from '../../functions/core/ports.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { findEmulator, startEmulator } from '../../local/firestore/emulator.ts';
import { startFirestore } from '../../local/firestore/server.ts';
import { storedText } from '../support/stored.ts';
import { warmUp } from './firestore-clients.ts';

const suite = (start: () => Promise<{ address: string; stop(): Promise<unknown> }>) => {
  let database: Firestore;
  let stop: () => Promise<unknown>;
  let serial = 0;
  beforeAll(async () => {
    const running = await start();
    stop = running.stop;
    const environment = { FIRESTORE_EMULATOR_HOST: running.address, GOOGLE_CLOUD_PROJECT: 'local-project' };
    database = databaseOf(environment, 'answers');
    await warmUp(database);
  }, 60_000);
  afterAll(async () => {
    await database?.terminate();
    await stop?.();
  });

  const newOwner = (tenant = `org-${++serial}`) => ({ tenant, user: `user-${++serial}` });
  const documents = () => firestoreAnswerDocuments(database);
  const drive = (id: string) => ({ source: 'drive', id });
  const idsOf = async (owner: { tenant: string; user: string }) =>
    (await documents().list(owner)).map(({ id }) => id).sort();

  test('are listed to their owner alone, each once, with the time of the last use', async () => {
    const owner = newOwner();
    expect(await documents().list(owner)).toEqual([]);
    await documents().add(owner, [drive('a'), drive('b')]);
    const [first] = await documents().list(owner);
    await documents().add(owner, [drive('b'), { source: 'gmail', id: 'b' }]);
    const listed = await documents().list(owner);
    expect(
      listed
        .map(({ source, id }) => `${source} ${id}`)
        .slice(0, 2)
        .sort(),
    ).toEqual(['drive b', 'gmail b']);
    expect(listed[2]).toEqual({ ...drive('a'), usedAt: first?.usedAt });
    for (const other of [newOwner(owner.tenant), { ...owner, tenant: 'org-x' }]) expect(await idsOf(other)).toEqual([]);
  });

  test('are no more than the most, and answers at once lose none', async () => {
    const owner = newOwner();
    const names = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => drive(`${from + index}`));
    await documents().add(owner, names(0, MOST_DOCUMENTS));
    await Promise.all([1000, 2000].map((from) => documents().add(owner, names(from, 10))));
    const ids = await idsOf(owner);
    expect(ids).toHaveLength(MOST_DOCUMENTS);
    for (const from of [1000, 2000]) expect(ids).toContain(`${from}`);
  });

  test('go one by one, or all; what is not there goes too', async () => {
    const owner = newOwner();
    await documents().forget(owner);
    await documents().forget(owner, drive('a'));
    await documents().add(owner, [drive('a'), drive('b'), drive('c')]);
    await documents().forget(owner, drive('b'));
    await documents().forget(owner, { source: 'gmail', id: 'a' });
    expect(await idsOf(owner)).toEqual(['a', 'c']);
    await documents().forget(owner);
    expect(await idsOf(owner)).toEqual([]);
    await documents().add(owner, [drive('d')]);
    await documents().forget(owner, drive('d'));
    expect(await storedText(database)).not.toContain(owner.user);
  });

  test('E5 go with the account, and do not come back from an answer that is under way', async () => {
    const owner = newOwner();
    await documents().add(owner, [drive('a')]);
    await forgetAnswers(database, owner);
    expect(await documents().add(owner, [drive('b')])).toBe(false);
    await documents().forget(owner);
    expect(await documents().add(owner, [drive('c')])).toBe(false);
    expect(await idsOf(owner)).toEqual([]);
    expect(await storedText(database)).not.toContain(owner.user);
    // Whoever comes back later is a user like any other.
    for (const { ref, data } of (await database.collection('owners').get()).docs.map((each) => ({
      ref: each.ref,
      data: each.data(),
    }))) {
      if (!('deleted_at' in data)) continue;
      const before = Timestamp.fromMillis(data.deleted_at.toMillis() - (DELETED_SECONDS + 1) * 1000);
      await ref.update({ deleted_at: before });
    }
    expect(await documents().add(owner, [drive('d')])).toBe(true);
    expect(await idsOf(owner)).toEqual(['d']);
  });

  test('the account is deleted while an answer stores: nothing is left, whoever comes first', async () => {
    for (let round = 0; round < 5; round++) {
      const owner = newOwner();
      await Promise.all([documents().add(owner, [drive('a')]), forgetAnswers(database, owner)]);
      expect(await idsOf(owner)).toEqual([]);
    }
  });

  describe('the sweep', () => {
    const consent = new Map<string, boolean>();
    const log: Event[] = [];
    const sweep = (answers = firestoreAnswerTenants(database)) =>
      sweepAnswers({
        policies: {
          policy: async (tenant) => ({
            policy: { providers: {}, search_ai: { document_ids: consent.get(tenant) ?? false } },
            readAt: 0,
          }),
        },
        answers,
        clock: systemClock,
        observe: (event) => void log.push(event),
      });

    test('removes what organizations that withdrew their consent have left, and nothing else', async () => {
      const [with_, without] = [newOwner(), newOwner()];
      consent.set(with_.tenant, true);
      const colleagues = Array.from({ length: 101 }, () => newOwner(without.tenant));
      for (const owner of [with_, without]) await documents().add(owner, [drive('a')]);
      await Promise.all(colleagues.map((owner) => documents().add(owner, [drive('a')])));
      expect(await sweep()).toEqual({ left: false });
      expect(await idsOf(with_)).toEqual(['a']);
      const rest = await storedText(database);
      expect(rest).toContain(`"${with_.tenant}"`);
      expect(rest).not.toContain(`"${without.tenant}"`);
      expect(log).toContainEqual({ event: 'cited_documents_removed', tenant: without.tenant, users: 102 });
      // What is stored afterwards is found by the next one.
      await documents().add(without, [drive('b')]);
      await sweep();
      expect(await idsOf(without)).toEqual([]);
    });

    test('an answer that stores at the very end of it is found again', async () => {
      const owner = newOwner();
      await documents().add(owner, [drive('a')]);
      const answers = firestoreAnswerTenants(database);
      await Promise.all([sweep(answers), documents().add(owner, [drive('b')]), sweep(answers)]);
      const listed = await answers.tenants();
      if ((await idsOf(owner)).length > 0) expect(listed).toContain(owner.tenant);
      await sweep();
      expect(await idsOf(owner)).toEqual([]);
      expect(await answers.tenants()).not.toContain(owner.tenant);
    });

    test("an organization's failure does not keep the next one waiting", async () => {
      const removed: string[] = [];
      const answers = {
        tenants: async () => ['one', 'two'],
        removeSome: async (tenant: string) => {
          if (tenant === 'one') throw new Error('down');
          removed.push(tenant);
          return 0;
        },
      };
      await expect(sweep(answers)).rejects.toThrow('down');
      expect(removed).toEqual(['two']);
    });
  });
};

describe('on the stand-in', () => suite(() => startFirestore()));

if (findEmulator()) describe('on the official emulator', () => suite(startEmulator));
else test.skip('on the official emulator: skipped, it was not found on this machine', () => {});
