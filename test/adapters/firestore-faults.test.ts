/** Lost answers and a database that is down, by both clients, as the core meets them. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connectionPlace } from '../../functions/adapters/firestore/documents.ts';
import { systemClock } from '../../functions/core/clock.ts';
import { commit } from '../../functions/core/commit.ts';
import type { Stored } from '../../functions/core/ports.ts';
import { type FirestoreStandIn, startFirestore } from '../../local/firestore/server.ts';
import { status } from '../../local/rpc.ts';
import {
  CLIENTS,
  type Client,
  completionsOf,
  life,
  newKey,
  openOfficial,
  readStored,
  write,
} from './firestore-clients.ts';

let standIn: FirestoreStandIn;
let firestore: Firestore;
beforeAll(async () => {
  standIn = await startFirestore();
  firestore = openOfficial(standIn.address);
});
afterEach(() => standIn.faults.clear());
afterAll(async () => {
  await firestore?.terminate();
  await standIn?.stop();
});

const commits = () => standIn.calls().Commit ?? 0;

describe.each(CLIENTS)('by the %s', (name, open) => {
  let client: Client;
  let read: Stored;
  beforeEach(async () => {
    client = open(firestore, standIn.address);
    const key = newKey();
    await write(completionsOf(firestore), key, life());
    read = await readStored(client, key);
  });
  const rotate = () =>
    commit({ connections: client.connections, clock: systemClock }, read, {
      change: () => ({ revision: 2, attempt: 'mine', lease: null }),
      isMine: (found) => found.connection.attempt === 'mine',
      mayWriteOver: (found) => found.connection.revision === 1,
      until: systemClock.elapsed() + 3_000,
    });

  test.each([
    ['ABORTED', { code: status.ABORTED }],
    ['UNAVAILABLE', { code: status.UNAVAILABLE }],
    ['UNAVAILABLE after it was applied', { code: status.UNAVAILABLE, when: 'after' }],
    ['UNAVAILABLE, again and again, after it was applied', { code: status.UNAVAILABLE, when: 'after', times: 2 }],
    ['INTERNAL after it was applied', { code: status.INTERNAL, when: 'after' }],
  ] as const)("%s: the write is there once, and known for one's own", async (_, fault) => {
    standIn.faults.inject({ methods: ['Commit'], ...fault });
    const { kind, stored } = await rotate();
    expect(kind).toBe('written');
    expect((await readStored(client, read.key)).connection).toMatchObject({ revision: 2, attempt: 'mine' });
    // The version in hand is good for what comes next.
    if (stored) expect(await client.connections.update(stored, { lease: null })).not.toBe('conflict');
  });

  test('a read that meets a moment of UNAVAILABLE does not notice', async () => {
    standIn.faults.inject({ methods: ['BatchGetDocuments'], code: status.UNAVAILABLE });
    expect((await readStored(client, read.key)).connection.revision).toBe(1);
  });

  test('permission denied: only ops can help', async () => {
    standIn.faults.inject({ code: status.PERMISSION_DENIED, times: 100 });
    const needsOps = { name: 'Unavailable', upstream: 'database', needsOps: true };
    await expect(client.connections.update(read, { revision: 2 })).rejects.toMatchObject(needsOps);
    // The official client tries a refused read again, and does not tell in time.
    const refused = name === 'official client' ? { name: 'Unavailable', message: 'database: timeout' } : needsOps;
    const reads = [client.connections.read(read.key), client.policies.policy('org-1')];
    for (const each of await Promise.allSettled<unknown>(reads)) {
      expect(each).toMatchObject({ status: 'rejected', reason: refused });
    }
  }, 15_000);

  test('a database that is down costs five seconds at most, and is `Unavailable`', async () => {
    standIn.faults.inject({ code: status.UNAVAILABLE, times: 1_000 });
    const begun = performance.now();
    const calls = [client.connections.read(read.key), client.connections.update(read, { revision: 2 })];
    for (const each of await Promise.allSettled<unknown>(calls)) {
      expect(each).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable', needsOps: false } });
    }
    expect(performance.now() - begun).toBeLessThan(6_000);
  }, 15_000);

  test('one that does not answer, too; a write that takes effect later meets the next one as a conflict', async () => {
    // Of this document alone: the official client may still be repeating a write of the test before.
    const own = `/${connectionPlace(read.key).join('/')}`;
    const matching = (targets: readonly string[]) => targets.some((target) => target.endsWith(own));
    standIn.faults.inject({ methods: ['Commit'], matching, delay: 5_500 });
    const begun = performance.now();
    await expect(client.connections.update(read, { revision: 7 })).rejects.toMatchObject({
      message: 'database: timeout',
      applied: 'unknown',
    });
    expect(performance.now() - begun).toBeLessThan(5_450);
    await systemClock.sleep(700);
    expect((await readStored(client, read.key)).connection.revision).toBe(7);
    expect(await client.connections.update(read, { revision: 2 })).toBe('conflict');
  }, 15_000);

  test('a commit that may have been applied is told, not hidden', async () => {
    standIn.faults.inject({ methods: ['Commit'], code: status.UNAVAILABLE, when: 'after' });
    const before = commits();
    const told = await client.connections.update(read, { revision: 2 }).catch((error) => error);
    // The official client repeats it by itself and meets its own write.
    if (name === 'official client') expect(told).toBe('conflict');
    else expect(told).toMatchObject({ name: 'Unavailable', applied: 'unknown' });
    expect(commits() - before).toBe(name === 'official client' ? 2 : 1);
  });
});
