/** What this product uses of each provider, and how it says so. Which scopes that takes is the broker's business. */
import { scopeWords } from '../../../web/words.ts';

export interface Integration {
  readonly name: string;
  readonly title: string;
  /** What reading needs, as the broker's catalogue names it. */
  readonly read: string;
  readonly readLabel: string;
  /** A later feature's further step. */
  readonly more?: { readonly ask: string; readonly label: string; readonly allows: string };
}

export interface Provider {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly integrations: readonly Integration[];
  /** Plain words for the scopes. */
  readonly scopes: Readonly<Record<string, string>>;
}

export const providers: readonly Provider[] = [
  {
    name: 'microsoft',
    title: 'Microsoft',
    about: 'OneDrive, Outlook calendar and mail, by Microsoft Graph',
    integrations: [
      {
        name: 'files',
        title: 'Files',
        read: 'files:read',
        readLabel: 'Read files',
        more: { ask: 'files:write', label: 'Allow changing files', allows: 'Reading and changing' },
      },
      {
        name: 'calendar',
        title: 'Calendar',
        read: 'calendar:read',
        readLabel: 'Read events',
        more: { ask: 'calendar:write', label: 'Allow changing events', allows: 'Reading and changing' },
      },
      { name: 'mail', title: 'Mail', read: 'mail:read', readLabel: 'Read mail' },
    ],
    scopes: scopeWords,
  },
  {
    name: 'google',
    title: 'Google',
    about: 'Drive, Calendar and Gmail',
    integrations: [
      {
        name: 'files',
        title: 'Files',
        read: 'files:read',
        readLabel: 'Read files',
        more: { ask: 'files:write', label: 'Allow sharing files', allows: 'Reading and sharing' },
      },
      {
        name: 'calendar',
        title: 'Calendar',
        read: 'calendar:read',
        readLabel: 'Read events',
        more: { ask: 'calendar:write', label: 'Allow sharing calendars', allows: 'Reading and sharing' },
      },
      {
        name: 'mail',
        title: 'Mail',
        read: 'mail:metadata',
        readLabel: 'Read mail',
        more: { ask: 'mail:read', label: 'Allow searching mail', allows: 'Reading and searching' },
      },
    ],
    scopes: scopeWords,
  },
  {
    name: 'notes',
    title: 'Notes',
    about: 'Any other OpenID Connect provider, here one with single-use refresh tokens',
    integrations: [
      {
        name: 'notes',
        title: 'Notes',
        read: 'notes:read',
        readLabel: 'Read notes',
        more: { ask: 'notes:write', label: 'Allow writing notes', allows: 'Reading and writing' },
      },
    ],
    scopes: { 'notes.read': 'Read your notes', 'notes.write': 'Write notes' },
  },
];

/** What a connection allows of an integration, as the broker reports it (`files:write`); `undefined`: nothing. */
export const allowed = (integrations: readonly string[], { name }: Integration): string | undefined =>
  integrations.find((each) => each.split(':')[0] === name);
