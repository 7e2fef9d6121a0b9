import { type SyncDependencies, synchronize } from '../core/directory/synchronize.ts';
import { ok } from '../http/answer.ts';
import { type Operation, type Scheduler, schedulerOperation } from '../http/operation.ts';

/** S54: nothing of the call reaches the synchronization. */
export const directorySyncOperation = (scheduler: Scheduler, dependencies: SyncDependencies): Operation =>
  schedulerOperation('directorySync', scheduler, async () => ok(await synchronize(dependencies)));
