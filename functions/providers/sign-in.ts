/** For `signin`: the providers that users sign in with. */
import { endpointsOf as googleEndpoints } from '../adapters/google/config.ts';
import { googleSignIn } from '../adapters/google/sign-in.ts';
import type { HttpClient } from '../adapters/http-client.ts';
import { createIdTokenVerifier, type VerifyIdToken } from '../adapters/id-token-verifier.ts';
import { endpointsOf as microsoftEndpoints } from '../adapters/microsoft/config.ts';
import { microsoftSignIn } from '../adapters/microsoft/sign-in.ts';
import { keySetOf } from '../config/compose.ts';
import type { Environment } from '../config/load.ts';
import type { ProviderConfig, Providers } from '../config/providers.ts';
import { signInSecretVariable } from '../config/settings.ts';
import type { SignInProvider } from '../core/sign-in.ts';
import { googleClient, microsoftClient } from './credentials.ts';

/** Throws `ConfigurationError` where a secret is missing. */
export const signInProvidersOf = (
  providers: Providers,
  http: HttpClient,
  environment: Environment,
): ReadonlyMap<string, SignInProvider> =>
  new Map(
    [...providers.values()].flatMap((config): [string, SignInProvider][] => {
      const provider = config.signIn && signInProvider(withOwnClient(config), http, environment);
      return provider ? [[config.name, provider]] : [];
    }),
  );

const signInProvider = (
  config: ProviderConfig,
  http: HttpClient,
  environment: Environment,
): SignInProvider | undefined => {
  const variable = config.signIn?.clientId === undefined ? undefined : signInSecretVariable(config.name);
  const verifier = (url: string): VerifyIdToken => createIdTokenVerifier(keySetOf(url, http));
  switch (config.kind) {
    case 'google': {
      const client = googleClient(config, environment, variable);
      return googleSignIn(client, http, verifier(googleEndpoints(client).jwks));
    }
    case 'microsoft': {
      const client = microsoftClient(config, environment, variable);
      return microsoftSignIn(client, http, verifier(microsoftEndpoints(client).jwks));
    }
    default:
      return undefined;
  }
};

const withOwnClient = <Config extends ProviderConfig>(config: Config): Config => ({
  ...config,
  clientId: config.signIn?.clientId ?? config.clientId,
});
