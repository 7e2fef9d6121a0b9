/** The step of the members: the direct members of each stored group, as many groups at a time as fit into memory. */
import { beginning, longList } from './long-list.ts';
import { GONE } from './manifest.ts';
import { checkedCount, isLoss, type ListFault, leftOut, listChanges, storedList } from './member-list.ts';
import { type Allowance, eachOf, haltOf, isTooMuch, MAX_STUMBLES, type Outcome, stopped, WINDOW } from './outcome.ts';
import type { DirectorySource } from './ports.ts';
import type { DirectoryMember } from './records.ts';
import { counted, nextStep, type Progress } from './run.ts';
import { type Change, Pause, type Worker } from './worker.ts';

/** Members of one group that are held at once; a longer list is written as it comes. */
const LONG = 4_000;
/** Members that are held before they are written, about. */
const HELD = 10_000;

type Listing = { readonly kind: 'members'; readonly members: readonly DirectoryMember[]; readonly pages: number };
type Answer = Listing | { readonly kind: 'long' } | ListFault;

/** What is wrong with one group is counted, and leaves its list as it was. */
export const members = async (worker: Worker, source: DirectorySource, allowance: Allowance): Promise<Outcome> => {
  for (;;) {
    const { at, long } = worker.run;
    const [begun] = long;
    if (!begun && at >= worker.manifests.groups.size) break;
    const halt = begun ? await longList(worker, source, allowance, begun) : await oneWindow(worker, source, allowance);
    if (halt) return halt;
  }
  const { refused, counts } = worker.run;
  // What is refused for every single group is refused to the administrator.
  if (refused.groups > 0 && refused.groups === counts.members.listed) return { kind: 'failed', code: refused.code };
  worker.run = nextStep(worker.run);
  return undefined;
};

/** Lists some groups and writes what differs. Where the call's time ends, what was listed until then stands. */
const oneWindow = async (worker: Worker, source: DirectorySource, allowance: Allowance): Promise<Outcome> => {
  const { groups } = worker.manifests;
  const { at, stumbles, approved } = worker.run;
  const places = Array.from({ length: Math.min(WINDOW, groups.size - at) }, (_, index) => at + index);
  let held = 0;
  const listed = async (place: number): Promise<Answer | 'gone' | 'paused'> => {
    if (groups.markAt(place) === GONE) return 'gone';
    try {
      const answer = await listOf(worker, source, groups.idAt(place));
      if (answer.kind === 'members') held += answer.members.length;
      return answer;
    } catch (error) {
      if (error instanceof Pause) return 'paused';
      throw error;
    }
  };
  const answers = await eachOf(places, listed, () => held >= HELD || worker.isOver());

  const changes: Change[] = [];
  let { losses } = worker.run;
  const notes: ((run: Progress) => Progress)[] = [];
  let halt: (() => Outcome) | undefined;
  for (const answer of answers) {
    if (answer === 'paused') break;
    const group = groups.idAt(at + notes.length);
    if (answer === 'gone') notes.push((run) => run);
    else if (answer.kind === 'long') {
      notes.push((run) => ({ ...run, long: [...run.long, beginning(worker, group)] }));
    } else if (answer.kind !== 'members') {
      if (answer.kind === 'locked_out' || (answer.kind === 'unavailable' && stumbles < MAX_STUMBLES)) {
        halt = () => haltOf(answer);
        break;
      }
      notes.push((run) => leftOut(run, answer));
    } else {
      const more = Number(isLoss(allowance, storedList(worker, group), answer.members.length));
      const lost = losses + more;
      if (more > 0 && !approved && isTooMuch(allowance, lost, groups.stored)) {
        halt = () => stopped(worker, 'members', lost, groups.stored);
        break;
      }
      losses = lost;
      changes.push(...listChanges(worker, group, answer.members));
      notes.push((run) => ({ ...counted(run, 'members', { listed: 1 }), losses: run.losses + more }));
    }
  }
  const advance = (run: Progress): Progress =>
    notes.reduce((so, note) => note(so), {
      ...run,
      at: at + notes.length,
      ...(notes.length > 0 ? { stumbles: 0 } : {}),
    });
  if (changes.length > 0) await worker.write(changes, advance);
  else worker.run = advance(worker.run);
  if (halt) return halt();
  await worker.breathe();
  return undefined;
};

/** The list of a group as it is to be stored: checked where it takes anybody's place, and never cut short. */
const listOf = async (worker: Worker, source: DirectorySource, group: string): Promise<Answer> => {
  const stored = storedList(worker, group);
  if (stored.members > LONG) return { kind: 'long' };
  const begun = await pagesOf(worker, source, group);
  const first = begun.kind === 'page_gone' ? await pagesOf(worker, source, group) : begun;
  if (first.kind !== 'members' || listChanges(worker, group, first.members).length === 0) return first;
  // A list of several pages is no snapshot: who is in either listing stays.
  const second = first.pages === 1 ? first : await pagesOf(worker, source, group);
  if (second.kind !== 'members') return second;
  const both = new Map([...first.members, ...second.members].map((member) => [member.id, member]));
  const fault = stored.chunks === 0 ? undefined : await checkedCount(source, group, both.size);
  return fault ?? { ...second, members: [...both.values()] };
};

const pagesOf = async (worker: Worker, source: DirectorySource, group: string): Promise<Answer> => {
  const found = new Map<string, DirectoryMember>();
  let page: string | undefined;
  for (let pages = 1; ; pages++) {
    const answer = await source.members(group, page);
    if (answer.kind !== 'page') return answer;
    for (const member of answer.items) found.set(member.id, member);
    if (found.size > LONG) return { kind: 'long' };
    page = answer.next;
    if (page === undefined) return { kind: 'members', members: [...found.values()], pages };
    await worker.breathe();
  }
};
