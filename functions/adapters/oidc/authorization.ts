/** The authorization URL of an OpenID Connect provider (OpenID Connect Core 3.1.2.1, RFC 7636 section 4.3). */
import type { AuthorizationUrlBuilder } from '../../core/ports.ts';
import { DEFAULT_IDENTITY_SCOPES, DEFAULT_PROMPT, type OidcConfig } from './config.ts';
import { type Discovery, metadataOf } from './discovery.ts';

/** Both methods throw `Unavailable` when the provider's metadata cannot be had or is refused. */
export const oidcAuthorization = (config: OidcConfig, discovery: Discovery): AuthorizationUrlBuilder => {
  const { clientId, identityScopes = DEFAULT_IDENTITY_SCOPES, prompt = DEFAULT_PROMPT } = config;
  return {
    async authorizationUrl({ scopes, state, codeChallenge, nonce, redirectUri, claims }) {
      const { authorization_endpoint } = await metadataOf(discovery);
      const url = new URL(authorization_endpoint);
      const parameters = {
        client_id: clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: [...new Set([...(config.endpoints ? [] : ['openid']), ...identityScopes, ...scopes])].join(' '),
        state,
        nonce,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        ...(prompt === '' ? {} : { prompt }),
        ...(claims === undefined ? {} : { claims }),
      };
      // The endpoint may have a query of its own (RFC 6749 section 3.1).
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    async responseIssuer() {
      const { issuer, authorization_response_iss_parameter_supported } = await metadataOf(discovery);
      return authorization_response_iss_parameter_supported === true ? issuer : undefined;
    },
  };
};
