import type { ConfiguredErrors } from '../../core/error-classes.ts';
import type { RevocationEnds, RotationClass } from '../../core/ports.ts';

/** A client of any OpenID Connect provider that publishes its metadata, or of any OAuth 2 provider whose endpoints are known. */
export interface OidcConfig {
  /** As in the paths: `/connections/{name}`. */
  readonly name: string;
  /** Exactly as the provider's metadata spells it; without metadata, a name for it. */
  readonly issuer: string;
  /** Plain OAuth 2: in the place of metadata. There is no id_token then, and nothing is known of the account. */
  readonly endpoints?: { readonly authorization: string; readonly token: string; readonly revocation?: string };
  readonly clientId: string;
  readonly credential:
    | { readonly secret: string; readonly method: 'client_secret_basic' | 'client_secret_post' }
    | 'public';
  /** `strict` unless the provider is known to be more lenient. */
  readonly rotation?: RotationClass;
  /** `session` unless the provider is known to end less. */
  readonly revocationEnds?: RevocationEnds;
  /** Vouches for PKCE with S256 where the metadata does not say it. */
  readonly pkce?: 'S256';
  /** Asked for in every flow beside the integration's scopes: who the user is, and a refresh token. */
  readonly identityScopes?: readonly string[];
  /** The empty string sends none. OpenID Connect Core 11 wants `consent` for `offline_access`. */
  readonly prompt?: string;
  /** What the provider's error codes mean, beside the built-in list. */
  readonly errors?: ConfiguredErrors;
}

export const DEFAULT_IDENTITY_SCOPES = ['openid', 'offline_access'] as const;
export const DEFAULT_PROMPT = 'consent';
