/** What happens to whom in which round: drawn from the seed before anything runs. */
import type { Point } from './protocol.ts';
import { createRandom, type Random } from './random.ts';
import {
  ACTS,
  type Assignment,
  BEHAVIOURS,
  type Behaviour,
  BURST,
  DATABASE_FAULTS,
  type DatabaseFault,
  FREEZES,
  type HeldAct,
  isLeased,
  KEY_FAULTS,
  pointsOf,
  type Round,
  type RoundKind,
  type Scenario,
  UNSENT,
  WRITE_FAULTS,
} from './scenarios.ts';
import { byClass, CLASSES, type ClassName } from './users.ts';

interface Cast {
  readonly of: ClassName;
  readonly at: Point;
}

interface Held {
  readonly at: Point;
  readonly act: HeldAct;
}

/** Deals every card once before any comes again. */
const deck = <T>(random: Random, first: readonly T[], rest: readonly T[] = []): (() => T) => {
  let cards = [...random.shuffle(first), ...random.shuffle(rest)];
  return () => {
    if (cards.length === 0) cards = random.shuffle([...first, ...rest]);
    const card = cards.shift();
    if (card === undefined) throw new RangeError('an empty deck');
    return card;
  };
};

/** Over which the users of a round of faults come, one after the other. */
const FAULTS_SPREAD_MS = 900;

const AFTER_RECEIVE: Point = { step: 'receive', when: 'after' };
const BEFORE_COMMIT: Point = { step: 'commit', when: 'before' };

/**
 * What each of the protections is there for, in every round of holds. `rivals`: calls that come meanwhile, to processes whose
 * clocks differ from the first one's.
 */
const ESSENTIAL: Readonly<Partial<Record<ClassName, readonly (Held & { readonly rivals: number })[]>>> = {
  strict: [
    { at: BEFORE_COMMIT, act: 'database out for 6.5 s', rivals: 0 },
    { at: BEFORE_COMMIT, act: 'reconnect', rivals: 0 },
  ],
  grace: [
    { at: AFTER_RECEIVE, act: 'key service down', rivals: 0 },
    { at: BEFORE_COMMIT, act: 'others ask', rivals: 3 },
    { at: BEFORE_COMMIT, act: 'write applied, then unavailable', rivals: 0 },
  ],
};
const FIRST_AND_RIVALS = [0, 0, 0.5, 0.9];

export interface PlanOptions {
  readonly seed: number;
  readonly usersPerClass: number;
  /** Calls that wait for a killed holder's lease, and writes that fail until their budget ends, take their time. */
  readonly patient: boolean;
  /** The stand-in's faults can be had. */
  readonly faults: boolean;
}

