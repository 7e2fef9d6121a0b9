/** What was aimed at, what the run brought, and whether that is enough. Judged by medians; the machine's noise stands beside them. */
import { ratiosOf } from './cold.ts';
import { number, ranged } from './markdown.ts';
import { cpuOf, type Measured, type Results, type Start } from './results.ts';
import { ratios, type Spread, spread } from './statistics.ts';

/** `what` with its aim, what was measured, `met` or `missed`. */
export type Verdict = readonly [what: string, measured: string, verdict: string];

const WARM = 1.3;
const RSS_MIB = 75;
/** Wall time from the start to the first answer, hello world on the functions framework is 1. */
const COLD: Readonly<Record<string, number>> = {
  callback: 1.15,
  authorize: 1.3,
  'broker-microsoft': 1.4,
  'broker-google': 1.4,
  'entry-microsoft': 0.75,
  'entry-google': 0.65,
};

const said = (isMet: boolean): string => (isMet ? 'met' : '**missed**');
const atMost = (what: string, aim: number, unit: string, measured: Spread): Verdict => [
  `${what} ≤ ${number(aim)}${unit}`,
  `${ranged(measured)}${unit}`,
  said(measured.median <= aim),
];

const wallOf = ({ rounds }: Start): number[] => rounds.map(({ wall }) => wall);

/** Starts as ratios to hello world's of the same round. */
export const startRatios = ({ starts: [hello] }: Results, start: Start): Spread =>
  ratios(wallOf(start), hello ? wallOf(hello) : []);

const warm = ({ measured }: Results): Verdict[] => {
  const brokers = measured.filter(({ kind }) => kind === 'broker');
  const floor = measured.find(({ id }) => id === 'floor');
  const encrypted = measured.filter(({ id }) => id.startsWith('better-auth-encrypted'));
  const ahead = (broker: Measured): Verdict => {
    // Half the CPU is twice the calls.
    const all = encrypted.map((peer) => ratios(cpuOf(peer), cpuOf(broker)));
    const names = encrypted.map(({ name }) => name).join(' and ');
    return [
      `calls per CPU second of ${broker.name}, / those of ${names}: > 1`,
      all.map(ranged).join(' and '),
      said(all.every(({ median }) => median > 1)),
    ];
  };
  return [
    ...brokers.map((each) =>
      atMost(`CPU of a call of ${each.name}, / the floor`, WARM, '', ratios(cpuOf(each), cpuOf(floor))),
    ),
    ...(encrypted.length > 0 ? brokers.map(ahead) : []),
  ];
};

const cold = (results: Results): Verdict[] => {
  const { starts, functions } = results;
  const brokers = starts.filter(({ kind }) => kind === 'broker');
  return [
    ...(functions?.subjects ?? []).flatMap((subject): Verdict[] => {
      const aim = COLD[subject.operation];
      if (!functions || aim === undefined) return [];
      return [atMost(`start of ${subject.operation}, / hello world`, aim, '', ratiosOf(functions, subject, 'wall'))];
    }),
    ...brokers.flatMap((start): Verdict[] => {
      const aim = COLD[start.id];
      return aim === undefined
        ? []
        : [atMost(`start of ${start.name}, / hello world`, aim, '', startRatios(results, start))];
    }),
    ...brokers.map((start) =>
      atMost(`RSS of ${start.name}`, RSS_MIB, ' MiB', spread(start.rounds.map(({ rss }) => rss ?? Number.NaN))),
    ),
  ];
};

/** Nothing of a run from the sources, which nobody deploys. */
export const targetsOf = (results: Results): Verdict[] =>
  results.functions ? [...warm(results), ...cold(results)] : [];
