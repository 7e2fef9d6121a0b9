/** The few calls of Microsoft Graph that the demo's pages make. */
import { randomUUID } from 'node:crypto';
import { CHANGED, EVENT_MILLISECONDS, eventsOf, filesOf, type Item, matching, messagesOf, startOf } from './content.ts';
import type { Running } from './dialect.ts';
import type { Access, Api, Call, ResourceServer } from './resources.ts';
import { type Answer, json } from './web.ts';

const error = (status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  json(status, { error: { code, message, innerError: { 'request-id': randomUUID() } } }, headers);

const invalidToken = (headers: Readonly<Record<string, string>>) =>
  error(401, 'InvalidAuthenticationToken', 'Access token is empty, expired or not valid.', headers);

/** What continuous access evaluation asks for: a token that was issued after this time. */
const wanted = { essential: true, value: '1767225600' };
const challengeClaims = Buffer.from(JSON.stringify({ access_token: { nbf: wanted } })).toString('base64');

interface ClaimsRequest {
  readonly access_token?: {
    readonly nbf?: { readonly value?: string };
    readonly xms_cc?: { readonly values?: readonly string[] };
  };
}

/** Only a client that declared the capability `cp1` is told which claims are missing. */
const challenge = ({ claims }: Access, clientId: string): Answer | undefined => {
  const requests = claims.map((text) => (JSON.parse(text) as ClaimsRequest).access_token);
  if (requests.some((request) => request?.nbf?.value === wanted.value)) return undefined;
  const realm = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="${clientId}"`;
  return requests.some((request) => request?.xms_cc?.values?.includes('cp1'))
    ? invalidToken({ 'www-authenticate': `${realm}, error="insufficient_claims", claims="${challengeClaims}"` })
    : invalidToken({ 'www-authenticate': `${realm}, error="invalid_token"` });
};

/** As many as `$top` says, with the members that `$select` names. */
const list = (context: string, value: readonly object[], { query }: Call): Answer => {
  const members = query.get('$select')?.split(',');
  const top = Number(query.get('$top')) || value.length;
  return json(200, {
    '@odata.context': `https://graph.microsoft.com/v1.0/$metadata#${context}`,
    value: value
      .slice(0, top)
      .map((each) =>
        members === undefined
          ? each
          : Object.fromEntries(Object.entries(each).filter(([name]) => members.includes(name))),
      ),
  });
};

const driveItems = (items: readonly Item[], call: Call): Answer =>
  list(
    'driveItems',
    items.map(({ id, name, text }) => ({
      id,
      name,
      description: text,
      size: 1024,
      lastModifiedDateTime: CHANGED,
      webUrl: `https://onedrive.example/${id}`,
      file: { mimeType: 'application/octet-stream' },
    })),
    call,
  );

const files = (call: Call): Answer => driveItems(filesOf(call.access.account), call);

/** `search(q='...')`, with OData's literal: a quote in it is doubled. */
const fileSearch = (call: Call): Answer => {
  const literal = /^search\(q='((?:[^']|'')*)'\)$/.exec(decodeURIComponent(call.id))?.[1];
  if (literal === undefined) return error(400, 'invalidRequest', 'The request is malformed or incorrect.');
  return driveItems(matching(filesOf(call.access.account), literal.replaceAll("''", "'")), call);
};

const eventList = ({ access }: Call, now: number) =>
  eventsOf(access.account).map(({ id, name }, index) => {
    const start = startOf(index, now);
    const at = (time: Date) => ({ dateTime: `${time.toISOString().slice(0, -1)}0000`, timeZone: 'UTC' });
    return {
      id,
      subject: name,
      start: at(start),
      end: at(new Date(start.getTime() + EVENT_MILLISECONDS)),
      webLink: `https://calendar.example/${id}`,
    };
  });

const calendarView =
  (now: () => number) =>
  (call: Call): Answer => {
    const [from, to] = ['startDateTime', 'endDateTime'].map((name) => Date.parse(call.query.get(name) ?? ''));
    if (from === undefined || to === undefined || Number.isNaN(from + to)) {
      return error(400, 'ErrorInvalidParameter', 'This request requires a time window.');
    }
    const isWithin = (time: string) =>
      Date.parse(`${time}Z`) < to && Date.parse(`${time}Z`) + EVENT_MILLISECONDS > from;
    return list(
      'calendarView',
      eventList(call, now()).filter(({ start }) => isWithin(start.dateTime)),
      call,
    );
  };

/** `Mail.ReadBasic` knows no bodies, no previews and no search in them. */
const messages = (call: Call): Answer => {
  const { access, query } = call;
  const isBasic = !access.scopes.includes('Mail.Read');
  if (isBasic && query.has('$search')) return accessDenied();
  return list(
    'messages',
    messagesOf(access.account).map(({ id, name, text }) => ({
      id,
      subject: name,
      receivedDateTime: CHANGED,
      isRead: false,
      from: { emailAddress: { name: 'Sender', address: 'sender@org-1.example' } },
      webLink: `https://outlook.example/${id}`,
      ...(isBasic ? {} : { bodyPreview: text, body: { contentType: 'text', content: text } }),
    })),
    call,
  );
};

const accessDenied = () => error(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');

const fileScopes = ['Files.Read', 'Files.ReadWrite'];
const calendarScopes = ['Calendars.Read', 'Calendars.Read.Shared', 'Calendars.ReadWrite'];

export const graph = ({ now, switches, options }: Running): Omit<ResourceServer, 'browserOrigins' | 'find'> => ({
  unauthorized: () => invalidToken({ 'www-authenticate': 'Bearer realm="", error="invalid_token"' }),
  forbidden: ({ path }: Api) =>
    path.startsWith('/v1.0/me/drive') ? error(403, 'accessDenied', 'Access denied') : accessDenied(),
  challenge: (access) => (switches.claimsChallenge ? challenge(access, options.client.id) : undefined),
  apis: [
    { path: '/v1.0/me/drive/root/children', scopes: fileScopes, answer: files },
    { path: '/v1.0/me/drive/root/*', scopes: fileScopes, answer: fileSearch },
    { path: '/v1.0/me/calendarView', scopes: calendarScopes, answer: calendarView(now) },
    { path: '/v1.0/me/events', scopes: calendarScopes, answer: (call) => list('events', eventList(call, now()), call) },
    { path: '/v1.0/me/messages', scopes: ['Mail.ReadBasic', 'Mail.Read'], answer: messages },
  ],
});
