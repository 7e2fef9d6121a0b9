/** The short one, so that the bench cannot rot; `npm run bench` measures. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { candidatesOf, hasPeers } from '../../bench/candidates.ts';
import { chartOf } from '../../bench/chart.ts';
import { documentOf, withMeasured } from '../../bench/document.ts';
import { RACERS } from '../../bench/measure.ts';
import { type Results, samplesOf } from '../../bench/results.ts';
import { QUICK, runBench } from '../../bench/run.ts';
import { quantile, ratios, spread } from '../../bench/statistics.ts';

const peers = hasPeers();
if (!peers) {
  console.warn('bench/peers is not installed (npm run bench does that): the peers are not tried');
  test.skip('the peers: bench/peers is not installed', () => {});
}

const lines: string[] = [];
let results: Results;
beforeAll(async () => {
  results = await runBench({ effort: QUICK, built: false, peers, progress: (line) => lines.push(line) });
}, 240_000);

const mineOf = (id: string) => results.measured.find((each) => each.id === id);

describe.each(candidatesOf({ built: false, peers }).map(({ id, name }) => [name, id]))('%s', (_name, id) => {
  test('answers, and asks the provider each time', () => {
    const { kind, by } = mineOf(id) ?? {};
    const samples = [...(by?.[0]?.full ?? []), ...(by?.[0]?.steady ?? [])];
    expect(samples).toHaveLength(2);
    for (const { latencies, cpu, refreshes } of samples) {
      expect(latencies.length).toBeGreaterThan(0);
      expect(cpu).toBeGreaterThan(0);
      expect(refreshes).toBe(kind === 'hello' ? 0 : 1);
    }
  });
});

test('what it costs (printed, never judged: a short run on a busy machine says little)', () => {
  const cpuOf = (id: string) => mineOf(id)?.by[0]?.full.map(({ cpu }) => cpu) ?? [];
  const rows = results.measured.map(({ id, name }) => {
    const { median } = ratios(cpuOf(id), cpuOf('floor'));
    expect(median).toBeGreaterThan(0);
    return `${median.toFixed(2)} ${name}`;
  });
  console.log(`CPU per call, the floor is 1:\n${rows.join('\n')}`);
});

test('nothing but new tokens came', () => {
  const bad = new Set(samplesOf(results).flatMap((sample) => Object.keys(sample.bad)));
  // A slow machine may not keep the steady rate: that is no fault of a server.
  bad.delete('held back');
  expect([...bad]).toEqual([]);
});

test("eight calls of one user at a strict provider: the broker answers all of them and keeps the grant, the floor's is lost", () => {
  expect(mineOf('broker-notes')?.race).toEqual({ answered: RACERS, survived: true });
  expect(mineOf('floor')?.race?.survived).toBe(false);
});

test('both curves have their points', () => {
  expect(results.callers[0]?.points.map(({ at }) => at)).toEqual(QUICK.callers);
  expect(results.connections.map(({ at }) => at)).toEqual(QUICK.connections);
  expect(lines.length).toBeGreaterThan(10);
});

test('page and chart name every candidate, and contain no number that is none', () => {
  const circumstances = { command: 'npm run bench', built: false, versions: { jose: '1.2.3' } };
  const page = documentOf(results, circumstances);
  const chart = chartOf(results);
  for (const { name } of results.measured) {
    expect(page).toContain(`| ${name} |`);
    expect(chart).toContain(name);
  }
  expect(/NaN|Infinity|undefined/.exec(`${page}${chart}`)?.[0]).toBeUndefined();
  expect(withMeasured('a <!-- npm run bench writes from here --> old <!-- to here --> b', 'new')).toBe(
    'a <!-- npm run bench writes from here -->\n\nnew\n<!-- to here --> b',
  );
  expect(() => withMeasured('a page', 'new')).toThrow('no place');
});

test('medians, quantiles and ratios', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantile(hundred, 0.5)).toBe(51);
  expect(quantile(hundred, 0.99)).toBe(100);
  expect(quantile([], 0.5)).toBeNaN();
  // Round by round: 2/1 and 9/3, not 9/1.
  expect(ratios([2, 9], [1, 3])).toEqual({ median: 2.5, min: 2, max: 3 });
});
