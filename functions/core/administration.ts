/** What an organization's admins see and change: `/v1/admin/*`. */
import { digest } from './flow.ts';
import type { Identity } from './identity.ts';
import { type IntegrationOffer, integrationOffers } from './offer.ts';
import { type CompletePolicy, completePolicy, type Policy, type ProviderPolicy, statedFlow } from './policy-form.ts';
import type { Observe, PlaceStore, PolicyChange, PolicyStore, RemovalQueue } from './ports.ts';
import type { ProviderProfile } from './provider.ts';

export interface AdministrationDependencies {
  readonly profiles: ReadonlyMap<string, ProviderProfile>;
  readonly policies: PolicyStore;
  readonly places: Pick<PlaceStore, 'count'>;
  readonly removals: Pick<RemovalQueue, 'pending'>;
  readonly observe: Observe;
}

export interface TaggedPolicy {
  readonly policy: CompletePolicy;
  /** Names exactly this content. */
  readonly tag: string;
}

/** Throws `Unavailable`, like the others. */
export const readPolicy = async (
  { policies, profiles }: AdministrationDependencies,
  tenant: string,
): Promise<TaggedPolicy> => {
  const { policy } = await policies.policy(tenant);
  return tagged(completePolicy(policy, profiles.values()));
};

export type ChangeOutcome =
  | ({ readonly kind: 'changed' } & TaggedPolicy)
  | { readonly kind: 'changed_meanwhile' }
  | { readonly kind: 'misfit'; readonly why: string };

/** Stores `wanted` if the policy is still the one that `tag` names, together with the removals that follow from it. */
export const changePolicy = async (
  { policies, profiles, observe }: AdministrationDependencies,
  { tenant, user }: Identity,
  wanted: CompletePolicy,
  tag: string,
): Promise<ChangeOutcome> => {
  const after = tagged(wanted);
  const why = nameMisfit(wanted, profiles);
  if (why !== undefined) return { kind: 'misfit', why };
  let changed: string[] = [];
  const { outcome } = await policies.change(tenant, ({ policy, isOwn }): Decision => {
    const before = tagged(completePolicy(policy, profiles.values()));
    // Equal to what is wanted: this very change, whose answer was lost; or the same wish of somebody else.
    if (before.tag !== tag && before.tag !== after.tag) return { outcome: { kind: 'changed_meanwhile' } };
    const misfit = flowMisfit(before.policy, wanted, profiles);
    if (misfit !== undefined) return { outcome: { kind: 'misfit', why: misfit } };
    if (before.tag === tag) changed = changesBetween(before.policy, wanted);
    return { outcome: { kind: 'changed', ...after }, change: consequences(isOwn ? policy : NONE, wanted) };
  });
  if (outcome.kind === 'changed' && changed.length > 0) {
    observe({ event: 'policy_changed', tenant, admin: user, changed: changed.join(' ') });
  }
  return outcome;
};

interface Decision {
  readonly outcome: ChangeOutcome;
  readonly change?: PolicyChange;
}

export interface PolicyEffect {
  readonly provider: string;
  readonly change: 'removes_connections' | 'stops_tokens' | 'asks_again';
  readonly connections: number;
}

/** What `wanted` would do; nothing is changed. */
export const previewPolicy = async (
  { policies, profiles, places }: AdministrationDependencies,
  tenant: string,
  wanted: CompletePolicy,
): Promise<
  { readonly kind: 'preview'; readonly effects: PolicyEffect[] } | Extract<ChangeOutcome, { kind: 'misfit' }>
> => {
  // Decides on nothing: only this way of reading says whether the organization has stated the policy itself.
  const { policy, stated } = await policies.change(
    tenant,
    ({ policy, isOwn }): { policy: Policy; stated: Policy; change?: never } => ({
      policy,
      stated: isOwn ? policy : NONE,
    }),
  );
  const before = completePolicy(policy, profiles.values());
  const why = nameMisfit(wanted, profiles) ?? flowMisfit(before, wanted, profiles);
  if (why !== undefined) return { kind: 'misfit', why };
  const { remove } = consequences(stated, wanted);
  const effects = await Promise.all(
    Object.entries(wanted.providers).map(async ([provider, rule]): Promise<PolicyEffect[]> => {
      const changes = effectsOf(before.providers[provider] ?? rule, rule);
      // Stored under another default, and removed when this one is stated.
      const leftovers = changes.length === 0 && remove.includes(provider);
      if (changes.length === 0 && !leftovers) return [];
      const connections = await places.count({ tenant, provider });
      if (leftovers) return connections > 0 ? [{ provider, change: 'removes_connections', connections }] : [];
      return changes.map((change) => ({ provider, change, connections }));
    }),
  );
  return { kind: 'preview', effects: effects.flat() };
};

