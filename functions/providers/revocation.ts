/** For `revoke` and `account`: what can be ended at the provider. */
import { googleRevocation } from '../adapters/google/revocation.ts';
import type { HttpClient } from '../adapters/http-client.ts';
import { oidcDiscovery } from '../adapters/oidc/discovery.ts';
import { oidcRevocation } from '../adapters/oidc/revocation.ts';
import type { Environment } from '../config/load.ts';
import type { ProviderConfig, Providers } from '../config/providers.ts';
import type { Revoker } from '../core/ports.ts';
import { googleClient, oidcClient } from './credentials.ts';

export const revokersOf = (
  providers: Providers,
  http: HttpClient,
  environment: Environment,
): ReadonlyMap<string, Revoker> =>
  new Map(
    [...providers.values()].flatMap((config): [string, Revoker][] => {
      const revoker = revokerOf(config, http, environment);
      return revoker ? [[config.name, revoker]] : [];
    }),
  );

const revokerOf = (config: ProviderConfig, http: HttpClient, environment: Environment): Revoker | undefined => {
  switch (config.kind) {
    case 'microsoft':
      // Entra has no endpoint that revokes one refresh token.
      return undefined;
    case 'google':
      return googleRevocation(googleClient(config, environment), http);
    case 'oidc':
    case 'oauth2': {
      const client = oidcClient(config, environment);
      return oidcRevocation(client, http, oidcDiscovery(client, http));
    }
  }
};
