/** What a run brought, in Markdown: the measured part of docs/performance.md. */
import { cpus, totalmem } from 'node:os';
import { isPinned } from './children.ts';
import { RACERS, RATE } from './measure.ts';
import { type Growth, type Measured, type Results, type Sample, samplesOf, slowestOf } from './results.ts';
import { quantile, ratios, type Spread, spread } from './statistics.ts';

export interface Circumstances {
  readonly command: string;
  readonly built: boolean;
  readonly versions: Readonly<Record<string, string>>;
}

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const number = (value: number): string => (Number.isFinite(value) ? NUMBER.format(value) : 'none');
const ranged = ({ median, min, max }: Spread): string => `${number(median)} (${number(min)}-${number(max)})`;

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

const latencyOf = (samples: readonly Sample[]): string => {
  const all = samples.flatMap(({ latencies }) => latencies);
  return `${number(quantile(all, 0.5))} / ${number(quantile(all, 0.99))}`;
};

const cpuOf = (measured: Measured | undefined, latency: number): number[] =>
  measured?.by[latency]?.full.map(({ cpu }) => cpu) ?? [];

const sideBySide = ({ measured }: Results): string => {
  const latencies = Object.keys(measured[0]?.by ?? {}).map(Number);
  const [first = 0] = latencies;
  const floor = measured.find(({ id }) => id === 'floor');
  const columns = [
    'server',
    'CPU per call, ms',
    '/ the floor',
    'calls per CPU second',
    ...latencies.flatMap((latency) => [`calls/s, ${latency} ms (core busy)`, `p50 / p99 ms, ${latency} ms`]),
    'RSS, MB',
  ];
  const rows = measured.map((each) => {
    const cpu = cpuOf(each, first);
    return [
      each.name,
      ranged(spread(cpu)),
      ranged(ratios(cpu, cpuOf(floor, first))),
      number(1000 / spread(cpu).median),
      ...latencies.flatMap((latency) => {
        const { full = [], steady = [] } = each.by[latency] ?? {};
        const busy = Math.round(spread(full.map((sample) => sample.busy)).median * 100);
        return [`${number(spread(full.map((sample) => sample.callsPerSecond)).median)} (${busy} %)`, latencyOf(steady)];
      }),
      number(spread(each.by[first]?.steady.map(({ rss }) => rss) ?? []).median),
    ];
  });
  return table(columns, rows);
};

const races = ({ measured }: Results): string =>
  table(
    ['server', 'answered with a token', 'the grant afterwards'],
    measured.flatMap(({ name, race }) =>
      race ? [[name, `${race.answered} of ${RACERS}`, race.survived ? 'lives' : '**lost**']] : [],
    ),
  );

const byCallers = ({ callers }: Results): string =>
  table(
    ['callers at once', ...callers.map(({ name }) => name)],
    (callers[0]?.points ?? []).map(({ at }, index) => [
      String(at),
      ...callers.map(({ points }) => {
        const samples = points[index]?.samples ?? [];
        const rate = spread(samples.map(({ callsPerSecond }) => callsPerSecond)).median;
        return `${number(rate)} · ${latencyOf(samples)}`;
      }),
    ]),
  );

const byConnections = (growth: readonly Growth[]): string =>
  table(
    ['connections', 'CPU per call, ms', 'p50 / p99 ms', 'memory in use after each was used, MB', 'RSS, MB'],
    growth.map(({ at, held, rss, samples }) => [
      number(at),
      ranged(spread(samples.map(({ cpu }) => cpu))),
      latencyOf(samples),
      number(held),
      number(rss),
    ]),
  );

/** What the figures are worth. */
const worth = (results: Results): string => {
  const of = (id: string) =>
    cpuOf(
      results.measured.find((each) => each.id === id),
      0,
    );
  const bad: Record<string, number> = {};
  for (const sample of samplesOf(results)) {
    for (const [what, count] of Object.entries(sample.bad)) bad[what] = (bad[what] ?? 0) + count;
  }
  const refused = Object.values(bad).reduce((sum, count) => sum + count, 0);
  const tokens = results.measured.filter(({ kind }) => kind !== 'hello');
  const asked = tokens.flatMap(({ by }) => Object.values(by).flatMap(({ full, steady }) => [...full, ...steady]));
  const isFresh = asked.every(({ refreshes }) => refreshes === 1);
  const calls = samplesOf(results).reduce((sum, { latencies }) => sum + latencies.length, 0);
  return [
    `- The floor against itself: ${ranged(ratios(of('floor-again'), of('floor')))}. Smaller differences say nothing.`,
    `- The generator gets ${number(results.ceiling)} tokens per second from the provider itself: no server here can show more.`,
    `- ${number(calls)} calls were measured; ${refused === 0 ? 'each brought a new token' : `${refused} more brought none`}. The provider ${
      isFresh ? 'was asked exactly once for each.' : '**was not asked once for each**.'
    }`,
  ].join('\n');
};

export const documentOf = (results: Results, circumstances: Circumstances): string => {
  const { command, built, versions } = circumstances;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return `\`${command}\`, ${new Date().toISOString().slice(0, 10)}, ${Math.ceil(results.seconds / 60)} minutes. ${model}, ${cpus().length} cores,
${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}. ${
    isPinned
      ? 'The server that is measured has one core to itself, everything else the others.'
      : 'Servers and everything else share all cores.'
  } Load average when it began: ${number(results.load)}.
The broker runs ${built ? 'as built' : 'from source'}. Medians of ${results.rounds} rounds in turns; in brackets the least and the most.

${sideBySide(results)}

${worth(results)}

p50 and p99 are those of ${RATE} calls per second, the other figures those of as many calls as come through (16 callers at once, 64 where the provider
takes its time). Where the core was not busy, the stand-ins' was, or the whole machine: calls per CPU second is then the throughput of a core.
Versions: ${names.join(', ')}.

**${RACERS} calls of one user at once**, at a provider that ends the grant when a spent refresh token comes again:

${races(results)}

**Latency against load**, at the provider's ${slowestOf(results)} ms: calls per second · p50 / p99 in milliseconds:

${byCallers(results)}

**Cost against the number of connections** (this broker, Microsoft, one call at a time):

${byConnections(results.connections)}
`;
};

const BEGIN = '<!-- npm run bench writes from here -->';
const END = '<!-- to here -->';

/** Puts the measured part in the place of the one before. Throws where the page has no place for it. */
export const withMeasured = (page: string, measured: string): string => {
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (before === undefined || after === undefined) throw new Error('the page has no place for what was measured');
  return `${before}${BEGIN}\n\n${measured}\n${END}${after}`;
};
