/**
 * The model: refresh, disconnect, authorizing again and account deletion as steps in any order, with faults and crashes.
 * What must hold is in docs/refresh.md. `MODEL_RUNS` widens the search; a failure prints the seed and path that replay it
 * (`MODEL_SEED`, `MODEL_PATH`).
 */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { ConnectionKey } from '../../functions/core/connection.ts';
import { deleteAccount, disconnect } from '../../functions/core/disconnect.ts';
import { seal } from '../../functions/core/envelope.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import type { Flow } from '../../functions/core/flow.ts';
import type { Owner } from '../../functions/core/identity.ts';
import type { RotationClass, Stored, TombstoneStore } from '../../functions/core/ports.ts';
import { LEASE_MS, type RefreshDependencies, type RefreshOutcome, refresh } from '../../functions/core/refresh.ts';
import { connect, HASH_KEY, observe } from './acts.ts';
import { type Faults, KEY, NO_FAULTS, type Ports, type SendFault, World } from './world.ts';

const { MODEL_RUNS = '1700', MODEL_SEED, MODEL_PATH } = process.env;
const RUNS = Number(MODEL_RUNS);
const FROM_ENVIRONMENT = {
  ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
  ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
};

// Waiters' pauses differ by chance; here a seed is to replay them.
beforeAll(() => {
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
});

type Variant = (ports: Ports, world: World) => Ports & Pick<RefreshDependencies, 'seal'>;
/** `note`: a write that does not concern the broker. */
type Action = 'refresh' | 'disconnect' | 'connect' | 'delete' | 'note';
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
    const meant = new Set<string>();
    const noted = <T extends Stored | undefined>(stored: T): T => {
      if (stored) meant.add(stored.connection.generation);
      return stored;
    };
    const watched = {
      ...store,
      read: async (key: ConnectionKey) => (meant.size === 0 ? noted(await store.read(key)) : store.read(key)),
      list: async (owner: Owner) => (await store.list(owner)).map(noted),
    };
    const removal = { store: watched, keys, tombstones, revokers, hashKey: HASH_KEY, observe };
    const act: () => Promise<unknown> = {
      refresh: async () => void outcomes.push(await refreshOnce({ ...ports, observe })),
      connect: () => connect(ports, world, begun),
      disconnect: async () => {
        await disconnect(removal, KEY, KEY.provider);
        for (const life of meant) world.removed.add(life);
      },
      delete: async () => {
        await deleteAccount(removal, KEY);
        for (const life of meant) world.removed.add(life);
        deletedAt.push(buriedAt);
      },
      note: async () => world.writeNote(),
    }[action];
    // Whatever the others do may come first.
    const start = scheduler.schedule(Promise.resolve(), `${actor}: ${action} begins`);
    start
      .then(async () => void (await act()))
      .catch((error) => {
        if (!(error instanceof Unavailable)) unexpected.push(error);
      });
  }
  await scheduler.waitIdle();
  expect(unexpected).toEqual([]);

  // A lease that nobody needs any more is given back, whoever wrote into the document meanwhile.
  const { crashes, updates, sends } = plan.faults;
  const isHeldOn =
    [crashes, updates].some((each) => Object.keys(each).length > 0) || Object.values(sends).some(mayCommit);
  if (!isHeldOn) expect(world.document?.lease).toBeUndefined();

  // Whoever crashed holds a lease that runs out; then everything must work, but for the one window.
  world.settle();
  const before = world.document;
  const alive = before !== undefined && world.isGrantAlive(before);
  const last = await refreshOnce({ ...variant(world.process(-1), world), observe });

  // The strict window: the provider has committed, and the new token did not reach the database.
  const inWindow = world.lostByCrash || world.provoked;
  const removing = plan.actions.some((action) => action === 'disconnect' || action === 'delete');
  if (plan.rotation === 'strict') {
    expect(world.mostInFlight).toBeLessThanOrEqual(1);
    if (!inWindow) expect(world.reuseAlarms).toBe(0);
  }
  if (plan.rotation !== 'strict' || !inWindow) {
    if (before && alive) expect(last).toMatchObject({ kind: 'tokens' });
    if (!removing) {
      expect(alive).toBe(true);
      const refusals = new Set<string>(Object.values(sends));
      expect(outcomes.filter((each) => isFalseAlarm(each, refusals))).toEqual([]);
    }
  }
  expect(world.tookNewGrant).toBe(false);
  // A success leaves nothing of a refusal in the record.
  if (typeof last === 'object' && last.kind === 'tokens') expect(world.document?.refusal).toBeUndefined();
  // No wrong "authorize again": only a grant that the provider has ended is recorded as dead.
  if (before?.authorizeAgain) expect(alive).toBe(false);
  // Nothing removed comes back, and no flow that was begun before a deletion.
  if (before) {
    expect(world.removed.has(before.generation)).toBe(false);
    const flowId = world.lives.get(before.generation) ?? '';
    for (const deletion of deletedAt) expect(flows.get(flowId)).toBeGreaterThan(deletion);
  }
};

