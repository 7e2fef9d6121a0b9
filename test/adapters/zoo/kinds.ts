/** The four kinds of provider, each with endpoints at one origin. */
import { googleTokens } from '../../../functions/adapters/google/tokens.ts';
import type { HttpClient } from '../../../functions/adapters/http-client.ts';
import { microsoftTokens } from '../../../functions/adapters/microsoft/tokens.ts';
import type { OidcConfig } from '../../../functions/adapters/oidc/config.ts';
import { oidcDiscovery } from '../../../functions/adapters/oidc/discovery.ts';
import { oidcTokens } from '../../../functions/adapters/oidc/tokens.ts';
import type { CodeExchanger, Refresher } from '../../../functions/core/ports.ts';
import { idToken, now } from '../../support/stub-provider.ts';
import { CANARIES, CLIENT_ID, CLIENT_SECRET } from '../provider-answers.ts';

export const ISSUER = 'http://127.0.0.1:9';
export const NONCE = 'nonce-1';
const TENANT = '11111111-2222-3333-4444-555555555555';

export interface Kind {
  readonly name: string;
  make(token: string, http: HttpClient): CodeExchanger & Refresher;
  /** Of a good answer. */
  members(): Record<string, unknown>;
}

const good = { access_token: CANARIES.accessToken, token_type: 'Bearer', expires_in: 3599, scope: 'a b' };
const rotated = { refresh_token: CANARIES.rotated };
const times = () => ({ aud: CLIENT_ID, nonce: NONCE, iat: now(), exp: now() + 3600 });

const oidcConfig = (more: Partial<OidcConfig>): OidcConfig => ({
  name: 'zoo',
  issuer: ISSUER,
  clientId: CLIENT_ID,
  credential: { secret: CLIENT_SECRET, method: 'client_secret_post' },
  ...more,
});

export const kinds: readonly Kind[] = [
  {
    name: 'microsoft',
    make: (token, http) =>
      microsoftTokens(
        {
          clientId: CLIENT_ID,
          credential: { secret: CLIENT_SECRET },
          endpoints: { issuer: `${ISSUER}/{tenantid}/v2.0`, token },
        },
        http,
      ),
    members: () => ({
      ...good,
      ...rotated,
      id_token: idToken({ ...times(), iss: `${ISSUER}/${TENANT}/v2.0`, tid: TENANT, sub: 'pairwise', oid: 'person' }),
    }),
  },
  {
    name: 'google',
    make: (token, http) =>
      googleTokens({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, endpoints: { issuer: ISSUER, token } }, http),
    members: () => ({ ...good, ...rotated, id_token: idToken({ ...times(), iss: ISSUER, sub: 'person' }) }),
  },
  {
    name: 'oidc',
    make: (token, http) =>
      oidcTokens(oidcConfig({}), http, {
        discover: async () => ({
          kind: 'metadata',
          metadata: { issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: token },
        }),
      }),
    members: () => ({ ...good, ...rotated, id_token: idToken({ ...times(), iss: ISSUER, sub: 'person' }) }),
  },
  {
    name: 'oauth2',
    make: (token, http) => {
      const config = oidcConfig({ endpoints: { authorization: token, token } });
      return oidcTokens(config, http, oidcDiscovery(config, http));
    },
    members: () => ({ ...good, ...rotated }),
  },
];
