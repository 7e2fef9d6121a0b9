/** One per cent of the large campaign (`npm run scale:directory`), with real processes that are really killed. */
import { expect, test } from '@jest/globals';
import { scaleCampaign } from './campaign.ts';

test('G2 2,000 users and 200 groups: little is read and written, and a killed run ends the same', async () => {
  const scale = { users: 2_000, groups: 200, kills: 2, lifeMs: 1_500, seed: 1 };
  const [first, same, changed] = await scaleCampaign(scale, () => {});
  // Users, groups, lists of members (one of four pieces), domains; some for the run itself.
  expect(first?.writes).toBeGreaterThanOrEqual(2_405);
  expect(first?.writes).toBeLessThan(2_405 * 1.03);
  expect(same?.writes).toBeLessThanOrEqual(2 + (same?.seconds ?? 0) / 20);
  expect(same?.reads).toBeLessThan(12);
  expect(changed?.writes).toBeLessThan(120);
  // Pages of users, of groups, of each group's members (ten of all staff's), the domains.
  expect(same?.requests).toBe(4 + 1 + 200 + 9 + 1);
}, 240_000);
