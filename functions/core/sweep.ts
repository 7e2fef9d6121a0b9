/**
 * `POST /v1/internal/sweep`: what a switch to a browser-only flow leaves behind is removed, batch by batch. Why each step
 * stands where it stands: docs/decisions/0009-switching-to-browser-only.md.
 */
import type { Clock } from './clock.ts';
import { type DisconnectDependencies, revokeStored } from './disconnect.ts';
import { type Policy, providerRule, statedFlow } from './policy-form.ts';
import type { PlaceStore, PolicySource, Removal, RemovalQueue, Stored } from './ports.ts';
import type { ProviderProfile } from './provider.ts';

/** A run begins nothing after this; what is under way then takes 15 s at most (key service, provider, database). */
const RUN_MS = 40_000;
const BATCH = 200;
/** Connections that are ended at once. */
const WORKERS = 16;
/** Nothing is revoked on the word of a policy that was read longer ago. */
const CHECKED_MS = 5_000;

export interface SweepDependencies extends Omit<DisconnectDependencies, 'store'> {
  readonly store: DisconnectDependencies['store'] & PlaceStore;
  readonly removals: RemovalQueue;
  readonly policies: PolicySource;
  readonly profiles: ReadonlyMap<string, ProviderProfile>;
  readonly clock: Clock;
}

export interface SweepReport {
  readonly removed: number;
  /** There is more to do. */
  readonly left: boolean;
}

/** Throws `Unavailable` like what it calls, after all else that can be done now: the next run goes on. */
export const sweep = async (dependencies: SweepDependencies): Promise<SweepReport> => {
  const { clock, observe } = dependencies;
  const begun = clock.elapsed();
  const report = await sweepUntil(dependencies, begun + RUN_MS);
  observe({ event: 'sweep_run', ...report, milliseconds: Math.round(clock.elapsed() - begun) });
  return report;
};

const sweepUntil = async (dependencies: SweepDependencies, until: number): Promise<SweepReport> => {
  const { removals, clock } = dependencies;
  let removed = 0;
  for (;;) {
    const found = await removals.next();
    if (found.length === 0) return { removed, left: false };
    const failures: unknown[] = [];
    for (const [index, removal] of found.entries()) {
      const now = clock.elapsed();
      if (now >= until) return { removed, left: true };
      // The time that is left is shared: a large organization does not hold up those behind it.
      const share = (until - now) / (found.length - index);
      try {
        removed += await work(dependencies, removal, now + share);
      } catch (error) {
        // Another organization's removal does not wait for this one's.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
};

/** @returns how many connections it removed, before the removal was over or the time was */
const work = async (dependencies: SweepDependencies, removal: Removal, until: number): Promise<number> => {
  const { store, policies, removals, clock, observe } = dependencies;
  const { tenant, provider } = removal;
  let removed = 0;
  while (clock.elapsed() < until) {
    const batch = await store.some(removal, BATCH);
    const checkedAt = clock.elapsed();
    // After the list: whatever is made once the policy is switched back is not in it, or not in this version.
    const { policy } = await policies.policy(tenant);
    const isBack = flowOf(dependencies, policy, provider) === 'authorization_code';
    if (isBack || batch.length === 0) {
      await removals.end(removal);
      observe({ event: isBack ? 'removal_cancelled' : 'removal_done', tenant, provider });
      break;
    }
    removed += await endAll(dependencies, batch, Math.min(until, checkedAt + CHECKED_MS));
  }
  return removed;
};

/** Of a provider that is not configured any more only what was stated is known. */
const flowOf = ({ profiles }: SweepDependencies, policy: Policy, provider: string) => {
  const profile = profiles.get(provider);
  return profile ? providerRule(policy, profile).flow : statedFlow(policy, provider);
};

const endAll = async (dependencies: SweepDependencies, batch: readonly Stored[], until: number): Promise<number> => {
  const { clock } = dependencies;
  const waiting = [...batch];
  let removed = 0;
  let failure: unknown;
  const worker = async () => {
    for (let next = waiting.pop(); next && clock.elapsed() < until; next = waiting.pop()) {
      try {
        if (await endListed(dependencies, next)) removed += 1;
      } catch (error) {
        failure ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  // One that failed is in the next list; where nothing gets on, the next run is early enough.
  if (failure && removed === 0) throw failure;
  return removed;
};

/** Revoked first: after a crash in between, the next run still has the token to revoke. */
const endListed = async (dependencies: SweepDependencies, stored: Stored): Promise<boolean> => {
  const { store, observe } = dependencies;
  const { tenant, provider } = stored.key;
  const revocation = await revokeStored(dependencies, stored);
  // Another version is somebody else's: a refresh, or an authorization after the switch back. The next list decides on it.
  if ((await store.remove(stored)) === 'conflict') return false;
  observe({ event: 'swept', tenant, provider, revocation });
  return true;
};
