import * as settings from '../config/settings.ts';

/** Reads and writes policies, counts connections; opens nothing. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.database,
    ...settings.outgoing,
    adminRole: settings.adminRole,
    providers: settings.providers,
    defaultPolicy: settings.defaultPolicy,
  },
  clientSecrets: false,
  privileges: ['firestore.write'],
} as const;
