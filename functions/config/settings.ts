/** Every setting there is, in groups. A function's `config.ts` names the ones that it needs; docs/configuration.md lists them. */
import { isSubject } from '../core/identity.ts';
import { checkPolicy, type Policy } from '../core/policy-form.ts';
import { type Bucket, RATE_LIMITS } from '../http/rate-limit.ts';
import { FormError, type Setting } from './load.ts';
import { parseOrganizations } from './organizations.ts';
import { parseProviders } from './providers.ts';

const text = (value: string) => value;
const list = (value: string): readonly string[] => value.split(/[\s,]+/).filter((each) => each !== '');

const url = (value: string): string => {
  if (!URL.canParse(value) || !/^https?:/.test(value)) throw new FormError('is not an http(s) URL');
  return value;
};

const origin = (value: string): string => {
  if (url(value) !== new URL(value).origin) throw new FormError('is not an origin such as https://example.com');
  return value;
};

/** Registered as they are, and compared as they are. */
const returnUrl = (value: string): string => {
  if (value.length >= 200) throw new FormError('has a URL of 200 or more characters');
  if (url(value).includes('#')) throw new FormError('has a URL with a fragment');
  return value;
};

/** A claim's name, or a JSON pointer (RFC 6901) without empty names. */
const claim = (value: string): string => {
  const isPointer = value.startsWith('/');
  if (isPointer && !/^(\/([^/~]|~[01])+)+$/.test(value)) throw new FormError('is not a JSON pointer');
  return value;
};

const subject = (value: string): string => {
  if (!isSubject(value))
    throw new FormError('has an organization id that is empty, longer than 256 characters, . or ..');
  return value;
};

const keySet = (value: string): { keys: Record<string, unknown>[] } => {
  const { keys } = JSON.parse(value);
  if (!Array.isArray(keys) || keys.length === 0) throw new FormError('is not a JSON Web Key Set with a key');
  if (keys.some((key) => typeof key?.kid !== 'string')) throw new FormError('has a key without kid');
  return { keys };
};

const publicKeySet = (value: string): { keys: Record<string, unknown>[] } => {
  const set = keySet(value);
  if (set.keys.some((key) => 'd' in key)) throw new FormError('has a private key');
  return set;
};

const wholeNumber = (value: string): number => {
  if (!/^\d{1,9}$/.test(value)) throw new FormError('is not a whole number');
  return Number(value);
};

/** `120/4`: requests at once, and how many come back per second. */
const bucket = (value: string): Bucket => {
  const [, capacity, refill] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(value) ?? [];
  if (!capacity || !refill) throw new FormError('is not of the form 120/4');
  return { capacity: Number(capacity), refillPerSecond: Number(refill) };
};

const optional = { value: undefined };
type Optional<T> = Setting<T | undefined>;

const limit = (name: keyof typeof RATE_LIMITS, what: string): Optional<Bucket> => ({
  variable: `RATE_LIMIT_${name.toUpperCase()}`,
  describe: `${what}: burst/per second. Default ${RATE_LIMITS[name].capacity}/${RATE_LIMITS[name].refillPerSecond}.`,
  parse: bucket,
  absent: optional,
});

export const publicUrl: Setting<string> = {
  variable: 'PUBLIC_URL',
  describe: "The broker's public origin. Redirect URIs are made from it, never from a request.",
  parse: origin,
};

export const http = {
  allowedOrigins: {
    variable: 'ALLOWED_ORIGINS',
    describe: 'Origins of the front ends, separated by spaces; compared exactly.',
    parse: (value: string) => list(value).map(origin),
  },
  addressHops: {
    variable: 'CLIENT_ADDRESS_HOPS',
    describe:
      "Which entry of X-Forwarded-For, counted from the right, is the client's address: 2 behind Google's external load balancer; 0 takes the connection's own.",
    parse: wholeNumber,
    absent: { value: 0 },
  },
  userLimit: limit('user', 'Requests of one user, and for one code or renewal token, to one instance'),
  addressLimit: limit('address', 'Requests without a session from one address to one instance'),
  failuresLimit: limit('failures', 'Refused sessions, codes and tokens from one address or backend at one instance'),
  maxInFlight: {
    variable: 'MAX_IN_FLIGHT',
    describe: 'Requests of one instance at once; more get 503 with Retry-After. Default 200.',
    parse: wholeNumber,
    absent: { value: 200 },
  },
  project: {
    variable: 'GOOGLE_CLOUD_PROJECT',
    describe: 'The Google Cloud project: of the database, and of the traces in the log.',
    parse: text,
  },
} satisfies Record<string, Setting<unknown>>;

