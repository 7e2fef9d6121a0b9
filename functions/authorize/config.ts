import * as settings from '../config/settings.ts';

/** Reads policies and connections, holds the key that signs states; no provider secret, no key service. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.database,
    ...settings.outgoing,
    publicUrl: settings.publicUrl,
    returnUrls: settings.returnUrls,
    providers: settings.providers,
    defaultPolicy: settings.defaultPolicy,
    stateSigningKeys: settings.stateSigningKeys,
    completionPublicKeys: settings.completionPublicKeys,
  },
  clientSecrets: false,
  privileges: ['firestore.get'],
} as const;
