/** What several functions make of their configuration. No SDK of a cloud service or a provider is imported here. */
import { createHttpClient, type HttpClient } from '../adapters/http-client.ts';
import { createKeySet, type Get } from '../adapters/jwks.ts';
import { createSchedulerVerifier } from '../adapters/scheduler.ts';
import { createServiceVerifier, createSessionVerifier } from '../adapters/session.ts';
import type { Organization } from '../core/organizations.ts';
import type { Directory } from '../core/sessions.ts';
import { createObserve } from '../http/log.ts';
import type { HttpDependencies, Scheduler, Services, Sessions } from '../http/operation.ts';
import { createRateLimits } from '../http/rate-limit.ts';
import { ConfigurationError, type Loaded, type Settings } from './load.ts';
import type { http, outgoing, scheduler, service, session } from './settings.ts';

type Config<S extends Settings> = Loaded<S>;

export const httpOf = (config: Omit<Config<typeof http>, 'allowedOrigins'>): HttpDependencies => ({
  observe: createObserve({ projectId: config.project }),
  maxInFlight: config.maxInFlight,
  limits: createRateLimits({
    addressHops: config.addressHops,
    ...(config.userLimit ? { user: config.userLimit } : {}),
    ...(config.addressLimit ? { address: config.addressLimit } : {}),
  }),
});

export const outgoingOf = ({ developmentOrigins }: Config<typeof outgoing>): HttpClient =>
  createHttpClient({ developmentOrigins });

const KEYS_DEADLINE_MS = 5_000;

export const getBy =
  (client: HttpClient): Get =>
  (url) =>
    client.request({ method: 'GET', url, deadlineMs: KEYS_DEADLINE_MS });

/** An issuer's keys, as they are published. */
export const keySetOf = (url: string, client: HttpClient) => createKeySet({ url, get: getBy(client) });

export const sessionsOf = (
  config: Config<typeof session> & Pick<Config<typeof http>, 'allowedOrigins'>,
  client: HttpClient,
): Sessions => {
  const rules = {
    issuer: config.sessionIssuer,
    audience: config.sessionAudience,
    algorithms: config.sessionAlgorithms,
    tokenTypes: config.tokenTypes,
    claims: { user: config.userClaim, tenant: config.tenantClaim, roles: config.rolesClaim },
    ...(config.authorizedParties ? { authorizedParties: config.authorizedParties } : {}),
  };
  return {
    verify: createSessionVerifier(rules, createKeySet({ url: config.sessionKeysUrl, get: getBy(client), early: true })),
    origins: config.allowedOrigins,
    ...(config.sessionCookie ? { cookie: config.sessionCookie } : {}),
  };
};

/** Throws `ConfigurationError` where a user's session would pass for a service token. */
export const servicesOf = (
  config: Config<typeof service> &
    Pick<Config<typeof session>, 'tenantClaim' | 'sessionAlgorithms' | 'sessionAudience'>,
  client: HttpClient,
): Services => {
  if (config.serviceAudience === config.sessionAudience) {
    throw new ConfigurationError(['SERVICE_AUDIENCE is the same as SESSION_AUDIENCE']);
  }
  return {
    verify: createServiceVerifier(
      {
        issuer: config.serviceIssuer,
        audience: config.serviceAudience,
        algorithms: config.sessionAlgorithms,
        claims: { tenant: config.tenantClaim },
      },
      keySetOf(config.serviceKeysUrl, client),
    ),
  };
};

export const schedulerOf = (config: Config<typeof scheduler>, client: HttpClient): Scheduler => ({
  verify: createSchedulerVerifier(
    { audience: config.schedulerAudience, account: config.schedulerAccount },
    keySetOf(config.schedulerKeysUrl, client),
  ),
});

/**
 * The organizations' directories, where there are any. Throws `ConfigurationError` where an organization admits nobody but
 * whom its directory lists, and there is none.
 */
export const directoryOf = (
  {
    directoryDatabase,
    organizations,
  }: { directoryDatabase: string | undefined; organizations: readonly Organization[] },
  open: (databaseId: string) => Directory,
): Directory => {
  if (directoryDatabase !== undefined) return open(directoryDatabase);
  if (organizations.some(({ firstSignIn }) => firstSignIn === 'directory_only')) {
    throw new ConfigurationError(['DIRECTORY_DATABASE is missing: an organization has first_sign_in "directory_only"']);
  }
  return { status: async () => undefined, lists: async () => false };
};

/** Where a provider sends the browser back to: from the configuration, whatever host a request came to (S11). */
export const redirectUriOf = (publicUrl: string, provider: string): string => `${publicUrl}/v1/callback/${provider}`;

/** The same for sign-in, apart from the connections' own. */
export const signInRedirectUriOf = (publicUrl: string, provider: string): string =>
  `${publicUrl}/v1/sso/${provider}/callback`;
