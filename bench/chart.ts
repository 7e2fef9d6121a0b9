/** What a run brought, as one SVG: legible on light and on dark pages, without scripts and without a library. */
import { cpuOf, type Growth, type Point, type Results, slowestOf } from './results.ts';
import { quantile, type Spread, spread } from './statistics.ts';
import { startRatios } from './targets.ts';

const WIDTH = 880;
const LEFT = 250;
const RIGHT = 60;

const STYLE = `
  .page { fill: #ffffff }
  text { fill: #1f2328; font: 13px system-ui, sans-serif }
  .title { font-weight: 600; font-size: 15px }
  .note { fill: #59636e; font-size: 12px }
  .axis { stroke: #d1d9e0; stroke-width: 1 }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  .broker { fill: #0969da; stroke: #0969da }
  .floor, .hello { fill: #818b98; stroke: #818b98 }
  .peer { fill: #bc4c00; stroke: #bc4c00 }
  .other { fill: #1a7f37; stroke: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 }
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .axis { stroke: #3d444d }
    .spread { stroke: #f0f6fc }
    .broker { fill: #4493f8; stroke: #4493f8 }
    .floor, .hello { fill: #9198a1; stroke: #9198a1 }
    .peer { fill: #db6d28; stroke: #db6d28 }
    .other { fill: #3fb950; stroke: #3fb950 }
  }
  .bar { stroke: none }
  .line { fill: none; stroke-width: 2 }
  .thin { stroke-dasharray: 4 4; stroke-width: 1.5 }`;

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);
const round = (value: number): string => String(Math.round(value * 10) / 10);
const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

const text = (x: number, y: number, content: string, kind = '', anchor = 'start'): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${kind ? ` class="${kind}"` : ''}>${escapeXml(content)}</text>`;
const rule = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`;

/** A round number at or above it: what an axis ends with. */
const ceilingOf = (value: number): number => {
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6, 8, 10].find((step) => step * unit >= value) ?? 10) * unit;
};

interface Bar {
  readonly name: string;
  readonly kind: string;
  readonly value: Spread;
}

const BAR = 26;

/** Horizontal bars with their spread. @returns the drawing and the height it takes */
const bars = (top: number, title: string, note: string, all: readonly Bar[]): { drawn: string; height: number } => {
  const most = ceilingOf(Math.max(...all.map(({ value }) => value.max)));
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const drawn = all.map(({ name, kind, value }, index) => {
    const y = top + 56 + index * BAR;
    return [
      text(LEFT - 10, y + 13, name, '', 'end'),
      `<rect x="${LEFT}" y="${y}" width="${round(value.median * scale)}" height="17" rx="2" class="bar ${kind}"/>`,
      rule(LEFT + value.min * scale, y + 8.5, LEFT + value.max * scale, y + 8.5, 'spread'),
      text(LEFT + value.max * scale + 8, y + 13, NUMBER.format(value.median)),
    ].join('');
  });
  const height = 56 + all.length * BAR;
  return {
    drawn: [
      text(20, top + 20, title, 'title'),
      text(20, top + 40, note, 'note'),
      rule(LEFT, top + 52, LEFT, top + height, 'axis'),
      ...drawn,
    ].join('\n'),
    height: height + 24,
  };
};

interface Line {
  readonly name: string;
  readonly kind: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
  /** Named in the legend by its solid sister. */
  readonly thin?: boolean;
}

interface Panel {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly title: string;
  readonly note: string;
  readonly lines: readonly Line[];
}

const PLOT = 170;

/** Lines over a logarithmic axis. */
const plot = ({ left, top, width, title, note, lines }: Panel): string => {
  const points = lines.flatMap((line) => line.points);
  const most = ceilingOf(Math.max(...points.map(({ value }) => value)));
  const ats = [...new Set(points.map(({ at }) => at))];
  const last = Math.log(Math.max(...ats, 2));
  const begin = left + 46;
  const x = (at: number) => begin + (Math.log(at) / last) * (width - 66);
  const bottom = top + 60 + PLOT;
  const y = (value: number) => bottom - (value / most) * PLOT;
  const named = lines.filter(({ thin }) => !thin);
  return [
    text(left, top + 20, title, 'title'),
    text(left, top + 40, note, 'note'),
    ...[0, 0.5, 1].map((share) =>
      [
        rule(begin, y(most * share), left + width - 20, y(most * share), 'axis'),
        text(begin - 8, y(most * share) + 4, NUMBER.format(most * share), 'note', 'end'),
      ].join(''),
    ),
    ...ats.map((at) => text(x(at), bottom + 18, NUMBER.format(at), 'note', 'middle')),
    ...lines.map((line) => {
      const path = line.points.map(({ at, value }) => `${round(x(at))},${round(y(value))}`).join(' ');
      return `<polyline points="${path}" class="${line.kind} line${line.thin ? ' thin' : ''}"/>`;
    }),
    ...(named.length > 1
      ? named.map(
          ({ name, kind }, index) =>
            rule(begin + 12, top + 72 + index * 18, begin + 36, top + 72 + index * 18, `${kind} line`) +
            text(begin + 42, top + 76 + index * 18, name),
        )
      : []),
  ].join('\n');
};

const latency = (points: readonly Point[], share: number) =>
  points.map(({ at, samples }) => ({
    at,
    value: quantile(
      samples.flatMap(({ latencies }) => latencies),
      share,
    ),
  }));

const KINDS = ['broker', 'peer', 'other'];

export const chartOf = (results: Results): string => {
  const { measured, callers, connections } = results;
  const cost = bars(
    16,
    'CPU per call: one user gets one fresh access token',
    'milliseconds of one core, the least to the most of all rounds; provider without latency',
    measured.map((each) => ({ name: each.name, kind: each.kind, value: spread(cpuOf(each)) })),
  );
  const cold = bars(
    16 + cost.height,
    'Cold start: a fresh process to its first fresh access token',
    'wall time, hello world on the functions framework is 1; the least to the most of all rounds',
    results.starts.map((start) => ({ name: start.name, kind: start.kind, value: startRatios(results, start) })),
  );
  const second = 16 + cost.height + cold.height;
  const third = second + PLOT + 110;
  const half = (WIDTH - 40) / 2;
  const grown = (value: (growth: Growth) => number): Line[] => [
    { name: 'this broker', kind: 'broker', points: connections.map((each) => ({ at: each.at, value: value(each) })) },
  ];
  const height = third + PLOT + 100;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="what">
<title id="what">CPU per call and cold start of this broker and others, latency against load, cost against the number of connections</title>
<style>${STYLE}
</style>
<rect width="${WIDTH}" height="${height}" class="page"/>
${cost.drawn}
${cold.drawn}
${plot({
  left: 20,
  top: second,
  width: WIDTH - 40,
  title: 'Latency against load',
  note: `milliseconds by callers at once; provider with ${slowestOf(results)} ms; solid p50, dashed p99`,
  lines: callers.flatMap(({ name, points }, index): Line[] => {
    const kind = KINDS[index] ?? 'floor';
    return [
      { name, kind, points: latency(points, 0.5) },
      { name, kind, points: latency(points, 0.99), thin: true },
    ];
  }),
})}
${plot({
  left: 20,
  top: third,
  width: half,
  title: 'CPU against connections',
  note: 'milliseconds per call by stored connections',
  lines: grown(({ samples }) => spread(samples.map(({ cpu }) => cpu)).median),
})}
${plot({
  left: 20 + half,
  top: third,
  width: half,
  title: 'Memory against connections',
  note: 'megabytes in use, after each was used once',
  lines: grown(({ held }) => held),
})}
</svg>
`;
};
