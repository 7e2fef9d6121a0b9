/** What several functions make of their configuration. No SDK of a cloud service or a provider is imported here. */
import { claimPath } from '../adapters/claim.ts';
import { createHttpClient, type HttpClient } from '../adapters/http-client.ts';
import { createKeySet, type Get } from '../adapters/jwks.ts';
import { createSchedulerVerifier } from '../adapters/scheduler.ts';
import { createServiceVerifier, createSessionVerifier, type Refused, type SessionRules } from '../adapters/session.ts';
import { userKey } from '../core/identity.ts';
import type { Organization } from '../core/organizations.ts';
import type { Observe } from '../core/ports.ts';
import type { Directory } from '../core/sessions.ts';
import { createObserve } from '../http/log.ts';
import { homeOf } from '../http/navigation.ts';
import type { HttpDependencies, IdentifiedSessions, Scheduler, Services } from '../http/operation.ts';
import { createRateLimits } from '../http/rate-limit.ts';
import { ConfigurationError, type Loaded, type Settings } from './load.ts';
import type { http, outgoing, scheduler, service, session } from './settings.ts';

type Config<S extends Settings> = Loaded<S>;

export const httpOf = (
  config: Omit<Config<typeof http>, 'allowedOrigins'> &
    Partial<Pick<Config<typeof service>, 'serviceLimit'>> & {
      readonly returnUrls?: ReadonlySet<string>;
    },
): HttpDependencies => ({
  observe: createObserve({ projectId: config.project }),
  maxInFlight: config.maxInFlight,
  home: homeOf(config.returnUrls ?? []),
  limits: createRateLimits({
    addressHops: config.addressHops,
    user: config.userLimit,
    service: config.serviceLimit,
    address: config.addressLimit,
    failures: config.failuresLimit,
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

/** Which tokens are sessions. Throws `ConfigurationError` where an issuer's template has no list of organizations. */
export const sessionRulesOf = (config: Config<typeof session>): SessionRules => {
  const { sessionIssuer, tenants, fixedTenant } = config;
  if (sessionIssuer.includes('{tenant}') && (tenants === undefined || tenants.length === 0)) {
    throw new ConfigurationError(['SESSION_TENANTS is missing: SESSION_ISSUER has {tenant}, and would take any']);
  }
  if (fixedTenant !== undefined && tenants !== undefined) {
    throw new ConfigurationError(['SESSION_TENANT and SESSION_TENANTS contradict each other: set one of them']);
  }
  return {
    issuer: sessionIssuer,
    audience: config.sessionAudience,
    audienceClaim: config.audienceClaim,
    algorithms: config.sessionAlgorithms,
    tokenTypes: config.tokenTypes,
    authorizedParties: config.authorizedParties,
    partyClaim: config.partyClaim,
    claims: { user: config.userClaim, tenant: config.tenantClaim, roles: config.rolesClaim },
    tenant: fixedTenant,
    tenants,
    rolesForm: config.rolesForm,
  };
};

/** A rule that tokens break is logged once in this time: a wrong setting is seen, and a flood says no more. */
const REFUSED_EVERY_MS = 60_000;

/** @returns logs which rule the tokens break that are refused */
const refusalsSeen = (observe: Observe): Refused => {
  const seen = new Map<string, number>();
  return (rule) => {
    const now = Date.now();
    if (now - (seen.get(rule) ?? Number.NEGATIVE_INFINITY) < REFUSED_EVERY_MS) return;
    seen.set(rule, now);
    observe({ event: 'session_refused', rule });
  };
};

export const sessionsOf = (
  config: Config<typeof session> & Pick<Config<typeof http>, 'allowedOrigins' | 'project'>,
  client: HttpClient,
): IdentifiedSessions => ({
  verify: createSessionVerifier(
    sessionRulesOf(config),
    createKeySet({ url: config.sessionKeysUrl, get: getBy(client), early: true }),
    Date.now,
    refusalsSeen(createObserve({ projectId: config.project })),
  ),
  origins: config.allowedOrigins,
  ...(config.sessionCookie ? { cookie: config.sessionCookie } : {}),
  userKey: (identity) => userKey(config.sessionIssuer, identity),
  claims: [
    ['iss'],
    claimPath(config.userClaim),
    ...(config.fixedTenant === undefined ? [claimPath(config.tenantClaim)] : []),
  ],
});

/** Throws `ConfigurationError` where a user's session would pass for a service token. */
export const servicesOf = (
  config: Config<typeof service> &
    Pick<Config<typeof session>, 'tenantClaim' | 'fixedTenant' | 'sessionAlgorithms' | 'sessionAudience'>,
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
        tenant: config.fixedTenant,
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
  return { status: async () => undefined, holders: async () => [] };
};

/** Where a provider sends the browser back to: from the configuration, whatever host a request came to (S11). */
export const redirectUriOf = (publicUrl: string, provider: string): string => `${publicUrl}/v1/callback/${provider}`;

/** The same for sign-in, apart from the connections' own. */
export const signInRedirectUriOf = (publicUrl: string, provider: string): string =>
  `${publicUrl}/v1/sso/${provider}/callback`;
