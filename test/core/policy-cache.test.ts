import { expect, test } from '@jest/globals';
import { cachedPolicies, POLICY_MS } from '../../functions/core/policy-cache.ts';

test('S45 a changed policy is seen within 30 seconds, with one read per organization in between', async () => {
  let time = 0;
  let reads = 0;
  let enabled = true;
  const source = {
    policy: async () => {
      reads += 1;
      return { policy: { providers: { google: { enabled } } }, readAt: time };
    },
  };
  const clock = { now: () => time, elapsed: () => time, sleep: async () => {} };
  const policies = cachedPolicies(source, clock);
  const isEnabled = async () => (await policies.policy('org-1')).policy.providers.google?.enabled;
  expect(await isEnabled()).toBe(true);
  enabled = false;
  time = POLICY_MS - 1;
  expect(await isEnabled()).toBe(true);
  expect(reads).toBe(1);
  time = POLICY_MS;
  expect(await isEnabled()).toBe(false);
  expect(POLICY_MS).toBeLessThanOrEqual(30_000);
});

test('a read that failed is not kept', async () => {
  let fails = true;
  const source = {
    policy: async () => {
      if (fails) throw new Error('down');
      return { policy: { providers: {} }, readAt: 0 };
    },
  };
  const policies = cachedPolicies(source, { now: () => 0, elapsed: () => 0, sleep: async () => {} });
  await expect(policies.policy('org-1')).rejects.toThrow('down');
  fails = false;
  expect(await policies.policy('org-1')).toMatchObject({ policy: { providers: {} } });
});
