import type { ConfiguredErrors } from '../../core/error-classes.ts';

/** The OAuth client of type "Web application". */
export interface GoogleConfig {
  readonly clientId: string;
  /** Google asks web clients for it, beside PKCE. */
  readonly clientSecret: string;
  /** Where endpoints are not Google's own (development). */
  readonly endpoints?: Partial<GoogleEndpoints>;
  /** What the provider's error codes mean, beside the built-in list. */
  readonly errors?: ConfiguredErrors;
}

export interface GoogleEndpoints {
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  readonly revocation: string;
  readonly jwks: string;
}

/** https://accounts.google.com/.well-known/openid-configuration */
export const endpointsOf = ({ endpoints }: GoogleConfig): GoogleEndpoints => ({
  issuer: 'https://accounts.google.com',
  authorization: 'https://accounts.google.com/o/oauth2/v2/auth',
  token: 'https://oauth2.googleapis.com/token',
  revocation: 'https://oauth2.googleapis.com/revoke',
  jwks: 'https://www.googleapis.com/oauth2/v3/certs',
  ...endpoints,
});
