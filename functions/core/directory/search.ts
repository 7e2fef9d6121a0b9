/** `GET /v1/directory/users`, `/groups` and a group's members: pages of the caller's own organization. */
import type { Cursor, DirectoryReader } from './ports.ts';
import { CHUNK, type DirectoryMember, isDirectoryId, type Listed } from './records.ts';
import { matches, queryOf } from './words.ts';

const PAGE = 20;
/** Records that one request looks at: what shares a common word and not the others must not make it long. */
const LOOKED_AT = 300;
const MEMBER_PAGE = 100;

type Result<T> =
  | { readonly kind: 'page'; readonly items: readonly T[]; readonly next?: string }
  | { readonly kind: 'bad' };

const BAD = { kind: 'bad' } as const;

const sealed = (parts: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

const opened = (page: string): unknown[] | undefined => {
  try {
    const parts: unknown = JSON.parse(Buffer.from(page, 'base64url').toString());
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    return undefined;
  }
};

const cursorOf = (page: string): Cursor | undefined => {
  const [sort, id, ...more] = opened(page) ?? [];
  const good = typeof sort === 'string' && sort.isWellFormed() && isDirectoryId(id);
  return good && more.length === 0 ? { sort, id } : undefined;
};

/** @returns `bad` for a query without a word, and for a page that is none. Throws `Unavailable`. */
export const search = async <K extends 'users' | 'groups'>(
  reader: DirectoryReader,
  ask: { readonly tenant: string; readonly kind: K; readonly query: string; readonly page?: string },
): Promise<Result<Listed[K]>> => {
  const query = queryOf(ask.query);
  const after = ask.page === undefined ? undefined : cursorOf(ask.page);
  if (!query || (ask.page !== undefined && !after)) return BAD;
  // One word is answered by the index alone.
  const limit = query.words.length === 1 ? PAGE + 1 : LOOKED_AT;
  const found = await reader.search(ask.tenant, ask.kind, { key: query.key, limit, ...(after ? { after } : {}) });
  const items: Listed[K][] = [];
  let at: Cursor | undefined;
  for (const { record, cursor } of found) {
    if (items.length === PAGE) return { kind: 'page', items, ...(at ? { next: sealed([at.sort, at.id]) } : {}) };
    if (matches(record, query)) items.push(record);
    at = cursor;
  }
  return { kind: 'page', items, ...(found.length === limit && at ? { next: sealed([at.sort, at.id]) } : {}) };
};

/** @returns `undefined` where there is no such group. Throws `Unavailable`. */
export const groupMembers = async (
  reader: DirectoryReader,
  ask: { readonly tenant: string; readonly group: string; readonly page?: string },
): Promise<Result<DirectoryMember> | undefined> => {
  const [chunk = 0, from = 0] = ask.page === undefined ? [] : (opened(ask.page) ?? [-1]);
  const isPlace = (value: unknown, below: number): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < below;
  if (!isPlace(chunk, 1e6) || !isPlace(from, CHUNK)) return BAD;
  const members = await reader.members(ask.tenant, ask.group, chunk);
  if (!members) return undefined;
  const items = members.slice(from, from + MEMBER_PAGE);
  const end = from + items.length;
  if (end < members.length) return { kind: 'page', items, next: sealed([chunk, end]) };
  return { kind: 'page', items, ...(members.length === CHUNK ? { next: sealed([chunk + 1, 0]) } : {}) };
};
