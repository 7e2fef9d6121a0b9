/** Google's authorization URL: https://developers.google.com/identity/protocols/oauth2/web-server#creatingclient */
import type { AuthorizationUrlBuilder } from '../../core/ports.ts';
import { endpointsOf, type GoogleConfig } from './config.ts';

export const googleAuthorization = (config: GoogleConfig): AuthorizationUrlBuilder => {
  const { authorization } = endpointsOf(config);
  return {
    async authorizationUrl({ scopes, exactScopes, state, codeChallenge, nonce, redirectUri }) {
      const url = new URL(authorization);
      url.search = new URLSearchParams({
        client_id: config.clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: [...new Set(['openid', ...scopes])].join(' '),
        state,
        nonce,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        // A refresh token comes only with `offline` and, after the first time, only with a consent that is asked anew.
        access_type: 'offline',
        prompt: 'consent',
        ...(exactScopes ? {} : { include_granted_scopes: 'true' }),
      }).toString();
      return url.href;
    },
    responseIssuer: async () => undefined,
  };
};
