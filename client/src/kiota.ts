/**
 * For Kiota's clients: `AccessTokenProvider` of @microsoft/kiota-abstractions 1.0.0-preview.
 *
 *     new BaseBearerTokenAuthenticationProvider(
 *       kiotaAccessTokens(broker, { integration: 'calendar' }, new AllowedHostsValidator(new Set(['graph.microsoft.com']))),
 *     )
 */
import type { Broker } from './broker.ts';
import type { WantedToken } from './contract.ts';

/** `AllowedHostsValidator`, as far as it is used. */
export interface HostsValidator {
  getAllowedHosts(): string[];
  isUrlHostValid(url: string): boolean;
}

/**
 * A token goes to the allowed hosts, over https, and nowhere else: other requests get an empty one, which Kiota sends
 * without a header. Kiota takes an empty list for "all hosts"; here it is none. Kiota hands a claims challenge on by itself.
 */
export const kiotaAccessTokens = <Validator extends HostsValidator>(
  broker: Pick<Broker, 'getAccessToken'>,
  { provider = 'microsoft', ...wanted }: WantedToken & { readonly provider?: string },
  hosts: Validator,
) => ({
  getAllowedHostsValidator: (): Validator => hosts,
  async getAuthorizationToken(url = '', context: Record<string, unknown> = {}): Promise<string> {
    const isAllowed = url.startsWith('https://') && hosts.getAllowedHosts().length > 0 && hosts.isUrlHostValid(url);
    if (!isAllowed) return '';
    const { claims } = context;
    const challenge = typeof claims === 'string' && { claims: claims.replaceAll('+', '-').replaceAll('/', '_') };
    return broker.getAccessToken({ provider, ...wanted, ...challenge });
  },
});