/** The host product's sessions. */
export const session = {
  sessionIssuer: {
    variable: 'SESSION_ISSUER',
    describe:
      '`iss` of the session JWT, exactly. `{tenant}` in it stands for each organization of SESSION_TENANTS (Microsoft Entra ID has an issuer per directory).',
    parse: text,
  },
  sessionAudience: { variable: 'SESSION_AUDIENCE', describe: '`aud` of the session JWT, exactly.', parse: text },
  audienceClaim: {
    variable: 'SESSION_AUDIENCE_CLAIM',
    describe:
      'The claim that SESSION_AUDIENCE is compared with, for issuers whose tokens have no `aud`; a token that has one is refused then. Default: aud.',
    parse: claim,
    absent: { value: 'aud' },
  },
  sessionKeysUrl: { variable: 'SESSION_JWKS_URL', describe: 'Where the public keys of sessions are.', parse: url },
  sessionAlgorithms: {
    variable: 'SESSION_ALGORITHMS',
    describe: 'Allowed signature algorithms. Default: ES256 RS256 PS256 EdDSA.',
    parse: (value: string) => {
      const allowed = ['ES256', 'RS256', 'PS256', 'EdDSA'];
      const chosen = list(value);
      if (chosen.some((each) => !allowed.includes(each))) throw new FormError(`allows only ${allowed.join(', ')}`);
      return chosen;
    },
    absent: { value: ['ES256', 'RS256', 'PS256', 'EdDSA'] as readonly string[] },
  },
  userClaim: {
    variable: 'SESSION_USER_CLAIM',
    describe:
      'The claim that names the user. A JSON pointer such as /user/id names a claim inside another. Default: sub.',
    parse: claim,
    absent: { value: 'sub' },
  },
  tenantClaim: {
    variable: 'SESSION_TENANT_CLAIM',
    describe: 'The claim that names the organization, or a JSON pointer to it. Default: tenant.',
    parse: claim,
    absent: { value: 'tenant' },
  },
  fixedTenant: {
    variable: 'SESSION_TENANT',
    describe: 'The organization of every session and service token, where the product has only one: no claim is read.',
    parse: subject,
    absent: optional,
  } as Optional<string>,
  tenants: {
    variable: 'SESSION_TENANTS',
    describe:
      'The only organizations whose sessions are taken, separated by spaces. Absent: those of every good session.',
    parse: (value: string) => list(value).map(subject),
    absent: optional,
  } as Optional<readonly string[]>,
  rolesClaim: {
    variable: 'SESSION_ROLES_CLAIM',
    describe: 'The claim with the roles, or a JSON pointer to it: a list, or text with spaces. Default: roles.',
    parse: claim,
    absent: { value: 'roles' },
  },
  rolesForm: {
    variable: 'SESSION_ROLES_FORM',
    describe:
      '`members`: the roles are the names of the members of an object, unless false, null or empty. Default: list.',
    parse: (value: string) => {
      if (value !== 'list' && value !== 'members') throw new FormError('is neither list nor members');
      return value;
    },
    absent: { value: 'list' },
  } as Setting<'list' | 'members'>,
  tokenTypes: {
    variable: 'SESSION_TOKEN_TYPES',
    describe: 'Allowed `typ` headers; a token without one counts as JWT. Default: JWT.',
    parse: list,
    absent: { value: ['JWT'] as readonly string[] },
  },
  authorizedParties: {
    variable: 'SESSION_AUTHORIZED_PARTIES',
    describe: 'Allowed `azp` claims. Absent: not looked at, and a token for several audiences is refused.',
    parse: list,
    absent: optional,
  } as Optional<readonly string[]>,
  partyClaim: {
    variable: 'SESSION_PARTY_CLAIM',
    describe:
      'The claim that SESSION_AUTHORIZED_PARTIES is compared with beside `azp`, where the issuer names its clients in another: client_id, cid, appid. Default: azp.',
    parse: claim,
    absent: { value: 'azp' },
  },
  sessionCookie: {
    variable: 'SESSION_COOKIE',
    describe: 'Name of the session cookie, with the prefix __Host-. Absent: only Authorization: Bearer.',
    parse: (value: string) => {
      if (!/^__Host-[A-Za-z0-9_-]+$/.test(value)) throw new FormError('does not start with __Host-');
      return value;
    },
    absent: optional,
  } as Optional<string>,
} satisfies Record<string, Setting<unknown>>;

