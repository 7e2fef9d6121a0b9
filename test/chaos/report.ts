/** A campaign's tally as Markdown. */
import { cpus } from 'node:os';
import { INVARIANTS } from './oracle.ts';
import { nameOf } from './protocol.ts';
import { pointsOf } from './scenarios.ts';
import { lossName, type Quantiles, quantilesOf, type Tally } from './tally.ts';
import { CLASSES, type ClassName } from './users.ts';

/** A waiter's p99 at a strict provider, undisturbed: the promise. Milliseconds. */
export const WAIT_LIMIT_MS = 6_000;

export const waitsOf = ({ waits }: Tally): Quantiles => quantilesOf(waits);

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
        [`a token call in a burst (limit ${WAIT_LIMIT_MS})`, ...row(waitsOf(tally))],
      ],
    ),
    table(
      ['Lost inside the strict window', 'killed', 'frozen for a lease', "the provider's answer lost", 'write failed'],
      CLASSES.map((name) => [
        name,
        ...(['killed', 'frozen', 'answer lost', 'write failed'] as const).map((cause) =>
          tally.losses.of(lossName(name, cause)),
        ),
      ]),
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
    table(['Answer to a token call', 'Count'], tally.answers.sorted()),
    table(['What else happened', 'Count'], tally.happenings.sorted()),
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
