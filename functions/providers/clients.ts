/** For `offer`: public clients and the endpoints that they use. No provider's SDK is loaded here. */
import { endpointsOf as googleEndpoints } from '../adapters/google/config.ts';
import type { HttpClient } from '../adapters/http-client.ts';
import { endpointsOf as microsoftEndpoints } from '../adapters/microsoft/config.ts';
import { metadataOf, oidcDiscovery } from '../adapters/oidc/discovery.ts';
import type { ProviderConfig } from '../config/providers.ts';
import type { PublicClients } from '../core/ports.ts';

interface Endpoints {
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  readonly revocation?: string;
}

export const clientsOf = (config: ProviderConfig, http: HttpClient): PublicClients => {
  const { browser, native } = config;
  const endpoints = endpointsOf(config, http);
  return {
    async browser(flow) {
      if (!browser?.flows.some((each) => each === flow)) return undefined;
      const { issuer, authorization, token } = await endpoints();
      const redeems = flow === 'browser_code' ? { tokenEndpoint: token } : {};
      return { clientId: browser.clientId, issuer, authorizationEndpoint: authorization, ...redeems };
    },
    async native(platform) {
      const client = Object.entries(native ?? {}).find(([name]) => name === platform)?.[1];
      if (!client) return undefined;
      const { issuer, authorization, token, revocation } = await endpoints();
      const revokes = revocation === undefined ? {} : { revocationEndpoint: revocation };
      return { ...client, issuer, authorizationEndpoint: authorization, tokenEndpoint: token, ...revokes };
    },
  };
};

const endpointsOf = (config: ProviderConfig, http: HttpClient): (() => Promise<Endpoints>) => {
  switch (config.kind) {
    case 'microsoft':
      // Reading endpoints takes no credential.
      return async () => microsoftEndpoints({ ...config, credential: { secret: '' } });
    case 'google':
      return async () => googleEndpoints({ ...config, clientSecret: '' });
    case 'oidc':
    case 'oauth2': {
      const discovery = oidcDiscovery({ ...config, credential: 'public' }, http);
      return async () => {
        const { issuer, ...metadata } = await metadataOf(discovery);
        return {
          issuer,
          authorization: metadata.authorization_endpoint,
          token: metadata.token_endpoint,
          ...(metadata.revocation_endpoint === undefined ? {} : { revocation: metadata.revocation_endpoint }),
        };
      };
    }
  }
};
