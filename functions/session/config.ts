import * as settings from '../config/settings.ts';

/** Renews, hands over and ends sessions: signs, and holds no secret. */
export const needs = {
  settings: {
    ...settings.http,
    ...settings.service,
    ...settings.outgoing,
    publicUrl: settings.publicUrl,
    sessionAudience: settings.session.sessionAudience,
    sessionAlgorithms: settings.session.sessionAlgorithms,
    tenantClaim: settings.session.tenantClaim,
    fixedTenant: settings.session.fixedTenant,
    sessionCookie: settings.session.sessionCookie,
    adminRole: settings.adminRole,
    firestoreEmulator: settings.database.firestoreEmulator,
    signInDatabase: settings.signInDatabase,
    directoryDatabase: settings.directoryDatabase,
    organizations: settings.organizations,
    ...settings.sessionLimits,
    ...settings.signing,
  },
  clientSecrets: false,
  privileges: ['sign-in.write', 'directory.get', 'kms.sign'],
} as const;
