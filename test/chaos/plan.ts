/** What happens to whom in which round: drawn from the seed before anything runs. */
import type { Point } from './protocol.ts';
import { createRandom, type Random } from './random.ts';
import {
  type Act,
  type Assignment,
  BEHAVIOURS,
  DATABASE_FAULTS,
  FREEZES,
  isLeased,
  KEY_FAULTS,
  pointsOf,
  type Round,
  type RoundKind,
  type Scenario,
  UNSENT,
} from './scenarios.ts';
import { byClass, CLASSES, type ClassName } from './users.ts';

interface Cast {
  readonly of: ClassName;
  readonly at: Point;
}

/** Deals every card once before any comes again. */
const deck = <T>(random: Random, first: readonly T[], rest: readonly T[]): (() => T) => {
  let cards = [...random.shuffle(first), ...random.shuffle(rest)];
  return () => {
    if (cards.length === 0) cards = random.shuffle([...first, ...rest]);
    const card = cards.shift();
    if (card === undefined) throw new RangeError('an empty deck');
    return card;
  };
};

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
  const acts: readonly Act[] = ['disconnect', 'reconnect', 'delete account', 'write note', 'key service down'];
  const crossed = (points: readonly Point[]) => points.flatMap((at) => acts.map((act) => ({ at, act })));
  const holdsOf = (name: ClassName) => {
    const points = Object.groupBy(pointsOf(name), ({ step }) =>
      ['receive', 'seal', 'commit'].includes(step) ? 'late' : step === 'answer' ? 'never' : 'early',
    );
    return deck(random, crossed(points.late ?? []), crossed(points.early ?? []));
  };
  const holds = byClass(holdsOf);

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
    const card = holds[name]();
    const slow = patient && faults && card.at.step === 'commit' && card.at.when === 'before' && random.chance(0.3);
    return assign({ kind: 'hold', at: card.at, act: slow ? 'database down' : card.act }, few(), spread);
  };

  const anyOf = (name: ClassName): Assignment => {
    const dice = random.next();
    if (dice < 0.25) return assign({ kind: 'calls' }, 1 + random.below(5), spread);
    if (dice < 0.5) return holdOf(name);
    if (dice < 0.75) {
      const some = Array.from({ length: 1 + random.below(3) }, () => random.pick(acts.slice(0, 4)));
      return assign({ kind: 'acts', acts: some }, 1 + few(), spread);
    }
    if (!faults) return assign({ kind: 'calls' }, few(), spread);
    const fault = patient && random.chance(0.15) ? 'applied late' : random.pick(DATABASE_FAULTS);
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
        const burst = (index: number) => assign({ kind: 'calls' }, index < 2 ? Math.max(7, 2 * processes - 1) : 1);
        return { kind, behaviours: {}, assignments: forAll((_, index) => burst(index)) };
      }
      case 'holds': {
        const first = assign({ kind: 'hold', at: { step: 'receive', when: 'after' }, act: 'key service down' }, 0);
        const assignments = forAll((name, index) => (name === 'strict' && index === 0 ? first : holdOf(name)));
        return { kind, behaviours: {}, assignments };
      }
      case 'freezes': {
        const freeze = (): Scenario => ({ kind: 'freeze', at: random.chance(0.5) ? UNSENT : random.pick(FREEZES) });
        return {
          kind,
          behaviours: {},
          assignments: forAll((name) => assign(isLeased(name) ? freeze() : { kind: 'idle' }, 1 + few())),
        };
      }
      case 'faults': {
        const behaviours = Object.fromEntries(
          CLASSES.flatMap((name) => (random.chance(0.75) ? [[name, random.pick(BEHAVIOURS)]] : [])),
        );
        const keyFault = random.chance(0.5) ? { keyFault: random.pick(KEY_FAULTS) } : {};
        return { kind, behaviours, ...keyFault, assignments: forAll(anyOf) };
      }
      case 'kills': {
        const cast = castKills(processes);
        const behaviours = Object.fromEntries(
          CLASSES.flatMap((name) => {
            if (cast[name].length === 0 && random.chance(0.4)) return [[name, random.pick(BEHAVIOURS)]];
            return random.chance(0.2) ? [[name, 'slow' as const]] : [];
          }),
        );
        const assignments = forAll((name, index) => {
          const killed = cast[name][index];
          // Whoever meets the lease of a killed holder waits for its turn, for five seconds.
          if (!killed)
            return patient ? anyOf(name) : assign({ kind: isLeased(name) ? 'idle' : 'calls' }, few(), spread);
          const scenario: Scenario = { kind: 'kill', at: killed.at, afterMs: random.below(12) };
          return assign(scenario, patient && random.chance(0.5) ? 1 + few() : 0, spread);
        });
        return { kind, behaviours, assignments };
      }
    }
  };
};
