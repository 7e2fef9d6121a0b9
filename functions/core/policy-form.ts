/**
 * The form of a policy: one everywhere, in the contract, in the database and in DEFAULT_POLICY. In the last two, members may
 * be missing and mean their defaults, so that a new provider or integration needs no migration.
 */
import type { ProviderProfile } from './provider.ts';

/** `authorization_code` goes through the broker; the others are browser-only, and nothing of them is stored here. */
export const AUTHORIZATION_FLOWS = ['authorization_code', 'browser_code', 'implicit'] as const;
export type AuthorizationFlow = (typeof AUTHORIZATION_FLOWS)[number];

export interface IntegrationPolicy {
  readonly enabled: boolean;
  /** Nothing above the level `read`, or the lowest where none has that name. */
  readonly read_only: boolean;
}
export interface ProviderPolicy {
  readonly enabled: boolean;
  readonly flow: AuthorizationFlow;
  /** By integration name. */
  readonly integrations: Readonly<Record<string, IntegrationPolicy>>;
}
export interface SearchAiPolicy {
  readonly enabled: boolean;
  /** By source name; what is not named is excluded. */
  readonly sources: Readonly<Record<string, boolean>>;
  readonly document_ids: boolean;
}
/** With every configured provider and integration. */
export interface CompletePolicy {
  readonly providers: Readonly<Record<string, ProviderPolicy>>;
  readonly search_ai: SearchAiPolicy;
}

/** As it is stored and configured. */
export interface Policy {
  readonly providers: Readonly<
    Record<
      string,
      Partial<Omit<ProviderPolicy, 'integrations'>> & {
        readonly integrations?: Readonly<Record<string, Partial<IntegrationPolicy>>>;
      }
    >
  >;
  readonly search_ai?: Partial<SearchAiPolicy>;
}

/** Browser-only is the default at Google: no token of Drive, Calendar or Gmail rests here unless an admin wants it. */
const DEFAULT_FLOW: Readonly<Record<ProviderProfile['kind'], AuthorizationFlow>> = {
  microsoft: 'authorization_code',
  google: 'implicit',
  oidc: 'authorization_code',
  oauth2: 'authorization_code',
};

/** A member of its own: `constructor` is a good name for a provider. */
const own = <T>(of: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  of && Object.hasOwn(of, name) ? of[name] : undefined;

export const providerRule = (
  policy: Policy,
  { name, kind, catalogue }: Pick<ProviderProfile, 'name' | 'kind' | 'catalogue'>,
): ProviderPolicy => {
  const { enabled = true, flow = DEFAULT_FLOW[kind], integrations } = own(policy.providers, name) ?? {};
  const rule = (integration: string): IntegrationPolicy => ({
    enabled: true,
    read_only: false,
    ...own(integrations, integration),
  });
  const rules = Object.keys(catalogue.integrations).map((integration) => [integration, rule(integration)] as const);
  return { enabled, flow, integrations: Object.fromEntries(rules) };
};

/** The flow that is chosen for a provider, configured or not. */
export const statedFlow = (policy: Policy, provider: string): AuthorizationFlow | undefined =>
  own(policy.providers, provider)?.flow;

export const searchAiRule = ({ search_ai }: Policy): SearchAiPolicy => ({
  enabled: false,
  sources: {},
  document_ids: false,
  ...search_ai,
});

export const completePolicy = (policy: Policy, profiles: Iterable<ProviderProfile>): CompletePolicy => ({
  providers: Object.fromEntries([...profiles].map((profile) => [profile.name, providerRule(policy, profile)])),
  search_ai: searchAiRule(policy),
});

/** Throws `TypeError` for a value that is no policy: what cannot be understood must not count as "allowed". */
export const checkPolicy = (value: unknown): Policy => {
  policyForm(value);
  // Without it there is nothing that says it is one.
  if (!Object.hasOwn(value as object, 'providers')) throw notAPolicy();
  return value as Policy;
};

type Form = (value: unknown) => void;

const notAPolicy = () => new TypeError('not a policy');

const boolean: Form = (value) => {
  if (typeof value !== 'boolean') throw notAPolicy();
};
const flow: Form = (value) => {
  if (!AUTHORIZATION_FLOWS.some((each) => each === value)) throw notAPolicy();
};
const recordOf =
  (member: Form): Form =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAPolicy();
    for (const each of Object.values(value)) member(each);
  };
/** Every member is optional, and no other is known. */
const objectOf =
  (members: Readonly<Record<string, Form>>): Form =>
  (value) => {
    recordOf(() => {})(value);
    for (const [name, each] of Object.entries(value as object)) (own(members, name) ?? refuse)(each);
  };
const refuse: Form = () => {
  throw notAPolicy();
};

const policyForm = objectOf({
  providers: recordOf(
    objectOf({
      enabled: boolean,
      flow,
      integrations: recordOf(objectOf({ enabled: boolean, read_only: boolean })),
    }),
  ),
  search_ai: objectOf({ enabled: boolean, sources: recordOf(boolean), document_ids: boolean }),
});
