/** The providers as an operator configures them: JSON, one member per provider, no secrets. docs/configuration.md. */

import { type Catalogue, googleCatalogue, type Levels, microsoftCatalogue } from '../core/catalogue.ts';
import { type ConfiguredErrors, ERROR_CLASSES, type ErrorClass } from '../core/error-classes.ts';
import type { RevocationEnds, RotationClass } from '../core/ports.ts';
import type { ProviderProfile } from '../core/provider.ts';
import { type BrowserClient, browserClient, type NativeClients, nativeClients, signInClient } from './clients.ts';
import { errorCodeList, type Members, members, none, oneOf, scopeList, text, url, urls } from './forms.ts';
import { FormError } from './load.ts';

interface Common {
  readonly name: string;
  readonly clientId: string;
  /** Where endpoints are not the well-known ones: sovereign clouds, simulators. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly profile: ProviderProfile;
  /** The public client of pages that authorize without the broker. */
  readonly browser?: BrowserClient;
  readonly native?: NativeClients;
  /** What the provider's error codes mean, beside the built-in list. */
  readonly errors?: ConfiguredErrors;
  /** Users sign in here; with a client of its own, or (none named) with this one. */
  readonly signIn?: { readonly clientId?: string };
}

export interface MicrosoftProvider extends Common {
  readonly kind: 'microsoft';
  readonly authority?: string;
  /** `federated`: the function's own service account vouches for it, nothing secret is stored. */
  readonly credential: 'secret' | 'federated';
}
export interface GoogleProvider extends Common {
  readonly kind: 'google';
}
export interface OidcProvider extends Omit<Common, 'endpoints'> {
  /** `oauth2`: no metadata and no id_token, but endpoints. */
  readonly kind: 'oidc' | 'oauth2';
  readonly issuer: string;
  readonly endpoints?: { readonly authorization: string; readonly token: string; readonly revocation?: string };
  readonly identityScopes?: readonly string[];
  readonly prompt?: string;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post' | 'none';
  readonly rotation: RotationClass;
  readonly revocationEnds: RevocationEnds;
  /** Set where the provider supports it and its metadata does not say so. */
  readonly pkce?: 'S256';
}
export type ProviderConfig = MicrosoftProvider | GoogleProvider | OidcProvider;
export type Providers = ReadonlyMap<string, ProviderConfig>;

export const profilesOf = (providers: Providers): ReadonlyMap<string, ProviderProfile> =>
  new Map([...providers].map(([name, { profile }]) => [name, profile]));

export const parseProviders = (json: string): Providers => {
  const entries = Object.entries(members(JSON.parse(json), 'it'));
  if (entries.length === 0) throw new FormError('names no provider');
  return new Map(entries.map(([name, value]) => [name, parseProvider(name, members(value, name))]));
};

const parseProvider = (name: string, given: Members): ProviderConfig => {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) throw new FormError('has a provider name that is not lower-case letters');
  if (name in {}) throw new FormError(`${name} is a name that every object has: choose another for the provider`);
  const { kind: kindGiven, client_id, manage_url, browser: spa, native: apps, sign_in, errors, ...special } = given;
  const kind = oneOf(kindGiven, ['microsoft', 'google', 'oidc', 'oauth2'], `${name}.kind`);
  const browser = spa === undefined ? undefined : browserClient(kind, spa, `${name}.browser`);
  const signIn = sign_in === undefined ? undefined : signInClient(kind, sign_in, `${name}.sign_in`);
  const webClientIds = [client_id, browser?.clientId, signIn?.clientId];
  const common = {
    name,
    clientId: text(client_id, `${name}.client_id`),
    ...(browser ? { browser } : {}),
    ...(apps === undefined ? {} : { native: nativeClients(kind, webClientIds, apps, `${name}.native`) }),
    ...(signIn ? { signIn } : {}),
    ...(errors === undefined ? {} : { errors: errorCodes(errors, `${name}.errors`) }),
  };
  const profileOf = (
    catalogue: Catalogue,
    stepwise: ProviderProfile['stepwise'],
    builtIn?: string,
  ): ProviderProfile => {
    const manageUrl = manage_url === undefined ? builtIn : url(manage_url, `${name}.manage_url`);
    const flows = ['authorization_code' as const, ...(browser?.flows ?? [])];
    return { name, kind, flows, catalogue, stepwise, ...(manageUrl === undefined ? {} : { manageUrl }) };
  };
  switch (kind) {
    case 'microsoft': {
      const { authority, credential = 'secret', endpoints, ...rest } = special;
      none(rest, name);
      return {
        ...common,
        kind,
        endpoints: urls(
          endpoints ?? {},
          ['issuer', 'authorization', 'token', 'jwks', 'admin_consent'],
          `${name}.endpoints`,
        ),
        profile: profileOf(microsoftCatalogue, 'provider_adds', 'https://myapps.microsoft.com/'),
        ...(authority === undefined ? {} : { authority: url(authority, `${name}.authority`) }),
        credential: oneOf(credential, ['secret', 'federated'], `${name}.credential`),
      };
    }
    case 'google': {
      const { endpoints, ...rest } = special;
      none(rest, name);
      const known = ['issuer', 'authorization', 'token', 'jwks', 'revocation'];
      return {
        ...common,
        kind,
        endpoints: urls(endpoints ?? {}, known, `${name}.endpoints`),
        profile: profileOf(googleCatalogue, 'provider_adds', 'https://myaccount.google.com/connections'),
      };
    }
    case 'oidc':
    case 'oauth2': {
      const {
        issuer,
        endpoints,
        integrations,
        client_authentication = 'client_secret_basic',
        rotation = 'strict',
        revocation_ends = 'session',
        pkce,
        identity_scopes,
        wider_scopes,
        prompt,
        ...rest
      } = special;
      none(rest, name);
      if (kind === 'oidc' && endpoints !== undefined) throw new FormError(`${name}.endpoints come from its metadata`);
      // S15: whoever configures a provider without metadata vouches for PKCE, or does not use it here.
      if (kind === 'oauth2' && pkce === undefined) throw new FormError(`${name}.pkce is missing: S256`);
      const methods = ['client_secret_basic', 'client_secret_post', 'none'] as const;
      const fallback = kind === 'oauth2' ? [] : undefined;
      const identityScopes =
        identity_scopes === undefined ? fallback : scopeList(identity_scopes, `${name}.identity_scopes`);
      return {
        ...common,
        kind,
        profile: profileOf(
          { kind, integrations: catalogueOf(integrations, name), ...widerOf(wider_scopes, `${name}.wider_scopes`) },
          'ask_for_all',
        ),
        issuer: url(issuer, `${name}.issuer`),
        clientAuthentication: oneOf(client_authentication, methods, `${name}.client_authentication`),
        rotation: oneOf(rotation, ['stable', 'tolerant', 'strict'], `${name}.rotation`),
        revocationEnds: oneOf(revocation_ends, ['token', 'grant', 'session'], `${name}.revocation_ends`),
        ...(kind === 'oauth2' ? { endpoints: oauth2Endpoints(endpoints, `${name}.endpoints`) } : {}),
        ...(pkce === undefined ? {} : { pkce: oneOf(pkce, ['S256'], `${name}.pkce`) }),
        ...(identityScopes === undefined ? {} : { identityScopes }),
        ...(prompt === undefined ? {} : { prompt: prompt === '' ? '' : text(prompt, `${name}.prompt`) }),
      };
    }
  }
};

