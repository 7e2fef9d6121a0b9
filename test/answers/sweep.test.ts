/** What withdrawn consents leave behind, of more organizations than one run has time for. */
import { expect, test } from '@jest/globals';
import { sweepAnswers } from '../../functions/core/answers/sweep.ts';

const ORGANIZATIONS = 40;

/** Each look at a policy takes three seconds, so that a run of thirty gets to ten of them. */
const world = () => {
  let now = 0;
  const left = new Map(Array.from({ length: ORGANIZATIONS }, (_, at) => [`org-${at}`, at % 8 === 7 ? 1 : 0]));
  return {
    left,
    dependencies: {
      observe: () => {},
      clock: { now: () => now, elapsed: () => now, sleep: async () => {} },
      policies: {
        policy: async (tenant: string) => {
          now += 3_000;
          // Only those that withdrew have something to remove; the others keep what they have, run after run.
          const isWithdrawn = Number(tenant.slice(4)) % 8 === 7;
          return { policy: { providers: {}, search_ai: { document_ids: !isWithdrawn } }, readAt: now };
        },
      },
      answers: {
        tenants: async () => [...left.keys()],
        removeSome: async (tenant: string) => {
          const removed = left.get(tenant) ?? 0;
          left.set(tenant, 0);
          return removed;
        },
      },
    },
  };
};

test('no organization is always behind the others', async () => {
  const { dependencies, left } = world();
  let runs = 0;
  // Each one is missed by three runs of four: by two hundred in a row once in a universe.
  while ([...left.values()].some((entries) => entries > 0) && runs < 200) {
    expect(await sweepAnswers(dependencies)).toEqual({ left: true });
    runs += 1;
  }
  expect([...left.values()].filter((entries) => entries > 0)).toEqual([]);
  expect(runs).toBeGreaterThan(1);
});
