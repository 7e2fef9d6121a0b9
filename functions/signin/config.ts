import * as settings from '../config/settings.ts';

const { addressHops, userLimit, addressLimit, failuresLimit, maxInFlight, project } = settings.http;

/** Exchanges codes for who somebody is, and begins sessions; cannot sign one. */
export const needs = {
  settings: {
    addressHops,
    userLimit,
    addressLimit,
    failuresLimit,
    maxInFlight,
    project,
    ...settings.outgoing,
    publicUrl: settings.publicUrl,
    returnUrls: settings.returnUrls,
    sessionCookie: settings.session.sessionCookie,
    firestoreEmulator: settings.database.firestoreEmulator,
    signInDatabase: settings.signInDatabase,
    directoryDatabase: settings.directoryDatabase,
    providers: settings.providers,
    organizations: settings.organizations,
    signInKeys: settings.signInKeys,
    ...settings.sessionLimits,
  },
  clientSecrets: 'sign-in',
  privileges: ['sign-in.write', 'directory.read'],
} as const;
