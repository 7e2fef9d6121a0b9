/** Runs cases one after the other: what fails is told, the others still run, and all of it ends in time. */
import { AssertionError } from 'node:assert';

/** What a case counted, by name. */
export type Counts = Readonly<Record<string, number | string>>;

export interface Case<World> {
  readonly name: string;
  /** Milliseconds; a minute by default. */
  readonly deadline?: number;
  /** Left out of a short run. */
  readonly long?: boolean;
  /** Throws where the broker does not do what it must. */
  run(world: World): Promise<Counts>;
}

export interface Outcome {
  readonly name: string;
  readonly counts: Counts;
  readonly milliseconds: number;
  readonly failure?: string;
}

const DEADLINE_MS = 60_000;

export const runCases = async <World>(
  world: World,
  cases: readonly Case<World>[],
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const [index, each] of cases.entries()) {
    if (signal.aborted) break;
    const begun = performance.now();
    const outcome = await inTime(each.run(world), each.deadline ?? DEADLINE_MS, signal).then(
      (counts) => ({ counts }),
      (error: Error) => ({ counts: {}, failure: explain(error) }),
    );
    const milliseconds = Math.round(performance.now() - begun);
    outcomes.push({ name: each.name, milliseconds, ...outcome });
    const result = 'failure' in outcome ? `FAILED: ${outcome.failure}` : `ok, ${textOf(outcome.counts)}`;
    progress(`${index + 1}/${cases.length} ${each.name}: ${result} (${milliseconds} ms)`);
  }
  return outcomes;
};

export const textOf = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

const explain = (error: Error): string => {
  const compared =
    error instanceof AssertionError ? ` (got ${show(error.actual)}, expected ${show(error.expected)})` : '';
  return (error.message.split('\n')[0] ?? '') + compared;
};

const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 300) ?? 'undefined';

const inTime = async <T>(running: Promise<T>, deadline: number, signal: AbortSignal): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  let abort = () => {};
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took more than ${deadline / 1000} s`)), deadline);
    abort = () => reject(new Error('interrupted'));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([running, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
};
