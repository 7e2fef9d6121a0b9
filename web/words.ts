/** Plain words for the contract's names and for the scopes of the built-in catalogues. */

/** By name (`google`, `files`) or scope; what is here is added to, and put before, the words of this file. */
export type Words = Readonly<Record<string, string>>;

const google = (name: string) => `https://www.googleapis.com/auth/${name}`;

export const scopeWords: Words = {
  'Mail.ReadBasic': 'Read who wrote to you, when and about what, but not the text',
  'Calendars.Read.Shared': 'Read your calendars and those shared with you',
  'Calendars.Read': 'Read your calendars',
  'Calendars.ReadWrite': 'Read and change your calendars',
  'Files.Read': 'Read your files',
  'Files.ReadWrite': 'Read and change your files',
  [google('gmail.settings.basic')]: 'See your mail settings and filters',
  [google('gmail.metadata')]: 'Read who wrote to you, when and about what, but not the text',
  [google('gmail.readonly')]: 'Read and search your mail',
  [google('calendar.readonly')]: 'Read your calendars',
  [google('calendar')]: 'Read, change and share your calendars',
  [google('drive.readonly')]: 'Read your files',
  [google('drive')]: 'Read, change and share your files',
};

/** Of Search AI: the SDK's connectors, and the product's own search. */
const SOURCES: Words = {
  host: 'This product',
  onedrive: 'OneDrive',
  outlook: 'Outlook',
  drive: 'Google Drive',
  gmail: 'Gmail',
  calendar: 'Google Calendar',
};

const LEVELS: Words = { metadata: 'reading headers', read: 'reading', write: 'changing' };

/** "a, b and c" */
export const listed = (words: readonly string[]): string => new Intl.ListFormat('en-GB').format(words);

/** `1 connection`, `2 connections` */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');

export const createSpeech = (own: Words = {}) => ({
  /** Of a provider or an integration. */
  title: (name: string): string => own[name] ?? capital(name),
  /** Of what is searched; an integration may have the same name, so own words for it are at `source:calendar`. */
  source: (name: string): string => own[`source:${name}`] ?? SOURCES[name] ?? capital(name),
  scope: (scope: string): string => own[scope] ?? scopeWords[scope] ?? 'Something this page has no words for',
  /** What a level allows, after "Allow". */
  level: (name: string): string => LEVELS[name] ?? name,
});

export type Speech = ReturnType<typeof createSpeech>;
