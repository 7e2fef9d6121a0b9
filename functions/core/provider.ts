import type { Catalogue } from './catalogue.ts';

/** What the core knows of a provider beside the calls that it can make there. */
export interface ProviderProfile {
  readonly name: string;
  readonly catalogue: Catalogue;
  /**
   * How a later authorization adds to an earlier one:
   * - `provider_adds`: the provider merges on request, its answer names the whole grant (Google, include_granted_scopes);
   * - `grant_wide`: a refresh token serves everything the user ever granted to this client (Microsoft);
   * - `ask_for_all`: a grant holds what was asked for, so that an addition asks for the old scopes again.
   */
  readonly stepwise: 'provider_adds' | 'grant_wide' | 'ask_for_all';
  /** The provider's own page where a user can see and remove the grant. */
  readonly manageUrl?: string;
}
