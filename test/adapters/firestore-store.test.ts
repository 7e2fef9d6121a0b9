/** One contract for both clients of the database: what a token call reads and writes. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firestoreConnections } from '../../functions/adapters/firestore/connections.ts';
import { type CompletionStore, DATABASE_TIME, type Stored } from '../../functions/core/ports.ts';
import { findEmulator, startEmulator } from '../../local/firestore/emulator.ts';
import { startFirestore } from '../../local/firestore/server.ts';
import {
  CLIENTS,
  type Client,
  completionsOf,
  life,
  newKey,
  openOfficial,
  readStored,
  warmUp,
  write,
} from './firestore-clients.ts';

const suite = (start: () => Promise<{ address: string; stop(): Promise<unknown> }>) => {
  let running: Awaited<ReturnType<typeof start>>;
  let firestore: Firestore;
  let completions: CompletionStore;
  beforeAll(async () => {
    running = await start();
    firestore = openOfficial(running.address);
    await warmUp(firestore);
    completions = completionsOf(firestore);
  }, 60_000);
  afterAll(async () => {
    await firestore?.terminate();
    await running?.stop();
  });

  describe.each(CLIENTS)('by the %s', (_, open) => {
    let client: Client;
    beforeAll(() => {
      client = open(firestore, running.address);
    });
    /** A connection that was just made, as it is read. */
    const made = async (connection = life()): Promise<Stored> => {
      const key = newKey();
      await write(completions, key, connection);
      return readStored(client, key);
    };
    const again = ({ key }: Stored) => readStored(client, key);

    test('a connection comes back as it was stored, with times of the database', async () => {
      const key = newKey();
      expect(await client.connections.read(key)).toBeUndefined();
      const { connection, readAt, ...rest } = await made();
      const { connectedAt, updatedAt, sealed, ...same } = connection;
      const { sealed: _sealed, ...given } = life();
      expect(same).toEqual(given);
      expect(rest.key).toMatchObject({ tenant: 'org-1', provider: 'google' });
      expect(Buffer.from(sealed?.wrappedKey ?? []).toString()).toBe('wrapped');
      expect(Buffer.from(sealed?.ciphertext ?? []).toString()).toBe('sealed');
      expect(connectedAt).toBe(updatedAt);
      expect(Number.isInteger(readAt)).toBe(true);
      expect(readAt).toBeGreaterThanOrEqual(updatedAt);
    });

    test('any bytes, no scopes and a large revision come back', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const odd = { ...life('life-1', 2 ** 31 + 1), scopes: [], sealed: { wrappedKey: bytes, ciphertext: bytes } };
      const read = await made(odd);
      expect(read.connection).toMatchObject({ revision: 2 ** 31 + 1, scopes: [] });
      await client.connections.update(read, {
        sealed: { wrappedKey: bytes, ciphertext: bytes.toReversed() },
        scopes: ['ü'],
      });
      const { connection } = await again(read);
      expect(connection.scopes).toEqual(['ü']);
      expect(Buffer.from(connection.sealed?.wrappedKey ?? [])).toEqual(bytes);
      expect(Buffer.from(connection.sealed?.ciphertext ?? [])).toEqual(Buffer.from(bytes.toReversed()));
    });

    test('an update with the version that was read is written; a second one with it is a conflict', async () => {
      const read = await made();
      const { connections } = client;
      expect(await connections.update(read, { lease: { attempt: 'mine', startedAt: DATABASE_TIME } })).not.toBe(
        'conflict',
      );
      expect(await connections.update(read, { revision: 2 })).toBe('conflict');
      const { connection, readAt } = await again(read);
      expect(connection).toMatchObject({ revision: 1, lease: { attempt: 'mine' } });
      expect(readAt - (connection.lease?.startedAt ?? 0)).toBeLessThan(5_000);
      expect(connection.updatedAt).toBe(connection.lease?.startedAt);
    });

    test('of updates at once with one version, one is written', async () => {
      const read = await made();
      const written = await Promise.all(
        Array.from({ length: 6 }, (_, n) => client.connections.update(read, { attempt: `attempt-${n}` })),
      );
      expect(written.filter((each) => each !== 'conflict')).toHaveLength(1);
    });

    test('the version that an update answers is good for the next one', async () => {
      const read = await made();
      const first = await client.connections.update(read, { revision: 2 });
      if (first === 'conflict') throw new Error('conflict');
      expect(await client.connections.update({ ...read, version: first.version }, { revision: 3 })).not.toBe(
        'conflict',
      );
      expect((await again(read)).connection.revision).toBe(3);
    });

    test('null removes a member, an absent one stays', async () => {
      const read = await made();
      await client.connections.update(read, { lease: { attempt: 'mine', startedAt: DATABASE_TIME } });
      await client.connections.update(await again(read), { authorizeAgain: 'grant_dead', sealed: null, lease: null });
      const dead = (await again(read)).connection;
      expect(Object.keys(dead)).not.toEqual(expect.arrayContaining(['sealed']));
      expect(Object.keys(dead)).not.toEqual(expect.arrayContaining(['lease']));
      expect(dead).toMatchObject({ authorizeAgain: 'grant_dead', scopes: ['a', 'b'], account: 'account-hash' });
      await client.connections.update(await again(read), { authorizeAgain: null });
      expect('authorizeAgain' in (await again(read)).connection).toBe(false);
    });

    test('a mark "does not open" keeps the record, and can be taken away', async () => {
      const read = await made();
      await client.connections.update(read, { authorizeAgain: 'integrity_error' });
      const marked = await again(read);
      expect(marked.connection.authorizeAgain).toBe('integrity_error');
      expect(Buffer.from(marked.connection.sealed?.ciphertext ?? []).toString()).toBe('sealed');
      await client.connections.update(marked, { authorizeAgain: null });
      expect((await again(read)).connection.authorizeAgain).toBeUndefined();
    });

    test('S51 an update never brings a removed connection back', async () => {
      const read = await made();
      const remover = firestoreConnections(firestore);
      await remover.remove(await readStored({ connections: remover }, read.key));
      expect(await client.connections.update(read, { revision: 2 })).toBe('conflict');
      expect(await client.connections.read(read.key)).toBeUndefined();
    });

    test('a version of another store is a mistake, not a conflict', async () => {
      const read = await made();
      await expect(client.connections.update({ ...read, version: 'mine' }, { revision: 2 })).rejects.toThrow(TypeError);
    });

    test('S49 a policy comes with the time of its read; one that is none is an error, not a permission', async () => {
      const { policies } = client;
      const absent = await policies.policy(`none-${Date.now()}`);
      expect(absent.policy).toEqual({ providers: {} });
      expect(Math.abs(absent.readAt - Date.now())).toBeLessThan(60_000);
      const tenant = `odd/100% ü-${Date.now()}`;
      const ref = firestore.collection('policies').doc(`org-${encodeURIComponent(tenant)}`);
      const rule = { providers: { google: { enabled: true, integrations: { mail: { enabled: false } } } } };
      await ref.set(rule);
      expect((await policies.policy(tenant)).policy).toEqual(rule);
      await ref.set({ providers: [] });
      await expect(policies.policy(tenant)).rejects.toThrow(TypeError);
    });
  });
};

describe('on the stand-in', () => suite(() => startFirestore()));

const emulator = findEmulator();
if (emulator) describe('on the official emulator', () => suite(startEmulator));
else test.skip('on the official emulator: skipped, it was not found on this machine', () => {});
