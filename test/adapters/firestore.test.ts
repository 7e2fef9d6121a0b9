/** The Firestore adapters, on the strict stand-in and, where it is found, on the official emulator. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { firestoreCompletions, firestoreTombstones } from '../../functions/adapters/firestore/completions.ts';
import { firestoreConnections } from '../../functions/adapters/firestore/connections.ts';
import { firestorePolicies } from '../../functions/adapters/firestore/policies.ts';
import type { ConnectionKey } from '../../functions/core/connection.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import { type CompletionStore, DATABASE_TIME, type NewConnection, type Stored } from '../../functions/core/ports.ts';
import { findEmulator, startEmulator } from '../../local/firestore/emulator.ts';
import { type FirestoreStandIn, startFirestore } from '../../local/firestore/server.ts';
import { status } from '../../local/rpc.ts';

const open = (address: string): Firestore => {
  process.env.METADATA_SERVER_DETECTION = 'none';
  process.env.FIRESTORE_EMULATOR_HOST = address;
  const firestore = new Firestore({ projectId: 'local-project' });
  delete process.env.FIRESTORE_EMULATOR_HOST;
  return firestore;
};

let serial = 0;
const newKey = (): ConnectionKey => ({ tenant: 'org-1', user: `user-${Date.now()}-${++serial}`, provider: 'google' });
const life = (generation = 'life-1', revision = 1): NewConnection => ({
  generation,
  revision,
  sealed: { wrappedKey: Buffer.from('wrapped'), ciphertext: Buffer.from('sealed') },
  scopes: ['a', 'b'],
  account: 'account-hash',
  attempt: 'first',
});
/** A claimed flow for the key. */
const placeOf = async (completions: CompletionStore, key: ConnectionKey) => {
  const flowId = `flow-${Date.now()}-${++serial}`;
  await completions.claimFlow(flowId, 60);
  return { key, tombstone: `tombstone-${key.user}`, flowId };
};
const write = async (completions: CompletionStore, key: ConnectionKey, connection: NewConnection) =>
  completions.store(await placeOf(completions, key), () => ({ write: connection }));

