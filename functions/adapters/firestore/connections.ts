/** The connections in Firestore: `ConnectionStore` and `ConnectionRemover`. */
import { type DocumentSnapshot, FieldValue, type Firestore, Timestamp, type UpdateData } from '@google-cloud/firestore';
import type { Connection } from '../../core/connection.ts';
import type { ConnectionChange, ConnectionRemover, ConnectionStore, NewConnection, Stored } from '../../core/ports.ts';
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

export const firestoreConnections = (firestore: Firestore): ConnectionStore & ConnectionRemover => ({
  read: async (key) => fromSnapshot(await call(() => connectionRef(firestore, key).get())),

  update: async (read, change) => {
    const ref = connectionRef(firestore, read.key);
    const precondition = { lastUpdateTime: versionOf(read) };
    try {
      const written = await call(() => ref.update(toUpdate(change), precondition), isConflict);
      return { version: written.writeTime };
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  },

  list: async ({ tenant, user }) => {
    const query = firestore.collection('connections').where('tenant', '==', tenant).where('user', '==', user);
    const found = await call(() => query.get());
    return found.docs.flatMap((snapshot) => fromSnapshot(snapshot) ?? []);
  },

  remove: async (read) => {
    try {
      await call(() => connectionRef(firestore, read.key).delete({ lastUpdateTime: versionOf(read) }), isConflict);
      return 'removed';
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  },
});

export const fromSnapshot = (snapshot: DocumentSnapshot): Stored | undefined => {
  const data = snapshot.data() as ConnectionDocument | undefined;
  if (!data) return undefined;
  const { tenant, user, provider, generation, revision, scopes, account, attempt, lease } = data;
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
    key: { tenant, user, provider },
    connection,
    version: snapshot.updateTime,
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

const versionOf = ({ version }: Stored): Timestamp => {
  if (!(version instanceof Timestamp)) throw new TypeError('not read from this store');
  return version;
};
