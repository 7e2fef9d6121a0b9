/** The few calls of the Drive, Calendar and Gmail APIs that the demo's pages make. */
import { CHANGED, EVENT_MILLISECONDS, eventsOf, filesOf, matching, messagesOf, startOf } from './content.ts';
import type { Running } from './dialect.ts';
import { partial } from './partial.ts';
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

const invalidValue = (message: string) => error(400, 'INVALID_ARGUMENT', 'invalid', message);

/** 200 with the asked fields, or Google's refusal of them. */
const answer = (value: object, { query }: Call): Answer => {
  const asked = partial(value, query.get('fields'));
  return asked ? json(200, asked) : invalidValue(`Invalid field selection ${query.get('fields')}`);
};

/** The one search of Drive's query language that is known here. */
const FULL_TEXT = /^fullText contains '((?:[^'\\]|\\.)*)' and trashed = false$/;

const files = (call: Call): Answer => {
  const search = call.query.get('q');
  const literal = FULL_TEXT.exec(search ?? '')?.[1];
  if (search !== null && literal === undefined) return invalidValue('Invalid Value');
  const all = filesOf(call.access.account);
  const found = literal === undefined ? all : matching(all, literal.replace(/\\(.)/g, '$1'));
  return answer(
    {
      kind: 'drive#fileList',
      incompleteSearch: false,
      files: found.map(({ id, name, text }) => ({
        kind: 'drive#file',
        id,
        name,
        description: text,
        mimeType: 'application/octet-stream',
        modifiedTime: CHANGED,
        webViewLink: `https://drive.example/${id}`,
      })),
    },
    call,
  );
};

const events =
  (now: () => number) =>
  (call: Call): Answer => {
    const { account } = call.access;
    const search = call.query.get('q');
    const from = Date.parse(call.query.get('timeMin') ?? '') || Number.NEGATIVE_INFINITY;
    const to = Date.parse(call.query.get('timeMax') ?? '') || Number.POSITIVE_INFINITY;
    const all = eventsOf(account);
    const found = search === null ? all : matching(all, search);
    const items = all
      .map((item, index) => ({ item, start: startOf(index, now()) }))
      .filter(({ item }) => found.includes(item))
      .map(({ item: { id, name, text }, start }) => ({
        kind: 'calendar#event',
        id,
        status: 'confirmed',
        summary: name,
        description: text,
        start: { dateTime: start.toISOString() },
        end: { dateTime: new Date(start.getTime() + EVENT_MILLISECONDS).toISOString() },
        htmlLink: `https://calendar.example/${id}`,
      }))
      .filter((event) => Date.parse(event.end.dateTime) > from && Date.parse(event.start.dateTime) < to);
    return answer({ kind: 'calendar#events', summary: account.email, timeZone: 'UTC', items }, call);
  };

const messages = (call: Call): Answer => {
  const search = call.query.get('q');
  if (search !== null && isMetadataOnly(call)) return metadataRefusal("Metadata scope does not support 'q' parameter");
  const all = messagesOf(call.access.account);
  const found = search === null ? all : matching(all, search);
  return answer(
    {
      // Where there is none, there is no member.
      ...(found.length > 0 ? { messages: found.map(({ id }) => ({ id, threadId: id })) } : {}),
      resultSizeEstimate: found.length,
    },
    call,
  );
};

/** Snippets are made fit for HTML. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const forHtml = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

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
  return answer(
    {
      id: found.id,
      threadId: found.id,
      labelIds: ['INBOX'],
      internalDate: String(Date.parse(CHANGED)),
      ...(isMetadataOnly(call) ? {} : { snippet: forHtml(found.text) }),
      payload: { headers: headers.filter(({ name }) => wanted.length === 0 || wanted.includes(name.toLowerCase())) },
    },
    call,
  );
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
