/** The short one; `npm run load` measures, and `npm run load -- --long` soaks for ten minutes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestStack, type TestStack } from '../support/broker.ts';
import { brokenIn, connectUsers, drive, isGrowing, lostAfterwards } from './load.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ environment: { MAX_IN_FLIGHT: '60' } });
}, 60_000);
afterAll(() => stack?.stop());

test('far beyond capacity: tokens or polite refusals, nothing queues up, no connection is lost', async () => {
  const users = await connectUsers(stack, 12);
  const phase = await drive(stack, users, { name: 'flood', seconds: 5, perSecond: 600, maxOutstanding: 600 });
  // Another test runs beside this one, on the same cores.
  expect(brokenIn(phase, 10_000)).toEqual([]);
  expect(phase.statuses[200]).toBeGreaterThan(0);
  expect(phase.refusals.temporarily_unavailable ?? 0).toBeGreaterThan(0);
  expect(stack.providers.notes.control.read().counts.reuseAlarms).toBe(0);
  expect(await lostAfterwards(stack, users)).toEqual([]);
}, 180_000);

test('what counts as memory that grows', () => {
  const sawtooth = (least: number) => Array.from({ length: 20 }, (_, at) => least + 10 * (at % 10));
  expect(isGrowing([...sawtooth(300), ...sawtooth(180), ...sawtooth(180), ...sawtooth(180)])).toBe(false);
  expect(isGrowing([...sawtooth(180), ...sawtooth(200), ...sawtooth(240), ...sawtooth(280)])).toBe(true);
});
