/** The directory's documents (docs/storage.md): where they are, and what stands in them. */
import type { DocumentReference, DocumentSnapshot, Firestore, Timestamp } from '@google-cloud/firestore';
import type { Shard } from '../../core/directory/manifest.ts';
import type { DirectoryState, DocumentChange, LogEntry } from '../../core/directory/ports.ts';
import type { DirectoryGroup, DirectoryUser, Kind } from '../../core/directory/records.ts';
import type { Progress, Run } from '../../core/directory/run.ts';
import { keysOf, sortOf } from '../../core/directory/words.ts';
import { foldAddress } from '../../core/organizations.ts';
import { organizationId } from './documents.ts';

export const directoryRef = (firestore: Firestore, tenant: string): DocumentReference =>
  firestore.collection('directories').doc(organizationId(tenant));
export const requestRef = (firestore: Firestore, tenant: string): DocumentReference =>
  firestore.collection('directory_requests').doc(organizationId(tenant));

/** In the order of the numbers. */
const numbered = (number: number): string => String(number).padStart(12, '0');
export const manifestOf = (directory: DocumentReference, kind: Kind) => directory.collection(`${kind}_manifest`);
export const shardRef = (directory: DocumentReference, kind: Kind, number: number): DocumentReference =>
  manifestOf(directory, kind).doc(numbered(number));
export const logRef = (directory: DocumentReference, number: number): DocumentReference =>
  directory.collection('log').doc(numbered(number));
export const chunkRef = (directory: DocumentReference, group: string, chunk: number): DocumentReference =>
  directory.collection('groups').doc(group).collection('members').doc(numbered(chunk));

export const refOf = (directory: DocumentReference, change: DocumentChange): DocumentReference =>
  change.kind === 'members'
    ? chunkRef(directory, change.id, change.chunk)
    : directory.collection(change.kind).doc(change.id);

/** @returns `undefined` where the document is removed */
export const contentOf = (change: DocumentChange): Record<string, unknown> | undefined => {
  switch (change.kind) {
    case 'users': {
      const { record } = change;
      if (!record) return undefined;
      const { id, givenName, familyName, ...same } = record;
      return {
        google_id: id,
        ...same,
        email: foldAddress(record.email),
        ...(record.email === foldAddress(record.email) ? {} : { shown_email: record.email }),
        ...(givenName === undefined ? {} : { given_name: givenName }),
        ...(familyName === undefined ? {} : { family_name: familyName }),
        keys: keysOf(record),
        sort: sortOf(record),
      };
    }
    case 'groups': {
      const { record } = change;
      if (!record) return undefined;
      const { id, ...same } = record;
      return { google_id: id, ...same, keys: keysOf(record), sort: sortOf(record) };
    }
    case 'domains':
      return change.record && { ...change.record };
    case 'members':
      return change.members && { members: change.members };
  }
};

/** What a search reads; not the keys, which are most of it. */
export const SEARCHED = {
  users: ['email', 'shown_email', 'name', 'given_name', 'family_name', 'title', 'department', 'suspended', 'sort'],
  groups: ['email', 'name', 'description', 'sort'],
} as const;

export const userOf = ({ id, get }: { readonly id: string; get(field: string): unknown }): DirectoryUser => {
  const text = (field: string): string => String(get(field) ?? '');
  const member = (name: string, field: string) => (text(field) === '' ? {} : { [name]: text(field) });
  return {
    id,
    email: text('shown_email') || text('email'),
    name: text('name'),
    suspended: get('suspended') === true,
    ...member('givenName', 'given_name'),
    ...member('familyName', 'family_name'),
    ...member('title', 'title'),
    ...member('department', 'department'),
  };
};

export const groupOf = ({ id, get }: { readonly id: string; get(field: string): unknown }): DirectoryGroup => ({
  id,
  email: String(get('email') ?? ''),
  name: String(get('name') ?? ''),
  ...(typeof get('description') === 'string' ? { description: String(get('description')) } : {}),
});

// --- Manifests and log: lines of text; ids and marks have neither spaces nor line ends -----------------------------

export const shardText = ({ entries }: Shard): string => entries.map((entry) => entry.join(' ')).join('\n');

export const shardOf = (snapshot: DocumentSnapshot): Shard => ({
  number: Number(snapshot.id),
  entries: String(snapshot.get('entries'))
    .split('\n')
    .map((line): [string, string] => {
      const at = line.indexOf(' ');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
});

export const logText = (entries: readonly LogEntry[]): string =>
  entries.map(({ kind, id, mark }) => `${kind} ${id} ${mark}`).join('\n');

export const logOf = (snapshot: DocumentSnapshot): LogEntry[] =>
  String(snapshot.get('entries'))
    .split('\n')
    .map((line) => {
      const [kind = '', id = '', mark = ''] = line.split(' ');
      return { kind: kind as Kind, id, mark };
    });

// --- The state ------------------------------------------------------------------------------------------------------

interface StateDocument {
  readonly holder?: string;
  /** Of the last commit, so that one's own is known where the answer was lost. */
  readonly commit: string;
  readonly updated_at: Timestamp;
  readonly run?: Omit<Progress, 'seen'> & { readonly seen: Uint8Array };
  readonly history: readonly (Run & { readonly updatedAt: number })[];
  readonly log: DirectoryState['log'];
}

export const stateOf = (snapshot: DocumentSnapshot): DirectoryState | undefined => {
  const data = snapshot.data() as StateDocument | undefined;
  if (!data) return undefined;
  const { commit: _commit, updated_at: updatedAt, run, ...same } = data;
  return {
    ...same,
    updatedAt: updatedAt.toMillis(),
    ...(run ? { run: { ...run, seen: Uint8Array.from(run.seen) } } : {}),
  };
};
