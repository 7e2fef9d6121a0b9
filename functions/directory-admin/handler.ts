import { askForRun, waitingSince } from '../core/directory/administration.ts';
import type { DirectoryRequests, ReadState } from '../core/directory/ports.ts';
import type { Run } from '../core/directory/run.ts';
import type { Identity } from '../core/identity.ts';
import { ok } from '../http/answer.ts';
import type { components } from '../http/generated/types.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

type Schemas = components['schemas'];

export interface DirectoryAdminDependencies {
  /** The role that makes a user an admin of the organization that the session names. */
  readonly role: string;
  readonly requests: DirectoryRequests;
  /** Whose directories are synchronized. */
  readonly organizations: { has(tenant: string): boolean };
}

export const directoryAdminOperations = (
  sessions: Sessions,
  { role, requests, organizations }: DirectoryAdminDependencies,
): Operation[] => {
  const refused = ({ roles }: Identity) => (roles.includes(role) ? undefined : problem('forbidden'));
  const body = (tenant: string, read: ReadState) => adminBody(organizations.has(tenant), read);
  return [
    sessionOperation('adminDirectory', sessions, async ({ identity }) => {
      return refused(identity) ?? ok(body(identity.tenant, await requests.read(identity.tenant)));
    }),

    sessionOperation('startDirectoryRun', sessions, async ({ identity, body: { approve } }) => {
      const refusal = refused(identity);
      if (refusal) return refusal;
      if (!organizations.has(identity.tenant)) return problem('not_found');
      const outcome = await askForRun(requests, identity.tenant, approve);
      return outcome.kind === 'noted' ? ok(body(identity.tenant, outcome.read)) : problem('precondition_failed');
    }),
  ];
};

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

const adminBody = (configured: boolean, read: ReadState): Schemas['AdminDirectory'] => {
  const { state } = read;
  const waiting = waitingSince(read);
  return {
    configured,
    ...(waiting === undefined ? {} : { requested_at: timeOf(waiting) }),
    ...(state?.run ? { run: runBody(state.run, state.updatedAt) } : {}),
    runs: (state?.history ?? []).map((run) => runBody(run, run.updatedAt)),
  };
};

const runBody = (run: Run, updatedAt: number): Schemas['DirectoryRun'] => ({
  id: run.id,
  state: run.state,
  step: run.step,
  started_at: timeOf(run.startedAt),
  updated_at: timeOf(updatedAt),
  ...run.counts,
  writes: run.writes,
  faults: Object.entries(run.faults).map(([code, count]) => ({ code, count })),
  ...(run.approval && run.state === 'stopped' ? { approval: run.approval } : {}),
});
