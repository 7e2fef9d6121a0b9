/**
 * Which scopes an integration needs, per access level, and which other scopes are as good: the one place to read or change
 * it. Sources: Microsoft Graph permissions reference (https://learn.microsoft.com/graph/permissions-reference); Google's
 * "Choose Gmail / Drive / Calendar API scopes" pages.
 */

/** Access levels of one integration, from the least to the most; a higher level satisfies a lower one. */
export type Levels = Readonly<Record<string, readonly string[]>>;

/** The integrations of one provider. */
export interface Catalogue {
  /** How the provider's scopes compare (shared/scopes.ts). Exactly, where it is absent. */
  readonly kind?: 'microsoft' | 'google' | 'oidc' | 'oauth2';
  readonly integrations: Readonly<Record<string, Levels>>;
  /** By level (`calendar:read`): other sets of scopes that are enough, for accounts that do not have the usual ones. */
  readonly alternatives?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** By scope: the scopes that include it, the narrowest first. They are used where they were granted, and not asked for. */
  readonly wider?: Readonly<Record<string, readonly string[]>>;
  /** The wider scopes that also change something: no use to an integration that is read-only. */
  readonly writing?: readonly string[];
  /** Scopes that must not meet in one grant. */
  readonly exclusive?: readonly (readonly string[])[];
}

export const microsoftCatalogue: Catalogue = {
  kind: 'microsoft',
  integrations: {
    mail: { read: ['Mail.ReadBasic'] },
    calendar: { read: ['Calendars.Read.Shared'], write: ['Calendars.Read.Shared', 'Calendars.ReadWrite'] },
    files: { read: ['Files.Read'], write: ['Files.ReadWrite'] },
  },
  // A personal account has no calendars of others: the reference names no .Shared permission for it.
  alternatives: { 'calendar:read': [['Calendars.Read']], 'calendar:write': [['Calendars.ReadWrite']] },
  wider: {
    'Mail.ReadBasic': [
      'Mail.Read',
      'Mail.ReadWrite',
      'Mail.ReadBasic.Shared',
      'Mail.Read.Shared',
      'Mail.ReadWrite.Shared',
    ],
    'Calendars.Read': ['Calendars.ReadWrite', 'Calendars.Read.Shared', 'Calendars.ReadWrite.Shared'],
    'Calendars.Read.Shared': ['Calendars.ReadWrite.Shared'],
    'Calendars.ReadWrite': ['Calendars.ReadWrite.Shared'],
    'Files.Read': ['Files.ReadWrite', 'Files.Read.All', 'Files.ReadWrite.All'],
    'Files.ReadWrite': ['Files.ReadWrite.All'],
  },
  writing: [
    'Mail.ReadWrite',
    'Mail.ReadWrite.Shared',
    'Calendars.ReadWrite',
    'Calendars.ReadWrite.Shared',
    'Files.ReadWrite',
    'Files.ReadWrite.All',
  ],
};

const google = (name: string) => `https://www.googleapis.com/auth/${name}`;

export const googleCatalogue: Catalogue = {
  kind: 'google',
  integrations: {
    mail: {
      metadata: [google('gmail.settings.basic'), google('gmail.metadata')],
      read: [google('gmail.settings.basic'), google('gmail.readonly')],
    },
    // The write levels are for sharing: reading never asks for them.
    calendar: { read: [google('calendar.readonly')], write: [google('calendar')] },
    files: { read: [google('drive.readonly')], write: [google('drive')] },
  },
  wider: {
    // Nothing stands for gmail.metadata: the level `read` does, with other scopes.
    [google('gmail.readonly')]: [google('gmail.modify'), 'https://mail.google.com/'],
    [google('calendar.readonly')]: [google('calendar')],
    [google('drive.readonly')]: [google('drive')],
  },
  writing: [google('gmail.modify'), 'https://mail.google.com/', google('calendar'), google('drive')],
  // gmail.metadata forbids the search parameter, even when gmail.readonly stands beside it.
  exclusive: [[google('gmail.metadata'), google('gmail.readonly')]],
};
