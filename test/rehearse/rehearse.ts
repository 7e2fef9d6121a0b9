/** Runs the steps one after the other; what fails is said, and the others still run. */
import type { Deployment } from './deployment.ts';
import { STEPS } from './steps.ts';

export interface Outcome {
  readonly name: string;
  readonly ms: number;
  /** By function, the requests that the balancer passed on. */
  readonly reached: string;
  readonly failure?: string;
}

const STEP_MS = 30_000;

export const rehearse = async (deployment: Deployment): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const step of STEPS) {
    const before = new Map(deployment.balancer.counts);
    const begun = performance.now();
    const failure = await inTime(step.run(deployment)).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const reached = [...deployment.balancer.counts].flatMap(([name, count]) => {
      const more = count - (before.get(name) ?? 0);
      return more > 0 ? [`${name} ${more}`] : [];
    });
    const ms = performance.now() - begun;
    outcomes.push({ name: step.name, ms, reached: reached.join(', '), ...(failure === undefined ? {} : { failure }) });
  }
  return outcomes;
};

const inTime = async (running: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took more than ${STEP_MS / 1000} s`)), STEP_MS);
  });
  await Promise.race([running, over]).finally(() => clearTimeout(timer));
};
