/** The connections in Firestore: `ConnectionStore` and `ConnectionRemover`. */
import {
  type DocumentReference,
  type DocumentSnapshot,
  FieldValue,
  type Firestore,
  type Timestamp,
  type UpdateData,
} from '@google-cloud/firestore';
import type { Connection, ConnectionKey } from '../../core/connection.ts';
import type {
  AccountIndex,
  ConnectionChange,
  ConnectionRemover,
  ConnectionStore,
  NewConnection,
  Stored,
} from '../../core/ports.ts';
import { call, connectionRef, isConflict } from './client.ts';

/** As it stands in the database. */
interface ConnectionDocument {
  tenant: string;
  user: string;
  provider: string;
  generation: string;
  revision: number;
  wrapped_key?: Uint8Array;
  sealed_token?: Uint8Array;
  authorize_again?: Connection['authorizeAgain'];
  scopes: string[];
  account: string;
  attempt: string;
  lease?: { attempt: string; started_at: Timestamp };
  connected_at: Timestamp;
  updated_at: Timestamp;
}

export const firestoreConnections = (firestore: Firestore): ConnectionStore & ConnectionRemover & AccountIndex => ({
  read: async (key) => fromSnapshot(key, await call(() => connectionRef(firestore, key).get())),

  update: async (read, change) => {
    const { ref, lastUpdateTime } = versionOf(read);
    try {
      const written = await call(() => ref.update(toUpdate(change), { lastUpdateTime }), isConflict);
      return { version: new Version(ref, written.writeTime) };
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  },

  list: async ({ tenant, user }) => {
    const query = firestore.collection('connections').where('tenant', '==', tenant).where('user', '==', user);
    const found = await call(() => query.get());
    return found.docs.flatMap((snapshot) => {
      const key = { tenant, user, provider: String(snapshot.get('provider')) };
      const stored = fromSnapshot(key, snapshot);
      return stored ? [{ ...stored, stray: snapshot.id !== connectionRef(firestore, key).id }] : [];
    });
  },

  remove: async (read) => {
    const { ref, lastUpdateTime } = versionOf(read);
    try {
      await call(() => ref.delete({ lastUpdateTime }), isConflict);
      return 'removed';
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  },

  isAccountShared: async (key, account) => {
    const same = firestore
      .collection('connections')
      .where('account', '==', account)
      .where('provider', '==', key.provider);
    const found = await call(() => same.limit(3).get());
    const mine = connectionRef(firestore, key).id;
    return found.docs.some((snapshot) => snapshot.id !== mine);
  },
});

/** `key` is what was asked for. */
export const fromSnapshot = (key: ConnectionKey, snapshot: DocumentSnapshot): Stored | undefined => {
  const data = snapshot.data() as ConnectionDocument | undefined;
  if (!data || !snapshot.updateTime) return undefined;
  const { generation, revision, scopes, account, attempt, lease } = data;
  const connection: Connection = {
    generation,
    revision,
    scopes,
    account,
    attempt,
    connectedAt: data.connected_at.toMillis(),
    updatedAt: data.updated_at.toMillis(),
    ...(data.wrapped_key && data.sealed_token
      ? { sealed: { wrappedKey: data.wrapped_key, ciphertext: data.sealed_token } }
      : {}),
    ...(data.authorize_again ? { authorizeAgain: data.authorize_again } : {}),
    ...(lease ? { lease: { attempt: lease.attempt, startedAt: lease.started_at.toMillis() } } : {}),
  };
  return {
    key,
    connection,
    version: new Version(snapshot.ref, snapshot.updateTime),
    readAt: snapshot.readTime.toMillis(),
  };
};

/** A whole document, for a new life. */
export const toDocument = (
  key: Stored['key'],
  { sealed, authorizeAgain, ...connection }: NewConnection,
): Record<string, unknown> => ({
  tenant: key.tenant,
  user: key.user,
  provider: key.provider,
  ...connection,
  ...(sealed ? { wrapped_key: sealed.wrappedKey, sealed_token: sealed.ciphertext } : {}),
  ...(authorizeAgain ? { authorize_again: authorizeAgain } : {}),
  connected_at: FieldValue.serverTimestamp(),
  updated_at: FieldValue.serverTimestamp(),
});

export const toUpdate = ({
  sealed,
  authorizeAgain,
  lease,
  ...same
}: ConnectionChange): UpdateData<Record<string, unknown>> => ({
  ...same,
  ...(sealed === undefined
    ? {}
    : { wrapped_key: sealed?.wrappedKey ?? GONE, sealed_token: sealed?.ciphertext ?? GONE }),
  ...(authorizeAgain === undefined ? {} : { authorize_again: authorizeAgain ?? GONE }),
  ...(lease === undefined
    ? {}
    : { lease: lease === null ? GONE : { attempt: lease.attempt, started_at: FieldValue.serverTimestamp() } }),
  updated_at: FieldValue.serverTimestamp(),
});

const GONE = FieldValue.delete();

/** A document, and the write to it that was read. */
class Version {
  readonly ref: DocumentReference;
  readonly lastUpdateTime: Timestamp;

  constructor(ref: DocumentReference, lastUpdateTime: Timestamp) {
    this.ref = ref;
    this.lastUpdateTime = lastUpdateTime;
  }
}

const versionOf = ({ version }: Stored): Version => {
  if (!(version instanceof Version)) throw new TypeError('not read from this store');
  return version;
};
