/** What several functions make of their configuration. No SDK of a cloud service or a provider is imported here. */
import { createHttpClient, type HttpClient } from '../adapters/http-client.ts';
import { createKeySet, type Get } from '../adapters/jwks.ts';
import { createSchedulerVerifier } from '../adapters/scheduler.ts';
import { createServiceVerifier, createSessionVerifier } from '../adapters/session.ts';
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

const getBy =
  (client: HttpClient): Get =>
  (url) =>
    client.request({ method: 'GET', url, deadlineMs: KEYS_DEADLINE_MS });

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
      createKeySet({ url: config.serviceKeysUrl, get: getBy(client) }),
    ),
  };
};

export const schedulerOf = (config: Config<typeof scheduler>, client: HttpClient): Scheduler => ({
  verify: createSchedulerVerifier(
    { audience: config.schedulerAudience, account: config.schedulerAccount },
    createKeySet({ url: config.schedulerKeysUrl, get: getBy(client) }),
  ),
});

/** Where a provider sends the browser back to: from the configuration, whatever host a request came to (S11). */
export const redirectUriOf = (publicUrl: string, provider: string): string => `${publicUrl}/v1/callback/${provider}`;
