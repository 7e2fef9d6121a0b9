/** What is kept of an organization's directory, and how a change of it is noticed. */
import { createHash } from 'node:crypto';

/** A person. `id` is Google's own, the `sub` of Google's id_tokens. */
/** An id of Google's, as it stands in a document's name: `DirectoryId` in openapi.yaml. */
export const isDirectoryId = (value: unknown): value is string =>
  typeof value === 'string' && /^(?!__.*__$)[A-Za-z0-9_-]{1,64}$/.test(value);

export interface DirectoryUser {
  readonly id: string;
  /** The primary address. */
  readonly email: string;
  readonly name: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly title?: string;
  readonly department?: string;
  /** Suspended or archived. */
  readonly suspended: boolean;
}

export interface DirectoryGroup {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly description?: string;
}

export interface DirectoryMember {
  readonly id: string;
  readonly email?: string;
  readonly type: 'user' | 'group' | 'everybody' | 'other';
  readonly role: 'owner' | 'manager' | 'member';
}

/** A primary or secondary domain; the name is the id. */
export interface DirectoryDomain {
  readonly id: string;
  readonly primary: boolean;
  readonly verified: boolean;
}

/** What is listed as a whole, page by page, and swept afterwards. */
export interface Listed {
  readonly users: DirectoryUser;
  readonly groups: DirectoryGroup;
  readonly domains: DirectoryDomain;
}
export type ListedKind = keyof Listed;
export type Kind = ListedKind | 'members';
export type ListedRecord = Listed[ListedKind];

/** Grows with the form of the stored documents: every record then differs from what is stored, and is written once. */
const FORM = 3;

const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([FORM, value]))
    .digest('base64url')
    .slice(0, 11);

/** A short hash (66 bits) of a record's content, whatever the order of its members. */
export const markOf = (record: ListedRecord): string =>
  hashOf(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Members of one document: a piece of a group's list. */
export const CHUNK = 500;

export const byId = (members: readonly DirectoryMember[]): DirectoryMember[] =>
  [...members].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

/** A list by pieces of `CHUNK`; the last one may be shorter. */
export const chunksOf = (members: readonly DirectoryMember[]): DirectoryMember[][] =>
  Array.from({ length: Math.ceil(members.length / CHUNK) }, (_, n) => members.slice(n * CHUNK, (n + 1) * CHUNK));

/** Under which id the manifest has a piece; no id of a group has a slash. */
export const chunkId = (group: string, chunk: number): string => (chunk === 0 ? group : `${group}/${chunk}`);

/** Tells how many members are in a piece, and which. */
export const chunkMark = (members: readonly DirectoryMember[]): string =>
  `${members.length}.${hashOf(members.map(({ id, email, type, role }) => [id, email, type, role]))}`;

/** Members of a piece by its mark. */
export const markedMembers = (mark: string): number => Number.parseInt(mark, 10) || 0;
