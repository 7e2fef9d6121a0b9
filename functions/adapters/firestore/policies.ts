/** The organizations' policies in Firestore. */
import type { Firestore } from '@google-cloud/firestore';
import type { Policy } from '../../core/policy.ts';
import type { PolicySource } from '../../core/ports.ts';
import { call, policyRef } from './client.ts';
import { policyOf } from './documents.ts';

/** `defaultPolicy`: for an organization that has none of its own. */
export const firestorePolicies = (firestore: Firestore, defaultPolicy: Policy): PolicySource => ({
  policy: async (tenant) => {
    const snapshot = await call(() => policyRef(firestore, tenant).get());
    return { policy: policyOf(snapshot.data(), defaultPolicy), readAt: snapshot.readTime.toMillis() };
  },
});
