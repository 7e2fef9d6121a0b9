import * as settings from '../config/settings.ts';

const { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project } = settings.http;

/** Reads public keys. */
export const needs = {
  settings: { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project, ...settings.signing },
  clientSecrets: false,
  privileges: ['kms.publicKeys'],
} as const;
