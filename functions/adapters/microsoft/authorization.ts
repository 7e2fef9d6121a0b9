/** Microsoft's authorization URL, without MSAL: a function that only starts flows need not load it. */
import type { AuthorizationUrlBuilder } from '../../core/ports.ts';
import { CLIENT_CAPABILITIES, endpointsOf, IDENTITY_SCOPES, type MicrosoftConfig } from './config.ts';

export const microsoftAuthorization = (config: MicrosoftConfig): AuthorizationUrlBuilder => {
  const { authorization } = endpointsOf(config);
  return {
    async authorizationUrl({ scopes, state, codeChallenge, nonce, redirectUri, claims }) {
      const url = new URL(authorization);
      url.search = new URLSearchParams({
        client_id: config.clientId,
        response_type: 'code',
        response_mode: 'query',
        redirect_uri: redirectUri,
        scope: [...new Set([...scopes, ...IDENTITY_SCOPES])].join(' '),
        state,
        nonce,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        claims: withCapabilities(claims),
      }).toString();
      return url.href;
    },
    // Entra sends no `iss` (its metadata does not advertise RFC 9207).
    responseIssuer: async () => undefined,
  };
};

/** Adds the client's capabilities to a claims challenge: https://learn.microsoft.com/entra/identity-platform/claims-challenge */
const withCapabilities = (challenge = '{}'): string => {
  const claims = JSON.parse(challenge);
  return JSON.stringify({
    ...claims,
    access_token: { ...claims.access_token, xms_cc: { values: CLIENT_CAPABILITIES } },
  });
};
