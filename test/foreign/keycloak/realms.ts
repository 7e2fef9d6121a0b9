/** Realms of a Keycloak, as companies set them up, and how the broker is configured for each. */
import { randomBytes } from 'node:crypto';
import type { Stack } from '../../../local/stack.ts';
import { type Entry, INTEGRATION, redirectUriOf, type User } from '../world.ts';
import type { Keycloak } from './server.ts';

const SCOPE = 'notes.read';
export const CLIENT = 'broker';

export interface Realm {
  /** Of the realm, and of the member in PROVIDERS. */
  readonly name: string;
  readonly about: string;
  /** Of Keycloak's realm representation. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly client?: Readonly<Record<string, unknown>>;
  /** Beside kind, issuer, client and integrations. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** The broker has another secret than Keycloak. */
  readonly wrongSecret?: boolean;
}

/** Keycloak's strictest: a refresh token is good for one use. */
const ROTATES = { revokeRefreshToken: true, refreshTokenMaxReuse: 0 };
/** The refresh token lives from the browser's session. */
const ONLINE = { identity_scopes: ['openid'] };

export const REALMS = {
  strict: { name: 'strict', about: 'single-use refresh tokens, offline_access', settings: ROTATES },
  online: {
    name: 'online',
    about: 'single-use refresh tokens, without offline_access',
    settings: ROTATES,
    entry: ONLINE,
  },
  plain: { name: 'plain', about: "Keycloak's defaults, offline_access", entry: { rotation: 'tolerant' } },
  reuse: {
    name: 'reuse',
    about: 'each refresh token may be used twice',
    settings: { revokeRefreshToken: true, refreshTokenMaxReuse: 1 },
  },
  es256: { name: 'es256', about: 'tokens signed with ES256', settings: { defaultSignatureAlgorithm: 'ES256' } },
  ps256: { name: 'ps256', about: 'tokens signed with PS256', settings: { defaultSignatureAlgorithm: 'PS256' } },
  eddsa: { name: 'eddsa', about: 'tokens signed with EdDSA', settings: { defaultSignatureAlgorithm: 'EdDSA' } },
  lightweight: {
    name: 'lightweight',
    about: 'lightweight access tokens',
    client: { attributes: { 'client.use.lightweight.access.token.enabled': 'true' } },
  },
  consent: { name: 'consent', about: 'the user is asked for consent', client: { consentRequired: true } },
  secret: { name: 'secret', about: 'the broker has a wrong client secret', wrongSecret: true },
  hasty: { name: 'hasty', about: 'codes live for one second', settings: { accessCodeLifespan: 1 } },
  brief: {
    name: 'brief',
    about: 'sessions end after two seconds without use',
    settings: { ssoSessionIdleTimeout: 2 },
    entry: ONLINE,
  },
  post: {
    name: 'post',
    about: 'client_secret_post',
    entry: { client_authentication: 'client_secret_post' },
  },
} as const satisfies Record<string, Realm>;

export const PEOPLE = Array.from({ length: 8 }, (_, index) => ({
  username: `person-${index + 1}`,
  password: `password of person ${index + 1}`,
}));

/** Person `number` (from 1) of a realm, as a user of the broker; `id`: another one, with the same account. */
export const userOf = ({ name }: Realm, number: number, id = `user-${number}`): User => {
  const person = PEOPLE[number - 1];
  if (!person) throw new RangeError('There are fewer people.');
  return { id: `${name}-${id}`, tenant: `org-of-${name}`, provider: name, person };
};

export const issuerOf = ({ origin }: Keycloak, realm: string): string => `${origin}/realms/${realm}`;

const userRepresentation = (realm: string, { username, password }: (typeof PEOPLE)[number]) => ({
  username,
  enabled: true,
  email: `${username}@${realm}.example`,
  emailVerified: true,
  firstName: 'Person',
  lastName: username,
  realmRoles: [`default-roles-${realm}`],
  credentials: [{ type: 'password', value: password, temporary: false }],
});

/** Keycloak lets a client look into tokens that are for it, and into no others. */
const IS_AUDIENCE = {
  name: 'audience',
  protocol: 'openid-connect',
  protocolMapper: 'oidc-audience-mapper',
  config: {
    'included.client.audience': CLIENT,
    'access.token.claim': 'true',
    'introspection.token.claim': 'true',
    'lightweight.claim': 'true',
  },
};

/** Makes the realms. @returns what goes into PROVIDERS */
export const createRealms = async (keycloak: Keycloak, stack: Stack, realms: readonly Realm[]): Promise<Entry[]> => {
  const entries: Entry[] = [];
  for (const realm of realms) {
    const { name, settings, client, entry, wrongSecret } = realm;
    const secret = randomBytes(24).toString('base64url');
    await keycloak.admin.call('POST', '', {
      realm: name,
      enabled: true,
      sslRequired: 'none',
      users: PEOPLE.map((person) => userRepresentation(name, person)),
      clients: [
        {
          clientId: CLIENT,
          secret,
          enabled: true,
          publicClient: false,
          standardFlowEnabled: true,
          redirectUris: [redirectUriOf(stack, name)],
          protocolMappers: [IS_AUDIENCE],
          ...client,
        },
      ],
      ...settings,
    });
    await offerScope(keycloak, name);
    entries.push({
      name,
      secret: wrongSecret ? 'not the secret' : secret,
      settings: {
        kind: 'oidc',
        issuer: issuerOf(keycloak, name),
        client_id: CLIENT,
        integrations: { [INTEGRATION]: { read: [SCOPE] } },
        ...entry,
      },
    });
  }
  return entries;
};

/** A scope of the product's own, which the client may ask for. */
const offerScope = async ({ admin }: Keycloak, realm: string): Promise<void> => {
  await admin.call('POST', `/${realm}/client-scopes`, {
    name: SCOPE,
    protocol: 'openid-connect',
    attributes: { 'include.in.token.scope': 'true', 'display.on.consent.screen': 'true' },
  });
  const scopes = (await admin.call('GET', `/${realm}/client-scopes`)) as { id: string; name: string }[];
  const { id = '' } = scopes.find(({ name }) => name === SCOPE) ?? {};
  await admin.call('PUT', `/${realm}/clients/${await admin.clientId(realm, CLIENT)}/optional-client-scopes/${id}`);
};
