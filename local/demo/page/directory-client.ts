/** What the directory page asks of the broker. */
import type { components } from '../../../functions/http/generated/types.ts';
import { type BrokerOptions, createCaller } from './broker.ts';

type Schemas = components['schemas'];
export type Person = Schemas['DirectoryUser'];
export type Group = Schemas['DirectoryGroup'];
export type Member = Schemas['DirectoryMember'];
export type Run = Schemas['DirectoryRun'];
export type Synchronization = Schemas['AdminDirectory'];

/** Every call throws `BrokerProblem`. */
export const createDirectory = (options: Omit<BrokerOptions, 'returnTo'>) => {
  const call = createCaller(options);
  const ask = (query: string, page: string | undefined) =>
    new URLSearchParams({ query, ...(page === undefined ? {} : { page }) });
  return {
    people: (query: string, page?: string) =>
      call<Schemas['DirectoryUserPage']>('GET', `/directory/users?${ask(query, page)}`),
    groups: (query: string, page?: string) =>
      call<Schemas['DirectoryGroupPage']>('GET', `/directory/groups?${ask(query, page)}`),
    /** The first page of them. */
    members: (group: string) =>
      call<Schemas['DirectoryMemberPage']>('GET', `/directory/groups/${encodeURIComponent(group)}/members`),
    status: () => call<Synchronization>('GET', '/admin/directory'),
    start: () => call<Synchronization>('POST', '/admin/directory/runs', {}),
    approve: (approval: string) => call<Synchronization>('POST', '/admin/directory/runs', { approve: approval }),
  };
};

export type Directory = ReturnType<typeof createDirectory>;
