/** The organizations' policies, over HTTP and JSON. */
import type { Policy } from '../../../core/policy-form.ts';
import type { PolicySource } from '../../../core/ports.ts';
import { policyOf, policyPlace } from '../documents.ts';
import type { FirestoreRest } from './client.ts';

/** `defaultPolicy`: for an organization that has none of its own. */
export const restPolicies = (firestore: FirestoreRest, defaultPolicy: Policy): PolicySource => ({
  policy: async (tenant) => {
    const { document, readAt } = await firestore.read(policyPlace(tenant));
    return { policy: policyOf(document?.fields, defaultPolicy), readAt };
  },
});
