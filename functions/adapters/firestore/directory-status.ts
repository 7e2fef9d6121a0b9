/** What sign-in asks of the organizations' directories, which the synchronization writes (docs/storage.md). */
import type { DocumentReference, Firestore } from '@google-cloud/firestore';
import type { Owner } from '../../core/identity.ts';
import type { Directory } from '../../core/sessions.ts';
import { call } from './client.ts';
import { organizationId } from './documents.ts';

export const directoryUserRef = (firestore: Firestore, { tenant, user }: Owner): DocumentReference =>
  firestore.collection('directories').doc(organizationId(tenant)).collection('users').doc(user);

export const firestoreDirectory = (firestore: Firestore): Directory => ({
  status: async (owner) => {
    const found = await call(() => directoryUserRef(firestore, owner).get());
    if (!found.exists) return undefined;
    return found.get('suspended') === false ? 'active' : 'suspended';
  },
});
