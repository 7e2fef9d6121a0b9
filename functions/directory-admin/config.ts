import { directoryDatabase, directoryOrganizations } from '../config/directory.ts';
import * as settings from '../config/settings.ts';

/** Reads how runs went, and notes that one is wanted. A function of its own, so that the one that searches can only read. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.session,
    ...settings.outgoing,
    ...directoryDatabase,
    adminRole: settings.adminRole,
    directoryOrganizations,
  },
  clientSecrets: false,
  privileges: ['directory.record'],
} as const;
