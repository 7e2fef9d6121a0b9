/** The few calls of the Drive, Calendar and Gmail APIs that the demo page makes. */

import { CHANGED, EVENT_MILLISECONDS, eventsOf, filesOf, messagesOf, startOf } from './content.ts';
import type { Running } from './dialect.ts';
import type { Api, Call, ResourceServer } from './resources.ts';
import { type Answer, json } from './web.ts';

const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;

const error = (
  code: number,
  status: string,
  reason: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => json(code, { error: { code, message, errors: [{ message, domain: 'global', reason }], status } }, headers);

const unauthorized = () =>
  error(
    401,
    'UNAUTHENTICATED',
    'authError',
    'Request had invalid authentication credentials. Expected OAuth 2 access token.',
    { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  );

const forbidden = ({ scopes }: Api) =>
  error(403, 'PERMISSION_DENIED', 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
    'www-authenticate': `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="${scopes.join(' ')}"`,
  });

/** Where `gmail.metadata` is among the scopes its limits hold, whatever stands beside it. */
const isMetadataOnly = ({ access }: Call) => access.scopes.includes(scope('gmail.metadata'));
const metadataRefusal = (message: string) => error(403, 'PERMISSION_DENIED', 'forbidden', message);

const files = ({ access }: Call): Answer =>
  json(200, {
    kind: 'drive#fileList',
    incompleteSearch: false,
    files: filesOf(access.account).map(({ id, name }) => ({
      kind: 'drive#file',
      id,
      name,
      mimeType: 'application/octet-stream',
      modifiedTime: CHANGED,
      webViewLink: `https://drive.example/${id}`,
    })),
  });

const events =
  (now: () => number) =>
  ({ access, query }: Call): Answer => {
    const from = Date.parse(query.get('timeMin') ?? '') || Number.NEGATIVE_INFINITY;
    const to = Date.parse(query.get('timeMax') ?? '') || Number.POSITIVE_INFINITY;
    const all = eventsOf(access.account).map(({ id, name }, index) => {
      const start = startOf(index, now());
      return {
        kind: 'calendar#event',
        id,
        status: 'confirmed',
        summary: name,
        start: { dateTime: start.toISOString() },
        end: { dateTime: new Date(start.getTime() + EVENT_MILLISECONDS).toISOString() },
        htmlLink: `https://calendar.example/${id}`,
      };
    });
    const items = all.filter((event) => Date.parse(event.end.dateTime) > from && Date.parse(event.start.dateTime) < to);
    return json(200, { kind: 'calendar#events', summary: access.account.email, timeZone: 'UTC', items });
  };

const messages = (call: Call): Answer => {
  const search = call.query.get('q');
  if (search !== null && isMetadataOnly(call)) return metadataRefusal("Metadata scope does not support 'q' parameter");
  const found = messagesOf(call.access.account).filter(
    ({ name }) => search === null || name.toLowerCase().includes(search.toLowerCase()),
  );
  return json(200, {
    messages: found.map(({ id }) => ({ id, threadId: id })),
    resultSizeEstimate: found.length,
  });
};

const message = (call: Call): Answer => {
  const format = call.query.get('format') ?? 'full';
  if (isMetadataOnly(call) && !['metadata', 'minimal'].includes(format)) {
    return metadataRefusal(`Metadata scope doesn't allow format ${format.toUpperCase()}`);
  }
  const found = messagesOf(call.access.account).find(({ id }) => id === call.id);
  if (found === undefined) return error(404, 'NOT_FOUND', 'notFound', 'Requested entity was not found.');
  const wanted = call.query.getAll('metadataHeaders').map((name) => name.toLowerCase());
  const headers = [
    { name: 'From', value: 'Sender <sender@org-1.example>' },
    { name: 'To', value: call.access.account.email },
    { name: 'Subject', value: found.name },
    { name: 'Date', value: new Date(CHANGED).toUTCString() },
  ];
  return json(200, {
    id: found.id,
    threadId: found.id,
    labelIds: ['INBOX'],
    internalDate: String(Date.parse(CHANGED)),
    ...(format === 'full' ? { snippet: `About: ${found.name}` } : {}),
    payload: { headers: headers.filter(({ name }) => wanted.length === 0 || wanted.includes(name.toLowerCase())) },
  });
};

const mailScopes = [scope('gmail.readonly'), scope('gmail.metadata')];

export const googleApis = ({ now }: Running): Omit<ResourceServer, 'browserOrigins' | 'find'> => ({
  unauthorized,
  forbidden,
  apis: [
    { path: '/drive/v3/files', scopes: [scope('drive.readonly'), scope('drive')], answer: files },
    {
      path: '/calendar/v3/calendars/primary/events',
      scopes: [scope('calendar.readonly'), scope('calendar')],
      answer: events(now),
    },
    { path: '/gmail/v1/users/me/messages', scopes: mailScopes, answer: messages },
    { path: '/gmail/v1/users/me/messages/*', scopes: mailScopes, answer: message },
  ],
});
