/**
 * The model of a key rotation: after it data keys are re-wrapped while tokens are refreshed, connections made and ended.
 * What must hold: docs/decisions/0018-rewrapping-data-keys.md. Switches as in connection.model.test.ts.
 */
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { deleteAccount, disconnect } from '../../functions/core/disconnect.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import type { RewrapStore, RotationClass } from '../../functions/core/ports.ts';
import { refresh } from '../../functions/core/refresh.ts';
import { type RewrapReport, rewrap } from '../../functions/core/rewrap.ts';
import { connect, HASH_KEY, observe } from './acts.ts';
import { type Faults, KEY, NO_FAULTS, type Ports, type SendFault, World } from './world.ts';

const { MODEL_RUNS = '700', MODEL_SEED, MODEL_PATH } = process.env;
const RUNS = Number(MODEL_RUNS);
const REPLAYED = {
  ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
  ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
};

beforeAll(() => {
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
});

type Action = 'refresh' | 'rewrap' | 'connect' | 'disconnect' | 'delete' | 'note';
interface Plan {
  readonly rotation: RotationClass;
  readonly actions: readonly Action[];
  readonly faults: Faults;
}
/** What a process is given instead; `doing` is what it does. */
type Variant = (ports: Ports, world: World, doing: Action) => Ports;

const refreshOnce = async (ports: Ports) => {
  const stored = await ports.connections.read(KEY);
  return stored && refresh({ ...ports, observe }, stored, { scopes: ['read'] });
};
const rewrapOnce = (ports: Ports): Promise<RewrapReport> => {
  const store: RewrapStore = { ...ports.connections, ...ports.rewraps };
  return rewrap({ store, keys: ports.keys, clock: ports.clock, observe });
};

/** Rotates, lets everybody act, re-wraps to zero (unless `last` says otherwise), disables the old version, and asks for a token. */
const run = async (
  scheduler: fc.Scheduler,
  plan: Plan,
  variant: Variant = (same) => same,
  last: (world: World) => Promise<unknown> = async (world) => rewrapOnce(world.process(-3)),
): Promise<void> => {
  const world = new World(plan.rotation, scheduler, plan.faults);
  world.calm = true;
  await connect(world.process(-2), world);
  world.calm = false;
  world.rotateKey();

  const unexpected: unknown[] = [];
  let isZero = false;
  for (const [actor, action] of plan.actions.entries()) {
    const ports = variant(world.process(actor), world, action);
    const { connections: store, keys, provider, tombstones } = ports;
    const revokers = new Map([[KEY.provider, provider]]);
    const removal = { store, keys, tombstones, revokers, hashKey: HASH_KEY, observe };
    const act: Record<Action, () => Promise<unknown>> = {
      refresh: () => refreshOnce(ports),
      rewrap: async () => {
        const { left } = await rewrapOnce(ports);
        isZero ||= left === 0;
      },
      connect: () => connect(ports, world),
      disconnect: () => disconnect(removal, KEY, KEY.provider),
      delete: () => deleteAccount(removal, KEY),
      note: async () => world.writeNote(),
    };
    scheduler
      .schedule(Promise.resolve(), `${actor}: ${action} begins`)
      .then(() => act[action]())
      .catch((error) => {
        if (!(error instanceof Unavailable)) unexpected.push(error);
      });
  }
  await scheduler.waitIdle();
  expect(unexpected).toEqual([]);
  // Undisturbed, nothing goes back to the old version once the count was zero.
  const kept = world.document;
  if (isZero && kept?.sealed && world.isGrantAlive(kept) && plan.faults === NO_FAULTS) {
    expect(kept.sealed.keyVersion).toBe(world.primary);
  }

  world.settle();
  await last(world);
  world.disableFormerVersions();
  const before = world.document;
  const inWindow = plan.rotation === 'strict' && (world.lostByCrash || world.provoked);
  const outcome = await refreshOnce(world.process(-1)).catch((error) => ({ kind: String(error) }));
  if (before && world.isGrantAlive(before) && !inWindow) expect(outcome).toMatchObject({ kind: 'tokens' });
};

const faults: fc.Arbitrary<Faults> = fc.record({
  updates: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.constantFrom('before' as const, 'after' as const), {
    maxKeys: 2,
  }),
  sends: fc.dictionary(fc.constantFrom('0', '1'), fc.constantFrom<SendFault>('unsent', 'lost', 'refused', 'unusable'), {
    maxKeys: 1,
  }),
  unwraps: fc.array(fc.nat({ max: 3 }), { maxLength: 1 }),
  slowUpdates: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.nat({ max: 5_000 }), { maxKeys: 2 }),
  slowSends: fc.dictionary(fc.constantFrom('0', '1'), fc.nat({ max: 15_000 }), { maxKeys: 1 }),
  crashes: fc.dictionary(fc.constantFrom('0', '1', '2'), fc.nat({ max: 12 }), { maxKeys: 2 }),
});
const actions = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Action>('refresh', 'rewrap') },
    { weight: 2, arbitrary: fc.constantFrom<Action>('connect', 'disconnect', 'delete', 'note') },
  ),
  { minLength: 2, maxLength: 5 },
);

