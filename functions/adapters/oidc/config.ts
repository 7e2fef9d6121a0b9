import type { RotationClass } from '../../core/ports.ts';

/** A client of any OpenID Connect provider that publishes its metadata. */
export interface OidcConfig {
  /** As in the paths: `/connections/{name}`. */
  readonly name: string;
  /** Exactly as the provider's metadata spells it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly credential:
    | { readonly secret: string; readonly method: 'client_secret_basic' | 'client_secret_post' }
    | 'public';
  /** `strict` unless the provider is known to be more lenient. */
  readonly rotation?: RotationClass;
  /** Vouches for PKCE with S256 where the metadata does not say it. */
  readonly pkce?: 'S256';
  /** Asked for in every flow beside the integration's scopes: who the user is, and a refresh token. */
  readonly identityScopes?: readonly string[];
  /** The empty string sends none. OpenID Connect Core 11 wants `consent` for `offline_access`. */
  readonly prompt?: string;
}

export const DEFAULT_IDENTITY_SCOPES = ['openid', 'offline_access'] as const;
export const DEFAULT_PROMPT = 'consent';
