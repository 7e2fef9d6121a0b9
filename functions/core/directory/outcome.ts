/** What the steps of a run have in common: why a run does not go on, and what it may remove. */
import { randomUUID } from 'node:crypto';
import type { SourceFault } from './ports.ts';
import type { Kind } from './records.ts';
import type { Worker } from './worker.ts';

export type Halt =
  /** An admin has to look. */
  | { readonly kind: 'stopped' }
  /** The run ends. */
  | { readonly kind: 'failed'; readonly code: string }
  /** A later call tries again: after so many seconds, where the provider said so. */
  | { readonly kind: 'unavailable'; readonly code: string; readonly retryAfter?: number };

/** `undefined`: the step is over. */
export type Outcome = Halt | undefined;

/** What a run may remove without being asked. */
export interface Allowance {
  /** 0 to 1: of the stored records of a kind; of a list of members, what it may lose and be none of those counted. */
  readonly share: number;
  /** So many are no matter of shares. */
  readonly floor: number;
}

/** Calls one after the other that could not get past the same place before it counts as a fault of the run. */
export const MAX_STUMBLES = 3;
/** How often one listing may begin anew because its page tokens die. */
export const MAX_RESTARTS = 3;
/** Questions before a checkpoint may come. */
export const WINDOW = 32;
/** Questions at once. */
const CONCURRENCY = 4;

export const haltOf = (fault: SourceFault): Halt => {
  switch (fault.kind) {
    case 'unavailable':
      return fault;
    case 'refused':
    case 'locked_out':
      return { kind: 'failed', code: fault.code };
    default:
      return { kind: 'failed', code: fault.kind };
  }
};

export const isTooMuch = ({ share, floor }: Allowance, removals: number, of: number): boolean =>
  removals > Math.max(floor, share * of);

/** The run waits for an admin's word. */
export const stopped = (worker: Worker, kind: Kind, removals: number, of: number): Halt => {
  worker.run = { ...worker.run, state: 'stopped', approval: { id: randomUUID(), kind, removals, of } };
  return { kind: 'stopped' };
};

/**
 * In the order of `items`; at most `CONCURRENCY` at once. Nothing that was begun goes on behind the answer or the error.
 * @param isEnough begins no more: the results are then those of the first items
 */
export const eachOf = async <T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
  isEnough: () => boolean = () => false,
): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  let broken = false;
  const take = async (): Promise<void> => {
    while (next < items.length && !broken && !isEnough()) {
      const index = next++;
      try {
        results[index] = await run(items[index] as T);
      } catch (error) {
        broken = true;
        throw error;
      }
    }
  };
  const taken = await Promise.allSettled(Array.from({ length: CONCURRENCY }, take));
  for (const each of taken) if (each.status === 'rejected') throw each.reason;
  return results;
};
