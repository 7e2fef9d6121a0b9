/** The short one, so that the bench cannot rot; `npm run bench` measures. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Built, buildInto, MEASURED } from '../../bench/built.ts';
import { candidatesOf, hasPeers } from '../../bench/candidates.ts';
import { chartOf } from '../../bench/chart.ts';
import { run } from '../../bench/children.ts';
import { measureStarts, startTable } from '../../bench/cold.ts';
import { documentOf, withMeasured } from '../../bench/document.ts';
import type { Outcome } from '../../bench/generator.ts';
import { RACERS } from '../../bench/measure.ts';
import { cpuOf, type Results, tokenSamplesOf } from '../../bench/results.ts';
import { QUICK, runBench } from '../../bench/run.ts';
import { quantile, ratios, spread } from '../../bench/statistics.ts';
import { startRatios, targetsOf } from '../../bench/targets.ts';

const peers = hasPeers();
if (!peers) {
  console.warn('bench/peers is not installed (npm run bench does that): the peers are not tried');
  test.skip('the peers: bench/peers is not installed', () => {});
}

const lines: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
let built: Built;
let results: Results;
beforeAll(async () => {
  built = await buildInto(folder, MEASURED);
  results = await runBench({ effort: QUICK, built, peers, progress: (line) => lines.push(line) });
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true }));

const mineOf = (id: string) => results.measured.find((each) => each.id === id);

describe.each(candidatesOf({ built: true, peers }).map(({ id, name }) => [name, id]))('%s', (_name, id) => {
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
  const warm = results.measured.map((each) => {
    const { median } = ratios(cpuOf(each), cpuOf(mineOf('floor')));
    expect(median).toBeGreaterThan(0);
    return `${median.toFixed(2)} ${each.name}`;
  });
  const cold = results.starts.map((start) => {
    const { median } = startRatios(results, start);
    expect(median).toBeGreaterThan(0);
    return `${median.toFixed(2)} ${start.name}`;
  });
  console.log(`CPU per call, the floor is 1:\n${warm.join('\n')}\n\nCold start, hello world is 1:\n${cold.join('\n')}`);
});

test('every server is started cold, and says what memory it holds', () => {
  const names = results.measured.filter(({ id }) => id !== 'floor-again').map(({ id }) => id);
  expect(results.starts.map(({ id }) => id)).toEqual([names[0], 'hello-again', ...names.slice(1)]);
  for (const { rounds } of results.starts) {
    expect(rounds).toEqual([{ wall: expect.any(Number), cpu: expect.any(Number), rss: expect.any(Number) }]);
  }
  for (const { held } of results.measured) expect(held).toBeGreaterThan(1);
});

test('each target has its figure and its verdict', () => {
  const targets = targetsOf(results);
  // Per broker row: CPU, calls against better-auth, memory; and six starts.
  expect(targets).toHaveLength(6 * (peers ? 3 : 2) + 6);
  for (const [, , measured, verdict] of targets) {
    expect(measured).toMatch(/^[\d.,]+ \([\d.,]+-[\d.,]+\)/);
    expect(verdict).toMatch(/^met$|^\*\*missed\*\*$/);
  }
  const slow = results.starts.map((start) =>
    start.id === 'entry-google' ? { ...start, rounds: start.rounds.map((each) => ({ ...each, wall: 1e6 })) } : start,
  );
  const verdictOf = (starts: Results['starts']) =>
    targetsOf({ ...results, starts }).find(
      ([what]) => what.includes('cold start') && what.includes('Google, Cloud Run'),
    )?.[3];
  expect(verdictOf(slow)).toBe('**missed**');
  const fast = slow.map((start) =>
    start.id === 'entry-google' ? { ...start, rounds: start.rounds.map((each) => ({ ...each, wall: 1 })) } : start,
  );
  expect(verdictOf(fast)).toBe('met');
});

test('npm run measure:start: a first token over TLS, on both hosts', async () => {
  const variants = ['bundle + cache', 'own server + cache'] as const;
  const report = await measureStarts({ rounds: 1, only: 'token at google', variants, built });
  expect(report.subjects.map(({ operation, variant }) => `${operation}: ${variant}`)).toEqual([
    'hello: framework',
    'hello: framework, again',
    ...variants.map((variant) => `token at google: ${variant}`),
  ]);
  for (const { rounds } of report.subjects) {
    for (const { wall, cpu = 0, rss = 0 } of rounds) {
      for (const figure of [wall, cpu, rss]) expect(Number.isFinite(figure)).toBe(true);
    }
  }
  const table = startTable(report);
  expect(table).not.toMatch(/NaN|Infinity/);
  console.log(table);
}, 60_000);

test('a call that is due while the server stands still counts from when it was due', async () => {
  let asked = 0;
  const server = createServer(async (_request, response) => {
    if (asked++ === 0) await sleep(500);
    response.end('here');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const generator = run('rest', [fileURLToPath(new URL('../../bench/generator.ts', import.meta.url))], {});
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await generator.ask('target', { name: 'slow', url, method: 'GET', callers: [{ headers: {} }], tokens: false });
    const plan = { target: 'slow', seconds: 0.5, load: { perSecond: 20 } };
    const { latencies, heldBack } = await generator.ask<Outcome>('run', plan);
    // The one user is free again after 500 ms: the other nine are sent then, and have waited since.
    expect({ answered: latencies.length, heldBack }).toEqual({ answered: 10, heldBack: 0 });
    expect(latencies.filter((each) => each > 90).length).toBeGreaterThanOrEqual(8);
  } finally {
    await generator.stop();
    server.close();
    server.closeAllConnections();
  }
});

test('nothing but new tokens came', () => {
  const samples = tokenSamplesOf(results);
  expect(samples.flatMap(({ bad }) => Object.keys(bad))).toEqual([]);
  expect(samples.filter(({ refreshes }) => refreshes !== 1)).toEqual([]);
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
  const circumstances = { command: 'npm run bench', built: true, versions: { jose: '1.2.3' } };
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
