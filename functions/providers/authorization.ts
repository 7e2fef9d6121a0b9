/** For `authorize`: no provider's SDK is loaded here. */
import { googleAuthorization } from '../adapters/google/authorization.ts';
import type { HttpClient } from '../adapters/http-client.ts';
import { microsoftAuthorization } from '../adapters/microsoft/authorization.ts';
import { oidcAuthorization } from '../adapters/oidc/authorization.ts';
import { checkProvider, oidcDiscovery } from '../adapters/oidc/discovery.ts';
import type { ProviderConfig } from '../config/providers.ts';
import type { AuthorizationUrlBuilder } from '../core/ports.ts';

/** `refused`: is told when the provider's metadata turns out to be refused (S15, S35); nobody waits for it. */
export const authorizationOf = (
  config: ProviderConfig,
  http: HttpClient,
  refused: (error: Error) => void,
): AuthorizationUrlBuilder => {
  switch (config.kind) {
    case 'microsoft':
      // Building a URL takes no credential.
      return microsoftAuthorization({ ...config, credential: { secret: '' } });
    case 'google':
      return googleAuthorization({ ...config, clientSecret: '' });
    case 'oidc':
    case 'oauth2': {
      const client = { ...config, credential: 'public' as const };
      const discovery = oidcDiscovery(client, http);
      checkProvider(client, discovery).catch(refused);
      return oidcAuthorization(client, discovery);
    }
  }
};
