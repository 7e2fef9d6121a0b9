import { answersDatabase } from '../config/answers.ts';
import * as settings from '../config/settings.ts';

/** Reads policies, and reads and removes the names of cited documents; knows no model. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.database,
    ...settings.outgoing,
    answersDatabase,
    defaultPolicy: settings.defaultPolicy,
  },
  clientSecrets: false,
  privileges: ['firestore.get', 'answers.write'],
} as const;
