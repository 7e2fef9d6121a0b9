import * as settings from '../config/settings.ts';

/** Reads, and cannot decrypt what it reads. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.database,
    ...settings.outgoing,
    providers: settings.providers,
  },
  clientSecrets: false,
  privileges: ['firestore.read'],
} as const;
