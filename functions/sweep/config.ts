import { optionalAnswersDatabase } from '../config/answers.ts';
import * as settings from '../config/settings.ts';

const { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project } = settings.http;

/** Decrypts in order to revoke, and deletes; for the platform's scheduler alone. */
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
    providers: settings.providers,
    defaultPolicy: settings.defaultPolicy,
    answersDatabase: optionalAnswersDatabase,
  },
  clientSecrets: 'revocation',
  privileges: ['firestore.write', 'answers.write', 'kms.decrypt'],
} as const;
