/**
 * The documents that answers have cited, in a database of their own (docs/storage.md): one Firestore document a user, which
 * is either a list or, after the account was deleted, the mark of that. `AnswerDocuments` and `AnswerDocumentsByTenant`.
 */
import {
  type DocumentReference,
  type DocumentSnapshot,
  FieldValue,
  type Firestore,
  Timestamp,
} from '@google-cloud/firestore';
import {
  type AnswerDocument,
  DELETED_SECONDS,
  DOCUMENT_SECONDS,
  present,
  withCited,
  without,
} from '../../core/answers/documents.ts';
import type { AnswerDocuments, AnswerDocumentsByTenant } from '../../core/answers/ports.ts';
import { digest } from '../../core/flow.ts';
import type { Owner } from '../../core/identity.ts';
import { call, callInTime, inSeconds, refuseWhenOver } from './client.ts';
import { organizationId } from './documents.ts';

const SOME = 100;

const ownerRef = (firestore: Firestore, { tenant, user }: Owner): DocumentReference =>
  firestore.collection('owners').doc(digest(JSON.stringify([tenant, user])));
/** That something of an organization may be stored: what the sweep goes by. */
const tenantRef = (firestore: Firestore, tenant: string): DocumentReference =>
  firestore.collection('organizations').doc(organizationId(tenant));

export const firestoreAnswerDocuments = (firestore: Firestore): AnswerDocuments => ({
  list: async (owner) => {
    const snapshot = await call(() => ownerRef(firestore, owner).get());
    return present(documentsOf(snapshot), snapshot.readTime.toMillis());
  },

  add: (owner, cited) =>
    callInTime((isOver) =>
      firestore.runTransaction(async (transaction) => {
        refuseWhenOver(isOver);
        const { tenant, user } = owner;
        const [found, organization] = await transaction.getAll(
          ownerRef(firestore, owner),
          tenantRef(firestore, tenant),
        );
        if (!found || !organization || isDeleted(found)) return false;
        const documents = withCited(documentsOf(found), cited, found.readTime.toMillis());
        transaction.set(found.ref, {
          tenant,
          user,
          documents: documents.map(onDisk),
          expire_at: inSeconds(DOCUMENT_SECONDS),
        });
        if (!organization.exists) transaction.set(organization.ref, { tenant });
        return true;
      }),
    ),

  forget: (owner, document) =>
    callInTime((isOver) =>
      firestore.runTransaction(async (transaction) => {
        refuseWhenOver(isOver);
        const found = await transaction.get(ownerRef(firestore, owner));
        const had: unknown[] = found.get('documents') ?? [];
        if (had.length === 0) return;
        const left = document === undefined ? [] : without(documentsOf(found), document);
        if (left.length === 0) transaction.delete(found.ref);
        else if (left.length < had.length) transaction.update(found.ref, { documents: left.map(onDisk) });
      }),
    ),
});

/** With the account. An answer that is under way meanwhile finds the mark, and stores nothing. */
export const forgetAnswers = async (firestore: Firestore, owner: Owner): Promise<void> => {
  const mark = { deleted_at: FieldValue.serverTimestamp(), expire_at: inSeconds(DELETED_SECONDS) };
  await call(() => ownerRef(firestore, owner).set(mark));
};

export const firestoreAnswerTenants = (firestore: Firestore): AnswerDocumentsByTenant => ({
  tenants: async () => {
    const { docs } = await call(() => firestore.collection('organizations').get());
    return docs.map((snapshot) => String(snapshot.get('tenant')));
  },

  removeSome: (tenant) =>
    callInTime((isOver) =>
      firestore.runTransaction(async (transaction) => {
        refuseWhenOver(isOver);
        const { docs } = await transaction.get(
          firestore.collection('owners').where('tenant', '==', tenant).limit(SOME).select(),
        );
        for (const { ref } of docs) transaction.delete(ref);
        // In one transaction with having found none: what is stored at this moment is listed again.
        if (docs.length === 0) transaction.delete(tenantRef(firestore, tenant));
        return docs.length;
      }),
    ),
});

const onDisk = ({ source, id, usedAt }: AnswerDocument) => ({ source, id, used_at: Timestamp.fromMillis(usedAt) });

const documentsOf = (snapshot: DocumentSnapshot): AnswerDocument[] => {
  const documents: { source: string; id: string; used_at: Timestamp }[] = snapshot.get('documents') ?? [];
  return documents.map(({ source, id, used_at }) => ({ source, id, usedAt: used_at.toMillis() }));
};

/** The mark may stay for a while after its time: the database removes it when it gets to it. */
const isDeleted = (snapshot: DocumentSnapshot): boolean => {
  const at: Timestamp | undefined = snapshot.get('deleted_at');
  return at !== undefined && at.toMillis() + DELETED_SECONDS * 1000 > snapshot.readTime.toMillis();
};
