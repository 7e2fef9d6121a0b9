import { directoryDatabase } from '../config/directory.ts';
import * as settings from '../config/settings.ts';

/** Reads users and groups; writes nothing, and does not reach the tokens. */
export const needs = {
  settings: { ...settings.http, ...settings.session, ...settings.outgoing, ...directoryDatabase },
  clientSecrets: false,
  privileges: ['directory.read'],
} as const;
