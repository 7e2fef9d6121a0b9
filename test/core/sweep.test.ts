import { expect, test } from '@jest/globals';
import type { Stored } from '../../functions/core/ports.ts';
import { sweep } from '../../functions/core/sweep.ts';

const stored = (tenant: string, user: string): Stored => ({
  key: { tenant, user, provider: 'google' },
  connection: {
    generation: 'g',
    revision: 1,
    scopes: [],
    account: 'a',
    attempt: 't',
    connectedAt: 0,
    updatedAt: 0,
  },
  version: 1,
  readAt: 0,
});

test('S46 a run shares its time: an organization with more than it can remove does not hold up those behind it', async () => {
  const REMOVAL_MS = 100;
  const queue = new Map([
    ['org-1', 100_000],
    ['org-2', 1],
    ['org-3', 1],
  ]);
  let elapsed = 0;
  const done: string[] = [];
  const report = await sweep({
    clock: { now: () => 0, elapsed: () => elapsed, sleep: async () => {} },
    profiles: new Map(),
    policies: { policy: async () => ({ policy: { providers: { google: { flow: 'implicit' } } }, readAt: 0 }) },
    removals: {
      next: async () => [...queue.keys()].map((tenant) => ({ tenant, provider: 'google', version: 1 })),
      pending: async () => new Set(),
      end: async ({ tenant }) => {
        queue.delete(tenant);
        done.push(tenant);
      },
    },
    store: {
      some: async ({ tenant }, limit) =>
        Array.from({ length: Math.min(limit, queue.get(tenant) ?? 0) }, (_, index) => stored(tenant, `user-${index}`)),
      count: async () => 0,
      read: async () => undefined,
      list: async () => [],
      hasOthers: async () => false,
      remove: async ({ key }) => {
        queue.set(key.tenant, (queue.get(key.tenant) ?? 0) - 1);
        elapsed += REMOVAL_MS / 16;
        return 'removed';
      },
    },
    keys: { unwrap: async () => new Uint8Array() },
    revokers: new Map(),
    observe: () => {},
  });
  expect(done).toEqual(['org-2', 'org-3']);
  expect(report).toMatchObject({ left: true });
  // What the small ones left of their shares is used too.
  expect(report.removed).toBeGreaterThan(6_000);
});