const suite = (start: () => Promise<{ address: string; stop(): Promise<unknown> }>) => {
  let firestore: Firestore;
  let stop: () => Promise<unknown>;
  let connections: ReturnType<typeof firestoreConnections>;
  let completions: CompletionStore;
  beforeAll(async () => {
    const running = await start();
    stop = running.stop;
    firestore = open(running.address);
    connections = firestoreConnections(firestore);
    completions = firestoreCompletions(firestore, { providers: {} });
  }, 60_000);
  afterAll(async () => {
    await firestore?.terminate();
    await stop?.();
  });

  const stored = async (key: ConnectionKey): Promise<Stored> => {
    const found = await connections.read(key);
    if (!found) throw new Error('nothing there');
    return found;
  };

  test('a connection comes back as it was stored, with times of the database', async () => {
    const key = newKey();
    expect(await connections.read(key)).toBeUndefined();
    await write(completions, key, life());
    const { connection, readAt, ...rest } = await stored(key);
    const { connectedAt, updatedAt, sealed, ...same } = connection;
    const { sealed: _, ...given } = life();
    expect(same).toEqual(given);
    expect(rest.key).toEqual(key);
    expect(Buffer.from(sealed?.ciphertext ?? []).toString()).toBe('sealed');
    expect(connectedAt).toBe(updatedAt);
    expect(readAt).toBeGreaterThanOrEqual(updatedAt);
  });

  test('an update with the version that was read is written; a second one with it is a conflict', async () => {
    const key = newKey();
    await write(completions, key, life());
    const read = await stored(key);
    expect(await connections.update(read, { lease: { attempt: 'mine', startedAt: DATABASE_TIME } })).not.toBe(
      'conflict',
    );
    expect(await connections.update(read, { revision: 2 })).toBe('conflict');
    const { connection, readAt } = await stored(key);
    expect(connection).toMatchObject({ revision: 1, lease: { attempt: 'mine' } });
    expect(readAt - (connection.lease?.startedAt ?? 0)).toBeLessThan(5_000);
  });

  test('the version that an update answers is good for the next one', async () => {
    const key = newKey();
    await write(completions, key, life());
    const read = await stored(key);
    const first = await connections.update(read, { revision: 2 });
    if (first === 'conflict') throw new Error('conflict');
    expect(await connections.update({ ...read, version: first.version }, { revision: 3 })).not.toBe('conflict');
  });

  test('null removes a member, an absent one stays', async () => {
    const key = newKey();
    await write(completions, key, life());
    await connections.update(await stored(key), { authorizeAgain: 'grant_dead', sealed: null, lease: null });
    const dead = (await stored(key)).connection;
    expect(dead.sealed).toBeUndefined();
    expect(dead).toMatchObject({ authorizeAgain: 'grant_dead', scopes: ['a', 'b'] });
    await connections.update(await stored(key), { authorizeAgain: null });
    expect('authorizeAgain' in (await stored(key)).connection).toBe(false);
  });

  test('S51 an update never brings a removed connection back', async () => {
    const key = newKey();
    await write(completions, key, life());
    const read = await stored(key);
    expect(await connections.remove(read)).toBe('removed');
    expect(await connections.update(read, { revision: 2 })).toBe('conflict');
    expect(await connections.read(key)).toBeUndefined();
  });

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

  test('S49 a policy that is none is an error, not a permission', async () => {
    const policies = firestorePolicies(firestore, { providers: {} });
    expect((await policies.policy(`none-${Date.now()}`)).policy).toEqual({ providers: {} });
    const tenant = `odd/${Date.now()}`;
    await firestore
      .collection('policies')
      .doc(`org-${encodeURIComponent(tenant)}`)
      .set({ providers: [] });
    await expect(policies.policy(tenant)).rejects.toThrow(TypeError);
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
    firestore = open(standIn.address);
  });
  afterEach(() => standIn.faults.clear());
  afterAll(async () => {
    await firestore?.terminate();
    await standIn?.stop();
  });

  test("a claim whose answer was lost is still one's own: the client repeats it and meets its own marker", async () => {
    const completions = firestoreCompletions(firestore, { providers: {} });
    standIn.faults.inject({ methods: ['Commit'], code: status.UNAVAILABLE, when: 'after', times: 1 });
    expect(await completions.claimFlow('flow-lost', 60)).toBe(true);
    expect(await completions.claimFlow('flow-lost', 60)).toBe(false);
  });

  test('S51 a completion whose answer was lost, and that was disconnected meanwhile, does not come back', async () => {
    const completions = firestoreCompletions(firestore, { providers: {} });
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

  test('an update whose answer was lost shows as a conflict, with the write in the document', async () => {
    const key = newKey();
    const connections = firestoreConnections(firestore);
    await write(firestoreCompletions(firestore, { providers: {} }), key, life());
    const read = await connections.read(key);
    if (!read) throw new Error('nothing there');
    standIn.faults.inject({ methods: ['Commit'], code: status.UNAVAILABLE, when: 'after', times: 1 });
    expect(await connections.update(read, { revision: 2, attempt: 'mine' })).toBe('conflict');
    expect((await connections.read(key))?.connection).toMatchObject({ revision: 2, attempt: 'mine' });
  });

  test('a database that does not answer costs five seconds, and is `Unavailable`', async () => {
    standIn.faults.inject({ code: status.UNAVAILABLE, when: 'before', times: 1_000 });
    const begun = performance.now();
    await expect(firestoreConnections(firestore).read(newKey())).rejects.toBeInstanceOf(Unavailable);
    expect(performance.now() - begun).toBeLessThan(6_000);
  }, 15_000);
});
