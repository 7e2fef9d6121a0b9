import { expect, test } from '@jest/globals';
import { runScale } from './scale.ts';

/** 1 % of `npm run scale:connections`. */
const CONNECTIONS = 1_000;

test(`S46 B4 ${CONNECTIONS} connections go through a crash midway, every token is revoked, and nothing of others is touched`, async () => {
  const report = await runScale(CONNECTIONS, () => {});
  expect(report).toMatchObject({ left: 0, othersGone: 0, revoked: CONNECTIONS });
  expect(report.leftAtKill).toBeGreaterThan(0);
  // The killed run, and the one that goes on where it was.
  expect(report.runs).toBeGreaterThanOrEqual(2);
  // Those that were under way when the process ended are asked about again: as many as there are workers, at most.
  expect(report.repeated).toBeLessThanOrEqual(16);
}, 240_000);
