import { directoryDatabase, directorySync } from '../config/directory.ts';
import * as settings from '../config/settings.ts';

const { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project } = settings.http;

/** Impersonates administrators, to read; writes directories, and does not reach the tokens. For the scheduler alone. */
export const needs = {
  settings: {
    addressHops,
    userLimit,
    addressLimit,
    failuresLimit,
    maxInFlight,
    project,
    ...settings.scheduler,
    ...settings.outgoing,
    ...directoryDatabase,
    ...directorySync,
  },
  clientSecrets: false,
  privileges: ['directory.write', 'iam.sign_as_itself'],
} as const;
