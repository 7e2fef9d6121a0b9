/**
 * For the Microsoft Graph JavaScript client: `AuthenticationProvider` of @microsoft/microsoft-graph-client 3.0 (which hands
 * its token to Graph's own hosts only, and to `customHosts`).
 *
 *     Client.initWithMiddleware({ authProvider: graphAuthentication(broker, { integration: 'calendar' }) })
 */
import type { Broker } from './broker.ts';
import type { WantedToken } from './contract.ts';

/** @param wanted used where the client asks for no scopes of its own */
export const graphAuthentication = (
  broker: Pick<Broker, 'getAccessToken'>,
  { provider = 'microsoft', ...wanted }: WantedToken & { readonly provider?: string },
) => ({
  getAccessToken: (options?: { scopes?: string[] }): Promise<string> =>
    broker.getAccessToken({ provider, ...(options?.scopes?.[0] ? { scopes: options.scopes } : wanted) }),
});
