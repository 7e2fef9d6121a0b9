/** The steps of a run: list and sweep one kind after the other, the groups' members, and the tidying at the end. */
import { randomUUID } from 'node:crypto';
import { GONE } from './manifest.ts';
import type { DirectorySource, DocumentChange, SourceFault } from './ports.ts';
import {
  chunksOf,
  type DirectoryMember,
  type Kind,
  type ListedKind,
  type ListedRecord,
  markOf,
  membersMark,
  storedChunks,
  unknownMark,
} from './records.ts';
import { counted, faulted, nextStep, type Progress, restarted } from './run.ts';
import { type Change, changeOf, type Worker } from './worker.ts';

/** Why a run does not go on. */
export type Halt =
  /** An admin has to look. */
  | { readonly kind: 'stopped' }
  /** The run ends. */
  | { readonly kind: 'failed'; readonly code: string }
  /** The next call tries again. */
  | { readonly kind: 'unavailable'; readonly code: string };

type Outcome = Halt | undefined;

/** What a run may remove without being asked. */
export interface Allowance {
  /** 0 to 1: of the stored records of a kind. */
  readonly share: number;
  /** So many are no matter of shares. */
  readonly floor: number;
}

/** Questions at once. */
const CONCURRENCY = 4;
/** Questions before a checkpoint may come. */
const WINDOW = 32;
/** How often one listing may begin anew because its page tokens die. */
const MAX_RESTARTS = 3;

const haltOf = (fault: SourceFault): Halt => {
  switch (fault.kind) {
    case 'unavailable':
      return fault;
    case 'refused':
      return { kind: 'failed', code: fault.code };
    default:
      return { kind: 'failed', code: fault.kind };
  }
};

/** In the order of `items`; at most `CONCURRENCY` at once. */
const eachOf = async <T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const take = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await run(items[index] as T);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, take));
  return results;
};

/** Lists one kind, writes what differs from what is stored, and notes what was seen. */
export const list = async (worker: Worker, source: DirectorySource, kind: ListedKind): Promise<Outcome> => {
  const manifest = worker.manifests[kind];
  for (;;) {
    const answer = await source.list[kind](worker.run.page);
    if (answer.kind === 'page_gone' && worker.run.page !== undefined && worker.run.restarts < MAX_RESTARTS) {
      // The rest cannot be had, and what is listed anew may stand in another order: everything is listed again.
      worker.run = faulted(restarted(worker.run, kind), 'page_gone');
      worker.seen.clear();
      continue;
    }
    if (answer.kind !== 'page') return haltOf(answer);
    const changes: Change[] = [];
    for (const record of answer.items as readonly ListedRecord[]) {
      worker.seen.add(manifest.place(record.id));
      if (manifest.markOf(record.id) !== markOf(record)) changes.push(changeOf(kind, record.id, record));
    }
    const { next } = answer;
    const advance = ({ page: _page, ...run }: Progress): Progress => ({
      ...counted(run, kind, { listed: answer.items.length }),
      stumbles: 0,
      ...(next === undefined ? { part: 'sweep' } : { page: next }),
    });
    if (changes.length > 0) await worker.write(changes, advance);
    else {
      worker.run = advance(worker.run);
      await worker.breathe();
    }
    if (next === undefined) return undefined;
  }
};

/**
 * Removes what is stored and was not listed: after asking for each record whether it is gone, because a listing is no
 * snapshot and may be cut short; and not at all where it is more than may vanish unasked.
 */
export const sweep = async (
  worker: Worker,
  source: DirectorySource,
  kind: ListedKind,
  allowance: Allowance,
): Promise<Outcome> => {
  const manifest = worker.manifests[kind];
  const isMissing = (place: number) => manifest.markAt(place) !== GONE && !worker.seen.has(place);
  const missing: number[] = [];
  for (let place = 0; place < manifest.size; place++) if (isMissing(place)) missing.push(place);

  const { stored } = manifest;
  const isTooMuch = missing.length > Math.max(allowance.floor, allowance.share * stored);
  // Where nothing at all was listed, something is wrong with the listing, however small the organization.
  if (!worker.run.approved && missing.length > 0 && (isTooMuch || missing.length === stored)) {
    const approval = { id: randomUUID(), kind, removals: missing.length, of: stored };
    worker.run = { ...worker.run, state: 'stopped', approval };
    return { kind: 'stopped' };
  }
  for (let from = 0; from < missing.length; from += WINDOW) {
    const ids = missing.slice(from, from + WINDOW).map((place) => manifest.idAt(place));
    const answers = await eachOf(ids, async (id) => ({ id, answer: await source.get[kind](id) }));
    const changes: Change[] = [];
    let halt: Outcome;
    for (const { id, answer } of answers) {
      if (answer.kind === 'record') {
        // The listing has missed it.
        worker.seen.add(manifest.place(id));
        worker.run = faulted(worker.run, 'missed_in_listing');
        if (markOf(answer.record) !== manifest.markOf(id)) changes.push(changeOf(kind, id, answer.record));
      } else if (answer.kind === 'not_found') {
        changes.push(...(kind === 'groups' ? withoutMembers(worker, id) : []), changeOf(kind, id));
      } else halt = haltOf(answer);
    }
    if (changes.length > 0) await worker.write(changes, (run) => ({ ...run, stumbles: 0 }));
    else await worker.breathe();
    if (halt) return halt;
  }
  worker.run = nextStep(worker.run);
  worker.seen.clear();
  return undefined;
};

