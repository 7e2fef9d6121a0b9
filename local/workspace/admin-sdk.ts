/** The Admin SDK's Directory API as far as it is used: https://developers.google.com/workspace/admin/directory/reference/rest */
import { type Answer, json } from '../providers/web.ts';
import type { Workspace, WorkspaceDomain, WorkspaceGroup, WorkspaceMember, WorkspaceUser } from './directory.ts';
import { partial } from './fields.ts';
import type { WorkspaceSwitches } from './switches.ts';

export const failure = (status: number, reason: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  json(status, { error: { code: status, message: reason, errors: [{ domain: 'global', reason }] } }, headers);

/** More than is asked for: partial responses leave it out. */
const userResource = (user: WorkspaceUser) => ({
  kind: 'admin#directory#user',
  id: user.id,
  etag: `"${user.id}"`,
  primaryEmail: user.primaryEmail,
  name: { givenName: user.givenName, familyName: user.familyName, fullName: `${user.givenName} ${user.familyName}` },
  isAdmin: false,
  lastLoginTime: new Date().toISOString(),
  suspended: user.suspended,
  archived: false,
  emails: [{ address: user.primaryEmail, primary: true }],
  ...(user.title === undefined && user.department === undefined
    ? {}
    : { organizations: [{ primary: true, title: user.title, department: user.department }] }),
});
const groupResource = ({ id, email, name, description, members }: WorkspaceGroup) => ({
  kind: 'admin#directory#group',
  id,
  etag: `"${id}"`,
  email,
  name,
  description: description ?? '',
  directMembersCount: String(members.length),
});
const memberResource = ({ id, email, type, role }: WorkspaceMember) => ({
  kind: 'admin#directory#member',
  id,
  ...(email === undefined ? {} : { email }),
  type,
  role,
  status: 'ACTIVE',
});
const domainResource = ({ name, primary }: WorkspaceDomain) => ({
  kind: 'admin#directory#domain',
  domainName: name,
  isPrimary: primary,
  verified: true,
});

export interface Listing {
  readonly query: URLSearchParams;
  readonly switches: WorkspaceSwitches;
  /** Page tokens made before are refused: their generation. */
  readonly generation: number;
}

/** Goes on behind the last address or id: who gets another one meanwhile is listed twice, or not at all. */
const pageOf = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { name, max, resource }: { name: string; max: number; resource: (item: T) => object },
  { query, switches, generation }: Listing,
): Answer => {
  const size = Math.min(max, Number(query.get('maxResults') ?? 100), switches.pageSize ?? max);
  const given = query.get('pageToken');
  let after = '';
  let number = 0;
  if (given !== null) {
    const [listed, count, key, made] = JSON.parse(Buffer.from(given, 'base64url').toString() || '[]');
    if (listed !== name || typeof key !== 'string' || made !== generation) return failure(400, 'invalid');
    [after, number] = [key, count];
  }
  if (name !== 'groups') switches.beforePage?.(number, name);
  const pages = pagesOf(name, switches) - number;
  const start = after === '' ? 0 : lowerBound(items, keyOf, after);
  const found = pages <= 0 ? [] : items.slice(start, start + size);
  const last = found.at(-1);
  const more = last !== undefined && start + size < items.length;
  const next = Buffer.from(JSON.stringify([name, number + 1, last && keyOf(last), generation])).toString('base64url');
  const body = {
    kind: `admin#directory#${name}`,
    etag: '"list"',
    // Google leaves an empty list out.
    ...(found.length > 0 ? { [name]: found.map(resource) } : {}),
    ...(more && pages > 1 ? { nextPageToken: next } : {}),
  };
  return json(200, partial(body, query.get('fields')));
};

/** How long the listing lasts, at most. */
const pagesOf = (name: string, { truncated, truncateAfter }: WorkspaceSwitches): number =>
  truncateAfter !== null && truncated.includes(name) ? truncateAfter : Number.POSITIVE_INFINITY;

/** The first one behind `key`, of a sorted list. */
const lowerBound = <T>(items: readonly T[], keyOf: (item: T) => string, key: string): number => {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(items[middle] as T) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
};

const one = (resource: object | undefined, query: URLSearchParams): Answer =>
  resource ? json(200, partial(resource, query.get('fields'))) : failure(404, 'notFound');

const sortedLists = new WeakMap<readonly WorkspaceMember[], readonly WorkspaceMember[]>();
/** A list is replaced when it changes: it is sorted once. */
const sortedMembers = ({ members }: WorkspaceGroup): readonly WorkspaceMember[] => {
  const sorted = sortedLists.get(members) ?? [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  sortedLists.set(members, sorted);
  return sorted;
};

interface Route {
  readonly path: RegExp;
  readonly scope: string;
  answer(workspace: Workspace, listing: Listing, key: string): Answer;
}

const SCOPE = (name: string) => `admin.directory.${name}.readonly`;

export const routes: readonly Route[] = [
  {
    path: /^\/users$/,
    scope: SCOPE('user'),
    answer: (workspace, listing) =>
      pageOf(
        workspace.users(),
        (user) => user.primaryEmail,
        { name: 'users', max: 500, resource: userResource },
        listing,
      ),
  },
  {
    path: /^\/users\/([^/]+)$/,
    scope: SCOPE('user'),
    answer: (workspace, { query }, key) => {
      const user = workspace.user(key);
      return one(user && userResource(user), query);
    },
  },
  {
    path: /^\/groups$/,
    scope: SCOPE('group'),
    answer: (workspace, listing) =>
      pageOf(
        workspace.groups(),
        (group) => group.email,
        { name: 'groups', max: 200, resource: groupResource },
        listing,
      ),
  },
  {
    path: /^\/groups\/([^/]+)$/,
    scope: SCOPE('group'),
    answer: (workspace, { query }, key) => {
      const group = workspace.group(key);
      return one(group && groupResource(group), query);
    },
  },
  {
    path: /^\/groups\/([^/]+)\/members$/,
    scope: SCOPE('group.member'),
    answer: (workspace, listing, key) => {
      const group = workspace.group(key);
      if (!group) return failure(404, 'notFound');
      if (listing.switches.forbiddenGroups.includes(group.id)) return failure(403, 'forbidden');
      return pageOf(
        sortedMembers(group),
        (member) => member.id,
        { name: 'members', max: 200, resource: memberResource },
        listing,
      );
    },
  },
  {
    path: /^\/customer\/[^/]+\/domains$/,
    scope: SCOPE('domain'),
    answer: (workspace, { query, switches }) => {
      const domains = pagesOf('domains', switches) > 0 ? workspace.domains : [];
      const body = {
        kind: 'admin#directory#domains',
        ...(domains.length > 0 ? { domains: domains.map(domainResource) } : {}),
      };
      return json(200, partial(body, query.get('fields')));
    },
  },
  {
    path: /^\/customer\/[^/]+\/domains\/([^/]+)$/,
    scope: SCOPE('domain'),
    answer: ({ domains }, { query }, key) => {
      const domain = domains.find(({ name }) => name === key);
      return one(domain && domainResource(domain), query);
    },
  },
];
