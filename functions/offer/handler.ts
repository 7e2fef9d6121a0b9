import { PLATFORMS } from '../config/clients.ts';
import { type OfferDependencies, offer, type ProviderOffer } from '../core/offer.ts';
import type { PublicClient } from '../core/ports.ts';
import { ok } from '../http/answer.ts';
import type { components } from '../http/generated/types.ts';
import { offerBodies } from '../http/offers.ts';
import { type IdentifiedSessions, type Operation, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

export const configOperation = (sessions: IdentifiedSessions, dependencies: OfferDependencies): Operation =>
  sessionOperation('config', sessions, async ({ identity, query }) => {
    const [platform, ...others] = query.getAll('platform');
    const isKnown = platform === undefined || PLATFORMS.some((each) => each === platform);
    if (!isKnown || others.length > 0)
      return problem('invalid_request', { detail: `platform must be one of ${PLATFORMS.join(', ')}, given once.` });
    const { providers, searchAi } = await offer(dependencies, identity.tenant, platform);
    const session = { user: sessions.userKey(identity), claims: sessions.claims.map((path) => [...path]) };
    return ok({ session, providers: providers.map(providerBody), search_ai: searchAi });
  });

const providerBody = ({
  profile,
  flow,
  integrations,
  wider,
  client,
}: ProviderOffer): components['schemas']['ProviderOffer'] => ({
  provider: profile.name,
  kind: profile.kind,
  flow,
  integrations: offerBodies(integrations),
  ...(Object.keys(wider).length > 0 ? { wider_scopes: widerBody(wider) } : {}),
  ...(client ? { client: clientBody(client) } : {}),
  ...(profile.manageUrl === undefined ? {} : { manage_url: profile.manageUrl }),
});

const widerBody = (wider: ProviderOffer['wider']): Record<string, string[]> =>
  Object.fromEntries(Object.entries(wider).map(([scope, others]) => [scope, [...others]]));

const clientBody = (client: PublicClient): components['schemas']['PublicClient'] => ({
  client_id: client.clientId,
  authorization_endpoint: client.authorizationEndpoint,
  ...(client.issuer === undefined ? {} : { issuer: client.issuer }),
  ...(client.tokenEndpoint === undefined ? {} : { token_endpoint: client.tokenEndpoint }),
  ...(client.revocationEndpoint === undefined ? {} : { revocation_endpoint: client.revocationEndpoint }),
  ...(client.redirectUri === undefined ? {} : { redirect_uri: client.redirectUri }),
});
