/** The providers as an operator configures them: JSON, one member per provider, no secrets. docs/configuration.md. */

import { type Catalogue, googleCatalogue, type Levels, microsoftCatalogue } from '../core/catalogue.ts';
import type { RotationClass } from '../core/ports.ts';
import type { ProviderProfile } from '../core/provider.ts';
import { FormError } from './load.ts';

interface Common {
  readonly name: string;
  readonly clientId: string;
  /** Where endpoints are not the well-known ones: sovereign clouds, simulators. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly profile: ProviderProfile;
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
export interface OidcProvider extends Common {
  readonly kind: 'oidc';
  readonly issuer: string;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post' | 'none';
  readonly rotation: RotationClass;
  /** Set where the provider supports it and its metadata does not say so. */
  readonly pkce?: 'S256';
}
export type ProviderConfig = MicrosoftProvider | GoogleProvider | OidcProvider;
export type Providers = ReadonlyMap<string, ProviderConfig>;

export const profilesOf = (providers: Providers): ReadonlyMap<string, ProviderProfile> =>
  new Map([...providers].map(([name, { profile }]) => [name, profile]));

type Members = Readonly<Record<string, unknown>>;

export const parseProviders = (json: string): Providers => {
  const entries = Object.entries(members(JSON.parse(json), 'it'));
  if (entries.length === 0) throw new FormError('names no provider');
  return new Map(entries.map(([name, value]) => [name, parseProvider(name, members(value, name))]));
};

const parseProvider = (name: string, given: Members): ProviderConfig => {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) throw new FormError('has a provider name that is not lower-case letters');
  const { kind, client_id, endpoints, manage_url, integrations, ...special } = given;
  const common = (catalogue: Catalogue, stepwise: ProviderProfile['stepwise'], manageUrl?: string): Common => {
    const manage = manage_url === undefined ? manageUrl : text(manage_url, `${name}.manage_url`);
    return {
      name,
      clientId: text(client_id, `${name}.client_id`),
      endpoints: texts(endpoints ?? {}, `${name}.endpoints`),
      profile: { name, catalogue, stepwise, ...(manage === undefined ? {} : { manageUrl: manage }) },
    };
  };
  if (kind !== 'oidc' && integrations !== undefined) throw new FormError(`${name}: its integrations are built in`);
  switch (kind) {
    case 'microsoft': {
      const { authority, credential = 'secret', ...rest } = special;
      none(rest, name);
      return {
        kind,
        ...common(microsoftCatalogue, 'provider_adds', 'https://myapps.microsoft.com/'),
        ...(authority === undefined ? {} : { authority: text(authority, `${name}.authority`) }),
        credential: oneOf(credential, ['secret', 'federated'], `${name}.credential`),
      };
    }
    case 'google':
      none(special, name);
      return { kind, ...common(googleCatalogue, 'provider_adds', 'https://myaccount.google.com/connections') };
    case 'oidc': {
      const { issuer, client_authentication = 'client_secret_basic', rotation = 'strict', pkce, ...rest } = special;
      none(rest, name);
      const methods = ['client_secret_basic', 'client_secret_post', 'none'] as const;
      return {
        kind,
        ...common({ integrations: catalogueOf(integrations, name) }, 'ask_for_all'),
        issuer: text(issuer, `${name}.issuer`),
        clientAuthentication: oneOf(client_authentication, methods, `${name}.client_authentication`),
        rotation: oneOf(rotation, ['stable', 'tolerant', 'strict'], `${name}.rotation`),
        ...(pkce === undefined ? {} : { pkce: oneOf(pkce, ['S256'], `${name}.pkce`) }),
      };
    }
    default:
      throw new FormError(`${name}.kind is not microsoft, google or oidc`);
  }
};

/** `{"notes": {"read": ["notes.read"], "write": [...]}}`: levels from the least to the most. */
const catalogueOf = (value: unknown, name: string): Record<string, Levels> => {
  const integrations = Object.entries(members(value, `${name}.integrations`));
  return Object.fromEntries(
    integrations.map(([integration, levels]) => [
      label(integration, `${name}.integrations`),
      Object.fromEntries(
        Object.entries(members(levels, `${name}.${integration}`)).map(([level, scopes]) => {
          label(level, `${name}.${integration}`);
          if (!Array.isArray(scopes)) throw new FormError(`${name}.${integration}.${level} is not a list of scopes`);
          return [level, scopes.map((scope) => text(scope, `${name}.${integration}.${level}`))];
        }),
      ),
    ]),
  );
};

/** `Integration` in openapi.yaml. */
const label = (value: string, name: string): string => {
  if (!/^[a-z][a-z0-9-]{0,15}$/.test(value)) throw new FormError(`${name} has a name that is not short and lower-case`);
  return value;
};

const members = (value: unknown, name: string): Members => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FormError(`${name} is no object`);
  return value as Members;
};
const text = (value: unknown, name: string): string => {
  if (typeof value !== 'string' || value === '') throw new FormError(`${name} is missing or no text`);
  return value;
};
const texts = (value: unknown, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(members(value, name)).map(([key, each]) => [key, text(each, `${name}.${key}`)]));
const oneOf = <T extends string>(value: unknown, allowed: readonly T[], name: string): T => {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new FormError(`${name} is not one of ${allowed.join(', ')}`);
  return found;
};
const none = (rest: Members, name: string): void => {
  const [first] = Object.keys(rest);
  if (first !== undefined) throw new FormError(`${name}.${first} is unknown`);
};
