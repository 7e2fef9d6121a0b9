/** Connections by the version that wrapped their data keys, on the strict stand-in and, where it is found, on the official emulator. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connectionRef, toClient } from '../../functions/adapters/firestore/client.ts';
import { firestoreConnections } from '../../functions/adapters/firestore/connections.ts';
import { documentOf } from '../../functions/adapters/firestore/documents.ts';
import { firestoreRewraps } from '../../functions/adapters/firestore/rewraps.ts';
import type { Stored } from '../../functions/core/ports.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { findEmulator, startEmulator } from '../../local/firestore/emulator.ts';
import { startFirestore } from '../../local/firestore/server.ts';

const suite = (start: () => Promise<{ address: string; stop(): Promise<unknown> }>) => {
  let database: Firestore;
  let stop: () => Promise<unknown>;
  beforeAll(async () => {
    const running = await start();
    stop = running.stop;
    database = databaseOf({ FIRESTORE_EMULATOR_HOST: running.address, GOOGLE_CLOUD_PROJECT: 'local-project' });
  }, 60_000);
  afterAll(async () => {
    await database?.terminate();
    await stop?.();
  });
  beforeEach(async () => {
    const batch = database.batch();
    for (const { ref } of (await database.collection('connections').get()).docs) batch.delete(ref);
    await batch.commit();
  });

  /** `undefined`: stored before versions were written down. `null`: a dead grant. */
  const put = async (count: number, version: string | undefined | null, prefix = String(version)): Promise<void> => {
    const batch = database.batch();
    for (let index = 0; index < count; index++) {
      const key = { tenant: 'org-1', user: `${prefix}-${index}`, provider: 'google' };
      const wrapped = { wrappedKey: Buffer.from('wrapped'), ...(version ? { keyVersion: version } : {}) };
      const life = { generation: 'life', revision: 1, scopes: ['a'], account: 'account', attempt: 'first' };
      const document = documentOf(key, {
        ...life,
        ...(version === null
          ? { authorizeAgain: 'grant_dead' as const }
          : { sealed: { ...wrapped, ciphertext: Buffer.from('sealed') } }),
      });
      batch.set(connectionRef(database, key), toClient(document));
    }
    await batch.commit();
  };
  const rewraps = () => firestoreRewraps(database);
  const usersOf = async (version: string | undefined): Promise<string[]> => {
    const users: string[] = [];
    for await (const page of rewraps().wrappedBy(version)) users.push(...page.map(({ key }) => key.user));
    return users;
  };

  test('every version that occurs is counted, and what says none; dead grants have no key', async () => {
    expect(await rewraps().countByVersion()).toEqual(new Map());
    await put(3, 'connections.1');
    await put(2, 'connections.10');
    await put(1, 'tokens.2');
    await put(4, undefined);
    await put(2, null);
    expect(await rewraps().countByVersion()).toEqual(
      new Map([
        ['connections.1', 3],
        ['connections.10', 2],
        ['tokens.2', 1],
        [undefined, 4],
      ]),
    );
  });

  test('those of a version come in pages, each once, while they leave the query and others do not', async () => {
    await put(250, 'connections.1');
    await put(200, 'connections.1', 'more');
    await put(5, 'connections.2');
    const connections = firestoreConnections(database);
    const seen: string[] = [];
    for await (const page of rewraps().wrappedBy('connections.1')) {
      seen.push(...page.map(({ key }) => key.user));
      const [first] = page as [Stored];
      await connections.update(first, { wrapped: { wrappedKey: Buffer.from('new'), keyVersion: 'connections.2' } });
    }
    expect(seen).toHaveLength(450);
    expect(new Set(seen).size).toBe(450);
    expect((await rewraps().countByVersion()).get('connections.2')).toBe(8);
  }, 30_000);

  test('those that say none are all found, wherever the walk begins', async () => {
    await put(210, 'connections.1');
    await put(7, undefined);
    await put(3, null);
    for (let time = 0; time < 3; time++) {
      const users = await usersOf(undefined);
      expect(users.sort()).toEqual(Array.from({ length: 7 }, (_, index) => `undefined-${index}`));
    }
  }, 30_000);

  test('wrapped anew: the key and its version change, and nothing else of the document', async () => {
    await put(1, 'connections.1');
    const ref = connectionRef(database, { tenant: 'org-1', user: 'connections.1-0', provider: 'google' });
    const before = (await ref.get()).data();
    for await (const [stored] of rewraps().wrappedBy('connections.1')) {
      if (!stored) throw new Error('nothing there');
      const wrapped = { wrappedKey: Buffer.from('new'), keyVersion: 'connections.2' };
      expect(await firestoreConnections(database).update(stored, { wrapped })).not.toBe('conflict');
      expect(await firestoreConnections(database).update(stored, { wrapped })).toBe('conflict');
    }
    const expected = { ...before, wrapped_key: Buffer.from('new'), key_version: 'connections.2' };
    expect((await ref.get()).data()).toEqual(expected);
  });
};

describe('on the stand-in', () => suite(() => startFirestore()));

if (findEmulator()) describe('on the official emulator', () => suite(startEmulator));
else test.skip('on the official emulator: skipped, it was not found on this machine', () => {});
