/** The organizations' policies in Firestore. */
import type { Firestore } from '@google-cloud/firestore';
import type { Policy } from '../../core/policy-form.ts';
import { DATABASE_TIME, type PolicySource, type PolicyStore } from '../../core/ports.ts';
import { call, callInTime, policyRef, refuseWhenOver, removalRef, toClient } from './client.ts';
import { policyOf } from './documents.ts';

/** `defaultPolicy`: for an organization that has none of its own. */
export const firestorePolicies = (firestore: Firestore, defaultPolicy: Policy): PolicySource => ({
  policy: async (tenant) => {
    const snapshot = await call(() => policyRef(firestore, tenant).get());
    return { policy: policyOf(snapshot.data(), defaultPolicy), readAt: snapshot.readTime.toMillis() };
  },
});

export const firestorePolicyStore = (firestore: Firestore, defaultPolicy: Policy): PolicyStore => ({
  ...firestorePolicies(firestore, defaultPolicy),

  change: async (tenant, decide) =>
    callInTime((isOver) =>
      firestore.runTransaction(async (transaction) => {
        refuseWhenOver(isOver);
        const ref = policyRef(firestore, tenant);
        const snapshot = await transaction.get(ref);
        const decided = decide({ policy: policyOf(snapshot.data(), defaultPolicy), isOwn: snapshot.exists });
        const { change } = decided;
        if (!change) return decided;
        transaction.set(ref, { ...change.write });
        for (const provider of change.remove) {
          const removal = toClient({ tenant, provider, since: DATABASE_TIME });
          transaction.set(removalRef(firestore, tenant, provider), removal);
        }
        for (const provider of change.keep) transaction.delete(removalRef(firestore, tenant, provider));
        return decided;
      }),
    ),
});
