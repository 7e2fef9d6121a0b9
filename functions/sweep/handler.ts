import { type AnswerSweepDependencies, sweepAnswers } from '../core/answers/sweep.ts';
import { type SweepDependencies, sweep } from '../core/sweep.ts';
import { ok } from '../http/answer.ts';
import { type Operation, type Scheduler, schedulerOperation } from '../http/operation.ts';

export const sweepOperation = (
  scheduler: Scheduler,
  dependencies: SweepDependencies & AnswerSweepDependencies,
): Operation =>
  schedulerOperation('sweep', scheduler, async () => {
    // Neither waits for the other's database.
    const [connections, answers] = await Promise.allSettled([sweep(dependencies), sweepAnswers(dependencies)]);
    if (connections.status === 'rejected') throw connections.reason;
    if (answers.status === 'rejected') throw answers.reason;
    return ok({ ...connections.value, left: connections.value.left || answers.value.left });
  });
