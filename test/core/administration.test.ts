import { expect, test } from '@jest/globals';
import {
  type AdministrationDependencies,
  changePolicy,
  previewPolicy,
  readPolicy,
} from '../../functions/core/administration.ts';
import { googleCatalogue } from '../../functions/core/catalogue.ts';
import type { Policy } from '../../functions/core/policy-form.ts';
import type { PolicyChange } from '../../functions/core/ports.ts';
import type { ProviderProfile } from '../../functions/core/provider.ts';

const google: ProviderProfile = {
  name: 'google',
  kind: 'google',
  flows: ['authorization_code', 'implicit'],
  catalogue: googleCatalogue,
  stepwise: 'provider_adds',
};
const IMPLICIT: Policy = { providers: { google: { flow: 'implicit' } } };

/** An organization with `connections` at Google. `own`: what it has stated; without it `IMPLICIT` is everybody's default. */
const organization = (connections: number, own?: Policy) => {
  const changes: PolicyChange[] = [];
  const dependencies: AdministrationDependencies = {
    profiles: new Map([['google', google]]),
    policies: {
      policy: async () => ({ policy: own ?? IMPLICIT, readAt: 0 }),
      change: async (_tenant, decide) => {
        const decided = decide({ policy: own ?? IMPLICIT, isOwn: own !== undefined });
        if (decided.change) changes.push(decided.change);
        return decided;
      },
    },
    places: { count: async () => connections },
    removals: { pending: async () => new Set() },
    observe: () => {},
  };
  /** Search AI is switched on: nothing of a provider is named. */
  const toggled = async () => {
    const { policy, tag } = await readPolicy(dependencies, 'org-1');
    const wanted = { ...policy, search_ai: { ...policy.search_ai, enabled: true } };
    const preview = await previewPolicy(dependencies, 'org-1', wanted);
    const written = changes.length;
    await changePolicy(dependencies, { tenant: 'org-1', user: 'user-1', roles: [] }, wanted, tag);
    return { preview, written, removed: changes.flatMap(({ remove }) => remove) };
  };
  return { toggled };
};

test('S46 the dry run names connections of a former default, which the first own policy removes', async () => {
  const { preview, written, removed } = await organization(500).toggled();
  expect(preview).toEqual({
    kind: 'preview',
    effects: [{ provider: 'google', change: 'removes_connections', connections: 500 }],
  });
  expect(written).toBe(0);
  expect(removed).toEqual(['google']);
});

test.each([
  ['there are none', organization(0)],
  ['the organization itself has chosen the flow', organization(500, IMPLICIT)],
])('S46 the dry run asks nothing where %s', async (_, { toggled }) => {
  expect((await toggled()).preview).toEqual({ kind: 'preview', effects: [] });
});
