/** `GET /v1/admin/directory` and `POST /v1/admin/directory/runs`. */
import type { DirectoryRequests, ReadState } from './ports.ts';

/** Throws `Unavailable`. */
export const askForRun = async (
  store: DirectoryRequests,
  tenant: string,
  approve: string | undefined,
): Promise<{ kind: 'noted'; read: ReadState } | { kind: 'changed_meanwhile' }> => {
  const { state } = await store.read(tenant);
  const run = state?.run;
  if (approve !== undefined && !(run?.state === 'stopped' && run.approval?.id === approve)) {
    return { kind: 'changed_meanwhile' };
  }
  await store.request(tenant, approve === undefined ? {} : { approve });
  return { kind: 'noted', read: await store.read(tenant) };
};

/** When a request was made that no run has taken up; milliseconds since the epoch. */
export const waitingSince = ({ state, request }: ReadState): number | undefined => {
  if (!request) return undefined;
  const { run } = state ?? {};
  if (run?.state === 'stopped') {
    const concerns = request.approve === undefined ? request.at > run.startedAt : request.approve === run.approval?.id;
    return concerns ? request.at : undefined;
  }
  const begun = (run ?? state?.history[0])?.startedAt ?? 0;
  return request.approve === undefined && request.at > begun ? request.at : undefined;
};
