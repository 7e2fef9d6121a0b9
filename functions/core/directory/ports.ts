/** What the synchronization asks of Google and of the database. */
import type { Shard } from './manifest.ts';
import type {
  DirectoryDomain,
  DirectoryGroup,
  DirectoryMember,
  DirectoryUser,
  Kind,
  Listed,
  ListedKind,
} from './records.ts';
import type { Progress, Run } from './run.ts';

// --- Google -------------------------------------------------------------------------------------------------------

/** What kept a question from being answered; `code` is stable and never the provider's text. */
export type SourceFault =
  /** The page token is no longer good (or never was). */
  | { readonly kind: 'page_gone' }
  | { readonly kind: 'not_found' }
  /** Asking again will not help before somebody has changed something. */
  | { readonly kind: 'refused'; readonly code: string }
  /** No question is answered any more: the delegation, the administrator or the own rights are not as they should be. */
  | { readonly kind: 'locked_out'; readonly code: string }
  /** After as many attempts as the adapter makes; not before `retryAfter` (seconds), where the provider said so. */
  | { readonly kind: 'unavailable'; readonly code: string; readonly retryAfter?: number };

export interface Page<T> {
  readonly kind: 'page';
  readonly items: readonly T[];
  readonly next?: string;
}

/** The directory of one organization, as its administrator sees it. Never throws for what Google does. */
export interface DirectorySource {
  readonly list: { readonly [K in ListedKind]: (page?: string) => Promise<Page<Listed[K]> | SourceFault> };
  /** One record anew; `not_found` says that it is gone. */
  readonly get: {
    readonly [K in ListedKind]: (id: string) => Promise<{ kind: 'record'; record: Listed[K] } | SourceFault>;
  };
  members(group: string, page?: string): Promise<Page<DirectoryMember> | SourceFault>;
  /** How many direct members Google counts, without listing them. */
  memberCount(group: string): Promise<{ readonly kind: 'count'; readonly count: number } | SourceFault>;
}

// --- The database -------------------------------------------------------------------------------------------------

/** One document; without content it is removed. */
export type DocumentChange =
  | { readonly kind: 'users'; readonly id: string; readonly record?: DirectoryUser }
  | { readonly kind: 'groups'; readonly id: string; readonly record?: DirectoryGroup }
  | { readonly kind: 'domains'; readonly id: string; readonly record?: DirectoryDomain }
  | {
      readonly kind: 'members';
      readonly id: string;
      readonly chunk: number;
      readonly members?: readonly DirectoryMember[];
    };

export interface LogEntry {
  readonly kind: Kind;
  readonly id: string;
  /** `GONE` where the record was removed. */
  readonly mark: string;
}

/** The record of an organization's synchronization. */
export interface DirectoryState {
  /** Which call holds it; absent: none does. */
  readonly holder?: string;
  /** The database's own time of the last write, milliseconds since the epoch. */
  readonly updatedAt: number;
  readonly run?: Progress;
  /** The last runs that ended, the last one first. */
  readonly history: readonly (Run & { readonly updatedAt: number })[];
  /** Numbers of the log's documents: the first one that is there, and the next one to be written. */
  readonly log: { readonly from: number; readonly next: number };
}

/** What an admin asked for, in a document that only admins write. */
export interface DirectoryRequest {
  /** The database's own time, milliseconds since the epoch. */
  readonly at: number;
  /** Absent: a new run. */
  readonly approve?: string;
}

export interface ReadState {
  readonly state?: DirectoryState;
  readonly request?: DirectoryRequest;
  /** The database's own time of the read. */
  readonly readAt: number;
}

/** `updatedAt` of every write is the database's own time. */
export type NewState = Omit<DirectoryState, 'updatedAt'>;

/** The state as one call holds it: written only while nobody else has written it. */
export interface HeldState {
  readonly readAt: number;
  /**
   * Writes state, documents, log and shards, all or nothing.
   * @returns `lost` where the state was written by somebody else; nothing was written then
   */
  commit(state: NewState, changes?: StateChanges): Promise<'written' | 'lost'>;
}

export interface StateChanges {
  readonly documents?: readonly DocumentChange[];
  /** Becomes the log's document number `state.log.next - 1`. */
  readonly log?: readonly LogEntry[];
  readonly shards?: readonly { readonly kind: Kind; readonly shard: Shard }[];
  /** Numbers of the log's documents that are removed. */
  readonly dropLog?: readonly number[];
}

/** Every method throws `Unavailable` when the database does not answer. */
export interface DirectoryStore {
  read(tenant: string): Promise<ReadState>;
  /** Takes the state for `holder` if it is still as `read` found it; `undefined` where it is not. */
  hold(tenant: string, read: ReadState, state: NewState): Promise<HeldState | undefined>;
  shards(tenant: string, kind: Kind): Promise<readonly Shard[]>;
  /** The log's entries, the first one first, by document. */
  log(tenant: string, from: number, next: number): Promise<readonly (readonly LogEntry[])[]>;
}

/** For the admins of an organization. */
export interface DirectoryRequests {
  read(tenant: string): Promise<ReadState>;
  request(tenant: string, request: { readonly approve?: string }): Promise<void>;
}

/** A position in an order of documents: where a page ended. */
export interface Cursor {
  readonly sort: string;
  readonly id: string;
}

/** For the users of an organization. */
export interface DirectoryReader {
  /** Records with the key, in the order of name and id, from behind `after`. */
  search<K extends 'users' | 'groups'>(
    tenant: string,
    kind: K,
    ask: { readonly key: string; readonly after?: Cursor; readonly limit: number },
  ): Promise<readonly { readonly record: Listed[K]; readonly cursor: Cursor }[]>;
  /** One chunk of a group's members; `undefined` where the group is not there. */
  members(tenant: string, group: string, chunk: number): Promise<readonly DirectoryMember[] | undefined>;
}
