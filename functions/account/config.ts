import * as settings from '../config/settings.ts';

/** Decrypts in order to revoke, deletes, and leaves tombstones. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.service,
    ...settings.database,
    ...settings.keys,
    ...settings.outgoing,
    providers: settings.providers,
    accountHashKey: settings.accountHashKey,
  },
  clientSecrets: true,
  privileges: ['firestore.write', 'kms.decrypt'],
} as const;
