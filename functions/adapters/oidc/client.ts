import type { OidcConfig } from './config.ts';

/** The library, loaded when it is first needed, and this client in its terms. */
export const loadClient = async ({ clientId, credential }: OidcConfig) => {
  const oauth = await import('oauth4webapi');
  return {
    oauth,
    client: { client_id: clientId, [oauth.clockTolerance]: 60 },
    authentication: authentication(oauth, credential),
  };
};

const authentication = (oauth: typeof import('oauth4webapi'), credential: OidcConfig['credential']) => {
  if (credential === 'public') return oauth.None();
  return credential.method === 'client_secret_basic'
    ? oauth.ClientSecretBasic(credential.secret)
    : oauth.ClientSecretPost(credential.secret);
};
