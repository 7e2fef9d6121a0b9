/** The connections in Firestore: `ConnectionStore` and `ConnectionRemover`. */
import type { DocumentReference, DocumentSnapshot, Firestore, Timestamp } from '@google-cloud/firestore';
import type { ConnectionKey } from '../../core/connection.ts';
import type { AccountIndex, ConnectionRemover, ConnectionStore, Stored } from '../../core/ports.ts';
import { call, connectionRef, fromClient, toClient } from './client.ts';
import { connectionOf, updateOf } from './documents.ts';
import { isConflict } from './failures.ts';

export const firestoreConnections = (firestore: Firestore): ConnectionStore & ConnectionRemover & AccountIndex => ({
  read: async (key) => fromSnapshot(key, await call(() => connectionRef(firestore, key).get())),

  update: async (read, change) => {
    const { ref, lastUpdateTime } = versionOf(read);
    try {
      const written = await call(() => ref.update(toClient(updateOf(change)), { lastUpdateTime }), isConflict);
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

  hasOthers: async (of, except) => {
    const [field, value] = 'account' in of ? (['account', of.account] as const) : (['provider', of.provider] as const);
    const same = firestore.collection('connections').where(field, '==', value);
    const found = await call(() => same.limit(except.length + 1).get());
    const excepted = except.map((key) => connectionRef(firestore, key).id);
    return found.docs.some((snapshot) => !excepted.includes(snapshot.id));
  },
});

/** `key` is what was asked for. */
export const fromSnapshot = (key: ConnectionKey, snapshot: DocumentSnapshot): Stored | undefined => {
  const data = snapshot.data();
  if (!data || !snapshot.updateTime) return undefined;
  return {
    key,
    connection: connectionOf(fromClient(data)),
    version: new Version(snapshot.ref, snapshot.updateTime),
    readAt: snapshot.readTime.toMillis(),
  };
};

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
