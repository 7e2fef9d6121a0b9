/** Searches in Microsoft Graph. No member is asked for that is not shown. */
import type { Connector } from './connectors.ts';
import { matches } from './rank.ts';

const origin = 'https://graph.microsoft.com';
const MOST = 10;
/** How far back mail is looked through. */
const NEWEST = 200;

interface List<Value> {
  readonly value: readonly Value[];
}

interface DriveItem {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly webUrl: string;
  readonly lastModifiedDateTime: string;
}

interface Message {
  readonly id: string;
  readonly subject?: string;
  readonly from?: { readonly emailAddress: { readonly name?: string; readonly address?: string } };
  readonly receivedDateTime: string;
  readonly webLink: string;
}

/** https://learn.microsoft.com/graph/api/driveitem-search: names, metadata and contents; nothing tells why it matched. */
export const onedrive: Connector = {
  kind: 'microsoft',
  integration: 'files',
  origin,
  async search(query, get) {
    const parameters = new URLSearchParams({
      $select: 'id,name,description,webUrl,lastModifiedDateTime',
      $top: String(MOST),
    });
    // A literal of OData: its quotes are doubled.
    const literal = encodeURIComponent(query.replaceAll("'", "''"));
    const { value } = await get<List<DriveItem>>(`/v1.0/me/drive/root/search(q='${literal}')?${parameters}`);
    return value.map(({ id, name, description, webUrl, lastModifiedDateTime }) => ({
      id,
      title: name,
      snippet: description,
      link: webUrl,
      date: lastModifiedDateTime,
    }));
  },
};

/**
 * `Mail.ReadBasic`, which is all that the broker asks for, "does not include permissions to search messages" and shows no
 * text (https://learn.microsoft.com/graph/permissions-reference#mailreadbasic). So the newest messages are listed, and
 * subject and sender compared here; there is no snippet.
 */
export const outlook: Connector = {
  kind: 'microsoft',
  integration: 'mail',
  origin,
  isPartial: true,
  async search(query, get) {
    const parameters = new URLSearchParams({
      $select: 'id,subject,from,receivedDateTime,webLink',
      $orderby: 'receivedDateTime desc',
      $top: String(NEWEST),
    });
    const { value } = await get<List<Message>>(`/v1.0/me/messages?${parameters}`);
    return value
      .filter(({ subject, from }) =>
        matches(query, [subject, from?.emailAddress.name, from?.emailAddress.address].join(' ')),
      )
      .slice(0, MOST)
      .map(({ id, subject, from, receivedDateTime, webLink }) => ({
        id,
        title: [subject, from?.emailAddress.name].filter(Boolean).join(' – '),
        link: webLink,
        date: receivedDateTime,
      }));
  },
};
