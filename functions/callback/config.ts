import * as settings from '../config/settings.ts';

const { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project } = settings.http;

/** Holds no privilege: no database, no key service, no secret, only public keys. */
export const needs = {
  settings: {
    addressHops,
    userLimit,
    addressLimit,
    failuresLimit,
    maxInFlight,
    project,
    returnUrls: settings.returnUrls,
    statePublicKeys: settings.statePublicKeys,
    completionPublicKeys: settings.completionPublicKeys,
  },
  clientSecrets: false,
  privileges: [],
} as const;