/** The service tokens of the host product's backend. */
export const service = {
  serviceIssuer: { variable: 'SERVICE_ISSUER', describe: '`iss` of the service token, exactly.', parse: text },
  serviceAudience: {
    variable: 'SERVICE_AUDIENCE',
    describe: "`aud` of the service token, exactly; not the sessions'.",
    parse: text,
  },
  serviceLimit: limit('service', "Requests of one organization's backend to one instance"),
  serviceKeysUrl: { variable: 'SERVICE_JWKS_URL', describe: 'Where its public keys are.', parse: url },
} satisfies Record<string, Setting<unknown>>;

export const adminRole: Setting<string> = {
  variable: 'ADMIN_ROLE',
  describe: "The role, in the session's roles, whose holders administer their organization. Default: admin.",
  parse: text,
  absent: { value: 'admin' },
};

/** The platform's scheduler, which calls what nobody else may. */
export const scheduler = {
  schedulerAudience: {
    variable: 'SCHEDULER_AUDIENCE',
    describe: "`aud` of the scheduler's OpenID Connect token, exactly.",
    parse: text,
  },
  schedulerAccount: {
    variable: 'SCHEDULER_ACCOUNT',
    describe: "The e-mail address of the scheduler's service account.",
    parse: (value: string) => {
      if (!/^[^@\s]+@[^@\s]+$/.test(value)) throw new FormError('is no e-mail address');
      return value;
    },
  },
  schedulerKeysUrl: {
    variable: 'SCHEDULER_EMULATOR_JWKS_URL',
    describe: "Where a stand-in has the keys in the place of Google's.",
    parse: url,
    absent: { value: 'https://www.googleapis.com/oauth2/v3/certs' },
    development: true,
  },
} satisfies Record<string, Setting<unknown>>;

export const returnUrls: Setting<ReadonlySet<string>> = {
  variable: 'RETURN_URLS',
  describe:
    'The pages that a flow may return to, separated by spaces; each under 200 characters, compared exactly. Pages link lost users to the first.',
  parse: (value) => new Set(list(value).map(returnUrl)),
};

export const stateSigningKeys = {
  variable: 'STATE_SIGNING_KEYS',
  describe: 'JWKS with private EC P-256 keys (`kid` of at most 24 characters); the first one signs states.',
  parse: keySet,
  secret: true,
} satisfies Setting<unknown>;
export const statePublicKeys = {
  variable: 'STATE_PUBLIC_KEYS',
  describe: 'JWKS with the public keys of states; during a rotation both the old and the new one.',
  parse: publicKeySet,
} satisfies Setting<unknown>;
export const completionPublicKeys = {
  variable: 'COMPLETION_PUBLIC_KEYS',
  describe:
    'JWKS with public EC P-256 keys (`kid` of at most 24 characters); flows and tickets are encrypted to the first one.',
  parse: publicKeySet,
} satisfies Setting<unknown>;
export const completionPrivateKeys = {
  variable: 'COMPLETION_PRIVATE_KEYS',
  describe: 'JWKS with the private keys that open flows and tickets; during a rotation both.',
  parse: keySet,
  secret: true,
} satisfies Setting<unknown>;

export const accountHashKey: Setting<Uint8Array> = {
  variable: 'ACCOUNT_HASH_KEY',
  describe: 'Base64 of 32 random bytes or more: hashes provider accounts and deleted users. Never changes.',
  parse: (value) => {
    const key = Buffer.from(value, 'base64');
    if (key.length < 32) throw new FormError('has fewer than 32 bytes');
    return key;
  },
  secret: true,
};

/** The database. */
export const database = {
  databaseId: {
    variable: 'FIRESTORE_DATABASE',
    describe: 'The Firestore database. Default: (default).',
    parse: text,
    absent: { value: '(default)' },
  },
  firestoreEmulator: {
    variable: 'FIRESTORE_EMULATOR_HOST',
    describe: 'Host and port of a Firestore stand-in or the official emulator: gRPC and HTTP on one port, without TLS.',
    parse: text,
    absent: optional,
    development: true,
  } as Optional<string>,
} satisfies Record<string, Setting<unknown>>;

