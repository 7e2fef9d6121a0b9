/** Ending connections: one on the user's wish, all of them with the account. */
import { tombstoneOf } from './complete.ts';
import { dataKeyPlace, open, tokenPlace } from './envelope.ts';
import { IntegrityError, Unavailable } from './errors.ts';
import { TOMBSTONE_SECONDS } from './flow.ts';
import type { Owner } from './identity.ts';
import type { ConnectionRemover, KeyUnwrapper, Observe, Revocation, Revoker, Stored, TombstoneStore } from './ports.ts';

export interface DisconnectDependencies {
  readonly store: ConnectionRemover;
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
  // First: from here on no flow that was begun before can complete, whatever happens below.
  await tombstones.bury(tombstoneOf(hashKey, owner), TOMBSTONE_SECONDS);
  const ended: Disconnected[] = [];
  // A flow that was completing while the tombstone was written may show up only in the second listing.
  for (let found = await store.list(owner); found.length > 0; found = await store.list(owner)) {
    ended.push(...(await Promise.all(found.map((stored) => end(dependencies, stored)))));
  }
  observe({ event: 'account_deleted', tenant: owner.tenant, connections: ended.length });
  return ended;
};

const end = async (dependencies: DisconnectDependencies, stored: Stored): Promise<Disconnected> => {
  const { store, observe } = dependencies;
  const { provider, tenant } = stored.key;
  const revocation = await revoke(dependencies, stored);
  for (let present: Stored | undefined = stored; present; present = await store.read(stored.key)) {
    // A connection that was made meanwhile is a new one: this wish was not about it.
    if (present.connection.generation !== stored.connection.generation) break;
    if ((await store.remove(present)) === 'removed') break;
  }
  observe({ event: 'disconnected', tenant, provider, revocation });
  return { provider, revocation };
};

/** One attempt. A key service that is down, or a record that does not open, is no reason to keep the connection. */
const revoke = async ({ keys, revokers }: DisconnectDependencies, { key, connection }: Stored): Promise<Revocation> => {
  const revoker = revokers.get(key.provider);
  const { sealed, generation, revision } = connection;
  // The provider itself has said that this grant is over.
  if (!sealed) return 'revoked';
  if (!revoker) return 'impossible';
  try {
    const dataKey = await keys.unwrap(sealed.wrappedKey, dataKeyPlace(key, generation));
    return await revoker.revoke(open(dataKey, sealed.ciphertext, tokenPlace(key, generation, revision)));
  } catch (error) {
    if (error instanceof Unavailable || error instanceof IntegrityError) return 'failed';
    throw error;
  }
};
