/** For `complete` and `token`: the token endpoints. Each provider's SDK is loaded with its first call. */

import { googleRevocation } from '../adapters/google/revocation.ts';
import { googleTokens } from '../adapters/google/tokens.ts';
import type { HttpClient } from '../adapters/http-client.ts';
import { microsoftTokens } from '../adapters/microsoft/tokens.ts';
import { checkProvider, oidcDiscovery } from '../adapters/oidc/discovery.ts';
import { oidcRevocation } from '../adapters/oidc/revocation.ts';
import { oidcTokens } from '../adapters/oidc/tokens.ts';
import type { Environment } from '../config/load.ts';
import type { ProviderConfig } from '../config/providers.ts';
import type { CodeExchanger, Refresher, Revoker } from '../core/ports.ts';
import { googleClient, microsoftClient, oidcClient } from './credentials.ts';

/**
 * Revoking is for a token that may not be kept. Throws when a secret is missing (S49). `refused`: is told when the
 * provider's metadata turns out to be refused (S15, S35); nobody waits for it.
 */
export const tokensOf = (
  config: ProviderConfig,
  http: HttpClient,
  environment: Environment,
  refused: (error: Error) => void,
): CodeExchanger & Refresher & Partial<Revoker> => {
  switch (config.kind) {
    case 'microsoft':
      return microsoftTokens(microsoftClient(config, environment), http);
    case 'google': {
      const client = googleClient(config, environment);
      return { ...googleTokens(client, http), ...googleRevocation(client, http) };
    }
    case 'oidc':
    case 'oauth2': {
      const client = oidcClient(config, environment);
      const discovery = oidcDiscovery(client, http);
      checkProvider(client, discovery).catch(refused);
      return { ...oidcTokens(client, http, discovery), ...oidcRevocation(client, http, discovery) };
    }
  }
};
