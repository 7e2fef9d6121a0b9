/**
 * The model: refresh, disconnect and authorizing again as steps in any order, with faults and crashes. What must hold
 * is in docs/refresh.md. `MODEL_RUNS` widens the search; a failure prints the seed and path that replay it.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { disconnect } from '../../functions/core/disconnect.ts';
import { seal } from '../../functions/core/envelope.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import type { RotationClass } from '../../functions/core/ports.ts';
import { type RefreshDependencies, type RefreshOutcome, refresh } from '../../functions/core/refresh.ts';
import { type Faults, KEY, NO_FAULTS, World } from './world.ts';

const RUNS = Number(process.env.MODEL_RUNS ?? 700);

type Ports = ReturnType<World['process']>;
type Variant = (dependencies: RefreshDependencies, world: World) => RefreshDependencies;
type Action = 'refresh' | 'disconnect' | 'reconnect';
interface Plan {
  readonly rotation: RotationClass;
  readonly actions: readonly Action[];
  readonly faults: Faults;
}

const dependenciesOf = (ports: Ports): RefreshDependencies => ({ ...ports, observe: () => {} });

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
  world.connect();
  let removed = false;
  const outcomes: (RefreshOutcome | 'unavailable')[] = [];
  for (const [actor, action] of plan.actions.entries()) {
    const ports = world.process(actor);
    const dependencies = variant(dependenciesOf(ports), world);
    void (async () => {
      if (action === 'refresh') outcomes.push(await refreshOnce(dependencies));
      if (action === 'disconnect') {
        const revokers = new Map([[KEY.provider, ports.provider]]);
        await disconnect(
          { store: ports.connections, keys: ports.keys, revokers, observe: () => {} },
          KEY,
          KEY.provider,
        );
        removed = true;
      }
      if (action === 'reconnect') {
        await ports.clock.sleep(0);
        world.connect();
      }
    })();
  }
  await scheduler.waitIdle();

  // Whoever crashed holds a lease that runs out; then everything must work, but for the one window.
  world.settle();
  const before = world.document;
  const grant = before && world.grantOf(before);
  const last = await refreshOnce(variant(dependenciesOf(world.process(-1)), world));

  const disturbed =
    Object.keys(plan.faults.crashes).length > 0 || world.provoked || Object.keys(plan.faults.updates).length > 1;
  if (plan.rotation === 'strict') {
    expect(world.mostInFlight).toBeLessThanOrEqual(1);
    if (!disturbed) expect(world.reuseAlarms).toBe(0);
  }
  const revokedHere = plan.actions.includes('disconnect');
  if (!revokedHere && (plan.rotation !== 'strict' || !disturbed)) {
    expect(last).toMatchObject({ kind: 'tokens' });
    expect(outcomes.filter((each) => typeof each === 'object' && each.kind === 'authorize')).toEqual([]);
  }
  // No wrong "authorize again": only a grant that the provider has ended is recorded as dead.
  if (before?.authorizeAgain) expect(grant?.alive).toBe(false);
  // Nothing deleted comes back.
  if (removed && !plan.actions.includes('reconnect')) expect(before).toBeUndefined();
};

const faults: fc.Arbitrary<Faults> = fc.record({
  updates: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.constantFrom('before' as const, 'after' as const), {
    maxKeys: 2,
  }),
  sends: fc.dictionary(
    fc.constantFrom('0', '1', '2'),
    fc.constantFrom('unsent' as const, 'lost' as const, 'committed' as const),
    {
      maxKeys: 1,
    },
  ),
  unwraps: fc.array(fc.nat({ max: 3 }), { maxLength: 1 }),
  crashes: fc.dictionary(fc.constantFrom('0', '1'), fc.nat({ max: 12 }), { maxKeys: 1 }),
});

const actions = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant('refresh' as const) },
    fc.constantFrom('disconnect' as const, 'reconnect' as const),
  ),
  { minLength: 2, maxLength: 4 },
);

const search = (rotation: RotationClass, calm: boolean, variant?: Variant, onlyRefresh = false) =>
  fc.check(
    fc.asyncProperty(
      fc.scheduler(),
      onlyRefresh ? fc.array(fc.constant('refresh' as const), { minLength: 2, maxLength: 3 }) : actions,
      calm ? fc.constant(NO_FAULTS) : faults,
      (scheduler, planned, wrong) => run(scheduler, { rotation, actions: planned, faults: wrong }, variant),
    ),
    { numRuns: RUNS },
  );

const report = (found: Awaited<ReturnType<typeof search>>): string =>
  found.failed ? (fc.defaultReportMessage(found as fc.RunDetails<unknown>) ?? 'failed') : 'holds';

describe.each(['stable', 'tolerant', 'strict'] as const)('a %s provider', (rotation) => {
  test('undisturbed: every interleaving keeps the connection', async () => {
    expect(report(await search(rotation, true))).toBe('holds');
  }, 120_000);

  test('with faults, crashes, disconnects and new connections: the invariants hold', async () => {
    expect(report(await search(rotation, false))).toBe('holds');
  }, 120_000);
});

describe('the model can fail: without one of its three protections it does', () => {
  const withoutLease: Variant = (dependencies) => ({
    ...dependencies,
    connections: {
      ...dependencies.connections,
      update: async (read, change) =>
        change.lease ? { version: read.version } : dependencies.connections.update(read, change),
    },
  });

  const withoutCompareAndSet: Variant = (dependencies, world) => ({
    ...dependencies,
    connections: {
      ...dependencies.connections,
      update: async (read, change) => {
        await dependencies.connections.read(read.key);
        return { version: world.writeOver(read.connection, change) };
      },
    },
  });

  const withoutPreflight: Variant = (dependencies) => ({
    ...dependencies,
    // A new data key for the new token: the key service is asked after the provider has rotated.
    seal: async (dataKey, token, place) => {
      const [, , , , , generation = ''] = JSON.parse(Buffer.from(place).toString()) as string[];
      const stored = Buffer.from(`wrapped ${generation}`);
      const aad = Buffer.from(JSON.stringify(['data-key', 1, KEY.tenant, KEY.user, KEY.provider, generation]));
      await dependencies.keys.unwrap(stored, aad);
      return seal(dataKey, token, place);
    },
  });

  test('no lease: a strict provider raises a reuse alarm', async () => {
    expect((await search('strict', true, withoutLease, true)).failed).toBe(true);
  }, 120_000);

  test('no compare-and-set: something deleted comes back', async () => {
    expect((await search('tolerant', true, withoutCompareAndSet)).failed).toBe(true);
  }, 120_000);

  test('no compare-and-set: a strict connection is lost', async () => {
    expect((await search('strict', true, withoutCompareAndSet, true)).failed).toBe(true);
  }, 120_000);

  test('no preflight: a strict connection is lost when the key service fails after the rotation', async () => {
    expect((await search('strict', false, withoutPreflight, true)).failed).toBe(true);
  }, 120_000);
});