const withoutMembers = (worker: Worker, id: string): Change[] => {
  const mark = worker.manifests.members.markOf(id);
  const documents = Array.from(
    { length: storedChunks(mark) },
    (_, chunk): DocumentChange => ({ kind: 'members', id, chunk }),
  );
  return mark === GONE ? [] : [{ kind: 'members', id, mark: GONE, documents }];
};

type MemberList =
  | { readonly kind: 'members'; readonly members: DirectoryMember[]; readonly pages: number }
  | SourceFault;

const membersOf = async (source: DirectorySource, group: string): Promise<MemberList> => {
  const members = new Map<string, DirectoryMember>();
  let page: string | undefined;
  for (let pages = 1; ; pages++) {
    const answer = await source.members(group, page);
    if (answer.kind !== 'page') return answer;
    for (const member of answer.items) members.set(member.id, member);
    page = answer.next;
    if (page === undefined) return { kind: 'members', members: [...members.values()], pages };
  }
};

/** A list of several pages is no snapshot: what differs is listed twice, and who is in either list stays. */
const settledMembers = async (source: DirectorySource, group: string, mark: string): Promise<MemberList> => {
  const begun = await membersOf(source, group);
  const first = begun.kind === 'page_gone' ? await membersOf(source, group) : begun;
  if (first.kind !== 'members' || first.pages === 1 || membersMark(chunksOf(first.members)) === mark) return first;
  const second = await membersOf(source, group);
  if (second.kind !== 'members') return second;
  const both = new Map([...first.members, ...second.members].map((member) => [member.id, member]));
  return { ...second, members: [...both.values()] };
};

/** Lists each stored group's direct members. What is wrong with one group is counted, and leaves its list as it was. */
export const members = async (worker: Worker, source: DirectorySource): Promise<Outcome> => {
  const { groups, members: manifest } = worker.manifests;
  while (worker.run.at < groups.size) {
    const { at } = worker.run;
    const places = Array.from({ length: Math.min(WINDOW, groups.size - at) }, (_, index) => at + index);
    const ids = places.filter((place) => groups.markAt(place) !== GONE).map((place) => groups.idAt(place));
    const answers = await eachOf(ids, async (id) => ({
      id,
      answer: await settledMembers(source, id, manifest.markOf(id)),
    }));
    const changes: Change[] = [];
    let after = worker.run;
    for (const { id, answer } of answers) {
      if (answer.kind === 'unavailable' && worker.run.stumbles < MAX_STUMBLES) return haltOf(answer);
      after = counted(after, 'members', { listed: 1 });
      if (answer.kind === 'members') changes.push(...(await membersChange(worker, id, answer.members)));
      else
        after = faulted(after, answer.kind === 'refused' || answer.kind === 'unavailable' ? answer.code : answer.kind);
    }
    const { counts, faults } = after;
    const advance = (run: Progress): Progress => ({
      ...run,
      faults,
      counts: { ...run.counts, members: { ...run.counts.members, listed: counts.members.listed } },
      at: at + WINDOW,
      stumbles: 0,
    });
    if (changes.length > 0) await worker.write(changes, advance);
    else {
      worker.run = advance(worker.run);
      await worker.breathe();
    }
  }
  worker.run = nextStep(worker.run);
  return undefined;
};

/** Calls one after the other that could not get past the same place before it counts as a fault of the run. */
export const MAX_STUMBLES = 3;
/** Chunks of one commit: 500 members are some 60 kB. */
const COMMIT_CHUNKS = 40;

/** What differs from the stored list; a list too long for one commit is announced before, and mostly written here. */
const membersChange = async (worker: Worker, id: string, list: readonly DirectoryMember[]): Promise<Change[]> => {
  const chunks = chunksOf(list);
  const mark = membersMark(chunks);
  const stored = worker.manifests.members.markOf(id);
  if (mark === stored || (chunks.length === 0 && stored === GONE)) return [];
  const before = storedChunks(stored);
  const documents = Array.from({ length: Math.max(before, chunks.length) }, (_, chunk): DocumentChange => {
    const members = chunks[chunk];
    return { kind: 'members', id, chunk, ...(members ? { members } : {}) };
  });
  const change = (mark: string, each: readonly DocumentChange[]): Change => ({
    kind: 'members',
    id,
    mark,
    documents: each,
  });
  const last = chunks.length === 0 ? GONE : mark;
  if (documents.length <= COMMIT_CHUNKS) return [change(last, documents)];
  for (let from = 0; from < documents.length; from += COMMIT_CHUNKS) {
    const now = documents.slice(from, from + COMMIT_CHUNKS);
    const isLast = from + COMMIT_CHUNKS >= documents.length;
    if (isLast) return [change(last, now)];
    await worker.write([change(unknownMark(documents.length), now)]);
  }
  return [];
};

/** Shards of one commit: each up to 350 kB. */
const COMMIT_SHARDS = 8;
const COMMIT_LOGS = 200;

/** Brings the manifests' shards up to date, then removes the log that they now contain. */
export const finish = async (worker: Worker): Promise<Outcome> => {
  const shards = (Object.keys(worker.manifests) as Kind[]).flatMap((kind) =>
    worker.manifests[kind].changedShards().map((shard) => ({ kind, shard })),
  );
  for (let from = 0; from < shards.length; from += COMMIT_SHARDS) {
    await worker.commit({}, { shards: shards.slice(from, from + COMMIT_SHARDS) });
    worker.pauseWhenOver();
  }
  while (worker.log.from < worker.log.next) {
    const from = Math.min(worker.log.from + COMMIT_LOGS, worker.log.next);
    const dropLog = Array.from({ length: from - worker.log.from }, (_, index) => worker.log.from + index);
    await worker.commit({ log: { ...worker.log, from } }, { dropLog });
    worker.pauseWhenOver();
  }
  return undefined;
};