export interface ProviderUse {
  readonly profile: ProviderProfile;
  /** All of them, whatever the policy says. */
  readonly integrations: readonly IntegrationOffer[];
  readonly connections: number;
  readonly removing: boolean;
}

export const providersInUse = async (
  { profiles, places, removals }: AdministrationDependencies,
  tenant: string,
): Promise<ProviderUse[]> => {
  const pending = removals.pending(tenant);
  return Promise.all(
    [...profiles.values()].map(async (profile) => {
      const connections = await places.count({ tenant, provider: profile.name });
      const integrations = integrationOffers(profile.catalogue);
      return { profile, integrations, connections, removing: (await pending).has(profile.name) };
    }),
  );
};

const NONE: Policy = { providers: {} };

const isBrowserOnly = (flow: ProviderPolicy['flow']): boolean => flow !== 'authorization_code';

/** A removal for each provider that the organization had not stated to be browser-only: something may be stored. */
const consequences = (stated: Policy, wanted: CompletePolicy): PolicyChange => {
  const names = Object.keys(wanted.providers);
  const only = names.filter((name) => isBrowserOnly(wanted.providers[name]?.flow ?? 'authorization_code'));
  return {
    write: wanted,
    remove: only.filter((name) => !isBrowserOnly(statedFlow(stated, name) ?? 'authorization_code')),
    keep: names.filter((name) => !only.includes(name)),
  };
};

const effectsOf = (before: ProviderPolicy, after: ProviderPolicy): PolicyEffect['change'][] => {
  const was = isBrowserOnly(before.flow);
  const is = isBrowserOnly(after.flow);
  if (is) return was ? [] : ['removes_connections'];
  const stops =
    (before.enabled && !after.enabled) ||
    Object.entries(after.integrations).some(([name, { enabled, read_only }]) => {
      const rule = before.integrations[name];
      return (rule?.enabled && !enabled) || (rule?.read_only === false && read_only);
    });
  return [...(was ? (['asks_again'] as const) : []), ...(stops ? (['stops_tokens'] as const) : [])];
};

/** Every configured provider and integration is named, and no other. Says places, never what was sent. */
const nameMisfit = (
  { providers }: CompletePolicy,
  profiles: AdministrationDependencies['profiles'],
): string | undefined => {
  if (Object.keys(providers).some((name) => !profiles.has(name))) return '/providers has one that is not configured.';
  for (const { name, catalogue } of profiles.values()) {
    const rule = Object.hasOwn(providers, name) ? providers[name] : undefined;
    if (!rule) return `/providers lacks ${name}.`;
    const known = Object.keys(catalogue.integrations);
    const missing = known.find((integration) => !Object.hasOwn(rule.integrations, integration));
    if (missing !== undefined) return `/providers/${name}/integrations lacks ${missing}.`;
    if (Object.keys(rule.integrations).length > known.length) {
      return `/providers/${name}/integrations has one that the provider does not have.`;
    }
  }
  return undefined;
};

/** A flow that is chosen anew has a client; one that nobody touched stays, whatever the configuration has become. */
const flowMisfit = (
  before: CompletePolicy,
  wanted: CompletePolicy,
  profiles: AdministrationDependencies['profiles'],
): string | undefined => {
  const misfit = [...profiles.values()].find(({ name, flows }) => {
    const flow = wanted.providers[name]?.flow;
    return flow !== undefined && flow !== before.providers[name]?.flow && !flows.includes(flow);
  });
  return misfit && `/providers/${misfit.name}/flow is not configured.`;
};

/** The same content has the same tag, whatever the order of its members. */
const tagged = (policy: CompletePolicy): TaggedPolicy => ({
  policy,
  tag: digest(JSON.stringify([...leavesOf(policy)].sort(([one], [other]) => (one < other ? -1 : 1)))),
});

/** `google.flow`, `google.integrations.mail.enabled`, `search_ai.enabled`: names alone go into the log. */
const changesBetween = (before: CompletePolicy, after: CompletePolicy): string[] => {
  const [old, now] = [new Map(leavesOf(before)), new Map(leavesOf(after))];
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].filter((name) => old.get(name) !== now.get(name)).map((name) => name.replace(/^providers\./, ''));
};

const leavesOf = (value: object, path = ''): [string, string | boolean][] =>
  Object.entries(value).flatMap(([name, each]: [string, string | boolean | object]): [string, string | boolean][] =>
    typeof each === 'object' ? leavesOf(each, `${path}${name}.`) : [[path + name, each]],
  );
