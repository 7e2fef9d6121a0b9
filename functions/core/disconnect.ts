/** Ending connections: one on the user's wish, all of them with the account. */
import type { ConnectionKey } from './connection.ts';
import { Unavailable } from './errors.ts';
import { TOMBSTONE_SECONDS } from './flow.ts';
import type { Owner } from './identity.ts';
import { tombstoneOf } from './keyed-hash.ts';
import type {
  AccountIndex,
  ConnectionRemover,
  KeyUnwrapper,
  Observe,
  Revocation,
  Revoker,
  Stored,
  TombstoneStore,
} from './ports.ts';
import { revokeSealed } from './revocation.ts';

/** How often a connection that is refreshed again and again is read again. */
const MAX_ROUNDS = 5;

export interface DisconnectDependencies {
  readonly store: ConnectionRemover & AccountIndex;
  readonly keys: KeyUnwrapper;
  /** By provider; absent where the provider has no way to revoke one grant, or is no longer configured. */
  readonly revokers: ReadonlyMap<string, Revoker>;
  readonly observe: Observe;
}

export interface Disconnected {
  readonly provider: string;
  readonly revocation: Revocation;
}

/**
 * Revokes at the provider if that can be done now, and removes the connection in any case.
 * @returns `undefined` when there was nothing. Throws `Unavailable` when the database does not answer: nothing is
 * promised then.
 */
export const disconnect = async (
  dependencies: DisconnectDependencies,
  owner: Owner,
  provider: string,
): Promise<Disconnected | undefined> => {
  const stored = await dependencies.store.read({ tenant: owner.tenant, user: owner.user, provider });
  return stored && end(dependencies, stored);
};

/** Throws `Unavailable` like `disconnect`; a repeated call goes on where this one ended. */
export const deleteAccount = async (
  dependencies: DisconnectDependencies & { tombstones: TombstoneStore; hashKey: Uint8Array },
  owner: Owner,
): Promise<Disconnected[]> => {
  const { store, tombstones, hashKey, observe } = dependencies;
  // First: a flow that was begun before this moment has been stored by now, and is listed, or never will be.
  await tombstones.bury(tombstoneOf(hashKey, owner), TOMBSTONE_SECONDS);
  const found = await store.list(owner);
  const keys = found.map(({ key }) => key);
  const ends = await Promise.allSettled(found.map((stored) => end(dependencies, stored, undefined, keys)));
  for (const each of ends) if (each.status === 'rejected') throw each.reason;
  observe({ event: 'account_deleted', tenant: owner.tenant, connections: ends.length });
  return ends.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
};

/**
 * `isMeant`: whether the wish is also about what somebody else has made of the connection meanwhile.
 * @param except all connections that the wish is about
 */
export const end = async (
  dependencies: DisconnectDependencies,
  stored: Stored,
  isMeant: (present: Stored) => boolean = () => true,
  except: readonly ConnectionKey[] = [stored.key],
): Promise<Disconnected> => {
  const { store, observe } = dependencies;
  const { provider, tenant } = stored.key;
  let present: Stored | undefined = stored;
  let revoked: { readonly revision: number; readonly revocation: Revocation } | undefined;
  for (let round = 0; present && round < MAX_ROUNDS; round++) {
    const { generation, revision } = present.connection;
    // A connection that was made meanwhile is a new one: this wish was not about it.
    if (generation !== stored.connection.generation || !isMeant(present)) break;
    // A refresh has stored another token meanwhile: it is that one which would live on.
    if (revoked?.revision !== revision)
      revoked = { revision, revocation: await revokeStored(dependencies, present, except) };
    if ((await store.remove(present)) === 'removed') break;
    present = await store.read(stored.key);
    if (round === MAX_ROUNDS - 1 && present) throw new Unavailable('database', 'contention');
  }
  const revocation = revoked?.revocation ?? 'impossible';
  observe({ event: 'disconnected', tenant, provider, revocation });
  return { provider, revocation };
};

/** One attempt. @param except connections that are meant to end, this one among them */
export const revokeStored = (
  {
    store,
    keys,
    revokers,
    observe,
  }: Omit<DisconnectDependencies, 'store'> & {
    readonly store: AccountIndex & Pick<ConnectionRemover, 'read'>;
  },
  stored: Stored,
  except: readonly ConnectionKey[] = [stored.key],
): Promise<Revocation> => {
  const { key, connection } = stored;
  const isSameLife = async () => (await store.read(key))?.connection.generation === connection.generation;
  return revokeSealed({ accounts: store, keys, observe }, revokers.get(key.provider), stored, except, isSameLife);
};
