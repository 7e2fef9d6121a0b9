import { type RewrapDependencies, rewrap } from '../core/rewrap.ts';
import { ok } from '../http/answer.ts';
import { type Operation, type Scheduler, schedulerOperation } from '../http/operation.ts';

export const rewrapOperation = (scheduler: Scheduler, dependencies: RewrapDependencies): Operation =>
  schedulerOperation('rewrap', scheduler, async () => ok(await rewrap(dependencies)));
