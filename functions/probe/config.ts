import * as settings from '../config/settings.ts';

<<<<<<< HEAD
const { addressHops, userLimit, addressLimit, maxInFlight, project } = settings.http;
const { sessionIssuer, sessionAudience, audienceClaim, sessionKeysUrl, userClaim, tenantClaim, fixedTenant, tenants } =
  settings.session;
=======
const { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project } = settings.http;
const { sessionIssuer, sessionAudience, sessionKeysUrl, userClaim, tenantClaim } = settings.session;
>>>>>>> 68706c9 (Limits on requests fit a company behind one address or one backend, and a person sees a page in the place of a raw 429 or 503)

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
