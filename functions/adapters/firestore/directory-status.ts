/** What sign-in asks of the organizations' directories, which the synchronization writes (docs/storage.md). */
import type { CollectionReference, DocumentReference, Firestore } from '@google-cloud/firestore';
import type { Owner } from '../../core/identity.ts';
import type { Directory } from '../../core/sessions.ts';
import { call } from './client.ts';
import { organizationId } from './documents.ts';

const directoryUsers = (firestore: Firestore, tenant: string): CollectionReference =>
  firestore.collection('directories').doc(organizationId(tenant)).collection('users');
export const directoryUserRef = (firestore: Firestore, { tenant, user }: Owner): DocumentReference =>
  directoryUsers(firestore, tenant).doc(user);

export const firestoreDirectory = (firestore: Firestore): Directory => ({
  status: async (owner) => {
    const found = await call(() => directoryUserRef(firestore, owner).get());
    if (!found.exists) return undefined;
    return found.get('suspended') === false ? 'active' : 'suspended';
  },
  lists: async (tenant, email) => {
    // Google keeps primary addresses in lower case.
    const named = directoryUsers(firestore, tenant).where('email', '==', email.toLowerCase());
    return !(await call(() => named.limit(1).select().get())).empty;
  },
});
