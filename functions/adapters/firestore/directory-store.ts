/** The directory's writer in Firestore: `DirectoryStore` for the synchronization, `DirectoryRequests` for admins. */
import { randomUUID } from 'node:crypto';
import { type DocumentReference, FieldPath, FieldValue, type Firestore, Timestamp } from '@google-cloud/firestore';
import type {
  DirectoryRequests,
  DirectoryStore,
  HeldState,
  NewState,
  ReadState,
  StateChanges,
} from '../../core/directory/ports.ts';
import { Code, codeOf } from '../google-rpc.ts';
import { call } from './client.ts';
import {
  contentOf,
  directoryRef,
  logOf,
  logRef,
  logText,
  manifestOf,
  refOf,
  requestRef,
  shardOf,
  shardRef,
  shardText,
  stateOf,
} from './directory-documents.ts';
import { isConflict } from './failures.ts';

/** Milliseconds: a commit of many documents, or a read of megabytes, takes longer than a user would wait. */
const LONG_MS = 60_000;

/** Which write to the state was read; absent: there was none. */
type Version = Timestamp | undefined;
const versions = new WeakMap<ReadState, Version>();

const read = async (firestore: Firestore, tenant: string): Promise<ReadState> => {
  const refs = [directoryRef(firestore, tenant), requestRef(firestore, tenant)] as const;
  const [found, asked] = await call(() => firestore.getAll(...refs));
  const state = found && stateOf(found);
  const at: unknown = asked?.get('requested_at');
  const approve: unknown = asked?.get('approve');
  const answer: ReadState = {
    readAt: found?.readTime.toMillis() ?? 0,
    ...(state ? { state } : {}),
    ...(at instanceof Timestamp
      ? { request: { at: at.toMillis(), ...(typeof approve === 'string' ? { approve } : {}) } }
      : {}),
  };
  versions.set(answer, found?.updateTime);
  return answer;
};

const stateContent = ({ holder, run, history, log }: NewState, commit: string, isNew: boolean) => ({
  // An update takes away what it names so; a new document has nothing yet.
  ...(isNew ? {} : { holder: FieldValue.delete(), run: FieldValue.delete() }),
  ...(holder === undefined ? {} : { holder }),
  ...(run === undefined ? {} : { run }),
  commit,
  updated_at: FieldValue.serverTimestamp(),
  history: [...history],
  log,
});

const taken = (error: unknown): boolean => isConflict(error) || codeOf(error) === Code.ALREADY_EXISTS;

/** @returns the time of the state's write; `undefined` where somebody else has written it */
const commit = async (
  firestore: Firestore,
  directory: DocumentReference,
  version: Version,
  state: NewState,
  { documents = [], log = [], shards = [], dropLog = [] }: StateChanges = {},
): Promise<Timestamp | undefined> => {
  const id = randomUUID();
  const batch = firestore.batch();
  if (version) batch.update(directory, stateContent(state, id, false), { lastUpdateTime: version });
  else batch.create(directory, stateContent(state, id, true));
  for (const change of documents) {
    const ref = refOf(directory, change);
    const fields = contentOf(change);
    if (fields) batch.set(ref, fields);
    else batch.delete(ref);
  }
  if (log.length > 0) batch.set(logRef(directory, state.log.next - 1), { entries: logText(log) });
  for (const { kind, shard } of shards) {
    const ref = shardRef(directory, kind, shard.number);
    if (shard.entries.length > 0) batch.set(ref, { entries: shardText(shard) });
    else batch.delete(ref);
  }
  for (const number of dropLog) batch.delete(logRef(directory, number));
  try {
    const [written] = await call(() => batch.commit(), taken, LONG_MS);
    return written?.writeTime;
  } catch (error) {
    if (!taken(error)) throw error;
    // The client repeats a call whose answer was lost: what is in the way may be this very commit.
    const found = await call(() => directory.get());
    return found.get('commit') === id ? found.updateTime : undefined;
  }
};

export const firestoreDirectoryStore = (firestore: Firestore): DirectoryStore => ({
  read: (tenant) => read(firestore, tenant),

  hold: async (tenant, found, state) => {
    const directory = directoryRef(firestore, tenant);
    let version = await commit(firestore, directory, versions.get(found), state);
    if (!version) return undefined;
    const held: HeldState = {
      readAt: version.toMillis(),
      commit: async (next, changes) => {
        const written: Timestamp | undefined = await commit(firestore, directory, version, next, changes);
        if (!written) return 'lost';
        version = written;
        return 'written';
      },
    };
    return held;
  },

  shards: async (tenant, kind) => {
    const found = await call(() => manifestOf(directoryRef(firestore, tenant), kind).get(), undefined, LONG_MS);
    return found.docs.map(shardOf);
  },

  log: async (tenant, from, next) => {
    if (from === next) return [];
    const directory = directoryRef(firestore, tenant);
    const byName = directory.collection('log').orderBy(FieldPath.documentId());
    const query = byName.startAt(logRef(directory, from).id).endBefore(logRef(directory, next).id);
    const found = await call(() => query.get(), undefined, LONG_MS);
    return found.docs.map(logOf);
  },
});

export const firestoreRequests = (firestore: Firestore): DirectoryRequests => ({
  read: (tenant) => read(firestore, tenant),
  request: async (tenant, { approve }) => {
    const fields = { requested_at: FieldValue.serverTimestamp(), ...(approve === undefined ? {} : { approve }) };
    await call(() => requestRef(firestore, tenant).set(fields));
  },
});
