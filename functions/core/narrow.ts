/** `DELETE /v1/connections/{provider}/integrations/{integration}`: one integration is given up, the others stay. */
import type { Clock } from './clock.ts';
import { commit } from './commit.ts';
import { type DisconnectDependencies, type Disconnected, end } from './disconnect.ts';
import { Unavailable } from './errors.ts';
import type { Owner } from './identity.ts';
import type { ConnectionStore, Stored } from './ports.ts';
import type { ProviderProfile } from './provider.ts';
import { integrationsOf, without } from './scopes.ts';

/** How often a connection that others change is read again. */
const MAX_ROUNDS = 5;
const WRITE_MS = 3_000;

export interface NarrowDependencies extends DisconnectDependencies {
  readonly store: DisconnectDependencies['store'] & ConnectionStore;
  readonly clock: Clock;
}

export type NarrowOutcome =
  | {
      readonly kind: 'narrowed';
      readonly scopes: readonly string[];
      readonly integrations: readonly string[];
      /** It was the last one. */
      readonly removed?: Disconnected;
    }
  | { readonly kind: 'nothing' | 'unknown_integration' };

/** Whatever the policy says: nobody needs permission to give something up. Throws `Unavailable`. */
export const narrow = async (
  dependencies: NarrowDependencies,
  profile: ProviderProfile,
  owner: Owner,
  integration: string,
): Promise<NarrowOutcome> => {
  const { store, clock, observe } = dependencies;
  const { name, catalogue } = profile;
  if (!Object.hasOwn(catalogue.integrations, integration)) return { kind: 'unknown_integration' };
  const key = { tenant: owner.tenant, user: owner.user, provider: name };
  const until = clock.elapsed() + WRITE_MS;
  let removed: Disconnected | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stored = await store.read(key);
    if (!stored) return removed ? { kind: 'narrowed', scopes: [], integrations: [], removed } : { kind: 'nothing' };
    const { scopes } = stored.connection;
    const left = without(catalogue, integration, scopes);
    if (left.length === scopes.length) return { kind: 'nothing' };
    const integrations = integrationsOf(catalogue, left);
    const isSame = (found: Stored) => same(found.connection.scopes, scopes);
    if (integrations.length === 0) {
      removed = await end(dependencies, stored, isSame);
      continue;
    }
    // No refresh writes scopes: one that is under way cannot bring them back (commit.ts, refresh.ts).
    const kept = await commit({ connections: store, clock }, stored, {
      change: () => ({ scopes: left }),
      isMine: (found) => same(found.connection.scopes, left),
      mayWriteOver: isSame,
      until,
    });
    if (kept.kind === 'lost') continue;
    observe({ event: 'narrowed', tenant: owner.tenant, provider: name, integration });
    return { kind: 'narrowed', scopes: left, integrations };
  }
  throw new Unavailable('database', 'contention');
};

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((scope) => other.includes(scope));
