/**
 * The model: refresh, disconnect, authorizing again and account deletion as steps in any order, with faults and crashes.
 * What must hold is in docs/refresh.md. `MODEL_RUNS` widens the search; a failure prints the seed and path that replay it
 * (`MODEL_SEED`, `MODEL_PATH`).
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deleteAccount, disconnect } from '../../functions/core/disconnect.ts';
import { seal } from '../../functions/core/envelope.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import type { Flow } from '../../functions/core/flow.ts';
import type { RotationClass, TombstoneStore } from '../../functions/core/ports.ts';
import { type RefreshDependencies, type RefreshOutcome, refresh } from '../../functions/core/refresh.ts';
import { connect, HASH_KEY, observe } from './acts.ts';
import { type Faults, KEY, NO_FAULTS, type Ports, World } from './world.ts';

const { MODEL_RUNS = '1700', MODEL_SEED, MODEL_PATH } = process.env;
const RUNS = Number(MODEL_RUNS);

type Variant = (ports: Ports, world: World) => Ports & Pick<RefreshDependencies, 'seal'>;
type Action = 'refresh' | 'disconnect' | 'connect' | 'delete';
interface Plan {
  readonly rotation: RotationClass;
  readonly actions: readonly Action[];
  readonly faults: Faults;
}

const refreshOnce = async (dependencies: RefreshDependencies): Promise<RefreshOutcome | 'unavailable'> => {
  try {
    const stored = await dependencies.connections.read(KEY);
    return stored
      ? await refresh(dependencies, stored, { scopes: ['read'] })
      : { kind: 'authorize', reason: 'no_connection' };
  } catch (error) {
    if (error instanceof Unavailable) return 'unavailable';
    throw error;
  }
};

/** Runs a plan to its end, then asks once more, undisturbed. Throws where an invariant does not hold. */
const run = async (scheduler: fc.Scheduler, plan: Plan, variant: Variant = (same) => same): Promise<void> => {
  const world = new World(plan.rotation, scheduler, plan.faults);
  const flows = new Map<string, number>();
  const begun = ({ flowId, startedAt }: Flow) => flows.set(flowId, startedAt);
  world.calm = true;
  await connect(world.process(-2), world, begun);
  world.calm = false;

  const outcomes: (RefreshOutcome | 'unavailable')[] = [];
  const unexpected: unknown[] = [];
  /** Since when a confirmed removal was under way. */
  const removedSince: number[] = [];
  /** The database's times of the confirmed deletions. */
  const deletedAt: number[] = [];
  for (const [actor, action] of plan.actions.entries()) {
    const ports = variant(world.process(actor), world);
    const { connections: store, keys, provider } = ports;
    let buriedAt = 0;
    const tombstones: TombstoneStore = {
      bury: async (...tombstone) => {
        await ports.tombstones.bury(...tombstone);
        buriedAt = world.deletedAt ?? 0;
      },
    };
    const revokers = new Map([[KEY.provider, provider]]);
    const removal = { store, keys, tombstones, revokers, hashKey: HASH_KEY, observe };
    const since = world.time;
    const act = {
      refresh: async () => void outcomes.push(await refreshOnce({ ...ports, observe })),
      connect: () => connect(ports, world, begun),
      disconnect: async () => {
        await disconnect(removal, KEY, KEY.provider);
        removedSince.push(since);
      },
      delete: async () => {
        await deleteAccount(removal, KEY);
        removedSince.push(since);
        deletedAt.push(buriedAt);
      },
    }[action];
    act().catch((error) => {
      if (!(error instanceof Unavailable)) unexpected.push(error);
    });
  }
  await scheduler.waitIdle();
  expect(unexpected).toEqual([]);

  // Whoever crashed holds a lease that runs out; then everything must work, but for the one window.
  world.settle();
  const before = world.document;
  const alive = before !== undefined && world.isGrantAlive(before);
  const last = await refreshOnce({ ...variant(world.process(-1), world), observe });

  // The strict window: the provider has committed, and the new token did not reach the database.
  const { crashes, updates } = plan.faults;
  const inWindow = Object.keys(crashes).length > 0 || world.provoked || Object.keys(updates).length > 1;
  const removing = plan.actions.some((action) => action === 'disconnect' || action === 'delete');
  if (plan.rotation === 'strict') {
    expect(world.mostInFlight).toBeLessThanOrEqual(1);
    if (!inWindow) expect(world.reuseAlarms).toBe(0);
  }
  if (!removing && (plan.rotation !== 'strict' || !inWindow)) {
    expect(last).toMatchObject({ kind: 'tokens' });
    expect(outcomes.filter((each) => typeof each === 'object' && each.kind === 'authorize')).toEqual([]);
  }
  // No wrong "authorize again": only a grant that the provider has ended is recorded as dead.
  if (before?.authorizeAgain) expect(alive).toBe(false);
  // Nothing deleted comes back: what is there was written after the removal began, by a flow begun after the deletion.
  const life = before && world.lives.get(before.generation);
  if (life) {
    for (const since of removedSince) expect(life.writtenAt).toBeGreaterThan(since);
    for (const deletion of deletedAt) expect(flows.get(life.flowId)).toBeGreaterThan(deletion);
  }
};

