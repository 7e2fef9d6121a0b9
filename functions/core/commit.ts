/**
 * The compare-and-set that survives what a database does: writes by others that do not concern it, and answers that
 * got lost after the write was applied.
 */
import { type Clock, jitter } from './clock.ts';
import { Unavailable } from './errors.ts';
import type { ConnectionChange, ConnectionStore, Stored } from './ports.ts';

const PAUSE_MS = 100;

export interface Commit {
  /** @param present what it is written over */
  readonly change: (present: Stored) => ConnectionChange;
  /** Recognises one's own write when the answer to it was lost. */
  readonly isMine: (found: Stored) => boolean;
  /** Whether the document, changed by somebody else, is still one that this change belongs on. */
  readonly mayWriteOver: (found: Stored) => boolean;
  /** On the clock's `elapsed`: after this, the last failure is thrown. */
  readonly until: number;
}

export type Committed =
  | { readonly kind: 'written'; readonly stored: Stored }
  /** Somebody else's write stands; `stored` is what was found instead (`undefined`: nothing). */
  | { readonly kind: 'lost'; readonly stored: Stored | undefined };

/** Throws `Unavailable` when the time is over. */
export const commit = async (
  { connections, clock }: { connections: ConnectionStore; clock: Clock },
  read: Stored,
  { change, isMine, mayWriteOver, until }: Commit,
): Promise<Committed> => {
  let stored = read;
  for (let tries = 1; ; tries++) {
    try {
      const written = await connections.update(stored, change(stored));
      if (written !== 'conflict') return { kind: 'written', stored: { ...stored, version: written.version } };
      const found = await connections.read(stored.key);
      if (found && isMine(found)) return { kind: 'written', stored: found };
      if (!found || !mayWriteOver(found)) return { kind: 'lost', stored: found };
      // A slow first write that met somebody else's is worth a second one, however late.
      if (tries > 1 && clock.elapsed() >= until) throw new Unavailable('database', 'contention');
      stored = found;
    } catch (error) {
      if (!(error instanceof Unavailable) || clock.elapsed() >= until) throw error;
      // The version in hand decides: if the lost answer was a success, the next try meets a conflict and looks.
      await clock.sleep(jitter(PAUSE_MS));
    }
  }
};
