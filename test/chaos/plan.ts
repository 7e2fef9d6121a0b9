/** What happens to whom in which round: drawn from the seed before anything runs. */
import { type Point, STEPS, type Step } from './protocol.ts';
import { createRandom, type Random } from './random.ts';
import { CLASSES, type ClassName, PROVIDER_CLASSES } from './users.ts';

/** What else is done to a connection, or to its neighbours, while a refresh of it is under way. */
export type Act = 'disconnect' | 'reconnect' | 'delete account' | 'write note' | 'key service down' | 'database down';

/** Of one connection's document. */
export type DatabaseFault =
  | 'aborted'
  | 'unavailable'
  | 'applied, then unavailable'
  | 'slow'
  | 'reads unavailable'
  /** Applied after the broker has given the write up. */
  | 'applied late';
const DATABASE_FAULTS: readonly DatabaseFault[] = [
  'aborted',
  'unavailable',
  'applied, then unavailable',
  'slow',
  'reads unavailable',
];

export type KeyFault = 'down' | 'wrong checksum' | 'no checksum' | 'disabled version';
const KEY_FAULTS: readonly KeyFault[] = ['down', 'wrong checksum', 'no checksum', 'disabled version'];

/** Of one provider, for all who are connected to it. */
export type Behaviour =
  | 'wants the user'
  | 'client secret expired'
  | 'commits, then 504'
  | 'commits, then reset'
  | 'commits, then half an answer'
  | 'answers a page'
  | 'no refresh_token'
  | '429'
  | 'slow'
  | 'answers 503'
  | 'resets';
const BEHAVIOURS: readonly Behaviour[] = [
  'wants the user',
  'client secret expired',
  'commits, then 504',
  'commits, then reset',
  'commits, then half an answer',
  'answers a page',
  'no refresh_token',
  '429',
  'slow',
  'answers 503',
  'resets',
];
/** It may have rotated, and the broker cannot know. */
export const mayCommitUnheard: readonly (Behaviour | undefined)[] = BEHAVIOURS.filter(
  (each) => each.startsWith('commits') || each === 'answers a page',
);

export type Scenario =
  | { readonly kind: 'idle' }
  /** Token calls at once. */
  | { readonly kind: 'calls' }
  /** The first of the calls brings its process to an end at a point. */
  | { readonly kind: 'kill'; readonly at: Point; readonly afterMs: number }
  /** The first of the calls waits at a point until something was done. */
  | { readonly kind: 'hold'; readonly at: Point; readonly act: Act }
  /** Something is done, one after the other, while calls come. */
  | { readonly kind: 'acts'; readonly acts: readonly Act[] }
  | { readonly kind: 'database'; readonly fault: DatabaseFault; readonly times: number }
  /** The first call's process stands still at a point until its lease is over and others have had their turn. */
  | { readonly kind: 'freeze'; readonly at: Point };

export interface Assignment {
  readonly scenario: Scenario;
  /** When in the round; milliseconds. */
  readonly startsAfter: number;
  /** Calls beside the first. */
  readonly companions: number;
  /** 0 <= x < 1: which process, of those that live, each call goes to. */
  readonly processes: readonly number[];
}

/**
 * `quiet`: one call after the other. `calm`: bursts; nothing goes wrong in either. `faults`: everything but kills.
 * `freezes`: leases are taken over.
 */
export type RoundKind = 'quiet' | 'calm' | 'holds' | 'faults' | 'kills' | 'freezes';

export interface Round {
  readonly kind: RoundKind;
  readonly behaviours: Readonly<Partial<Record<ClassName, Behaviour>>>;
  readonly keyFault?: KeyFault;
  /** By class, then by user in the order of the campaign's users. */
  readonly assignments: Readonly<Record<ClassName, readonly Assignment[]>>;
}

export const isLeased = (name: ClassName): boolean => PROVIDER_CLASSES[name].rotation === 'strict';

/** The steps that a class of provider has. */
export const stepsOf = (name: ClassName): readonly Step[] => {
  if (name === 'stable') return ['unwrap', 'send', 'receive', 'answer'];
  return name === 'tolerant' ? STEPS.filter((step) => step !== 'lease') : STEPS;
};
export const pointsOf = (name: ClassName): Point[] =>
  stepsOf(name).flatMap((step): Point[] => [
    { step, when: 'before' },
    { step, when: 'after' },
  ]);

/** Where nothing was sent yet: a process that stood still longer than its lease must not send. */
const UNSENT: Point = { step: 'lease', when: 'after' };
/** Where a process that stands still is as good as dead: what it has received comes too late. */
const FREEZES: readonly Point[] = [
  { step: 'receive', when: 'before' },
  { step: 'receive', when: 'after' },
  { step: 'seal', when: 'after' },
  { step: 'commit', when: 'before' },
];

interface Cast {
  readonly of: ClassName;
  readonly at: Point;
}

/** Deals every card once before any comes again. */
const deck = <T>(first: readonly T[], random: Random, rest: readonly T[] = []): (() => T) => {
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
  const castsOf = (name: ClassName) => pointsOf(name).map((at): Cast => ({ of: name, at }));
  const kills = deck([...castsOf('strict'), ...castsOf('tolerant')], random, [
    ...castsOf('grace'),
    ...castsOf('stable'),
  ]);
  let saved: Cast[] = [];
  const everyAct: Act[] = ['disconnect', 'reconnect', 'delete account', 'write note', 'key service down'];
  const holds = Object.fromEntries(
    CLASSES.map((name) => {
      const all = pointsOf(name).filter(({ step }) => step !== 'answer');
      const crossed = all.flatMap((at) => everyAct.map((act) => ({ at, act })));
      const late = crossed.filter(({ at }) => ['receive', 'seal', 'commit'].includes(at.step));
      return [
        name,
        deck(
          late,
          random,
          crossed.filter((each) => !late.includes(each)),
        ),
      ];
    }),
  ) as Record<ClassName, () => { at: Point; act: Act }>;

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
      const acts = Array.from({ length: 1 + random.below(3) }, () => random.pick(everyAct.slice(0, 4)));
      return assign({ kind: 'acts', acts }, 1 + few(), spread);
    }
    if (!faults) return assign({ kind: 'calls' }, few(), spread);
    const fault = patient && random.chance(0.15) ? 'applied late' : random.pick(DATABASE_FAULTS);
    return assign({ kind: 'database', fault, times: 1 + random.below(3) }, few(), spread);
  };

  /** In a patient round those that take the place of the killed may be killed as well. */
  const castKills = (processes: number): Record<ClassName, Cast[]> => {
    const cast: Record<ClassName, Cast[]> = { stable: [], tolerant: [], grace: [], strict: [] };
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
    Object.fromEntries(
      CLASSES.map((name) => [name, Array.from({ length: usersPerClass }, (_, index) => assignment(name, index))]),
    ) as Record<ClassName, Assignment[]>;

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
