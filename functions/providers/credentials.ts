/** The client's own credential at each provider: a secret from the environment, or nothing secret at all. */

import type { GoogleConfig } from '../adapters/google/config.ts';
import { identityToken } from '../adapters/google/identity.ts';
import type { MicrosoftConfig } from '../adapters/microsoft/config.ts';
import type { OidcConfig } from '../adapters/oidc/config.ts';
import { ConfigurationError, type Environment } from '../config/load.ts';
import type { GoogleProvider, MicrosoftProvider, OidcProvider } from '../config/providers.ts';
import { clientSecretVariable } from '../config/settings.ts';

/** Throws `ConfigurationError` where the secret is missing. */
const secretOf = (variable: string, environment: Environment): string => {
  const secret = environment[variable];
  if (!secret) throw new ConfigurationError([`${variable} is missing`]);
  return secret;
};

/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation */
const FEDERATION_AUDIENCE = 'api://AzureADTokenExchange';

/** @param variable where the secret is */
export const microsoftClient = (
  config: MicrosoftProvider,
  environment: Environment,
  variable = clientSecretVariable(config.name),
): MicrosoftConfig => ({
  ...config,
  credential:
    config.credential === 'federated'
      ? { assertion: () => identityToken(FEDERATION_AUDIENCE) }
      : { secret: secretOf(variable, environment) },
});

/** @param variable where the secret is */
export const googleClient = (
  config: GoogleProvider,
  environment: Environment,
  variable = clientSecretVariable(config.name),
): GoogleConfig => ({
  ...config,
  clientSecret: secretOf(variable, environment),
});

export const oidcClient = (config: OidcProvider, environment: Environment): OidcConfig => ({
  ...config,
  credential:
    config.clientAuthentication === 'none'
      ? 'public'
      : { secret: secretOf(clientSecretVariable(config.name), environment), method: config.clientAuthentication },
});
