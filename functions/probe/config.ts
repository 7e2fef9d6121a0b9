import * as settings from '../config/settings.ts';

const { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project } = settings.http;
const { sessionIssuer, sessionAudience, audienceClaim, sessionKeysUrl, userClaim, tenantClaim, fixedTenant, tenants } =
  settings.session;

/** Knows what a session looks like, and holds nothing that could make one. */
export const needs = {
  settings: {
    addressHops,
    userLimit,
    addressLimit,
    failuresLimit,
    maxInFlight,
    project,
    ...settings.scheduler,
    ...settings.outgoing,
    publicUrl: settings.publicUrl,
    sessionIssuer,
    sessionAudience,
    audienceClaim,
    sessionKeysUrl,
    userClaim,
    tenantClaim,
    fixedTenant,
    tenants,
  },
  clientSecrets: false,
  privileges: [],
} as const;
