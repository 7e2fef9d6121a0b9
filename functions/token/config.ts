import * as settings from '../config/settings.ts';

/** The only function, beside the ones that revoke, that can decrypt. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.database,
    ...settings.keys,
    ...settings.outgoing,
    providers: settings.providers,
    defaultPolicy: settings.defaultPolicy,
  },
  clientSecrets: 'tokens',
  privileges: ['firestore.record', 'kms.decrypt'],
} as const;
