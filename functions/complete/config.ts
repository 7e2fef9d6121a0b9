import * as settings from '../config/settings.ts';

/** Exchanges codes and stores what comes: encrypts, and decrypts the one token that it replaces, in order to revoke it. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.database,
    ...settings.keys,
    ...settings.outgoing,
    publicUrl: settings.publicUrl,
    providers: settings.providers,
    defaultPolicy: settings.defaultPolicy,
    statePublicKeys: settings.statePublicKeys,
    completionPrivateKeys: settings.completionPrivateKeys,
    accountHashKey: settings.accountHashKey,
  },
  clientSecrets: 'tokens',
  privileges: ['firestore.write', 'kms.decrypt', 'kms.encrypt'],
} as const;
