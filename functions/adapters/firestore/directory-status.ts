/** What sign-in asks of the organizations' directories, which the synchronization writes (docs/storage.md). */
import type { CollectionReference, DocumentReference, Firestore } from '@google-cloud/firestore';
import { isDirectoryId } from '../../core/directory/records.ts';
import type { Owner } from '../../core/identity.ts';
import { foldAddress } from '../../core/organizations.ts';
import type { Directory } from '../../core/sessions.ts';
import { call } from './client.ts';
import { organizationId } from './documents.ts';

const directoryUsers = (firestore: Firestore, tenant: string): CollectionReference =>
  firestore.collection('directories').doc(organizationId(tenant)).collection('users');
export const directoryUserRef = (firestore: Firestore, { tenant, user }: Owner): DocumentReference =>
  directoryUsers(firestore, tenant).doc(user);

export const firestoreDirectory = (firestore: Firestore): Directory => ({
  status: async (owner) => {
    // Microsoft's users are in no directory, and their ids need not be names of documents.
    if (!isDirectoryId(owner.user)) return undefined;
    const found = await call(() => directoryUserRef(firestore, owner).get());
    if (!found.exists) return undefined;
    return found.get('suspended') === false ? 'active' : 'suspended';
  },
  holders: async (tenant, email) => {
    // Records that were written before addresses were folded have theirs as Google gave it.
    const found = await Promise.all(
      [...new Set([foldAddress(email), email])].map((each) =>
        call(() => directoryUsers(firestore, tenant).where('email', '==', each).limit(10).select().get()),
      ),
    );
    return [...new Set(found.flatMap(({ docs }) => docs.map(({ id }) => id)))];
  },
});