export const defaultPolicy: Setting<Policy> = {
  variable: 'DEFAULT_POLICY',
  describe:
    'JSON: the policy of organizations that have none of their own (see Policies). Default: all allowed, Google browser-only.',
  parse: (value) => checkPolicy(JSON.parse(value)),
  absent: { value: { providers: {} } },
};

/** The key service. */
export const keys = {
  kmsKey: {
    variable: 'KMS_KEY',
    describe: 'projects/…/locations/…/keyRings/…/cryptoKeys/…: wraps the data keys.',
    parse: (value: string) => {
      if (!/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.test(value)) {
        throw new FormError('is not the name of a key');
      }
      return value;
    },
  },
  kmsEmulator: {
    variable: 'KMS_EMULATOR_HOST',
    describe: 'Host and port of a Cloud KMS stand-in: gRPC and HTTP on one port, without TLS.',
    parse: text,
    absent: optional,
    development: true,
  } as Optional<string>,
} satisfies Record<string, Setting<unknown>>;

/** The ways out. */
export const outgoing = {
  developmentOrigins: {
    variable: 'DEVELOPMENT_ORIGINS',
    describe: 'Exact origins that may be plain HTTP or private addresses: providers and key endpoints on loopback.',
    parse: list,
    absent: { value: [] as readonly string[] },
    development: true,
  },
} satisfies Record<string, Setting<unknown>>;

export const providers = {
  variable: 'PROVIDERS',
  describe: 'JSON: the providers, without their secrets (docs/configuration.md).',
  parse: parseProviders,
} satisfies Setting<unknown>;

/** Named per provider, `CLIENT_SECRET_` and the provider's name in capitals; required where its configuration says so. */
export const clientSecretVariable = (provider: string): string =>
  `CLIENT_SECRET_${provider.toUpperCase().replaceAll('-', '_')}`;

/** Sign-in and the broker's own sessions. */
export const organizations = {
  variable: 'SIGN_IN_ORGANIZATIONS',
  describe: 'JSON: who may sign in (docs/sign-in.md).',
  parse: parseOrganizations,
} satisfies Setting<unknown>;

export const signInKeys = {
  variable: 'SIGN_IN_KEYS',
  describe:
    'JWKS with private EC P-256 keys (`kid` of at most 24 characters): the first one seals the cookie of a sign-in under way, any of them opens it.',
  parse: keySet,
  secret: true,
} satisfies Setting<unknown>;

export const signInDatabase: Setting<string> = {
  variable: 'SIGN_IN_DATABASE',
  describe:
    'The Firestore database of users and sessions. The account function does without it where nobody signs in here.',
  parse: text,
};

export const directoryDatabase: Setting<string | undefined> = {
  variable: 'DIRECTORY_DATABASE',
  describe: "The Firestore database of the organizations' directories. Sign-in does without it where there are none.",
  parse: text,
  absent: optional,
};

export const sessionLimits = {
  sessionSeconds: {
    variable: 'SIGN_IN_HOURS',
    describe: 'After so many hours a user has to sign in again. Default: 12.',
    parse: (value: string) => wholeNumber(value) * 3600,
    absent: { value: 12 * 3600 },
  },
  idleSeconds: {
    variable: 'SIGN_IN_IDLE_MINUTES',
    describe: 'A session that was not renewed for so many minutes is over. Default: 60.',
    parse: (value: string) => wholeNumber(value) * 60,
    absent: { value: 60 * 60 },
  },
} satisfies Record<string, Setting<unknown>>;

/** The key that signs sessions: asymmetric, without a primary version of its own. */
export const signing = {
  signingKeyVersion: {
    variable: 'SESSION_SIGNING_KEY',
    describe:
      'projects/…/cryptoKeys/…/cryptoKeyVersions/…: the version (EC_SIGN_P256_SHA256) that signs sessions; every enabled version of its key is published.',
    parse: (value: string) => {
      if (
        !/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+\/cryptoKeyVersions\/\d+$/.test(value)
      ) {
        throw new FormError('is not the name of a key version');
      }
      return value;
    },
  },
  kmsEmulator: keys.kmsEmulator,
} satisfies Record<string, Setting<unknown>>;

/** Where a provider has a client of its own for sign-in. */
export const signInSecretVariable = (provider: string): string => `SIGN_IN_${clientSecretVariable(provider)}`;
