import type { Disconnected } from '../core/disconnect.ts';
import type { ProviderProfile } from '../core/provider.ts';
import type { components } from './generated/types.ts';

/** A connection that was ended, and where the user can finish what could not be done from here. */
export const removedBody = (
  profiles: ReadonlyMap<string, ProviderProfile>,
  { provider, revocation }: Disconnected,
): components['schemas']['Removed'] => {
  const manageUrl = profiles.get(provider)?.manageUrl;
  return { provider, revocation, ...(revocation !== 'revoked' && manageUrl ? { manage_url: manageUrl } : {}) };
};
