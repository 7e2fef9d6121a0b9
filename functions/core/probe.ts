/**
 * `POST /v1/internal/probe`: asks the broker for a token from outside, as nobody who may have one, and expects to be refused.
 * What it can show and what it cannot: docs/decisions/0019-a-prober-without-a-key.md.
 */
import type { Observe } from './ports.ts';

/** Somebody who must be refused. */
export interface Attempt {
  readonly name: string;
  /** What stands in the place of a session; absent: nothing. */
  readonly token?: string;
}

export interface ProbeDependencies {
  /** Made anew for each run. @param caller a genuine token that is no session. Throws `Unavailable` without the sessions' keys. */
  readonly forge: (caller: string) => Promise<readonly Attempt[]>;
  /** What the token route answers; `undefined`: nothing that is an answer. */
  readonly ask: (token: string | undefined) => Promise<{ readonly status: number; readonly code?: string } | undefined>;
  readonly observe: Observe;
}

export interface ProbeReport {
  readonly attempts: number;
  /** Those that were not refused. */
  readonly holes: readonly string[];
  /** Those of which this cannot be told: no answer, or one that says "later". */
  readonly unanswered: readonly string[];
}

/** Throws `Unavailable` like `forge`. A run without `probe_passed` in its log is a run that has shown nothing. */
export const probe = async ({ forge, ask, observe }: ProbeDependencies, caller: string): Promise<ProbeReport> => {
  const holes: string[] = [];
  const unanswered: string[] = [];
  const attempts = await forge(caller);
  const asked = await Promise.all(
    attempts.map(async ({ name, token }) => ({ attempt: name, answer: await ask(token) })),
  );
  for (const { attempt, answer } of asked) {
    if (answer?.status === 401 && answer.code === 'login_required') continue;
    if (answer === undefined || answer.status === 429 || answer.status >= 500) {
      unanswered.push(attempt);
      observe({ event: 'probe_unanswered', severity: 'WARNING', attempt, status: answer?.status });
    } else {
      holes.push(attempt);
      observe({ event: 'probe_hole', severity: 'ALERT', attempt, status: answer.status });
    }
  }
  if (holes.length + unanswered.length === 0) observe({ event: 'probe_passed', attempts: attempts.length });
  return { attempts: attempts.length, holes, unanswered };
};
