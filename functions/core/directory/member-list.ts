/** A group's list of direct members as it is stored, piece by piece, and what differs from it. */
import { GONE } from './manifest.ts';
import type { Allowance } from './outcome.ts';
import type { DirectorySource, SourceFault } from './ports.ts';
import { byId, chunkId, chunkMark, chunksOf, type DirectoryMember, markedMembers } from './records.ts';
import { counted, faulted, type Progress } from './run.ts';
import { type Change, chunkChange, type Worker } from './worker.ts';

/** `members_incomplete`: fewer were listed than Google counts. */
export type ListFault = SourceFault | { readonly kind: 'members_incomplete' };

export interface StoredList {
  readonly chunks: number;
  readonly members: number;
}

export const storedList = ({ manifests }: Worker, group: string): StoredList => {
  let [chunks, members] = [0, 0];
  for (let mark = manifests.members.markOf(group); mark !== GONE; ) {
    members += markedMembers(mark);
    chunks += 1;
    mark = manifests.members.markOf(chunkId(group, chunks));
  }
  return { chunks, members };
};

/** Nothing, where it is as it is stored. */
export const pieceChange = ({ manifests }: Worker, group: string, chunk: number, piece: DirectoryMember[]): Change[] =>
  manifests.members.markOf(chunkId(group, chunk)) === chunkMark(piece) ? [] : [chunkChange(group, chunk, piece)];

/** Removes the pieces behind the first `keep`, the last one first: a list that is cut off so has no holes. */
export const dropped = (worker: Worker, group: string, keep: number): Change[] => {
  const { chunks } = storedList(worker, group);
  return Array.from({ length: Math.max(0, chunks - keep) }, (_, n) => chunkChange(group, chunks - 1 - n));
};

/** What makes the stored list this one. */
export const listChanges = (worker: Worker, group: string, members: readonly DirectoryMember[]): Change[] => {
  const pieces = chunksOf(byId(members));
  return [
    ...pieces.flatMap((piece, chunk) => pieceChange(worker, group, chunk, piece)),
    ...dropped(worker, group, pieces.length),
  ];
};

/** Google's own count of a group says whether a listing was cut short, also where that was one page, or none. */
export const checkedCount = async (
  source: DirectorySource,
  group: string,
  listed: number,
): Promise<ListFault | undefined> => {
  const answer = await source.memberCount(group);
  if (answer.kind !== 'count') return answer;
  return listed < answer.count ? { kind: 'members_incomplete' } : undefined;
};

/** Whether a list lost more of its members than may vanish unasked. */
export const isLoss = ({ share }: Allowance, before: StoredList, listed: number): boolean =>
  before.members > 0 && (listed === 0 || listed < before.members * (1 - share));

/** A group whose list stays as it is stored, because something was wrong with it. */
export const leftOut = (run: Progress, fault: ListFault): Progress => {
  const code = 'code' in fault ? fault.code : fault.kind;
  const { refused } = run;
  return {
    ...faulted(counted(run, 'members', { listed: 1 }), code),
    refused: fault.kind === 'refused' ? { groups: refused.groups + 1, code } : refused,
  };
};
