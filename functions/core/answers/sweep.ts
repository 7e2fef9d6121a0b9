/** What a withdrawn consent leaves behind: the cited documents' names of an organization's users are removed. */
import type { Clock } from '../clock.ts';
import { searchAiRule } from '../policy-form.ts';
import type { Observe, PolicySource } from '../ports.ts';
import type { AnswerDocumentsByTenant } from './ports.ts';

/** A run begins nothing after this. */
const RUN_MS = 30_000;

export interface AnswerSweepDependencies {
  readonly policies: PolicySource;
  /** Absent where there is no Search AI. */
  readonly answers?: AnswerDocumentsByTenant;
  readonly clock: Clock;
  readonly observe: Observe;
}

/** Throws `Unavailable` like what it calls, after all else that can be done now. `left`: there is more to do. */
export const sweepAnswers = async (dependencies: AnswerSweepDependencies): Promise<{ readonly left: boolean }> => {
  const { answers, clock } = dependencies;
  const until = clock.elapsed() + RUN_MS;
  const failures: unknown[] = [];
  const tenants = (await answers?.tenants()) ?? [];
  // From a place of chance: where there are more than a run has time for, none is always the last.
  const first = Math.floor(Math.random() * tenants.length);
  for (const tenant of [...tenants.slice(first), ...tenants.slice(0, first)]) {
    try {
      if (!(await removeWithdrawn(dependencies, tenant, until))) return { left: true };
    } catch (error) {
      // Another organization does not wait for this one's database.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { left: false };
};

/** @returns whether there was time for all of it */
const removeWithdrawn = async (
  { policies, answers, clock, observe }: AnswerSweepDependencies,
  tenant: string,
  until: number,
): Promise<boolean> => {
  let users = 0;
  for (;;) {
    if (clock.elapsed() >= until) return false;
    // Each time: consent may come back meanwhile, and with it new entries.
    const { policy } = await policies.policy(tenant);
    if (searchAiRule(policy).document_ids) return true;
    const removed = (await answers?.removeSome(tenant)) ?? 0;
    if (removed === 0) break;
    users += removed;
  }
  if (users > 0) observe({ event: 'cited_documents_removed', tenant, users });
  return true;
};
