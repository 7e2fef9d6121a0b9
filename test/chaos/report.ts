/** A campaign's tally as Markdown. */
import { cpus } from 'node:os';
import { named } from './coverage.ts';
import { CAUSES, type Cause } from './journal.ts';
import { INVARIANTS } from './oracle.ts';
import { nameOf } from './protocol.ts';
import { BEHAVIOURS, pointsOf } from './scenarios.ts';
import { lossName, type Quantiles, quantilesOf, type Tally } from './tally.ts';
import { CLASSES, type ClassName } from './users.ts';

/** A waiter's p99 at a strict provider, undisturbed: the promise. Milliseconds. */
const WAIT_LIMIT_MS = 6_000;

/** What is asked of calm rounds, as shares of one. */
export interface Demands {
  /** Of the answers, the tokens. Where there are more processes than the cores can feed, four fifths of it are enough. */
  readonly tokens: number;
  /** Of the waits, those within the limit. */
  readonly inTime: number;
}

/** What breaks no invariant, and must not be so either; empty: all is well. */
export const shortfallsOf = ({ waits, calm }: Tally, demanded: Demands): string[] => {
  const inTime = waits.filter((wait) => wait <= WAIT_LIMIT_MS).length;
  const least = { few: demanded.tokens, many: 0.8 * demanded.tokens } as const;
  return [
    ...(waits.length === 0 ? ['nobody waited'] : []),
    ...(inTime < waits.length * demanded.inTime
      ? [`${inTime} of ${waits.length} waits within ${WAIT_LIMIT_MS} ms`]
      : []),
    ...(['few', 'many'] as const).flatMap((size) => {
      const { tokens, answers } = calm[size];
      const what = `${tokens} tokens in ${answers} answers of calm rounds with ${size} processes`;
      return tokens < answers * least[size] ? [what] : [];
    }),
  ];
};

/** What should have happened in a campaign, and never did. */
export const missedBy = ({ happenings }: Tally, wanted: Iterable<string>): string[] =>
  [...wanted].filter((what) => happenings.of(what) === 0);

const CAUSE_NAMES: Readonly<Record<Cause, string>> = {
  killed: 'killed',
  frozen: 'frozen for a lease',
  'answer lost': "the provider's answer lost",
  'write failed': 'no write until the broker gave up',
};

const MOST_TOLD = 40;

export const markdownOf = (tally: Tally): string =>
  [
    `Seed ${tally.seed}; it replays the plan, not the timing. ${machine()}`,
    table(
      ['What', 'Count'],
      [
        ['rounds', `${tally.rounds} of ${tally.planned}`],
        ['seconds', tally.seconds.toFixed(0)],
        ['broker processes started', tally.processes.started],
        ['killed (SIGKILL)', tally.processes.killed],
        ['token calls', tally.calls],
        ['refresh requests that reached a provider', tally.sends],
        ['spent tokens sent again, after a loss that nobody can prevent', tally.reuses],
      ],
    ),
    table(
      ['Invariant', 'Broken'],
      INVARIANTS.map((name) => [name, tally.broken.filter(({ invariant }) => invariant === name).length]),
    ),
    table(
      ['Strict providers, undisturbed; milliseconds', 'n', 'median', 'p99', 'most'],
      [
        ["from the provider's answer to the durable write, alone", ...row(quantilesOf(tally.windows.quiet))],
        ['the same, in bursts', ...row(quantilesOf(tally.windows.calm))],
        [`a wait for one's turn in a burst (limit ${WAIT_LIMIT_MS})`, ...row(quantilesOf(tally.waits))],
      ],
    ),
    table(
      ['Lost inside the strict window', ...CAUSES.map((cause) => CAUSE_NAMES[cause])],
      CLASSES.map((name) => [name, ...CAUSES.map((cause) => tally.losses.of(lossName(name, cause)))]),
    ),
    table(
      ['Killed at (its connection lost)', ...CLASSES],
      [
        ...pointsOf('strict')
          .map(nameOf)
          .map((at) => [at, ...CLASSES.map((name) => killsAt(tally, name, at))]),
        ["by another user's call", ...CLASSES.map((name) => `(${tally.lossesByOthers.of(name)})`)],
      ],
    ),
    table(
      ['What a provider did, in how many rounds', ...CLASSES],
      BEHAVIOURS.map((behaviour) => [
        behaviour,
        ...CLASSES.map((name) => tally.happenings.of(named.behaviour(name, behaviour))),
      ]),
    ),
    table(
      ['What else happened', 'Count'],
      tally.happenings.sorted().filter(([what]) => !what.startsWith('provider, ')),
    ),
    table(['Answer to a token call', 'Count'], tally.answers.sorted()),
    ...tally.broken.slice(0, MOST_TOLD).map(({ round, invariant, what }) => `- round ${round}: ${invariant}: ${what}`),
  ].join('\n\n');

const killsAt = ({ kills }: Tally, name: ClassName, at: string): string => {
  const own = kills.filter((kill) => kill.class === name && kill.at === at);
  return own.length === 0 ? '' : `${own.length} (${own.filter(({ lost }) => lost).length})`;
};

const row = ({ count, median, p99, most }: Quantiles): (string | number)[] => [
  count,
  ...[median, p99, most].map((each) => each.toFixed(1)),
];

const machine = (): string =>
  `Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${process.platform}.`;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
