import type { ConfiguredErrors } from '../../core/error-classes.ts';

/** The app registration and where its directory lives. */
export interface MicrosoftConfig {
  readonly clientId: string;
  /** A client secret, or a federated credential: a fresh JWT per call (RFC 7523), so that nothing secret is stored. */
  readonly credential: { readonly secret: string } | { readonly assertion: () => Promise<string> };
  /** `https://{host}/{tenant}`; by default any organization's and personal accounts. */
  readonly authority?: string;
  /** Where endpoints are not the authority's own (development). `issuer` may contain `{tenantid}`. */
  readonly endpoints?: Partial<MicrosoftEndpoints>;
  /** What the provider's error codes mean, beside the built-in list. */
  readonly errors?: ConfiguredErrors;
}

export interface MicrosoftEndpoints {
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  readonly jwks: string;
  /** https://learn.microsoft.com/entra/identity-platform/v2-admin-consent */
  readonly admin_consent: string;
}

export const DEFAULT_AUTHORITY = 'https://login.microsoftonline.com/common';

/** Declares that the broker passes claims challenges on (continuous access evaluation). */
export const CLIENT_CAPABILITIES = ['cp1'];

/** What MSAL adds to every request: who the user is, and a refresh token. */
export const IDENTITY_SCOPES = ['openid', 'profile', 'offline_access'] as const;

export const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The v2 endpoints: https://learn.microsoft.com/entra/identity-platform/v2-protocols */
export const endpointsOf = ({ authority = DEFAULT_AUTHORITY, endpoints }: MicrosoftConfig): MicrosoftEndpoints => {
  const { protocol, origin, pathname } = new URL(authority);
  const tenant = pathname.split('/')[1] ?? '';
  if (protocol !== 'https:' || tenant === '') throw new TypeError('the authority is not https://{host}/{tenant}');
  return {
    // A directory that is named by its id is the only one whose users are accepted.
    issuer: `${origin}/${GUID.test(tenant) ? tenant : '{tenantid}'}/v2.0`,
    authorization: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    token: `${origin}/${tenant}/oauth2/v2.0/token`,
    jwks: `${origin}/${tenant}/discovery/v2.0/keys`,
    // An administrator signs in with an account of a directory: `common` and `consumers` have none.
    admin_consent: `${origin}/${tenant === 'common' || tenant === 'consumers' ? 'organizations' : tenant}/v2.0/adminconsent`,
    ...endpoints,
  };
};
