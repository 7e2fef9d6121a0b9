/** RFC 7009, where the provider's metadata has an endpoint for it. */
import type { Revoker } from '../../core/ports.ts';
import type { HttpClient } from '../http-client.ts';
import { loadClient } from './client.ts';
import type { OidcConfig } from './config.ts';
import type { Discovery } from './discovery.ts';

const DEADLINE_MS = 5_000;

export const oidcRevocation = (config: OidcConfig, http: HttpClient, discovery: Discovery): Revoker => ({
  endsWholeGrant: false,
  async revoke(refreshToken) {
    const found = await discovery.discover();
    if (found.kind !== 'metadata') return 'failed';
    if (found.metadata.revocation_endpoint === undefined) return 'impossible';
    const { oauth, client, authentication } = await loadClient(config);
    try {
      const response = await oauth.revocationRequest(found.metadata, client, authentication, refreshToken, {
        additionalParameters: { token_type_hint: 'refresh_token' },
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: async (url, { body, headers }) => {
          const form = body.toString();
          const { status } = await http.request({ method: 'POST', url, headers, body: form, deadlineMs: DEADLINE_MS });
          return new Response(null, { status });
        },
      });
      await oauth.processRevocationResponse(response);
      return 'revoked';
    } catch {
      return 'failed';
    }
  },
});
