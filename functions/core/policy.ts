/** What an organization allows at a provider: the questions that `authorize`, `complete` and `token` ask. */
import type { Catalogue, Levels } from './catalogue.ts';
import { type Policy, providerRule } from './policy-form.ts';
import type { ProviderProfile } from './provider.ts';
import { includes, integrationsWith, names } from './scopes.ts';

type Profile = Pick<ProviderProfile, 'name' | 'kind' | 'catalogue'>;

/** The access levels that a read-only integration has left. */
export const readOnly = (levels: Levels): Levels => {
  const entries = Object.entries(levels);
  const read = entries.findIndex(([level]) => level === 'read');
  return Object.fromEntries(entries.slice(0, Math.max(read, 0) + 1));
};

/** The catalogue as far as the organization has switched it on. */
export const allowedCatalogue = (policy: Policy, profile: Profile): Catalogue => {
  const { catalogue } = profile;
  const { enabled, integrations } = providerRule(policy, profile);
  const held = new Set<string>();
  const allowed = Object.entries(catalogue.integrations).flatMap(([name, levels]): [string, Levels][] => {
    const rule = integrations[name];
    if (!enabled || !rule?.enabled) return [];
    if (rule.read_only) for (const scope of Object.values(readOnly(levels)).flat()) held.add(scope);
    return [[name, rule.read_only ? readOnly(levels) : levels]];
  });
  const offered = Object.fromEntries(allowed);
  return { ...catalogue, integrations: offered, wider: allowedWider(catalogue, offered, held) };
};

/**
 * A wider scope that opens what is switched off stands in for nothing: the user is asked for the scope itself.
 * @param held scopes of integrations that are read-only
 */
const allowedWider = (
  { integrations, alternatives = {}, wider = {}, writing = [] }: Catalogue,
  allowed: Catalogue['integrations'],
  held: ReadonlySet<string>,
): NonNullable<Catalogue['wider']> => {
  const scopesIn = (of: Catalogue['integrations']) =>
    Object.entries(of).flatMap(([name, levels]) =>
      Object.entries(levels).flatMap(([level, scopes]) => [
        ...scopes,
        ...(alternatives[`${name}:${level}`] ?? []).flat(),
      ]),
    );
  const open = new Set(scopesIn(allowed));
  const closed = scopesIn(integrations).filter((scope) => !open.has(scope));
  const opensClosed = (scope: string) => closed.some((each) => includes(wider, scope, each));
  const writes = (scope: string) => writing.includes(scope) && [...held].some((each) => includes(wider, scope, each));
  return Object.fromEntries(
    Object.entries(wider).map(([scope, others]) => [
      scope,
      others.filter((each) => !opensClosed(each) && !writes(each)),
    ]),
  );
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
  return names(allowedCatalogue(policy, profile), scopes) ? undefined : 'integration_disabled';
};
