/** What completion and account deletion write: `CompletionStore` and `TombstoneStore`. */
import { randomUUID } from 'node:crypto';
import { FieldValue, type Firestore, Timestamp } from '@google-cloud/firestore';
import type { Policy } from '../../core/policy.ts';
import type { CompletionStore, TombstoneStore } from '../../core/ports.ts';
import { Code, call, codeOf, connectionRef, flowRef, inSeconds, policyRef, tombstoneRef } from './client.ts';
import { fromSnapshot, toDocument, toUpdate } from './connections.ts';
import { toPolicy } from './policies.ts';

export const firestoreCompletions = (firestore: Firestore, defaultPolicy: Policy): CompletionStore => ({
  claimFlow: async (flowId, keepSeconds) => {
    const ref = flowRef(firestore, flowId);
    const claim = randomUUID();
    const taken = (error: unknown) => codeOf(error) === Code.ALREADY_EXISTS;
    try {
      await call(() => ref.create({ claim, expire_at: inSeconds(keepSeconds) }), taken);
      return true;
    } catch (error) {
      if (!taken(error)) throw error;
      // The client repeats a call whose answer was lost: the marker that is in the way may be this very one.
      return (await call(() => ref.get())).get('claim') === claim;
    }
  },

  store: (key, tombstone, decide) =>
    call(() =>
      firestore.runTransaction(async (transaction) => {
        const ref = connectionRef(firestore, key);
        const [policy, buried, found] = await transaction.getAll(
          policyRef(firestore, key.tenant),
          tombstoneRef(firestore, tombstone),
          ref,
        );
        const deletedAt: unknown = buried?.get('deleted_at');
        const present = found && fromSnapshot(found);
        const decided = decide({
          policy: toPolicy(policy, defaultPolicy),
          ...(deletedAt instanceof Timestamp ? { deletedAt: deletedAt.toMillis() } : {}),
          ...(present ? { present } : {}),
        });
        const { write } = decided;
        if (write && write.generation === present?.connection.generation) {
          // The same life goes on: a lease that a refresh holds on it stays where it is.
          const { scopes, account, attempt } = write;
          transaction.update(ref, { ...toUpdate({ scopes, attempt }), account });
        } else if (write) {
          transaction.set(ref, toDocument(key, write));
        }
        return decided;
      }),
    ),
});

export const firestoreTombstones = (firestore: Firestore): TombstoneStore => ({
  bury: async (tombstone, keepSeconds) => {
    const ref = tombstoneRef(firestore, tombstone);
    await call(() => ref.set({ deleted_at: FieldValue.serverTimestamp(), expire_at: inSeconds(keepSeconds) }));
  },
});
