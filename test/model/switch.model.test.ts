/**
 * The model once more: the switch to a browser-only flow and back, and the sweep, among everything else that happens to a
 * connection. What must hold is in docs/decisions/0009-switching-to-browser-only.md. `MODEL_RUNS`, `MODEL_SEED`, `MODEL_PATH`.
 */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { changePolicy, readPolicy } from '../../functions/core/administration.ts';
import { deleteAccount, disconnect } from '../../functions/core/disconnect.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import { cachedPolicies, POLICY_MS } from '../../functions/core/policy-cache.ts';
import type { AuthorizationFlow } from '../../functions/core/policy-form.ts';
import type { RotationClass } from '../../functions/core/ports.ts';
import { sweep } from '../../functions/core/sweep.ts';
import { type TokenOutcome, tokenService } from '../../functions/core/token.ts';
import { connect, HASH_KEY, IDENTITY, observe, profile } from './acts.ts';
import { type Faults, KEY, NO_FAULTS, type Ports, World } from './world.ts';

const { MODEL_RUNS = '1700', MODEL_SEED, MODEL_PATH } = process.env;
// Waiters' pauses differ by chance; here a seed is to replay them.
beforeAll(() => {
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
});

/** Each is longer than one of the connection's model. */
const RUNS = Math.ceil(Number(MODEL_RUNS) / 3);

/**
 * `tokens`: two token calls of one instance, with more than its cache's time between them. `reconnect`: the admin switches
 * back, and then the user authorizes.
 */
type Action = 'switch' | 'back' | 'sweep' | 'tokens' | 'connect' | 'reconnect' | 'disconnect' | 'delete';
type Variant = (ports: Ports, world: World) => Ports;

const profiles = new Map([[KEY.provider, profile]]);
const BACK: AuthorizationFlow = 'authorization_code';

const change = async (ports: Ports, flow: AuthorizationFlow): Promise<void> => {
  const dependencies = {
    profiles,
    policies: ports.policies,
    places: ports.connections,
    removals: ports.removals,
    observe,
  };
  const { policy, tag } = await readPolicy(dependencies, KEY.tenant);
  const rule = policy.providers[KEY.provider];
  if (!rule) throw new Error('no rule');
  const providers = { [KEY.provider]: { ...rule, flow } };
  await changePolicy(dependencies, IDENTITY, { ...policy, providers }, tag);
};

const removalOf = ({ connections: store, keys, provider, removals, policies, clock, tombstones }: Ports) => ({
  ...{ store, keys, removals, policies, clock, tombstones, profiles, hashKey: HASH_KEY, observe },
  revokers: new Map([[KEY.provider, provider]]),
});

const tokensOf = (ports: Ports) => {
  const policies = cachedPolicies(ports.policies, ports.clock);
  const service = tokenService({ ...ports, policies, profile, observe });
  return () => service({ identity: IDENTITY });
};

interface Plan {
  readonly rotation: RotationClass;
  /** Before anything else. */
  readonly switched: boolean;
  readonly actions: readonly Action[];
  readonly faults: Faults;
}

const run = async (
  scheduler: fc.Scheduler,
  { rotation, switched, actions, faults }: Plan,
  variant: Variant,
): Promise<void> => {
  const world = new World(rotation, scheduler, faults);
  const { organization } = world;
  world.calm = true;
  await connect(world.process(-2), world);
  if (switched) await change(world.process(-2), 'browser_code');
  world.calm = false;

  const unexpected: unknown[] = [];
  const calls: { readonly begun: number; readonly ended: number; readonly outcome: TokenOutcome }[] = [];
  /** When a flow was begun that was answered "connected". */
  const connectedSince: number[] = [];
  for (const [actor, action] of actions.entries()) {
    const ports = variant(world.process(actor), world);
    const connectOnce = async () => {
      let begun = 0;
      const kind = await connect(ports, world, ({ startedAt }) => {
        begun = startedAt;
      });
      if (kind === 'connected') connectedSince.push(begun);
    };
    const act = {
      switch: () => change(ports, 'browser_code'),
      back: () => change(ports, BACK),
      sweep: () => sweep(removalOf(ports)),
      disconnect: () => disconnect(removalOf(ports), KEY, KEY.provider),
      delete: () => deleteAccount(removalOf(ports), KEY),
      connect: connectOnce,
      reconnect: async () => {
        await change(ports, BACK);
        await connectOnce();
      },
      tokens: async () => {
        const ask = tokensOf(ports);
        for (const pause of [POLICY_MS + 1_000, 0]) {
          const begun = world.time;
          calls.push({ begun, outcome: await ask(), ended: world.time });
          await ports.clock.sleep(pause);
        }
      },
    }[action];
    act().catch((error) => {
      if (!(error instanceof Unavailable)) unexpected.push(error);
    });
  }
  await scheduler.waitIdle();
  expect(unexpected).toEqual([]);

  // No token for a call that began 30 seconds or more after the switch, as long as nobody switched back.
  for (const { begun, ended, outcome } of calls) {
    const last = organization.history.findLast(({ since }) => since <= ended);
    if (last && last.flow !== BACK && last.since + POLICY_MS <= begun) expect(outcome.kind).not.toBe('token');
  }

  world.settle();
  const calm = variant(world.process(-1), world);
  if (organization.flow !== BACK) {
    // Nothing is stored at the end, whoever crashed where, and nothing comes back.
    await sweep(removalOf(calm));
    expect([world.document, organization.isRemoving]).toEqual([undefined, false]);
    expect(await connect(calm, world)).toBe('browser_only_flow');
    expect((await tokensOf(calm)()).kind).toBe('browser_only_flow');
    expect(world.document).toBeUndefined();
    return;
  }
  // A late sweep destroys nothing that was made after the switch back.
  const backSince = organization.history.at(-1)?.since ?? 0;
  const isRemoved = actions.some((action) => action === 'disconnect' || action === 'delete');
  if (isRemoved || !connectedSince.some((since) => since > backSince)) return;
  await sweep(removalOf(calm));
  expect(world.document).toBeDefined();
  // A stable provider ends everything that the user granted: a revocation under way may meet the new grant.
  const { crashes, updates } = faults;
  const inWindow = Object.keys(crashes).length > 0 || world.provoked || Object.keys(updates).length > 1;
  if (rotation === 'tolerant' || (rotation === 'strict' && !inWindow)) {
    expect((await tokensOf(calm)()).kind).toBe('token');
  }
};

