/** What was aimed at, what the run brought, and whether that is enough. Judged by medians; the machine's noise stands beside them. */
import { ratiosOf } from './cold.ts';
import { number, ranged } from './markdown.ts';
import { cpuOf, type Measured, type Results, type Start } from './results.ts';
import { ratios, type Spread, spread } from './statistics.ts';

/** `met` or `missed` at the end. */
export type Verdict = readonly [what: string, aim: string, measured: string, verdict: string];

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
const atMost = (what: string, aim: number, measured: Spread): Verdict => [
  what,
  `≤ ${number(aim)}`,
  ranged(measured),
  said(measured.median <= aim),
];
/** Without what the names of several have in common. */
const shortened = (name: string): string => name.replace(/^(this broker|better-auth, encrypted), /, '');

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
    const all = encrypted.map((peer) => ({ name: shortened(peer.name), value: ratios(cpuOf(peer), cpuOf(broker)) }));
    return [
      `calls per CPU second, / encrypted better-auth: ${shortened(broker.name)}`,
      '> 1',
      all.map(({ name, value }) => `${ranged(value)} ${name}`).join('; '),
      said(all.every(({ value }) => value.median > 1)),
    ];
  };
  const toFloor = (broker: Measured): Verdict =>
    atMost(`CPU per call, / the floor: ${shortened(broker.name)}`, WARM, ratios(cpuOf(broker), cpuOf(floor)));
  return [...brokers.map(toFloor), ...(encrypted.length > 0 ? brokers.map(ahead) : [])];
};

const cold = (results: Results): Verdict[] => {
  const { starts, functions } = results;
  const brokers = starts.filter(({ kind }) => kind === 'broker');
  const start = (name: string, id: string, ratio: Spread): Verdict[] => {
    const aim = COLD[id];
    return aim === undefined ? [] : [atMost(`cold start, / hello world: ${name}`, aim, ratio)];
  };
  return [
    ...(functions
      ? functions.subjects.flatMap((each) => start(each.operation, each.operation, ratiosOf(functions, each, 'wall')))
      : []),
    ...brokers.flatMap((each) => start(`token, ${shortened(each.name)}`, each.id, startRatios(results, each))),
    ...brokers.map(({ name, rounds }) =>
      atMost(`RSS of token, MiB: ${shortened(name)}`, RSS_MIB, spread(rounds.map(({ rss }) => rss ?? Number.NaN))),
    ),
  ];
};

/** Nothing of a run from the sources, which nobody deploys. */
export const targetsOf = (results: Results): Verdict[] =>
  results.functions ? [...warm(results), ...cold(results)] : [];
