/** What an organization allows at a provider: the questions that `authorize`, `complete` and `token` ask. */
import type { Catalogue, Levels } from './catalogue.ts';
import { type Policy, providerRule } from './policy-form.ts';
import type { ProviderProfile } from './provider.ts';
import { integrationsWith } from './scopes.ts';

type Profile = Pick<ProviderProfile, 'name' | 'kind' | 'catalogue'>;

/** The access levels that a read-only integration has left. */
export const readOnly = (levels: Levels): Levels => {
  const entries = Object.entries(levels);
  const read = entries.findIndex(([level]) => level === 'read');
  return Object.fromEntries(entries.slice(0, Math.max(read, 0) + 1));
};

/** The catalogue as far as the organization has switched it on. */
export const allowedCatalogue = (policy: Policy, profile: Profile): Catalogue => {
  const { enabled, integrations } = providerRule(policy, profile);
  const allowed = Object.entries(profile.catalogue.integrations).flatMap(([name, levels]): [string, Levels][] => {
    const rule = integrations[name];
    if (!enabled || !rule?.enabled) return [];
    return [[name, rule.read_only ? readOnly(levels) : levels]];
  });
  return { ...profile.catalogue, integrations: Object.fromEntries(allowed) };
};

/** The scopes that belong to what the organization has switched on. */
export const allowedScopes = (policy: Policy, profile: Profile, scopes: readonly string[]): string[] => {
  const catalogue = allowedCatalogue(policy, profile);
  return scopes.filter((scope) => integrationsWith(catalogue, scope).length > 0);
};

/** Whether the provider's tokens never come here: the organization's users authorize without the broker. */
export const isBrowserOnly = (policy: Policy, profile: Profile): boolean =>
  providerRule(policy, profile).flow !== 'authorization_code';

export type PolicyRefusal = 'integration_disabled' | 'browser_only_flow';

/** Why the broker does nothing for these scopes; `undefined` where everything that is asked for is switched on. */
export const refusalOf = (policy: Policy, profile: Profile, scopes: readonly string[]): PolicyRefusal | undefined => {
  if (!providerRule(policy, profile).enabled) return 'integration_disabled';
  if (isBrowserOnly(policy, profile)) return 'browser_only_flow';
  return allowedScopes(policy, profile, scopes).length < scopes.length ? 'integration_disabled' : undefined;
};
