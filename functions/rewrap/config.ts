import * as settings from '../config/settings.ts';

const { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project } = settings.http;

/** The only one that decrypts and encrypts under the key; for the platform's scheduler alone, and never with a token in the clear. */
export const needs = {
  settings: {
    addressHops,
    userLimit,
    addressLimit,
    failuresLimit,
    maxInFlight,
    project,
    ...settings.scheduler,
    ...settings.database,
    ...settings.keys,
    ...settings.outgoing,
  },
  clientSecrets: false,
  privileges: ['firestore.write', 'kms.decrypt', 'kms.encrypt'],
} as const;
