/**
 * `POST /v1/internal/rewrap`: after a rotation of the key service's key, its new version wraps the data keys of the stored
 * connections, so that the old one can be disabled. Why it goes on as it does: docs/decisions/0018-rewrapping-data-keys.md.
 */
import type { Clock } from './clock.ts';
import { commit } from './commit.ts';
import { dataKeyPlace, newDataKey } from './envelope.ts';
import { IntegrityError } from './errors.ts';
import type { KeyUnwrapper, KeyWrapper, Observe, RewrapStore, Stored } from './ports.ts';
import { quarantine } from './quarantine.ts';

/** A run begins nothing after this; what is under way then takes 25 s at most, the counts 20 s each. */
const RUN_MS = 3.5 * 60_000;
/** How long a write is begun again. */
const WRITE_MS = 5_000;
/** Data keys that are re-wrapped at once: two calls to the key service each, which the token calls share. */
const WORKERS = 16;
/** When more records than these are found that do not open, it is not the records' fault: the run ends. */
const MAX_BROKEN = 10;
/** What no stored data key is bound to. */
const NOWHERE = new TextEncoder().encode('rewrap');

export interface RewrapDependencies {
  readonly store: RewrapStore;
  readonly keys: KeyWrapper & KeyUnwrapper;
  readonly clock: Clock;
  readonly observe: Observe;
}

export interface RewrapReport {
  /** The version that wraps now. */
  readonly primary: string;
  readonly rewrapped: number;
  /** Data keys that another version has wrapped. */
  readonly left: number;
  /** Those of them that did not open, and that no version opens. */
  readonly broken: number;
  readonly versions: readonly { readonly version: string; readonly connections: number }[];
}

/** Of those that were stored before anybody wrote versions down. */
const UNKNOWN = 'unknown';

/** Throws `Unavailable` like what it calls, after all else that can be done now, and `IntegrityError` when too much does not open. */
export const rewrap = async (dependencies: RewrapDependencies): Promise<RewrapReport> => {
  const { store, keys, clock, observe } = dependencies;
  const begun = clock.elapsed();
  // What a connection that is made now would get; the key service says it in no other way.
  const { keyVersion: primary } = await keys.wrap(newDataKey(), NOWHERE);
  const run = new Run(dependencies, begun + RUN_MS);
  const found = await store.countByVersion();
  for (const version of found.keys()) if (version !== primary) await run.rewrapAll(version);

  const counts = run.rewrapped > 0 ? await store.countByVersion() : found;
  const versions = [...counts].map(([version = UNKNOWN, connections]) => ({ version, connections }));
  const left = versions.reduce((sum, each) => sum + (each.version === primary ? 0 : each.connections), 0);
  const { rewrapped, broken } = run;
  const milliseconds = Math.round(clock.elapsed() - begun);
  observe({ event: 'rewrap_run', primary, rewrapped, left, broken, milliseconds });
  run.rethrow();
  return { primary: primary ?? UNKNOWN, rewrapped, left, broken, versions };
};

class Run {
  readonly #dependencies: RewrapDependencies;
  readonly #until: number;
  #failure: unknown;
  /** Broken ones that nobody knew of. */
  #found = 0;
  rewrapped = 0;
  broken = 0;

  constructor(dependencies: RewrapDependencies, until: number) {
    this.#dependencies = dependencies;
    this.#until = until;
  }

  /** Until nothing is left, the time is over, or a page gets nowhere. */
  async rewrapAll(version: string | undefined): Promise<void> {
    for await (const page of this.#dependencies.store.wrappedBy(version)) {
      const before = this.rewrapped;
      let failed = false;
      const waiting = [...page];
      const worker = async () => {
        for (let next = waiting.pop(); next && !this.#isOver(); next = waiting.pop()) {
          try {
            if (await this.#rewrapOne(next)) this.rewrapped += 1;
          } catch (error) {
            this.#failure ??= error;
            failed = true;
          }
        }
      };
      await Promise.all(Array.from({ length: WORKERS }, worker));
      // One that failed is in the next run's list. A version that is disabled fails for all.
      if (this.#isOver() || (failed && this.rewrapped === before)) return;
    }
  }

  rethrow(): void {
    if (this.#found > MAX_BROKEN) throw new IntegrityError('too many data keys do not open');
    if (this.#failure && this.rewrapped === 0) throw this.#failure;
  }

  #isOver(): boolean {
    return this.#found > MAX_BROKEN || this.#dependencies.clock.elapsed() >= this.#until;
  }

  /** Opened and wrapped for the same place: what was moved does not open, and nothing can be moved by this. */
  async #rewrapOne(listed: Stored): Promise<boolean> {
    const { store, keys, clock } = this.#dependencies;
    const { generation, sealed } = listed.connection;
    if (!sealed) return false;
    const place = dataKeyPlace(listed.key, generation);
    const dataKey = await this.#unwrap(listed, sealed.wrappedKey, place);
    if (!dataKey) return false;
    const wrapped = await keys.wrap(dataKey, place);
    // A rotation takes a while to be known everywhere: the old version may still be the one that answers.
    if (wrapped.keyVersion === sealed.keyVersion) return false;
    const committed = await commit({ connections: store, clock }, listed, {
      change: () => ({ wrapped }),
      isMine: (found) => isSame(found.connection.sealed?.wrappedKey, wrapped.wrappedKey),
      // A refresh has stored another token meanwhile, under the same data key, or holds a lease: that stays.
      mayWriteOver: (found) =>
        found.connection.generation === generation && isSame(found.connection.sealed?.wrappedKey, sealed.wrappedKey),
      until: clock.elapsed() + WRITE_MS,
    });
    return committed.kind === 'written';
  }

  async #unwrap(listed: Stored, wrappedKey: Uint8Array, place: Uint8Array): Promise<Uint8Array | undefined> {
    const { store, keys, observe } = this.#dependencies;
    try {
      return await keys.unwrap(wrappedKey, place);
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      this.broken += 1;
      if (!listed.connection.authorizeAgain) this.#found += 1;
      await quarantine({ connections: store, observe }, listed);
      return undefined;
    }
  }
}

const isSame = (one: Uint8Array | undefined, other: Uint8Array): boolean =>
  one !== undefined && Buffer.compare(one, other) === 0;
