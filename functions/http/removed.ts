import type { Disconnected } from '../core/disconnect.ts';
import type { Revocation } from '../core/ports.ts';
import type { ProviderProfile } from '../core/provider.ts';
import type { components } from './generated/types.ts';

/** A connection that was ended, and where the user can finish what could not be done from here. */
export const removedBody = (
  profiles: ReadonlyMap<string, ProviderProfile>,
  { provider, revocation }: Disconnected,
): components['schemas']['Removed'] => ({ provider, ...bodyOf(profiles.get(provider), revocation) });

/** The grant that another one took the place of. */
export const replacedBody = (profile: ProviderProfile, revocation: Revocation): components['schemas']['Replaced'] =>
  bodyOf(profile, revocation);

const bodyOf = (profile: ProviderProfile | undefined, revocation: Revocation) => ({
  revocation,
  ...(revocation !== 'revoked' && profile?.manageUrl ? { manage_url: profile.manageUrl } : {}),
});
