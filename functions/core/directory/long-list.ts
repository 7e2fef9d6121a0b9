/**
 * Members of a group that has too many to be held: all of an organization's staff, say. Its pieces are in the order of the
 * listing, and where it is stands in the run's checkpoint: neither memory nor one call's time must be enough for all of it.
 */
import { checkedCount, dropped, isLoss, type ListFault, leftOut, pieceChange, storedList } from './member-list.ts';
import { type Allowance, haltOf, isTooMuch, MAX_RESTARTS, MAX_STUMBLES, type Outcome, stopped } from './outcome.ts';
import type { DirectorySource } from './ports.ts';
import { CHUNK, type DirectoryMember } from './records.ts';
import { counted, faulted, type LongList, type Progress } from './run.ts';
import type { Change, Worker } from './worker.ts';

/** Pieces of one commit: 500 members are some 60 kB. */
const COMMIT_CHUNKS = 8;

const atPart = (group: string, part: LongList['part']): LongList => ({
  group,
  part,
  differs: false,
  skip: 0,
  chunk: 0,
});

/** Where there is nothing to compare with, it is written at once. */
export const beginning = (worker: Worker, group: string): LongList =>
  atPart(group, storedList(worker, group).chunks === 0 ? 'write' : 'compare');

const under =
  (long: LongList) =>
  (run: Progress): Progress => ({ ...run, stumbles: 0, long: [long, ...run.long.slice(1)] });

const over = (run: Progress): Progress => ({
  ...counted(run, 'members', { listed: 1 }),
  stumbles: 0,
  restarts: 0,
  long: run.long.slice(1),
});

/** Goes on with the first of the run's long lists, to the end of its part. */
export const longList = async (
  worker: Worker,
  source: DirectorySource,
  allowance: Allowance,
  begun: LongList,
): Promise<Outcome> => {
  const { group, part } = begun;
  /** The place of the first one in `rest`. */
  let long = begun;
  let { page, skip } = begun;
  let rest: DirectoryMember[] = [];
  let changes: Change[] = [];
  for (;;) {
    const answer = await source.members(group, page);
    if (answer.kind !== 'page') return failed(worker, part, answer);
    rest = [...rest, ...answer.items.slice(skip)];
    while (rest.length >= CHUNK) {
      const change = pieceChange(worker, group, long.chunk, rest.slice(0, CHUNK));
      rest = rest.slice(CHUNK);
      if (part === 'write') changes.push(...change);
      long = {
        ...long,
        differs: long.differs || change.length > 0,
        ...(page === undefined ? {} : { page }),
        // What is left is of this page.
        skip: answer.items.length - rest.length,
        chunk: long.chunk + 1,
      };
    }
    if (answer.next === undefined) break;
    [page, skip] = [answer.next, 0];
    if (changes.length >= COMMIT_CHUNKS) {
      await worker.write(changes, under(long));
      changes = [];
    } else {
      // A checkpoint must not be ahead of what is written.
      if (changes.length === 0) worker.run = under(long)(worker.run);
      await worker.breathe();
    }
  }
  const last = rest.length > 0 ? pieceChange(worker, group, long.chunk, rest) : [];
  const end = [...last, ...dropped(worker, group, long.chunk + Math.sign(rest.length))];
  const listed = long.chunk * CHUNK + rest.length;
  if (part === 'compare')
    return compared(worker, source, allowance, { ...long, differs: long.differs || end.length > 0 }, listed);
  // The listing that is written is not the one that was compared.
  const fault = storedList(worker, group).members > listed ? await checkedCount(source, group, listed) : undefined;
  if (fault) return failed(worker, part, fault);
  await worker.write([...changes, ...end], over);
  return undefined;
};

const compared = async (
  worker: Worker,
  source: DirectorySource,
  allowance: Allowance,
  { group, differs }: LongList,
  listed: number,
): Promise<Outcome> => {
  if (!differs) {
    worker.run = over(worker.run);
    await worker.breathe();
    return undefined;
  }
  const fault = await checkedCount(source, group, listed);
  if (fault) return failed(worker, 'compare', fault);
  const { groups } = worker.manifests;
  const { approved } = worker.run;
  const more = Number(isLoss(allowance, storedList(worker, group), listed));
  const losses = worker.run.losses + more;
  if (more > 0 && !approved && isTooMuch(allowance, losses, groups.stored)) {
    return stopped(worker, 'members', losses, groups.stored);
  }
  worker.run = { ...under(atPart(group, 'write'))(worker.run), losses };
  return undefined;
};

const failed = (worker: Worker, part: LongList['part'], fault: ListFault): Outcome => {
  const { run } = worker;
  const [{ group }] = run.long as [LongList];
  if (fault.kind === 'locked_out' || (fault.kind === 'unavailable' && run.stumbles < MAX_STUMBLES))
    return haltOf(fault);
  worker.run =
    fault.kind === 'page_gone' && run.restarts < MAX_RESTARTS
      ? under(atPart(group, part))({ ...faulted(run, 'page_gone'), restarts: run.restarts + 1 })
      : { ...leftOut(run, fault), restarts: 0, long: run.long.slice(1) };
  return undefined;
};
