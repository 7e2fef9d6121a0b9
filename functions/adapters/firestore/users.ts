/** The organizations' users in Firestore, and who has which e-mail address: `UserStore`, and what account deletion removes. */
import { type DocumentReference, FieldValue, type Firestore } from '@google-cloud/firestore';
import { digest } from '../../core/flow.ts';
import type { Owner } from '../../core/identity.ts';
import { foldAddress } from '../../core/organizations.ts';
import type { UserRecord } from '../../core/sessions.ts';
import type { UserStore } from '../../core/sign-in.ts';
import { call, callInTime, refuseWhenOver } from './client.ts';
import { firestoreSessions, toUser, userRef } from './sessions.ts';

/** Addresses differ in case to people only. */
const emailRef = (firestore: Firestore, tenant: string, email: string): DocumentReference =>
  firestore.collection('emails').doc(digest(JSON.stringify([tenant, foldAddress(email)])));

export const firestoreUsers = (firestore: Firestore): UserStore => ({
  read: async (owner) => toUser(await call(() => userRef(firestore, owner).get())),

  admit: async (owner, record, isHolder = false) =>
    callInTime((isOver) =>
      firestore.runTransaction(async (transaction) => {
        refuseWhenOver(isOver);
        const { tenant, user } = owner;
        const ref = userRef(firestore, owner);
        const mine = record.email === undefined ? undefined : emailRef(firestore, tenant, record.email);
        const [found, holder] = await transaction.getAll(ref, ...(mine ? [mine] : []));
        const known = toUser(found);
        const isMine = holder?.get('user') === user;
        if (holder?.exists && !isMine && !isHolder) return 'conflict';
        // Deleting the user meanwhile may have taken the reservation and not the record: then it is made again.
        if (known && isSame(known, record) && (!mine || isMine)) return 'known';
        const former = known?.email === undefined ? undefined : emailRef(firestore, tenant, known.email);
        // Somebody whom the directory lists may have got it meanwhile.
        const isFormer = former && former.path !== mine?.path && (await transaction.get(former)).get('user') === user;
        if (isFormer) transaction.delete(former);
        if (mine) transaction.set(mine, { tenant, user });
        transaction.set(ref, {
          tenant,
          user,
          in_directory: record.inDirectory,
          ...(record.name === undefined ? {} : { name: record.name }),
          ...(record.email === undefined ? {} : { email: record.email }),
          created_at: found?.get('created_at') ?? FieldValue.serverTimestamp(),
        });
        return known ? 'known' : 'created';
      }),
    ),
});

/** Everything of a user: the record, whatever address is theirs, sessions and codes. */
export const forgetUser = async (firestore: Firestore, owner: Owner): Promise<void> => {
  // The record first: without it nothing is renewed or redeemed any more.
  await call(() => userRef(firestore, owner).delete());
  await Promise.all([forgetAddresses(firestore, owner), firestoreSessions(firestore).endAll(owner)]);
};

const forgetAddresses = async (firestore: Firestore, { tenant, user }: Owner): Promise<void> => {
  const mine = firestore.collection('emails').where('tenant', '==', tenant).where('user', '==', user);
  const { docs } = await call(() => mine.get());
  if (docs.length === 0) return;
  const batch = firestore.batch();
  for (const { ref } of docs) batch.delete(ref);
  await call(() => batch.commit());
};

const isSame = (one: UserRecord, other: UserRecord): boolean =>
  one.name === other.name && one.email === other.email && one.inDirectory === other.inDirectory;
