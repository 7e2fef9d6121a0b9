/** The steps of a run, but for the members: list and sweep one kind after the other, and the tidying at the end. */
import { GONE } from './manifest.ts';
import { dropped } from './member-list.ts';
import { type Allowance, eachOf, haltOf, isTooMuch, MAX_RESTARTS, type Outcome, stopped, WINDOW } from './outcome.ts';
import type { DirectorySource } from './ports.ts';
import { type Kind, type ListedKind, type ListedRecord, markOf } from './records.ts';
import { counted, faulted, nextStep, type Progress, restarted } from './run.ts';
import { type Change, changeOf, type Worker } from './worker.ts';

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
  // Where nothing at all was listed, something is wrong with the listing, however small the organization.
  const isMuch = isTooMuch(allowance, missing.length, stored) || missing.length === stored;
  if (!worker.run.approved && missing.length > 0 && isMuch) return stopped(worker, kind, missing.length, stored);
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
        changes.push(...(kind === 'groups' ? dropped(worker, id, 0) : []), changeOf(kind, id));
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
