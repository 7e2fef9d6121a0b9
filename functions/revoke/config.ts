import * as settings from '../config/settings.ts';

/** Decrypts in order to revoke, and deletes. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.database,
    ...settings.keys,
    ...settings.outgoing,
    providers: settings.providers,
  },
  clientSecrets: 'revocation',
  privileges: ['firestore.write', 'kms.decrypt'],
} as const;
