/** What an organization allows. Absent members mean "allowed": a new provider or integration needs no migration. */
import type { Catalogue } from './catalogue.ts';
import { integrationsWith } from './scopes.ts';

export interface Policy {
  readonly providers: Readonly<Record<string, ProviderPolicy>>;
}

export interface ProviderPolicy {
  readonly enabled?: boolean;
  /** By integration name; `false` switches it off. */
  readonly integrations?: Readonly<Record<string, boolean>>;
}

const ruleFor = (policy: Policy, provider: string): ProviderPolicy =>
  (Object.hasOwn(policy.providers, provider) ? policy.providers[provider] : undefined) ?? {};

const isProviderEnabled = (policy: Policy, provider: string): boolean => ruleFor(policy, provider).enabled !== false;

const isEnabled = (policy: Policy, provider: string, integration: string): boolean =>
  isProviderEnabled(policy, provider) && ruleFor(policy, provider).integrations?.[integration] !== false;

/** The scopes that belong to an integration that the organization has switched on. */
export const allowedScopes = (
  policy: Policy,
  { name, catalogue }: { name: string; catalogue: Catalogue },
  scopes: readonly string[],
): string[] =>
  scopes.filter((scope) =>
    integrationsWith(catalogue, scope).some((integration) => isEnabled(policy, name, integration)),
  );

/** Whether everything that is asked for is switched on. */
export const allows = (
  policy: Policy,
  profile: { name: string; catalogue: Catalogue },
  scopes: readonly string[],
): boolean =>
  isProviderEnabled(policy, profile.name) && allowedScopes(policy, profile, scopes).length === scopes.length;

/** Throws `TypeError` for a value that is no policy: what cannot be understood must not count as "allowed". */
export const checkPolicy = (value: unknown): Policy => {
  const providers = members(members(value).providers);
  for (const rule of Object.values(providers)) checkProviderPolicy(rule);
  return { providers: providers as Record<string, ProviderPolicy> };
};

const checkProviderPolicy = (value: unknown): void => {
  const { enabled, integrations = {}, ...unknown } = members(value);
  const switches = [enabled ?? true, ...Object.values(members(integrations))];
  if (Object.keys(unknown).length > 0 || switches.some((each) => typeof each !== 'boolean')) throw notAPolicy();
};

const members = (value: unknown): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAPolicy();
  return value as Record<string, unknown>;
};

const notAPolicy = () => new TypeError('not a policy');
