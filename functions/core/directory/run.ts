/** A run of the synchronization: what stands in its record, so that another call goes on where one ended. */
import type { Kind } from './records.ts';

export const STEPS = ['users', 'groups', 'members', 'domains', 'finish'] as const;
export type Step = (typeof STEPS)[number];

export interface Counts {
  readonly listed: number;
  readonly written: number;
  readonly removed: number;
}

export interface Approval {
  readonly id: string;
  /** `members`: lists that lost more than the share of their members, of all the lists. */
  readonly kind: Kind;
  readonly removals: number;
  /** Records of the kind that are stored. */
  readonly of: number;
}

export interface Run {
  readonly id: string;
  readonly state: 'running' | 'stopped' | 'done' | 'failed' | 'replaced';
  readonly step: Step;
  /** Milliseconds since the epoch, the database's own time. */
  readonly startedAt: number;
  readonly counts: Readonly<Record<Kind, Counts>>;
  /** Documents written and removed, without the run's own record. */
  readonly writes: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Where a run stopped, and (`approved`) may go on. */
  readonly approval?: Approval;
}

/** A run in its course. */
export interface Progress extends Run {
  readonly part: 'list' | 'sweep';
  /** Of the listing: the next page; absent at its beginning. */
  readonly page?: string;
  /** Of the members: the place of the next group. */
  readonly at: number;
  /** Places that were listed (`Places`). */
  readonly seen: Uint8Array;
  /** How often this step's listing began anew because its page was gone. */
  readonly restarts: number;
  /** Calls that ended one after the other, without any progress, because the provider did not answer. */
  readonly stumbles: number;
  readonly approved: boolean;
  /** Of the members: groups whose lists are too long to be held, the one under way first. */
  readonly long: readonly LongList[];
  /** Of the members: lists that lost more than may vanish unasked. */
  readonly losses: number;
  /** Of the members: groups whose lists were refused, and the last refusal. */
  readonly refused: { readonly groups: number; readonly code: string };
  /** Nothing is asked before: milliseconds since the epoch, the database's own time. */
  readonly notBefore?: number;
}

/** Where the listing of a long group is: `skip` members of `page` are in pieces already, `chunk` is the next piece. */
export interface LongList {
  readonly group: string;
  /** First it is only compared; what differs is listed again, and written. */
  readonly part: 'compare' | 'write';
  readonly differs: boolean;
  readonly page?: string;
  readonly skip: number;
  readonly chunk: number;
}

const NONE: Counts = { listed: 0, written: 0, removed: 0 };

export const newRun = (id: string, startedAt: number): Progress => ({
  id,
  state: 'running',
  step: 'users',
  startedAt,
  counts: { users: NONE, groups: NONE, members: NONE, domains: NONE },
  writes: 0,
  faults: {},
  ...BEGINNING,
});

const BEGINNING = {
  part: 'list',
  at: 0,
  seen: new Uint8Array(),
  restarts: 0,
  stumbles: 0,
  approved: false,
  long: [],
  losses: 0,
  refused: { groups: 0, code: '' },
} as const;

/** At the beginning of the next step. */
export const nextStep = ({ page: _page, approval: _approval, ...run }: Progress): Progress => ({
  ...run,
  ...BEGINNING,
  step: STEPS[STEPS.indexOf(run.step) + 1] ?? 'finish',
});

/** At the beginning of the same listing. */
export const restarted = ({ page: _page, ...run }: Progress, kind: Kind): Progress => ({
  ...run,
  counts: { ...run.counts, [kind]: { ...run.counts[kind], listed: 0 } },
  seen: new Uint8Array(),
  restarts: run.restarts + 1,
});

export const counted = (run: Progress, kind: Kind, more: Partial<Counts>): Progress => {
  const { listed, written, removed } = run.counts[kind];
  const counts = {
    listed: listed + (more.listed ?? 0),
    written: written + (more.written ?? 0),
    removed: removed + (more.removed ?? 0),
  };
  return { ...run, counts: { ...run.counts, [kind]: counts } };
};

export const faulted = (run: Progress, code: string): Progress => ({
  ...run,
  faults: { ...run.faults, [code]: (run.faults[code] ?? 0) + 1 },
});

/** What is kept of a run that ended. */
export const summaryOf = ({ id, state, step, startedAt, counts, writes, faults, approval }: Run): Run => ({
  id,
  state,
  step,
  startedAt,
  counts,
  writes,
  faults,
  ...(approval && state === 'stopped' ? { approval } : {}),
});
