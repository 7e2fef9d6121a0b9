/** Policies, removals and the connections of a place, on the strict stand-in and, where it is found, on the official emulator. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firestoreCompletions } from '../../functions/adapters/firestore/completions.ts';
import { firestoreConnections } from '../../functions/adapters/firestore/connections.ts';
import { firestorePolicyStore } from '../../functions/adapters/firestore/policies.ts';
import { firestorePlaces, firestoreRemovals } from '../../functions/adapters/firestore/removals.ts';
import type { CompletePolicy, Policy } from '../../functions/core/policy-form.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { findEmulator, startEmulator } from '../../local/firestore/emulator.ts';
import { startFirestore } from '../../local/firestore/server.ts';

const NONE: Policy = { providers: {} };
const policy = (enabled: boolean): CompletePolicy => ({
  providers: { google: { enabled, flow: 'implicit', integrations: { mail: { enabled, read_only: true } } } },
  search_ai: { enabled: false, sources: { 'google-drive': true }, document_ids: false },
});

const suite = (start: () => Promise<{ address: string; stop(): Promise<unknown> }>) => {
  let database: Firestore;
  let stop: () => Promise<unknown>;
  let serial = 0;
  beforeAll(async () => {
    const running = await start();
    stop = running.stop;
    database = databaseOf({ FIRESTORE_EMULATOR_HOST: running.address, GOOGLE_CLOUD_PROJECT: 'local-project' });
  }, 60_000);
  afterAll(async () => {
    await database?.terminate();
    await stop?.();
  });

  const newTenant = () => `org-${Date.now()}-${++serial}`;
  const store = () => firestorePolicyStore(database, NONE);
  const change = (tenant: string, remove: readonly string[], keep: readonly string[] = []) =>
    store().change(tenant, () => ({ change: { write: policy(true), remove, keep } }));
  const connect = async (tenant: string, user: string, provider = 'google') => {
    const completions = firestoreCompletions(database, NONE);
    const flowId = `flow-${tenant}-${user}-${provider}`;
    await completions.claimFlow(flowId, 60);
    await completions.store({ key: { tenant, user, provider }, tombstone: flowId, flowId }, () => ({
      write: { generation: user, revision: 1, scopes: [], account: 'account', attempt: flowId },
    }));
  };
  const queued = async (tenant: string) =>
    (await firestoreRemovals(database).next()).filter((removal) => removal.tenant === tenant);

  test('a policy comes back as it was stored, and an organization that has none gets the default', async () => {
    const tenant = newTenant();
    const seen: unknown[] = [];
    const look = () =>
      store().change(tenant, (found) => {
        seen.push(found);
        return {};
      });
    await look();
    await change(tenant, []);
    await look();
    expect(seen).toEqual([
      { policy: NONE, isOwn: false },
      { policy: policy(true), isOwn: true },
    ]);
    expect((await store().policy(tenant)).policy).toEqual(policy(true));
  });

  test('two changes at once: the second one sees the first', async () => {
    const tenant = newTenant();
    const seen: boolean[] = [];
    const once = (enabled: boolean) =>
      store().change(tenant, ({ isOwn }) => {
        if (isOwn) seen.push(enabled);
        return isOwn ? {} : { change: { write: policy(enabled), remove: [], keep: [] } };
      });
    await Promise.all([once(true), once(false)]);
    expect(seen).toHaveLength(1);
    expect((await store().policy(tenant)).policy).toEqual(policy(seen[0] === false));
  });

  test('a removal is queued with the change, ends once, and not where it was asked for again', async () => {
    const tenant = newTenant();
    const removals = firestoreRemovals(database);
    await change(tenant, ['google', 'microsoft']);
    expect(await removals.pending(tenant)).toEqual(new Set(['google', 'microsoft']));
    expect(await removals.pending(newTenant())).toEqual(new Set());
    await change(tenant, [], ['microsoft', 'notes']);
    const [first, ...more] = await queued(tenant);
    expect([first, more]).toMatchObject([{ tenant, provider: 'google' }, []]);
    await change(tenant, ['google']);
    if (first) await removals.end(first);
    const [second] = await queued(tenant);
    expect(second).toBeDefined();
    for (let time = 0; time < 2; time++) if (second) await removals.end(second);
    expect(await queued(tenant)).toEqual([]);
  });

  test('the connections of a place: counted, listed in part, removed as they were listed', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const places = firestorePlaces(database);
    for (const user of ['user-1', 'user-2', 'user-3']) await connect(tenant, user);
    await connect(tenant, 'user-1', 'microsoft');
    await connect(other, 'user-1');
    const place = { tenant, provider: 'google' };
    expect(await places.count(place)).toBe(3);
    expect(await places.count({ tenant, provider: 'nobody' })).toBe(0);
    const some = await places.some(place, 2);
    expect(some.map(({ key }) => [key.tenant, key.provider])).toEqual(Array(2).fill([tenant, 'google']));
    const connections = firestoreConnections(database);
    const [one, two] = some;
    if (!one || !two) throw new Error('nothing there');
    expect(await connections.remove(one)).toBe('removed');
    await connections.update(two, { attempt: 'another' });
    expect(await connections.remove(two)).toBe('conflict');
    expect(await places.count(place)).toBe(2);
  });
};

describe('on the stand-in', () => suite(() => startFirestore()));

if (findEmulator()) describe('on the official emulator', () => suite(startEmulator));
else test.skip('on the official emulator: skipped, it was not found on this machine', () => {});
