/** `POST /v1/internal/directory-sync`: begins the runs that are due, goes on with those that are not finished. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Observe } from '../ports.ts';
import { members } from './members.ts';
import { type Allowance, type Halt, MAX_STUMBLES } from './outcome.ts';
import type { DirectorySource, DirectoryState, DirectoryStore, NewState, ReadState } from './ports.ts';
import { faulted, newRun, type Progress, summaryOf } from './run.ts';
import { finish, list, sweep } from './steps.ts';
import { Lost, Pause, Worker } from './worker.ts';

/** A call that has written nothing for so long is dead; one that lives lets pass 20 seconds and one question at most. */
export const LEASE_MS = 90_000;

export interface SyncDependencies {
  readonly store: DirectoryStore;
  /**
   * By organization; `until`: `clock.elapsed()` after which no question is repeated; `beat`: awaited while a question waits,
   * and what it throws ends the question.
   */
  readonly sources: ReadonlyMap<string, (until: number, beat: () => Promise<void>) => DirectorySource>;
  readonly allowance: Allowance;
  /** Between the beginnings of two runs. */
  readonly intervalMs: number;
  /** How long one call works. */
  readonly callMs: number;
  readonly clock: Clock;
  readonly observe: Observe;
}

export interface SyncReport {
  readonly finished: number;
  readonly unfinished: number;
  readonly failed: number;
}

type Result = 'nothing' | 'finished' | 'unfinished' | 'failed';

/** Throws `Unavailable` where the database does not answer. */
export const synchronize = async (dependencies: SyncDependencies): Promise<SyncReport> => {
  const { store, sources, clock } = dependencies;
  const until = clock.elapsed() + dependencies.callMs;
  const found = await Promise.all(
    [...sources.keys()].map(async (tenant) => ({ tenant, read: await store.read(tenant) })),
  );
  // Whoever was worked on last waits longest: one large organization does not keep the others waiting.
  found.sort((a, b) => (a.read.state?.updatedAt ?? 0) - (b.read.state?.updatedAt ?? 0));
  const report = { nothing: 0, finished: 0, unfinished: 0, failed: 0 };
  for (const { tenant, read } of found) {
    const result = clock.elapsed() < until ? await synchronizeOne(dependencies, tenant, read, until) : 'unfinished';
    report[result] += 1;
  }
  const { nothing: _nothing, ...answer } = report;
  return answer;
};

/** What there is to do now: a run to begin, or to go on with. */
const chosen = ({ state, request, readAt }: ReadState, intervalMs: number): Progress | 'wait' | undefined => {
  const isHeld = state?.holder !== undefined && readAt - state.updatedAt < LEASE_MS;
  if (isHeld) return 'wait';
  const begin = () => newRun(randomUUID(), readAt);
  const run = state?.run;
  // Asked for since the run, or since the last one, began. Agreeing to a removal asks for no run.
  const since = (run ?? state?.history[0])?.startedAt ?? 0;
  const asked = request !== undefined && request.approve === undefined && request.at > since;
  if (run?.state === 'running') {
    const { notBefore = 0, ...same } = run;
    return readAt < notBefore ? 'wait' : same;
  }
  if (run?.state === 'stopped') {
    if (request?.approve === run.approval?.id && run.approval) return { ...run, state: 'running', approved: true };
    return asked ? begin() : 'wait';
  }
  const last = state?.history[0];
  if (!last || asked || readAt - last.startedAt >= intervalMs) return begin();
  return undefined;
};

/** What a run that an admin has given up leaves in the history. */
const historyOf = (state: DirectoryState | undefined, run: Progress): DirectoryState['history'] => {
  const replaced = state?.run && state.run.id !== run.id ? state.run : undefined;
  const before = state?.history ?? [];
  if (!replaced) return before;
  return [{ ...summaryOf({ ...replaced, state: 'replaced' }), updatedAt: state?.updatedAt ?? 0 }, ...before].slice(
    0,
    10,
  );
};

const synchronizeOne = async (
  { store, sources, clock, observe, allowance, intervalMs }: SyncDependencies,
  tenant: string,
  read: ReadState,
  until: number,
): Promise<Result> => {
  const run = chosen(read, intervalMs);
  const sourceOf = sources.get(tenant);
  if (run === undefined || !sourceOf) return 'nothing';
  if (run === 'wait') return 'unfinished';
  const history = historyOf(read.state, run);
  const state: NewState & { run: Progress } = {
    holder: randomUUID(),
    run,
    history,
    log: read.state?.log ?? { from: 0, next: 0 },
  };
  const held = await store.hold(tenant, read, state);
  if (!held) return 'unfinished';
  const begun = clock.elapsed();
  try {
    const worker = await Worker.open({ tenant, store, clock, until, held, state });
    const halt = await work(worker, sourceOf(until, worker.breathe), allowance);
    const result = await settle(worker, halt);
    const { id, step, writes, counts } = worker.run;
    observe({
      event: 'directory_run',
      severity: result === 'failed' ? 'ERROR' : worker.run.state === 'stopped' ? 'WARNING' : 'INFO',
      organization: tenant,
      run: id,
      result: worker.run.state === 'stopped' ? 'stopped' : result,
      step,
      writes,
      users: counts.users.listed,
      groups: counts.groups.listed,
      ...(typeof halt === 'object' && 'code' in halt ? { code: halt.code } : {}),
      milliseconds: Math.round(clock.elapsed() - begun),
    });
    return result;
  } catch (error) {
    if (error instanceof Lost) return 'unfinished';
    throw error;
  }
};

/** Goes on until the run is finished, halted, or the call's time is over. */
const work = async (
  worker: Worker,
  source: DirectorySource,
  allowance: Allowance,
): Promise<Halt | 'paused' | undefined> => {
  try {
    for (;;) {
      const { step, part } = worker.run;
      if (step === 'finish') return await finish(worker);
      const halt =
        step === 'members'
          ? await members(worker, source, allowance)
          : part === 'list'
            ? await list(worker, source, step)
            : await sweep(worker, source, step, allowance);
      if (halt) return halt;
    }
  } catch (error) {
    if (error instanceof Pause) return 'paused';
    throw error;
  }
};

const settle = async (worker: Worker, halt: Halt | 'paused' | undefined): Promise<Result> => {
  if (halt === undefined) {
    await worker.end('done');
    return 'finished';
  }
  if (halt === 'paused' || halt.kind === 'stopped') {
    await worker.release();
    return 'unfinished';
  }
  const stumbles = worker.run.stumbles + 1;
  worker.run = { ...faulted(worker.run, halt.code), stumbles };
  if (halt.kind === 'unavailable' && halt.retryAfter !== undefined) {
    worker.run = { ...worker.run, notBefore: worker.now() + halt.retryAfter * 1000 };
  }
  // Members have a way of their own: a group that cannot be listed is left out.
  const goesOn = halt.kind === 'unavailable' && (stumbles <= MAX_STUMBLES || worker.run.step === 'members');
  if (goesOn) {
    await worker.release();
    return 'unfinished';
  }
  await worker.end('failed');
  return 'failed';
};