interface Search {
  readonly rotation: RotationClass;
  readonly actions?: fc.Arbitrary<Action[]>;
  readonly faults?: fc.Arbitrary<Faults>;
  readonly variant?: Variant;
  readonly last?: (world: World) => Promise<unknown>;
}

const check = (wanted: Search, replayed: { readonly seed?: number; readonly path?: string } = REPLAYED) =>
  fc.check(
    fc.asyncProperty(
      fc.scheduler(),
      wanted.actions ?? actions,
      wanted.faults ?? fc.constant(NO_FAULTS),
      (scheduler, chosen, wrong) =>
        run(scheduler, { rotation: wanted.rotation, actions: chosen, faults: wrong }, wanted.variant, wanted.last),
    ),
    { numRuns: RUNS, ...replayed },
  );

const search = async (wanted: Search): Promise<string> => {
  const found = await check(wanted);
  return found.failed ? (fc.defaultReportMessage(found as fc.RunDetails<unknown>) ?? 'failed') : 'holds';
};

const MINUTES = 60_000 * Math.max(2, RUNS / 2_000);

describe.each(['stable', 'tolerant', 'strict'] as const)('a %s provider', (rotation) => {
  test(
    'undisturbed: no token is lost, and zero stays zero',
    async () => {
      expect(await search({ rotation })).toBe('holds');
    },
    MINUTES,
  );

  test(
    'with faults and crashes in between: the next run goes on, and nothing is lost',
    async () => {
      expect(await search({ rotation, faults })).toBe('holds');
    },
    MINUTES,
  );
});

describe('the model can fail', () => {
  const SEED = { seed: 1 };
  const racing = fc.constant<Action[]>(['refresh', 'rewrap', 'refresh']);
  /** What does not hold. */
  const failureOf = async (wanted: Search) =>
    stripVTControlCharacters(String((await check(wanted, SEED)).errorInstance));

  test('without a re-wrap, a disabled version takes the connection away', async () => {
    const none = fc.constant<Action[]>(['refresh']);
    expect(await failureOf({ rotation: 'tolerant', actions: none, last: async () => {} })).toMatch(
      /key_service: disabled/,
    );
  });

  test('a refresh that writes back how its data key was wrapped undoes the re-wrap', async () => {
    const variant: Variant = (ports) => {
      let first: Awaited<ReturnType<Ports['connections']['read']>>;
      return {
        ...ports,
        connections: {
          ...ports.connections,
          read: async (key) => {
            const found = await ports.connections.read(key);
            first ??= found;
            return found;
          },
          update: async (read, change) => {
            const { sealed } = first?.connection ?? {};
            const undone =
              change.sealed && sealed ? { sealed: { ...sealed, ciphertext: change.sealed.ciphertext } } : {};
            return ports.connections.update(read, { ...change, ...undone });
          },
        },
      };
    };
    expect(await failureOf({ rotation: 'tolerant', actions: racing, variant })).toMatch(
      /Expected: "key\.2"\s+Received: "key\.1"/,
    );
  });

  test.each(['tolerant', 'strict'] as const)(
    'a re-wrap that writes back what it has read loses the rotated token of a %s provider',
    async (rotation) => {
      const variant: Variant = (ports, world, doing) =>
        doing === 'rewrap'
          ? {
              ...ports,
              connections: {
                ...ports.connections,
                update: async (read, { wrapped }) => {
                  await ports.clock.sleep(0);
                  const { sealed } = read.connection;
                  if (!world.document || !sealed) return 'conflict';
                  return { version: world.writeOver(world.document, { sealed: { ...sealed, ...wrapped } }) };
                },
              },
            }
          : ports;
      expect(await failureOf({ rotation, actions: racing, variant })).toMatch(/IntegrityError|grant_dead/);
    },
  );

  test('a re-wrap without the condition on the version spoils a connection that was made meanwhile', async () => {
    const variant: Variant = (ports, world, doing) =>
      doing === 'rewrap'
        ? {
            ...ports,
            connections: {
              ...ports.connections,
              update: async (_read, change) => {
                await ports.clock.sleep(0);
                return world.document ? { version: world.writeOver(world.document, change) } : 'conflict';
              },
            },
          }
        : ports;
    const reconnecting = fc.constant<Action[]>(['rewrap', 'connect']);
    expect(await failureOf({ rotation: 'stable', actions: reconnecting, variant })).toMatch(/IntegrityError/);
  });
});
