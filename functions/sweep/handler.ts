import { type SweepDependencies, sweep } from '../core/sweep.ts';
import { ok } from '../http/answer.ts';
import { type Operation, type Scheduler, schedulerOperation } from '../http/operation.ts';

export const sweepOperation = (scheduler: Scheduler, dependencies: SweepDependencies): Operation =>
  schedulerOperation('sweep', scheduler, async () => ok(await sweep(dependencies)));
