import { answers } from '../config/answers.ts';
import * as settings from '../config/settings.ts';

const { userLimit: _theirOwn, ...http } = settings.http;

/** Reads policies, asks the model, and keeps the names of cited documents; does not reach the tokens' key. */
export const needs = {
  settings: {
    ...http,
    ...settings.session,
    ...settings.database,
    ...settings.outgoing,
    ...answers,
    defaultPolicy: settings.defaultPolicy,
  },
  clientSecrets: false,
  privileges: ['firestore.get', 'answers.write', 'model.predict'],
} as const;