const faults: fc.Arbitrary<Faults> = fc.record({
  updates: fc.dictionary(fc.constantFrom('0', '1'), fc.constantFrom('before' as const, 'after' as const), {
    maxKeys: 1,
  }),
  sends: fc.constant({}),
  unwraps: fc.array(fc.nat({ max: 2 }), { maxLength: 1 }),
  slowUpdates: fc.constant({}),
  slowSends: fc.dictionary(fc.constantFrom('0', '1'), fc.nat({ max: 15_000 }), { maxKeys: 1 }),
  crashes: fc.dictionary(fc.constantFrom('0', '1', '2'), fc.nat({ max: 12 }), { maxKeys: 1 }),
});
const NONE = fc.constant(NO_FAULTS);

const actions = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Action>('switch', 'back', 'sweep', 'reconnect') },
    { weight: 3, arbitrary: fc.constantFrom<Action>('tokens', 'connect') },
    { weight: 1, arbitrary: fc.constantFrom<Action>('disconnect', 'delete') },
  ),
  { minLength: 2, maxLength: 5 },
);
/** Those in which something is made while the sweep is at work. */
const lateSweep = fc.constant<Action[]>(['sweep', 'reconnect']);
const lateCompletion = fc.constant<Action[]>(['switch', 'connect', 'sweep']);

interface Search {
  readonly rotation: RotationClass;
  readonly actions: fc.Arbitrary<Action[]>;
  readonly faults: fc.Arbitrary<Faults>;
  readonly variant?: Variant;
}
const search = ({ rotation, variant = (same) => same, ...arbitraries }: Search, numRuns = RUNS) =>
  fc.check(
    fc.asyncProperty(
      fc.scheduler(),
      fc.boolean(),
      arbitraries.actions,
      arbitraries.faults,
      (scheduler, switched, acts, wrong) =>
        run(scheduler, { rotation, switched, actions: acts, faults: wrong }, variant),
    ),
    {
      numRuns,
      ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
      ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
    },
  );
const verdict = (found: Awaited<ReturnType<typeof search>>): string =>
  found.failed ? (fc.defaultReportMessage(found as fc.RunDetails<unknown>) ?? 'failed') : 'holds';

const MINUTES = 60_000 * Math.max(2, RUNS / 2_000);

test.each(['stable', 'tolerant', 'strict'] as const)(
  'S46 a %s provider: after the switch nothing stays and no token comes; what is made after switching back stays',
  async (rotation) => {
    expect(verdict(await search({ rotation, actions, faults }))).toBe('holds');
    expect(verdict(await search({ rotation, actions: lateSweep, faults: NONE }))).toBe('holds');
  },
  MINUTES,
);

describe('the model can fail: without one of its protections it does', () => {
  const policyBeforeList: Variant = (ports) => {
    let known: ReturnType<Ports['policies']['policy']> | undefined;
    return {
      ...ports,
      connections: {
        ...ports.connections,
        some: async (place, limit) => {
          known = ports.policies.policy(place.tenant);
          await known;
          // Long enough for others to do much.
          for (let pause = 0; pause < 15; pause++) await ports.clock.sleep(0);
          return ports.connections.some(place, limit);
        },
      },
      policies: { ...ports.policies, policy: (tenant) => known ?? ports.policies.policy(tenant) },
    };
  };
  const removeAnything: Variant = (ports, world) => ({
    ...ports,
    connections: {
      ...ports.connections,
      remove: async (read) => {
        await ports.connections.read(read.key);
        world.erase();
        return 'removed';
      },
    },
  });
  const completeOnOldPolicy: Variant = (ports) => ({
    ...ports,
    completions: {
      ...ports.completions,
      store: (place, decide) =>
        ports.completions.store(place, (found) => decide({ ...found, policy: { providers: {} } })),
    },
  });
  const endlessCache: Variant = (ports) => ({ ...ports, clock: { ...ports.clock, elapsed: () => 0 } });

  test.each<[string, Search]>([
    [
      'the policy looked at before the list: a connection of after the switch back is removed',
      { rotation: 'tolerant', actions: lateSweep, faults: NONE, variant: policyBeforeList },
    ],
    [
      'removing whatever is there: the same',
      { rotation: 'tolerant', actions: lateSweep, faults: NONE, variant: removeAnything },
    ],
    [
      'completing without the policy of the moment: a token is stored after the removal',
      { rotation: 'tolerant', actions: lateCompletion, faults: NONE, variant: completeOnOldPolicy },
    ],
    [
      'a policy that is known for good: tokens after 30 seconds',
      { rotation: 'tolerant', actions: fc.constant(['tokens', 'switch']), faults: NONE, variant: endlessCache },
    ],
  ])(
    '%s',
    async (_, broken) => {
      // It ends with the first one that it finds.
      expect((await search(broken, 10 * RUNS)).failed).toBe(true);
    },
    MINUTES,
  );
});
