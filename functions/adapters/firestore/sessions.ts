/** Users, their sessions, and codes of sign-ins in Firestore: a database of their own (docs/storage.md). */
import { type DocumentReference, type DocumentSnapshot, type Firestore, Timestamp } from '@google-cloud/firestore';
import { digest } from '../../core/flow.ts';
import type { Owner } from '../../core/identity.ts';
import type { HandOver, SessionRecord, SessionStore, UserRecord } from '../../core/sessions.ts';
import { call } from './client.ts';
import { isConflict } from './failures.ts';

/** Firestore's own bound on the writes of one commit. */
const BATCH = 500;

export const userRef = (firestore: Firestore, { tenant, user }: Owner): DocumentReference =>
  firestore.collection('users').doc(digest(JSON.stringify([tenant, user])));

const sessionRef = (firestore: Firestore, id: string) => firestore.collection('sessions').doc(id);
const codeRef = (firestore: Firestore, id: string) => firestore.collection('codes').doc(id);

export const firestoreSessions = (firestore: Firestore): SessionStore => ({
  create: async (id, session) => {
    await call(() => sessionRef(firestore, id).create(toDocument(session)));
  },

  read: async (id) => {
    const found = await call(() => sessionRef(firestore, id).get());
    const session = toSession(found);
    if (!session) return undefined;
    const user = toUser(await call(() => userRef(firestore, session).get()));
    return { session, ...(user ? { user } : {}) };
  },

  touch: async (id, renewedAt) => {
    try {
      // An update never brings back what was deleted.
      await call(() => sessionRef(firestore, id).update({ renewed_at: Timestamp.fromMillis(renewedAt) }), isConflict);
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  },

  end: async (id) => {
    await call(() => sessionRef(firestore, id).delete());
  },

  endAll: async (owner) => {
    // Codes first: one that becomes a session meanwhile is found among the sessions.
    for (const collection of ['codes', 'sessions']) await removeAll(firestore, collection, owner);
  },

  offer: async (id, { tenant, user, challenge, expiresAt }) => {
    const expire_at = Timestamp.fromMillis(expiresAt);
    await call(() => codeRef(firestore, id).create({ tenant, user, challenge, expire_at }));
  },

  readOffer: async (id) => toHandOver(await call(() => codeRef(firestore, id).get())),

  redeem: async (offerId, id, session) => {
    const batch = firestore.batch();
    batch.delete(codeRef(firestore, offerId), { exists: true });
    batch.create(sessionRef(firestore, id), toDocument(session));
    try {
      await call(() => batch.commit(), isConflict);
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  },
});

const removeAll = async (firestore: Firestore, collection: string, { tenant, user }: Owner): Promise<void> => {
  const mine = firestore.collection(collection).where('tenant', '==', tenant).where('user', '==', user);
  for (;;) {
    const { docs } = await call(() => mine.limit(BATCH).get());
    if (docs.length === 0) return;
    const batch = firestore.batch();
    for (const { ref } of docs) batch.delete(ref);
    await call(() => batch.commit());
  }
};

const toDocument = ({ tenant, user, holder, renewedAt, expiresAt }: SessionRecord) => ({
  tenant,
  user,
  holder,
  renewed_at: Timestamp.fromMillis(renewedAt),
  expire_at: Timestamp.fromMillis(expiresAt),
});

const toSession = (snapshot: DocumentSnapshot): SessionRecord | undefined => {
  const data = snapshot.data();
  if (!data) return undefined;
  const { tenant, user, holder, renewed_at, expire_at } = data;
  return { tenant, user, holder, renewedAt: renewed_at.toMillis(), expiresAt: expire_at.toMillis() };
};

const toHandOver = (snapshot: DocumentSnapshot): HandOver | undefined => {
  const data = snapshot.data();
  if (!data) return undefined;
  const { tenant, user, challenge, expire_at } = data;
  return { tenant, user, challenge, expiresAt: expire_at.toMillis() };
};

export const toUser = (snapshot: DocumentSnapshot | undefined): UserRecord | undefined => {
  const data = snapshot?.data();
  if (!data) return undefined;
  const { name, email, in_directory } = data;
  return {
    inDirectory: in_directory === true,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof email === 'string' ? { email } : {}),
  };
};