const faults: fc.Arbitrary<Faults> = fc.record({
  updates: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.constantFrom('before' as const, 'after' as const), {
    maxKeys: 2,
  }),
  sends: fc.dictionary(
    fc.constantFrom('0', '1', '2'),
    fc.constantFrom('unsent' as const, 'lost' as const, 'committed' as const),
    { maxKeys: 1 },
  ),
  unwraps: fc.array(fc.nat({ max: 3 }), { maxLength: 1 }),
  slowUpdates: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.nat({ max: 5_000 }), { maxKeys: 3 }),
  slowSends: fc.dictionary(fc.constantFrom('0', '1'), fc.nat({ max: 15_000 }), { maxKeys: 2 }),
  crashes: fc.dictionary(fc.constantFrom('0', '1'), fc.nat({ max: 14 }), { maxKeys: 1 }),
});

const anything = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant('refresh' as const) },
    { weight: 3, arbitrary: fc.constantFrom('disconnect' as const, 'connect' as const, 'delete' as const) },
  ),
  { minLength: 2, maxLength: 5 },
);
const onlyRefresh = fc.array(fc.constant('refresh' as const), { minLength: 2, maxLength: 4 });

interface Search {
  readonly rotation: RotationClass;
  readonly actions: fc.Arbitrary<Action[]>;
  readonly faults: fc.Arbitrary<Faults>;
  readonly variant?: Variant;
}

const search = ({ rotation, variant, ...arbitraries }: Search) =>
  fc.check(
    fc.asyncProperty(fc.scheduler(), arbitraries.actions, arbitraries.faults, (scheduler, actions, wrong) =>
      run(scheduler, { rotation, actions, faults: wrong }, variant),
    ),
    {
      numRuns: RUNS,
      ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
      ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
    },
  );

const verdict = (found: Awaited<ReturnType<typeof search>>): string =>
  found.failed ? (fc.defaultReportMessage(found as fc.RunDetails<unknown>) ?? 'failed') : 'holds';

const NONE = fc.constant(NO_FAULTS);
const MINUTES = 60_000 * Math.max(2, RUNS / 2_000);

describe.each(['stable', 'tolerant', 'strict'] as const)('a %s provider', (rotation) => {
  test(
    'undisturbed: every order of steps keeps the connection',
    async () => {
      expect(verdict(await search({ rotation, actions: anything, faults: NONE }))).toBe('holds');
    },
    MINUTES,
  );

  test(
    'with faults, crashes, disconnects, deletions and new connections: the invariants hold',
    async () => {
      expect(verdict(await search({ rotation, actions: anything, faults }))).toBe('holds');
    },
    MINUTES,
  );
});

describe('the model can fail: without one of its protections it does', () => {
  const withoutLease: Variant = (ports) => ({
    ...ports,
    connections: {
      ...ports.connections,
      update: async (read, change) =>
        change.lease ? { version: read.version } : ports.connections.update(read, change),
    },
  });

  const withoutCompareAndSet: Variant = (ports, world) => ({
    ...ports,
    connections: {
      ...ports.connections,
      update: async (read, change) => {
        await ports.connections.read(read.key);
        return { version: world.writeOver(read.connection, change) };
      },
    },
  });

  const withoutTombstone: Variant = (ports) => ({
    ...ports,
    completions: {
      ...ports.completions,
      store: (place, decide) =>
        ports.completions.store(place, ({ policy, present }) => decide({ policy, ...(present && { present }) })),
    },
  });

  const withoutPreflight: Variant = (ports) => {
    let wrapped: Uint8Array = new Uint8Array();
    let place: Uint8Array = new Uint8Array();
    return {
      ...ports,
      keys: {
        ...ports.keys,
        unwrap: (key, aad) => {
          [wrapped, place] = [key, aad];
          return ports.keys.unwrap(key, aad);
        },
      },
      // The key service is asked again after the provider has rotated, as for a new data key.
      seal: async (dataKey, token, tokenPlace) => {
        await ports.keys.unwrap(wrapped, place);
        return seal(dataKey, token, tokenPlace);
      },
    };
  };

  test.each([
    [
      'no lease: a strict provider raises a reuse alarm',
      { rotation: 'strict', actions: onlyRefresh, faults: NONE, variant: withoutLease },
    ],
    [
      'no compare-and-set: something deleted comes back',
      { rotation: 'tolerant', actions: anything, faults: NONE, variant: withoutCompareAndSet },
    ],
    [
      'no compare-and-set: a strict connection is lost',
      { rotation: 'strict', actions: onlyRefresh, faults: NONE, variant: withoutCompareAndSet },
    ],
    [
      'no preflight: a strict connection is lost when the key service fails after the rotation',
      { rotation: 'strict', actions: onlyRefresh, faults, variant: withoutPreflight },
    ],
    [
      'no tombstone: a flow begun before the deletion comes back',
      { rotation: 'tolerant', actions: anything, faults: NONE, variant: withoutTombstone },
    ],
  ] as const)(
    '%s',
    async (_, broken) => {
      expect((await search(broken)).failed).toBe(true);
    },
    MINUTES,
  );
});
