/** `GET /v1/config`: what a front end may offer to its user, and how it authorizes it. */
import type { Level } from '../../shared/scopes.ts';
import type { Catalogue } from './catalogue.ts';
import { Unavailable } from './errors.ts';
import { allowedCatalogue } from './policy.ts';
import { type AuthorizationFlow, providerRule, type SearchAiPolicy, searchAiRule } from './policy-form.ts';
import type { Observe, PolicySource, PublicClient, PublicClients } from './ports.ts';
import type { ProviderProfile } from './provider.ts';
import { offeredOf } from './scopes.ts';

export interface IntegrationOffer {
  readonly name: string;
  /** From the least to the most. */
  readonly levels: readonly Level[];
}

export interface ProviderOffer {
  readonly profile: ProviderProfile;
  readonly flow: AuthorizationFlow | 'native';
  readonly integrations: readonly IntegrationOffer[];
  /** By offered scope: the scopes that include it, as far as the organization allows what they open. */
  readonly wider: Readonly<Record<string, readonly string[]>>;
  /** Absent for the code flow, and where the provider's endpoints cannot be looked up now. */
  readonly client?: PublicClient;
}

export interface OfferDependencies {
  readonly policies: PolicySource;
  readonly providers: readonly { readonly profile: ProviderProfile; readonly clients: PublicClients }[];
  readonly observe: Observe;
}

/** `platform`: of a native app; its flow is its own, whatever browsers do. Throws `Unavailable`. */
export const offer = async (
  { policies, providers, observe }: OfferDependencies,
  tenant: string,
  platform?: string,
): Promise<{ providers: ProviderOffer[]; searchAi: SearchAiPolicy }> => {
  const { policy } = await policies.policy(tenant);
  const offers = await Promise.all(
    providers.map(async ({ profile, clients }): Promise<ProviderOffer[]> => {
      const { enabled, flow } = providerRule(policy, profile);
      if (!enabled) return [];
      const catalogue = allowedCatalogue(policy, profile);
      const offered = { profile, integrations: integrationOffers(catalogue), wider: widerOffers(catalogue) };
      if (platform === undefined && flow === 'authorization_code') return [{ ...offered, flow }];
      const own: ProviderOffer = { ...offered, flow: platform === undefined ? flow : 'native' };
      try {
        const client = await (platform === undefined ? clients.browser(flow) : clients.native(platform));
        return client ? [{ ...own, client }] : [];
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        // The other providers do not wait for this one.
        observe({ event: 'offer_incomplete', severity: 'WARNING', provider: profile.name });
        return [own];
      }
    }),
  );
  return { providers: offers.flat(), searchAi: searchAiRule(policy) };
};

export const integrationOffers = (catalogue: Catalogue): readonly IntegrationOffer[] =>
  offeredOf(catalogue).integrations;

const widerOffers = (catalogue: Catalogue): ProviderOffer['wider'] => {
  const { integrations, wider_scopes: wider = {} } = offeredOf(catalogue);
  const offered = integrations.flatMap(({ levels }) =>
    levels.flatMap(({ scopes, alternatives = [] }) => [...scopes, ...alternatives.flat()]),
  );
  return Object.fromEntries(
    Object.entries(wider).filter(([scope, others]) => offered.includes(scope) && others.length > 0),
  );
};