/** After these the lease runs out by itself. */
const mayCommit = (fault: SendFault): boolean => fault === 'lost' || fault === 'committed';
const isFalseAlarm = (outcome: RefreshOutcome | 'unavailable', refusals: ReadonlySet<string>): boolean =>
  typeof outcome === 'object' && outcome.kind === 'authorize' && !refusals.has(outcome.reason);

const faults: fc.Arbitrary<Faults> = fc.record({
  updates: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.constantFrom('before' as const, 'after' as const), {
    maxKeys: 2,
  }),
  sends: fc.dictionary(
    fc.constantFrom('0', '1', '2'),
    fc.constantFrom<SendFault>(
      'unsent',
      'lost',
      'committed',
      'refused',
      'unlisted',
      'user_needed',
      'organization_forbids',
      'unusable',
    ),
    { maxKeys: 2 },
  ),
  unwraps: fc.array(fc.nat({ max: 3 }), { maxLength: 1 }),
  slowUpdates: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.nat({ max: 5_000 }), { maxKeys: 3 }),
  slowSends: fc.dictionary(fc.constantFrom('0', '1'), fc.nat({ max: 15_000 }), { maxKeys: 2 }),
  crashes: fc.dictionary(fc.constantFrom('0', '1'), fc.nat({ max: 14 }), { maxKeys: 1 }),
});

const anything = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant<Action>('refresh') },
    { weight: 3, arbitrary: fc.constantFrom<Action>('disconnect', 'connect', 'delete', 'note') },
  ),
  { minLength: 2, maxLength: 5 },
);
const onlyRefresh = fc.array(fc.constant<Action>('refresh'), { minLength: 2, maxLength: 4 });
const reconnecting = fc.array(fc.constantFrom<Action>('disconnect', 'connect'), { minLength: 2, maxLength: 3 });

interface Search {
  readonly rotation: RotationClass;
  readonly actions: fc.Arbitrary<Action[]>;
  readonly faults: fc.Arbitrary<Faults>;
  readonly variant?: Variant;
}

const search = (
  { rotation, variant, ...arbitraries }: Search,
  replayed: { readonly seed?: number; readonly path?: string } = FROM_ENVIRONMENT,
) =>
  fc.check(
    fc.asyncProperty(fc.scheduler(), arbitraries.actions, arbitraries.faults, (scheduler, actions, wrong) =>
      run(scheduler, { rotation, actions, faults: wrong }, variant),
    ),
    {
      numRuns: RUNS,
      ...replayed,
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

test(
  'a strict provider that refuses: the lease is given back, whoever writes into the document meanwhile',
  async () => {
    const actions = fc.array(fc.constantFrom<Action>('refresh', 'note'), { minLength: 2, maxLength: 4 });
    const refusals = fc
      .constantFrom<SendFault>('refused', 'unlisted', 'user_needed', 'organization_forbids', 'unsent')
      .map((fault): Faults => ({ ...NO_FAULTS, sends: { 0: fault, 1: fault } }));
    expect(verdict(await search({ rotation: 'strict', actions, faults: refusals }))).toBe('holds');
  },
  MINUTES,
);

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

  const withoutSecondLook: Variant = (ports) => {
    let looks = 0;
    const first = ports.connections.read;
    let seen: Stored | undefined;
    // The first look is the disconnect's own; a second one is answered from memory.
    const read = async (key: ConnectionKey) => {
      if (looks++ !== 1) seen = await first(key);
      return seen;
    };
    return { ...ports, connections: { ...ports.connections, read } };
  };

  /** As if it were over before its holder may have written: some of the durations below add up to more. */
  const shortLease: Variant = (ports) => ({
    ...ports,
    connections: {
      ...ports.connections,
      read: async (key) => {
        const stored = await ports.connections.read(key);
        return stored && { ...stored, readAt: stored.readAt + LEASE_MS - 8_000 };
      },
    },
  });

  test('what was found is found again by its seed and path, at once', async () => {
    const broken = { rotation: 'strict', actions: onlyRefresh, faults: NONE, variant: withoutLease } as const;
    const { seed, counterexamplePath, counterexample } = await search(broken);
    const again = await search(broken, { seed, path: counterexamplePath ?? '' });
    expect(again).toMatchObject({ failed: true, numRuns: 1 });
    expect(fc.stringify(again.counterexample)).toBe(fc.stringify(counterexample));
  });

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
      'a lease of 8 s: a strict provider is asked twice at once',
      { rotation: 'strict', actions: onlyRefresh, faults, variant: shortLease },
    ],
    [
      'no second look before revoking: a new grant goes with the old one',
      { rotation: 'stable', actions: reconnecting, faults: NONE, variant: withoutSecondLook },
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