/** @returns draws the next round, for a number of processes */
export const createPlan = ({ seed, usersPerClass, patient, faults }: PlanOptions) => {
  const random = createRandom(seed);
  const castsOf = (...names: ClassName[]) => names.flatMap((of) => pointsOf(of).map((at): Cast => ({ of, at })));
  const kills = deck(random, castsOf('strict', 'tolerant'), castsOf('grace', 'stable'));
  let saved: Cast[] = [];
  const heldActs: readonly HeldAct[] = [...ACTS, 'key service down'];
  const crossed = (points: readonly Point[]) => points.flatMap((at) => heldActs.map((act): Held => ({ at, act })));
  const holdsOf = (name: ClassName) => {
    const points = Object.groupBy(pointsOf(name), ({ step }) =>
      ['receive', 'seal', 'commit'].includes(step) ? 'late' : step === 'answer' ? 'never' : 'early',
    );
    return deck(random, crossed(points.late ?? []), crossed(points.early ?? []));
  };
  const holds = byClass(holdsOf);
  const writeFaults = deck(random, WRITE_FAULTS);
  const behaviours = byClass(() => deck(random, BEHAVIOURS));
  const keyFaults = deck(random, KEY_FAULTS);
  const databaseFaults = deck(
    random,
    DATABASE_FAULTS.filter((fault) => patient || fault !== 'applied late'),
  );
  const freezes = deck(random, FREEZES);
  let faultsRounds = 0;

  const assign = (scenario: Scenario, companions: number, within = 0): Assignment => ({
    scenario,
    startsAfter: random.below(within + 1),
    companions,
    processes: Array.from({ length: 16 }, () => random.next()),
  });
  const few = () => random.below(4);
  /** Milliseconds over which a round's calls are spread. */
  const spread = patient ? 1_500 : 200;

  const holdOf = (name: ClassName): Assignment => {
    const { at, act } = holds[name]();
    const isWrite = at.step === 'commit' && at.when === 'before';
    const isFault = patient && faults && isWrite && random.chance(0.5);
    return assign({ kind: 'hold', at, act: isFault ? writeFaults() : act }, few(), spread);
  };
  const essentialOf = (name: ClassName, index: number): Assignment | undefined => {
    const held = ESSENTIAL[name]?.[index];
    if (!held || (!faults && WRITE_FAULTS.some((fault) => fault === held.act))) return undefined;
    const { at, act, rivals } = held;
    return { ...assign({ kind: 'hold', at, act }, rivals), processes: FIRST_AND_RIVALS };
  };

  /** Of those that can be met: where nothing is written, only reads can fail. */
  const databaseFaultOf = (name: ClassName, behaviour: Behaviour | undefined): DatabaseFault => {
    const rotates = name === 'tolerant' && (behaviour === undefined || behaviour === 'slow');
    return isLeased(name) || rotates ? databaseFaults() : 'reads unavailable';
  };

  const anyOf = (name: ClassName, behaviour?: Behaviour): Assignment => {
    const dice = random.next();
    if (dice < 0.25) return assign({ kind: 'calls' }, 1 + random.below(5), spread);
    if (dice < 0.5) return holdOf(name);
    if (dice < 0.75) {
      const some = Array.from({ length: 1 + random.below(3) }, () => random.pick(ACTS));
      return assign({ kind: 'acts', acts: some }, 1 + few(), spread);
    }
    if (!faults) return assign({ kind: 'calls' }, few(), spread);
    const fault = databaseFaultOf(name, behaviour);
    return assign({ kind: 'database', fault, times: 1 + random.below(3) }, few(), spread);
  };

  /** In a patient round those that take the place of the killed may be killed as well. */
  const castKills = (processes: number): Record<ClassName, Cast[]> => {
    const cast = byClass((): Cast[] => []);
    const later: Cast[] = [];
    let left = Math.min(Math.ceil(processes * (patient ? 1.5 : 0.75)), CLASSES.length * usersPerClass);
    while (left > 0 && later.length < 30) {
      const next = saved.shift() ?? kills();
      if (cast[next.of].length >= usersPerClass) later.push(next);
      else {
        cast[next.of].push(next);
        left -= 1;
      }
    }
    saved = [...later, ...saved];
    return cast;
  };

  const forAll = (assignment: (name: ClassName, index: number) => Assignment): Round['assignments'] =>
    byClass((name) => Array.from({ length: usersPerClass }, (_, index) => assignment(name, index)));

  return (kind: RoundKind, processes: number): Round => {
    switch (kind) {
      case 'quiet':
        return { kind, behaviours: {}, assignments: forAll(() => assign({ kind: 'calls' }, 0)) };
      case 'calm': {
        // Two of each class are asked for by everybody at once.
        const burst = (index: number) => assign({ kind: 'calls' }, index < 2 ? Math.max(BURST, 2 * processes - 1) : 1);
        return { kind, behaviours: {}, assignments: forAll((_, index) => burst(index)) };
      }
      case 'holds': {
        return { kind, behaviours: {}, assignments: forAll((name, index) => essentialOf(name, index) ?? holdOf(name)) };
      }
      case 'clocks': {
        const acts = () => [random.pick(['reconnect', 'disconnect', 'delete account'] as const), 'reconnect' as const];
        return {
          kind,
          behaviours: {},
          assignments: forAll(() => assign({ kind: 'acts', acts: acts() }, few(), spread)),
        };
      }
      case 'freezes': {
        const freeze = (): Scenario => ({ kind: 'freeze', at: random.chance(0.5) ? UNSENT : freezes() });
        return {
          kind,
          behaviours: {},
          assignments: forAll((name) => assign(isLeased(name) ? freeze() : { kind: 'idle' }, 1 + few())),
        };
      }
      case 'faults': {
        // One class in four is well: its writes are there for the database's faults.
        const ill = CLASSES.filter((_, index) => (index + faultsRounds) % 4 !== 0);
        const keyFault = faultsRounds % 2 === 0 ? { keyFault: keyFaults() } : {};
        faultsRounds += 1;
        const dealt: Round['behaviours'] = Object.fromEntries(ill.map((name) => [name, behaviours[name]()]));
        /** One after the other: the last of each class come when the key service works again. */
        const assignments = forAll((name, index) => ({
          ...anyOf(name, dealt[name]),
          startsAfter: Math.round((FAULTS_SPREAD_MS * (patient ? 2 : 1) * index) / usersPerClass),
        }));
        return { kind, behaviours: dealt, ...keyFault, assignments };
      }
      case 'kills': {
        const cast = castKills(processes);
        const slow = CLASSES.filter((name) => random.chance(0.2) && (patient || cast[name].length > 0));
        const dealt = Object.fromEntries(slow.map((name) => [name, 'slow' as const]));
        const assignments = forAll((name, index) => {
          const killed = cast[name][index];
          // Whoever meets the lease of a killed holder waits for its turn, for five seconds.
          if (!killed)
            return patient
              ? anyOf(name, dealt[name])
              : assign({ kind: isLeased(name) ? 'idle' : 'calls' }, few(), spread);
          const scenario: Scenario = { kind: 'kill', at: killed.at, afterMs: random.below(12) };
          return assign(scenario, patient && random.chance(0.5) ? 1 + few() : 0, spread);
        });
        return { kind, behaviours: dealt, assignments };
      }
    }
  };
};
