import type { DirectoryReader } from '../core/directory/ports.ts';
import type { DirectoryGroup, DirectoryMember, DirectoryUser } from '../core/directory/records.ts';
import { groupMembers, search } from '../core/directory/search.ts';
import { ok } from '../http/answer.ts';
import type { components } from '../http/generated/types.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

type Schemas = components['schemas'];

/** S40: of the organization that the session names, and of no other. */
export const directoryOperations = (sessions: Sessions, reader: DirectoryReader): Operation[] => [
  sessionOperation('searchUsers', sessions, async ({ identity: { tenant }, query }) => {
    const asked = askedIn(query, ['query', 'page']);
    if (!asked?.query) return BAD_SEARCH;
    const found = await search(reader, { tenant, kind: 'users', query: asked.query, ...pageOf(asked) });
    return found.kind === 'bad' ? BAD_SEARCH : ok({ users: found.items.map(userBody), ...nextPage(found.next) });
  }),

  sessionOperation('searchGroups', sessions, async ({ identity: { tenant }, query }) => {
    const asked = askedIn(query, ['query', 'page']);
    if (!asked?.query) return BAD_SEARCH;
    const found = await search(reader, { tenant, kind: 'groups', query: asked.query, ...pageOf(asked) });
    return found.kind === 'bad' ? BAD_SEARCH : ok({ groups: found.items.map(groupBody), ...nextPage(found.next) });
  }),

  sessionOperation('groupMembers', sessions, async ({ identity: { tenant }, path: { group }, query }) => {
    const asked = askedIn(query, ['page']);
    if (!asked) return BAD_PAGE;
    const found = await groupMembers(reader, { tenant, group, ...pageOf(asked) });
    if (!found) return problem('not_found');
    return found.kind === 'bad' ? BAD_PAGE : ok({ members: found.items.map(memberBody), ...nextPage(found.next) });
  }),
];

const BAD_SEARCH = problem('invalid_request', {
  detail:
    'Give one query of at most 100 characters with a letter or digit in it, and page only as next_page answered it.',
});
const BAD_PAGE = problem('invalid_request', {
  detail: 'Give page at most once, as next_page answered it; leave it out for the first page.',
});
/** As the contract has them. */
const MAX = { query: 100, page: 2048 } as const;

type Asked = { readonly query?: string; readonly page?: string };

/** @returns `undefined` where a parameter comes twice, or is too long, or no text */
const askedIn = (query: URLSearchParams, names: readonly (keyof Asked)[]): Asked | undefined => {
  const values = names.map((name) => [name, query.getAll(name)] as const);
  const good = values.every(
    ([name, [value = '', ...others]]) => others.length === 0 && value.length <= MAX[name] && value.isWellFormed(),
  );
  return good
    ? Object.fromEntries(values.flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value]])))
    : undefined;
};

const pageOf = ({ page }: Asked) => (page === undefined ? {} : { page });
const nextPage = (next: string | undefined) => (next === undefined ? {} : { next_page: next });

const userBody = ({ id, email, name, title, department, suspended }: DirectoryUser): Schemas['DirectoryUser'] => ({
  id,
  email,
  name,
  ...(title === undefined ? {} : { title }),
  ...(department === undefined ? {} : { department }),
  suspended,
});

const groupBody = ({ id, email, name, description }: DirectoryGroup): Schemas['DirectoryGroup'] => ({
  id,
  email,
  name,
  ...(description === undefined ? {} : { description }),
});

const memberBody = ({ id, email, type, role }: DirectoryMember): Schemas['DirectoryMember'] => ({
  id,
  ...(email === undefined ? {} : { email }),
  type,
  role,
});
