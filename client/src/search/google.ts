/** Searches in Google's APIs. No field is asked for that is not shown. */
import type { BrokerError } from '../errors.ts';
import type { Connector } from './connectors.ts';

const origin = 'https://www.googleapis.com';
const MOST = '10';
/** Events that are over longer ago are not looked for. */
const DAYS = 30;

interface File {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly webViewLink?: string;
  readonly modifiedTime: string;
}

interface Message {
  readonly id: string;
  readonly snippet?: string;
  /** Milliseconds since the epoch. */
  readonly internalDate: string;
  readonly payload: { readonly headers?: readonly { readonly name: string; readonly value: string }[] };
}

interface Event {
  readonly id: string;
  readonly summary?: string;
  readonly description?: string;
  readonly location?: string;
  readonly htmlLink: string;
  readonly start: { readonly dateTime?: string; readonly date?: string };
}

/** https://developers.google.com/workspace/drive/api/guides/search-files: names, descriptions and contents. */
export const drive: Connector = {
  kind: 'google',
  integration: 'files',
  origin,
  async search(query, get) {
    const literal = query.replace(/[\\']/g, '\\$&');
    const parameters = new URLSearchParams({
      q: `fullText contains '${literal}' and trashed = false`,
      fields: 'files(id,name,description,webViewLink,modifiedTime)',
      pageSize: MOST,
      includeItemsFromAllDrives: 'true',
      supportsAllDrives: 'true',
    });
    const { files } = await get<{ files: readonly File[] }>(`/drive/v3/files?${parameters}`);
    return files.map(({ id, name, description, webViewLink, modifiedTime }) => ({
      id,
      title: name,
      snippet: description,
      link: webViewLink,
      date: modifiedTime,
    }));
  },
};

const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
/** Gmail's snippets are text that was made fit for HTML. */
const fromHtml = (text: string): string => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => CHARACTERS[name] ?? '');

/** Whoever granted `gmail.metadata` has no search, not even beside `gmail.readonly`: hence the level. */
export const gmail: Connector = {
  kind: 'google',
  integration: 'mail:read',
  origin: 'https://gmail.googleapis.com',
  async search(query, get) {
    const list = '/gmail/v1/users/me/messages';
    const wanted = new URLSearchParams({ q: query, maxResults: MOST, fields: 'messages/id' });
    const { messages = [] } = await get<{ messages?: readonly { id: string }[] }>(`${list}?${wanted}`);
    const parameters = new URLSearchParams({
      format: 'metadata',
      fields: 'id,snippet,internalDate,payload/headers',
    });
    for (const name of ['Subject', 'From']) parameters.append('metadataHeaders', name);
    const found = await Promise.all(
      messages.map(async ({ id }) => {
        // One that was deleted meanwhile is not found any more, and the others are.
        const message = await get<Message>(`${list}/${id}?${parameters}`).catch((error) => {
          if ((error as BrokerError).code !== 'not_found') throw error;
        });
        if (!message) return [];
        const { snippet, internalDate, payload } = message;
        const header = (sought: string) => payload.headers?.find(({ name }) => name.toLowerCase() === sought)?.value;
        return [
          {
            id,
            title: [header('subject'), header('from')?.replace(/ *<.*>$/, '')].filter(Boolean).join(' – '),
            snippet: snippet && fromHtml(snippet),
            link: `https://mail.google.com/mail/#all/${id}`,
            date: new Date(Number(internalDate)).toISOString(),
          },
        ];
      }),
    );
    return found.flat();
  },
};

/** https://developers.google.com/workspace/calendar/api/v3/reference/events/list: the primary calendar, each event by itself. */
export const calendar: Connector = {
  kind: 'google',
  integration: 'calendar',
  origin,
  isPartial: true,
  async search(query, get) {
    const parameters = new URLSearchParams({
      q: query,
      timeMin: new Date(Date.now() - DAYS * 24 * 3600_000).toISOString(),
      singleEvents: 'true',
      orderBy: 'startTime',
      fields: 'items(id,summary,description,location,htmlLink,start)',
      maxResults: MOST,
    });
    const path = `/calendar/v3/calendars/primary/events?${parameters}`;
    const { items = [] } = await get<{ items?: readonly Event[] }>(path);
    return items.map(({ id, summary, description, location, htmlLink, start }) => ({
      id,
      title: summary,
      // A description may be HTML; what is shown is text, so tags would only be in the way.
      snippet: [start.dateTime ?? start.date, location, description?.replace(/<[^>]*>/g, ' ')]
        .filter(Boolean)
        .join(', '),
      link: htmlLink,
      date: start.dateTime ?? start.date,
    }));
  },
};
