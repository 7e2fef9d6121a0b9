/** What completion and account deletion write: `CompletionStore` and `TombstoneStore`. */
import { randomUUID } from 'node:crypto';
import { FieldValue, type Firestore, Timestamp } from '@google-cloud/firestore';
import type { Policy } from '../../core/policy-form.ts';
import type { CompletionStore, TombstoneStore } from '../../core/ports.ts';
import { Code, codeOf } from '../google-rpc.ts';
import {
  call,
  callInTime,
  connectionRef,
  flowRef,
  inSeconds,
  policyRef,
  refuseWhenOver,
  toClient,
  tombstoneRef,
} from './client.ts';
import { fromSnapshot } from './connections.ts';
import { documentOf, policyOf, updateOf } from './documents.ts';

export const firestoreCompletions = (firestore: Firestore, defaultPolicy: Policy): CompletionStore => ({
  ...firestoreFlows(firestore),

  store: async ({ key, tombstone, flowId }, decide) => {
    let stored: ReturnType<typeof decide> | undefined;
    return callInTime((isOver) =>
      firestore.runTransaction(async (transaction) => {
        refuseWhenOver(isOver);
        const ref = connectionRef(firestore, key);
        const marker = flowRef(firestore, flowId);
        const [policy, buried, claimed, found] = await transaction.getAll(
          policyRef(firestore, key.tenant),
          tombstoneRef(firestore, tombstone),
          marker,
          ref,
        );
        // The client runs this again when the answer to the commit was lost: what was stored may be gone by now, on purpose.
        if (stored && claimed?.get('stored')) return stored;
        const deletedAt: unknown = buried?.get('deleted_at');
        const present = found && fromSnapshot(key, found);
        const decided = decide({
          policy: policyOf(policy?.data(), defaultPolicy),
          ...(deletedAt instanceof Timestamp ? { deletedAt: deletedAt.toMillis() } : {}),
          ...(present ? { present } : {}),
        });
        const { write } = decided;
        if (write && write.generation === present?.connection.generation) {
          // The same life goes on: a lease that a refresh holds on it stays where it is. The user has authorized again.
          const { scopes, withheld = [], account, attempt } = write;
          transaction.update(ref, toClient({ ...updateOf({ scopes, withheld, attempt, refusal: null }), account }));
        } else if (write) {
          transaction.set(ref, toClient(documentOf(key, write)));
        }
        if (write) {
          transaction.update(marker, { stored: true });
          stored = decided;
        }
        return decided;
      }),
    );
  },
});

export const firestoreTombstones = (firestore: Firestore): TombstoneStore => ({
  bury: async (tombstone, keepSeconds) => {
    const ref = tombstoneRef(firestore, tombstone);
    await call(() => ref.set({ deleted_at: FieldValue.serverTimestamp(), expire_at: inSeconds(keepSeconds) }));
  },
});

/** The markers of flows. */
export const firestoreFlows = (firestore: Firestore): Pick<CompletionStore, 'claimFlow'> => ({
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
});
