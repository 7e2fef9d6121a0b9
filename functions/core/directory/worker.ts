/**
 * What the steps of a run share: the manifests, and one way to write. Records, the log of what was written and the run's
 * checkpoint are one commit, on condition that nobody else has written the run: a run that is cut off, at whatever point,
 * has done exactly what its checkpoint says.
 */
import type { Clock } from '../clock.ts';
import { GONE, Manifest, Places } from './manifest.ts';
import type { DirectoryStore, DocumentChange, HeldState, LogEntry, NewState, StateChanges } from './ports.ts';
import { type Kind, type ListedKind, type ListedRecord, markOf } from './records.ts';
import { counted, type Progress, summaryOf } from './run.ts';

/** Documents of one commit; Firestore takes 10 MiB, and a document here has up to 160 index entries. */
const COMMIT_DOCUMENTS = 200;
/** Milliseconds between checkpoints while nothing changes. Well under the lease. */
const CHECKPOINT_MS = 20_000;
/** Runs that are remembered. */
const HISTORY = 10;

/** Somebody else has written the run: this call ends, and has nothing to tidy up. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

/** The call's time is over: the next one goes on. */
export class Pause extends Error {
  override readonly name = 'Pause';
}

/** What is written under one id, and how the manifest remembers it. */
export interface Change {
  readonly kind: Kind;
  readonly id: string;
  readonly mark: string;
  readonly documents: readonly DocumentChange[];
}

/** Writes a listed record, or removes it. */
export const changeOf = (kind: ListedKind, id: string, record?: ListedRecord): Change => ({
  kind,
  id,
  mark: record ? markOf(record) : GONE,
  documents: [{ kind, id, ...(record ? { record } : {}) } as DocumentChange],
});

/** One change may be larger than a commit should be; it is not split here. */
const sliced = (changes: readonly Change[]): Change[][] => {
  const slices: Change[][] = [];
  let room = 0;
  for (const change of changes) {
    room -= change.documents.length;
    const last = slices.at(-1);
    if (last && room >= 0) last.push(change);
    else {
      slices.push([change]);
      room = COMMIT_DOCUMENTS - change.documents.length;
    }
  }
  return slices.length > 0 ? slices : [[]];
};

export interface Work {
  readonly tenant: string;
  readonly store: DirectoryStore;
  readonly clock: Clock;
  /** `clock.elapsed()` at which the call ends. */
  readonly until: number;
  readonly held: HeldState;
  readonly state: NewState & { readonly run: Progress };
}

export class Worker {
  /** As far as it has come; its checkpoint may be behind. */
  run: Progress;
  readonly seen: Places;
  readonly manifests: Readonly<Record<Kind, Manifest>>;
  readonly #work: Work;
  #state: NewState;
  readonly #heldAt: number;
  #checkpointAt: number;

  private constructor(work: Work, manifests: Record<Kind, Manifest>) {
    const { clock, state } = work;
    this.#work = work;
    this.manifests = manifests;
    this.#state = state;
    this.run = state.run;
    this.seen = new Places(state.run.seen);
    this.#heldAt = clock.elapsed();
    this.#checkpointAt = this.#heldAt;
  }

  /** Reads what is stored: the shards, and what was written since. */
  static async open(work: Work): Promise<Worker> {
    const { tenant, store, state } = work;
    const shardsOf = async (kind: Kind) => new Manifest(await store.shards(tenant, kind));
    const manifests = {
      users: await shardsOf('users'),
      groups: await shardsOf('groups'),
      members: await shardsOf('members'),
      domains: await shardsOf('domains'),
    };
    for (const { kind, id, mark } of (await store.log(tenant, state.log.from, state.log.next)).flat()) {
      manifests[kind].set(id, mark);
    }
    return new Worker(work, manifests);
  }

  get log(): NewState['log'] {
    return this.#state.log;
  }

  /** The database's own time, about. */
  now(): number {
    return this.#work.held.readAt + this.#work.clock.elapsed() - this.#heldAt;
  }

  /**
   * Writes changes, in as many commits as it takes.
   * @param advance what the run has come to when all of them are written
   */
  async write(changes: readonly Change[], advance: (run: Progress) => Progress = (run) => run): Promise<void> {
    const slices = sliced(changes);
    for (const [index, slice] of slices.entries()) {
      if (index === slices.length - 1) this.run = advance(this.run);
      await this.#commitChanges(slice);
      this.pauseWhenOver();
    }
  }

  async #commitChanges(changes: readonly Change[]): Promise<void> {
    const documents = changes.flatMap((change) => change.documents);
    const entries: LogEntry[] = changes.map(({ kind, id, mark }) => ({ kind, id, mark }));
    const run = changes.reduce(
      (so, { kind, mark }) => counted(so, kind, mark === GONE ? { removed: 1 } : { written: 1 }),
      this.run,
    );
    this.run = { ...run, writes: run.writes + documents.length };
    if (entries.length === 0) return this.commit();
    await this.commit({ log: { ...this.log, next: this.log.next + 1 } }, { documents, log: entries });
    for (const { kind, id, mark } of entries) this.manifests[kind].set(id, mark);
  }

  /** One commit, of the run and what comes with it. Throws `Lost`. */
  async commit(state: Partial<NewState> = {}, changes: StateChanges = {}): Promise<void> {
    const run = { ...this.run, seen: this.seen.bytes(this.#listedPlaces()) };
    const next = { ...this.#state, run, ...state };
    if ((await this.#work.held.commit(next, changes)) === 'lost') throw new Lost();
    this.#state = next;
    this.#checkpointAt = this.#work.clock.elapsed();
  }

  /** Places beyond were given since to what was not written yet: it is listed again when the run is taken up. */
  #listedPlaces(): number {
    const { step } = this.run;
    return step === 'users' || step === 'groups' || step === 'domains' ? this.manifests[step].size : 0;
  }

  /** Between pages: a checkpoint once in a while, and at the end of the call's time. */
  async breathe(): Promise<void> {
    if (this.isOver() || this.#work.clock.elapsed() - this.#checkpointAt >= CHECKPOINT_MS) await this.commit();
    this.pauseWhenOver();
  }

  isOver(): boolean {
    return this.#work.clock.elapsed() >= this.#work.until;
  }

  /** What was written so far stands. */
  pauseWhenOver(): void {
    if (this.isOver()) throw new Pause();
  }

  /** Moves the run to the history, and lets go. */
  async end(state: 'done' | 'failed'): Promise<void> {
    const ended = { ...summaryOf({ ...this.run, state }), updatedAt: this.now() };
    const { run: _run, holder: _holder, ...rest } = this.#state;
    const history = [ended, ...rest.history].slice(0, HISTORY);
    if ((await this.#work.held.commit({ ...rest, history })) === 'lost') throw new Lost();
  }

  /** Lets go of the run as it is. */
  async release(): Promise<void> {
    const run = { ...this.run, seen: this.seen.bytes(this.#listedPlaces()) };
    const { holder: _holder, ...rest } = this.#state;
    if ((await this.#work.held.commit({ ...rest, run })) === 'lost') throw new Lost();
  }
}
