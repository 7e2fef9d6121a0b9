/**
 * What the steps of a run share: the manifests, and one way to write. Records, the log of what was written and the run's
 * checkpoint are one commit, on condition that nobody else has written the run: a run that is cut off, at whatever point,
 * has done exactly what its checkpoint says.
 */
import type { Clock } from '../clock.ts';
import { singleFlight } from '../single-flight.ts';
import { GONE, Manifest, Places } from './manifest.ts';
import type { DirectoryStore, DocumentChange, HeldState, LogEntry, NewState, StateChanges } from './ports.ts';
import {
  chunkId,
  chunkMark,
  type DirectoryMember,
  type Kind,
  type ListedKind,
  type ListedRecord,
  markOf,
} from './records.ts';
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

/** One document, and how the manifest remembers it. */
export interface Change {
  readonly id: string;
  readonly mark: string;
  readonly document: DocumentChange;
}

/** Writes a listed record, or removes it. */
export const changeOf = (kind: ListedKind, id: string, record?: ListedRecord): Change => ({
  id,
  mark: record ? markOf(record) : GONE,
  document: { kind, id, ...(record ? { record } : {}) } as DocumentChange,
});

/** Writes a piece of a group's list, or removes it. */
export const chunkChange = (group: string, chunk: number, members?: readonly DirectoryMember[]): Change => ({
  id: chunkId(group, chunk),
  mark: members ? chunkMark(members) : GONE,
  document: { kind: 'members', id: group, chunk, ...(members ? { members } : {}) },
});

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
    let from = 0;
    do {
      const slice = changes.slice(from, from + COMMIT_DOCUMENTS);
      from += COMMIT_DOCUMENTS;
      if (from >= changes.length) this.run = advance(this.run);
      await this.#commitChanges(slice);
      this.pauseWhenOver();
    } while (from < changes.length);
  }

  async #commitChanges(changes: readonly Change[]): Promise<void> {
    const documents = changes.map(({ document }) => document);
    const entries: LogEntry[] = changes.map(({ id, mark, document: { kind } }) => ({ kind, id, mark }));
    const run = entries.reduce(
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

  /**
   * Between pages, and while a question waits: a checkpoint once in a while; at the end of the call's time, `Pause`. Several
   * may ask at once, and share it: one commit follows another.
   */
  readonly breathe = (): Promise<void> => this.#oneBreath('', () => this.#breathe());
  readonly #oneBreath = singleFlight<void>();

  async #breathe(): Promise<void> {
    this.pauseWhenOver();
    if (this.#work.clock.elapsed() - this.#checkpointAt >= CHECKPOINT_MS) await this.commit();
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
