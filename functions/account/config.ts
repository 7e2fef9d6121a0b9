import { optionalAnswersDatabase } from '../config/answers.ts';
import type { Setting } from '../config/load.ts';
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
    signInDatabase: { ...settings.signInDatabase, absent: { value: undefined } } as Setting<string | undefined>,
    answersDatabase: optionalAnswersDatabase,
  },
  clientSecrets: 'revocation',
  privileges: ['firestore.write', 'sign-in.write', 'answers.write', 'kms.decrypt'],
} as const;
