/**
 * What is written and listed by the official client alone, on the strict stand-in and, where it is found, on the official
 * emulator. What a token call needs is held to one contract with the other client: firestore-store.test.ts.
 */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { firestoreTombstones } from '../../functions/adapters/firestore/completions.ts';
import { firestoreConnections } from '../../functions/adapters/firestore/connections.ts';
import { type CompletionStore, DATABASE_TIME, type NewConnection } from '../../functions/core/ports.ts';
import { findEmulator, startEmulator } from '../../local/firestore/emulator.ts';
import { type FirestoreStandIn, startFirestore } from '../../local/firestore/server.ts';
import { status } from '../../local/rpc.ts';
import { completionsOf, life, newKey, openOfficial, placeOf, readStored, warmUp, write } from './firestore-clients.ts';

const suite = (start: () => Promise<{ address: string; stop(): Promise<unknown> }>) => {
  let firestore: Firestore;
  let stop: () => Promise<unknown>;
  let connections: ReturnType<typeof firestoreConnections>;
  let completions: CompletionStore;
  beforeAll(async () => {
    const running = await start();
    stop = running.stop;
    firestore = openOfficial(running.address);
    await warmUp(firestore);
    connections = firestoreConnections(firestore);
    completions = completionsOf(firestore);
  }, 60_000);
  afterAll(async () => {
    await firestore?.terminate();
    await stop?.();
  });

  const stored = (key: Parameters<typeof connections.read>[0]) => readStored({ connections }, key);

  test('a removal with an old version is a conflict, and removes nothing', async () => {
    const key = newKey();
    await write(completions, key, life());
    const read = await stored(key);
    await connections.update(read, { revision: 2 });
    expect(await connections.remove(read)).toBe('conflict');
    expect((await stored(key)).connection.revision).toBe(2);
  });

  test('a list holds one owner and nobody else', async () => {
    const key = newKey();
    for (const provider of ['google', 'microsoft']) await write(completions, { ...key, provider }, life());
    await write(completions, newKey(), life());
    await write(completions, { ...key, tenant: 'org-2' }, life());
    expect((await connections.list(key)).map((each) => each.key.provider).sort()).toEqual(['google', 'microsoft']);
  });

  test('S08 a flow is claimed once', async () => {
    const flow = `flow-${Date.now()}`;
    const claims = await Promise.all(Array.from({ length: 8 }, () => completions.claimFlow(flow, 60)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await completions.claimFlow(flow, 60)).toBe(false);
  });

  test('S01 a marker whose time is over, and that the database has not removed yet, still refuses', async () => {
    const flow = `flow-old-${Date.now()}`;
    expect(await completions.claimFlow(flow, -3600)).toBe(true);
    const { expire_at } = (await firestore.collection('flows').doc(flow).get()).data() ?? {};
    expect(expire_at.toMillis()).toBeLessThan(Date.now());
    expect(await completions.claimFlow(flow, 60)).toBe(false);
  });

  test('S51 a tombstone whose time is over still tells when the deletion was', async () => {
    const key = newKey();
    await firestoreTombstones(firestore).bury(`tombstone-${key.user}`, -3600);
    const { found } = await completions.store(
      await placeOf(completions, key),
      (all): { write?: NewConnection; found: typeof all } => ({ found: all }),
    );
    expect(found.deletedAt).toBeGreaterThan(Date.now() - 60_000);
  });

  test('completing sees the policy, the tombstone and the present connection', async () => {
    const key = newKey();
    await firestoreTombstones(firestore).bury(`tombstone-${key.user}`, 60);
    await write(completions, key, life());
    const { found } = await completions.store(
      await placeOf(completions, key),
      (all): { write?: NewConnection; found: typeof all } => ({
        found: all,
      }),
    );
    expect(found.policy).toEqual({ providers: {} });
    expect(found.present?.connection.generation).toBe('life-1');
    expect(Math.abs((found.deletedAt ?? 0) - (found.present?.connection.connectedAt ?? 0))).toBeLessThan(5_000);
  });

  test('a new life replaces everything; the same life keeps its lease, key and token', async () => {
    const key = newKey();
    await write(completions, key, life());
    await connections.update(await stored(key), { lease: { attempt: 'mine', startedAt: DATABASE_TIME } });
    await write(completions, key, { ...life(), scopes: ['c'], attempt: 'second' });
    expect((await stored(key)).connection).toMatchObject({
      scopes: ['c'],
      lease: { attempt: 'mine' },
      attempt: 'second',
    });
    await write(completions, key, life('life-2'));
    expect('lease' in (await stored(key)).connection).toBe(false);
  });
};

describe('on the stand-in', () => suite(() => startFirestore()));

const emulator = findEmulator();
if (emulator) describe('on the official emulator', () => suite(startEmulator));
else test.skip('on the official emulator: skipped, it was not found on this machine', () => {});

describe('lost answers and a database that is down', () => {
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

  test("a claim whose answer was lost is still one's own: the client repeats it and meets its own marker", async () => {
    const completions = completionsOf(firestore);
    standIn.faults.inject({ methods: ['Commit'], code: status.UNAVAILABLE, when: 'after', times: 1 });
    expect(await completions.claimFlow('flow-lost', 60)).toBe(true);
    expect(await completions.claimFlow('flow-lost', 60)).toBe(false);
  });

  test('S51 a completion whose answer was lost, and that was disconnected meanwhile, does not come back', async () => {
    const completions = completionsOf(firestore);
    const connections = firestoreConnections(firestore);
    const key = newKey();
    const place = await placeOf(completions, key);
    const lost = new Promise<void>((resolve) => {
      standIn.faults.inject({
        methods: ['Commit'],
        matching: (names) => {
          const isIt = names.some((name) => name.includes('/connections/'));
          if (isIt) setTimeout(resolve, 0);
          return isIt;
        },
        code: status.UNAVAILABLE,
        when: 'after',
        times: 1,
      });
    });
    let decisions = 0;
    const stored = completions.store(place, ({ present }) => {
      decisions += 1;
      return { write: life(), replaced: present !== undefined };
    });
    await lost;
    const read = await connections.read(key);
    if (read) await connections.remove(read);
    // What is answered is what was stored, not what a second look found.
    expect(await stored).toMatchObject({ replaced: false });
    expect(read).toBeDefined();
    expect(decisions).toBeGreaterThanOrEqual(1);
    expect(await connections.read(key)).toBeUndefined();
  });
});
