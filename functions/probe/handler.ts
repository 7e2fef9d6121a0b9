import { type ProbeDependencies, probe } from '../core/probe.ts';
import { ok } from '../http/answer.ts';
import { type Operation, type Scheduler, schedulerOperation } from '../http/operation.ts';

export const probeOperation = (scheduler: Scheduler, dependencies: ProbeDependencies): Operation =>
  schedulerOperation('probe', scheduler, async ({ schedulerToken }) =>
    // Genuine, and of another issuer than the sessions'; it goes nowhere but to this broker.
    ok(await probe(dependencies, schedulerToken)),
  );
