/** What a run brought, in Markdown: the measured part of docs/performance.md. */
import { cpus, totalmem } from 'node:os';
import { isPinned } from './children.ts';
import { number, ranged, table } from './markdown.ts';
import { callersAt, RACERS, RATE } from './measure.ts';
import { cpuOf, type Growth, heldBackIn, type Results, type Sample, slowestOf, tokenSamplesOf } from './results.ts';
import { quantile, ratios, spread } from './statistics.ts';
import { startRatios, targetsOf } from './targets.ts';

export interface Circumstances {
  readonly command: string;
  readonly built: boolean;
  readonly versions: Readonly<Record<string, string>>;
}

/** Of all calls; in brackets the rounds' own. */
const quantiles = (samples: readonly Sample[], share: number): string => {
  const median = quantile(
    samples.flatMap(({ latencies }) => latencies),
    share,
  );
  return ranged({ ...spread(samples.map(({ latencies }) => quantile(latencies, share))), median });
};
const latencyOf = (samples: readonly Sample[]): string => {
  const all = samples.flatMap(({ latencies }) => latencies);
  return `${number(quantile(all, 0.5))} / ${number(quantile(all, 0.99))}`;
};

const costs = ({ measured }: Results): string => {
  const floor = measured.find(({ id }) => id === 'floor');
  return table(
    ['server', 'CPU per call, ms', '/ the floor', 'calls per CPU second', 'memory in use afterwards, MB'],
    measured.map((each) => {
      const cpu = cpuOf(each);
      const perSecond = spread(cpu.map((milliseconds) => 1000 / milliseconds));
      return [
        each.name,
        ranged(spread(cpu)),
        ranged(ratios(cpu, cpuOf(floor))),
        ranged(perSecond),
        number(each.held ?? Number.NaN),
      ];
    }),
  );
};

const atLatency = ({ measured }: Results, latency: number): string =>
  table(
    ['server', 'calls/s', 'core busy, %', 'p50, ms', 'p99, ms'],
    measured.map(({ name, by }) => {
      const { full = [], steady = [] } = by[latency] ?? {};
      return [
        name,
        ranged(spread(full.map(({ callsPerSecond }) => callsPerSecond))),
        number(Math.round(spread(full.map(({ busy }) => busy)).median * 100)),
        quantiles(steady, 0.5),
        quantiles(steady, 0.99),
      ];
    }),
  );

const coldStarts = (results: Results): string =>
  table(
    ['server', 'start to first answer, ms', '/ hello world', 'CPU, ms', 'RSS after it, MiB'],
    results.starts.map((start) => {
      const of = (what: 'wall' | 'cpu' | 'rss') => spread(start.rounds.map((each) => each[what] ?? Number.NaN));
      return [
        start.name,
        ranged(of('wall')),
        ranged(startRatios(results, start)),
        ranged(of('cpu')),
        ranged(of('rss')),
      ];
    }),
  );

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
  const of = (id: string) => cpuOf(results.measured.find((each) => each.id === id));
  const samples = tokenSamplesOf(results);
  const calls = samples.reduce((sum, { latencies }) => sum + latencies.length, 0);
  const refused = samples.flatMap(({ bad }) => Object.values(bad)).reduce((sum, count) => sum + count, 0);
  const isFresh = samples.every(({ refreshes }) => refreshes === 1);
  return [
    `- The floor against itself: ${ranged(ratios(of('floor-again'), of('floor')))}. Smaller differences say nothing.`,
    `- The generator gets ${number(results.ceiling)} tokens per second from the provider itself: no server here can show more.`,
    `- ${number(calls)} calls for a token were measured; ${
      refused === 0 ? 'each brought a new one' : `**${number(refused)} more brought none**`
    }. The provider ${isFresh ? 'handed out exactly one for each.' : '**did not hand out one for each**.'}`,
    `- Of the calls due by the clock ${number(heldBackIn(results))} were never sent.`,
  ].join('\n');
};

/** Aims and cold starts. */
const targets = (results: Results): string => {
  const verdicts = targetsOf(results);
  if (verdicts.length === 0) return '';
  return `**What was aimed at**, by the medians of this run:

${table(['target', 'aim', 'measured', 'met or missed'], verdicts)}

`;
};

export const documentOf = (results: Results, circumstances: Circumstances): string => {
  const { command, built, versions } = circumstances;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const latencies = Object.keys(results.measured[0]?.by ?? {}).map(Number);
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return `\`${command}\`, ${new Date().toISOString().slice(0, 10)}, ${Math.ceil(results.seconds / 60)} minutes. ${model}, ${cpus().length} cores,
${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}. ${
    isPinned
      ? 'The server that is measured has one core to itself, everything else the others.'
      : 'Servers and everything else share all cores.'
  } Load average when it began: ${number(results.load)}.
The broker runs ${built ? 'as built' : 'from source'}. Medians of ${results.rounds} rounds in turns; in brackets the least and the most.

${targets(results)}**What a call costs**, the provider without latency, as many calls as come through:

${costs(results)}

${worth(results)}

${latencies
  .map(
    (latency) => `**Throughput and latency**, the provider with ${latency} ms:

${atLatency(results, latency)}
`,
  )
  .join('\n')}
Calls per second are those of ${callersAt(0)} callers at once, ${callersAt(50)} where the provider takes its time; p50 and p99 those of ${RATE} calls per second, each timed
from when it was due. Where the core was not busy, the stand-ins' was, or the whole machine: calls per CPU second is then the throughput of a core.

**Cold starts**: a fresh process to its first fresh access token (hello world: to its first answer), ${results.startRounds} rounds in turns:

${coldStarts(results)}

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
