/**
 * Which scopes an integration needs, per access level: the one place to read or change it. Sources: Microsoft Graph
 * permissions reference; Google's "Choose Gmail / Drive / Calendar API scopes" pages.
 */

/** Access levels of one integration, from the least to the most; a higher level satisfies a lower one. */
export type Levels = Readonly<Record<string, readonly string[]>>;

/** The integrations of one provider. */
export interface Catalogue {
  readonly integrations: Readonly<Record<string, Levels>>;
  /** Scopes that must not meet in one grant. */
  readonly exclusive?: readonly (readonly string[])[];
}

export const microsoftCatalogue: Catalogue = {
  integrations: {
    mail: { read: ['Mail.ReadBasic'] },
    calendar: { read: ['Calendars.Read.Shared'], write: ['Calendars.Read.Shared', 'Calendars.ReadWrite'] },
    files: { read: ['Files.Read'], write: ['Files.ReadWrite'] },
  },
};

const google = (name: string) => `https://www.googleapis.com/auth/${name}`;

export const googleCatalogue: Catalogue = {
  integrations: {
    mail: {
      metadata: [google('gmail.settings.basic'), google('gmail.metadata')],
      read: [google('gmail.settings.basic'), google('gmail.readonly')],
    },
    // The write levels are for sharing: reading never asks for them.
    calendar: { read: [google('calendar.readonly')], write: [google('calendar')] },
    files: { read: [google('drive.readonly')], write: [google('drive')] },
  },
  // gmail.metadata forbids the search parameter, even when gmail.readonly stands beside it.
  exclusive: [[google('gmail.metadata'), google('gmail.readonly')]],
};
