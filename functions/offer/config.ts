import * as settings from '../config/settings.ts';

/** Reads policies; knows public clients, and nothing secret. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.database,
    ...settings.outgoing,
    providers: settings.providers,
    defaultPolicy: settings.defaultPolicy,
  },
  clientSecrets: false,
  privileges: ['firestore.get'],
} as const;
