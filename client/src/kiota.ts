/**
 * For Kiota's clients: `AccessTokenProvider` of @microsoft/kiota-abstractions 1.0.0-preview.
 *
 *     new BaseBearerTokenAuthenticationProvider(
 *       kiotaAccessTokens(broker, { integration: 'calendar' }, new AllowedHostsValidator(new Set(['graph.microsoft.com']))),
 *     )
 */
import type { WantedToken } from './contract.ts';
import type { TokenSource } from './fetch.ts';
import { type AdapterOptions, recognizable } from './recognizable.ts';

/** `AllowedHostsValidator`, as far as it is used. */
export interface HostsValidator {
  getAllowedHosts(): string[];
  isUrlHostValid(url: string): boolean;
}

/** https, or this machine (a simulated provider): what browsers call a potentially trustworthy origin. */
const SAFE = /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/])/i;

/**
 * A token goes to the allowed hosts, over https or on this machine, and nowhere else: for other requests the token is
 * empty, and Kiota sends no header. For Kiota an empty list means all hosts; here it means none. Kiota passes a claims
 * challenge on by itself.
 */
export const kiotaAccessTokens = <Validator extends HostsValidator>(
  broker: TokenSource,
  {
    provider = 'microsoft',
    onAuthorizationRequired,
    ...wanted
  }: WantedToken & AdapterOptions & { readonly provider?: string },
  hosts: Validator,
) => ({
  getAllowedHostsValidator: (): Validator => hosts,
  async getAuthorizationToken(url = '', context: Record<string, unknown> = {}): Promise<string> {
    const isAllowed = SAFE.test(url) && hosts.getAllowedHosts().length > 0 && hosts.isUrlHostValid(url);
    if (!isAllowed) return '';
    const { claims } = context;
    const challenge = typeof claims === 'string' && { claims: claims.replaceAll('+', '-').replaceAll('/', '_') };
    return recognizable(broker.getAccessToken({ provider, ...wanted, ...challenge }), { onAuthorizationRequired });
  },
});
