/** The organizations' policies in Firestore. */
import type { DocumentSnapshot, Firestore } from '@google-cloud/firestore';
import { checkPolicy, type Policy } from '../../core/policy.ts';
import type { PolicySource } from '../../core/ports.ts';
import { call, policyRef } from './client.ts';

/** `defaultPolicy`: for an organization that has none of its own. */
export const firestorePolicies = (firestore: Firestore, defaultPolicy: Policy): PolicySource => ({
  policy: async (tenant) => {
    const snapshot = await call(() => policyRef(firestore, tenant).get());
    return { policy: toPolicy(snapshot, defaultPolicy), readAt: snapshot.readTime.toMillis() };
  },
});

/** Throws `TypeError` for a document that is no policy. */
export const toPolicy = (snapshot: DocumentSnapshot | undefined, defaultPolicy: Policy): Policy =>
  snapshot?.exists ? checkPolicy(snapshot.data()) : defaultPolicy;