/** `{"dead_grant": ["unauthorized_client"], "organization_forbids": [...]}`: a code has one meaning. */
const errorCodes = (value: unknown, name: string): ConfiguredErrors => {
  const meanings = new Map<string, ErrorClass>();
  for (const [member, codes] of Object.entries(members(value, name))) {
    const meaning = ERROR_CLASSES.find((each) => each === member);
    if (meaning === undefined) throw new FormError(`${name}.${member} is unknown: use ${ERROR_CLASSES.join(', ')}`);
    for (const code of errorCodeList(codes, `${name}.${member}`)) {
      const other = meanings.get(code);
      if (other !== undefined && other !== meaning) {
        throw new FormError(`${name} has one code in ${other} and in ${member}: a code has one meaning`);
      }
      meanings.set(code, meaning);
    }
  }
  return meanings;
};

const oauth2Endpoints = (value: unknown, name: string): NonNullable<OidcProvider['endpoints']> => {
  const { authorization, token, revocation } = urls(value, ['authorization', 'token', 'revocation'], name);
  if (authorization === undefined || token === undefined) throw new FormError(`${name} need authorization and token`);
  return { authorization, token, ...(revocation === undefined ? {} : { revocation }) };
};

/** `{"notes": {"read": ["notes.read"], "write": [...]}}`: levels from the least to the most. */
const catalogueOf = (value: unknown, name: string): Record<string, Levels> => {
  const integrations = Object.entries(members(value, `${name}.integrations`));
  return Object.fromEntries(
    integrations.map(([integration, levels]) => [
      label(integration, `${name}.integrations`),
      Object.fromEntries(
        atLeastOne(Object.entries(members(levels, `${name}.${integration}`)), `${name}.${integration}`).map(
          ([level, scopes]) => {
            label(level, `${name}.${integration}`);
            return [level, scopeList(scopes, `${name}.${integration}.${level}`)];
          },
        ),
      ),
    ]),
  );
};

/** `{"notes.read": ["notes.admin"]}`: by scope, the scopes that include it. */
const widerOf = (value: unknown, name: string): Pick<Catalogue, 'wider'> =>
  value === undefined
    ? {}
    : {
        wider: Object.fromEntries(
          Object.entries(members(value, name)).map(([scope, wider]) => {
            scopeList([scope], name);
            return [scope, scopeList(wider, `${name}.${scope}`)];
          }),
        ),
      };

const atLeastOne = <T>(all: T[], name: string): T[] => {
  if (all.length === 0) throw new FormError(`${name} is empty`);
  return all;
};

/** `Integration` in openapi.yaml. */
const label = (value: string, name: string): string => {
  if (!/^[a-z][a-z0-9-]{0,15}$/.test(value) || value in {})
    throw new FormError(`${name} has a name that is not short and lower-case`);
  return value;
};
