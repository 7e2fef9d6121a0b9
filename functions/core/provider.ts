import type { Catalogue } from './catalogue.ts';
import type { AuthorizationFlow } from './policy-form.ts';

/** What the core knows of a provider beside the calls that it can make there. */
export interface ProviderProfile {
  readonly name: string;
  readonly kind: 'microsoft' | 'google' | 'oidc' | 'oauth2';
  /** Those that an admin can choose: the provider supports them, and there is a client for them. */
  readonly flows: readonly AuthorizationFlow[];
  readonly catalogue: Catalogue;
  /**
   * How a later authorization adds to an earlier one:
   * - `provider_adds`: asking for the new scopes is enough, the answer names the whole grant (Microsoft; Google with
   *   include_granted_scopes);
   * - `ask_for_all`: a grant holds what was asked for, so that an addition asks for the old scopes again.
   */
  readonly stepwise: 'provider_adds' | 'ask_for_all';
  /** The provider's own page where a user can see and remove the grant. */
  readonly manageUrl?: string;
}
