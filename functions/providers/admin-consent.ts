/** For `admin`: where an administrator of the provider's tenant can consent for all of its users. */
import { endpointsOf, IDENTITY_SCOPES } from '../adapters/microsoft/config.ts';
import type { ProviderConfig } from '../config/providers.ts';
import { allowedCatalogue } from '../core/policy.ts';
import type { CompletePolicy } from '../core/policy-form.ts';
import { unique } from '../core/scopes.ts';

/** There a scope names its resource. */
const GRAPH = 'https://graph.microsoft.com/';

/** With what the organization's policy allows; the page adds `redirect_uri` and `state`. */
export const adminConsentOf = (
  config: ProviderConfig | undefined,
  policy: CompletePolicy,
): { endpoint: string; client_id: string; scopes: string[] } | undefined => {
  // Google's admins allow an app in their own console.
  if (config?.kind !== 'microsoft') return undefined;
  const { profile, clientId, browser } = config;
  const levels = Object.values(allowedCatalogue(policy, profile).integrations).flatMap(
    Object.values<readonly string[]>,
  );
  const isBrowserOnly = policy.providers[config.name]?.flow !== 'authorization_code';
  return {
    endpoint: endpointsOf({ ...config, credential: { secret: '' } }).admin_consent,
    // Each app registration has consents of its own.
    client_id: isBrowserOnly ? (browser?.clientId ?? clientId) : clientId,
    scopes: [...IDENTITY_SCOPES, ...unique(levels.flat()).map((scope) => GRAPH + scope)],
  };
};
