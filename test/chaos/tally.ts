/** What a campaign counted, over all its rounds. */

import { dealtIn, REMOVED, TAKEN_OVER } from './coverage.ts';
import type { Cause } from './journal.ts';
import { type Broken, type Invariant, type Judgement, type Kill, say } from './oracle.ts';
import type { UserRecord } from './player.ts';
import { BURST, type Round } from './scenarios.ts';
import type { ClassName } from './users.ts';

/** More than these are more than a few cores can feed. */
const FEW_PROCESSES = 8;

/** How often each thing was seen. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    this.#counts.set(name, this.of(name) + count);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  sorted(): [string, number][] {
    return [...this.#counts].toSorted(([one], [other]) => one.localeCompare(other));
  }
}

/** Milliseconds. */
export interface Quantiles {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

export const quantilesOf = (values: readonly number[]): Quantiles => {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { count: sorted.length, median: at(0.5), p99: at(0.99), most: at(1) };
};

export const lossName = (name: ClassName, cause: Cause): string => `${name}, ${cause}`;

export class Tally {
  readonly seed: number;
  /** Rounds of the plan. */
  readonly planned: number;
  readonly #since = performance.now();
  readonly broken: (Broken & { readonly round: number })[] = [];
  readonly kills: Kill[] = [];
  /** Connections lost inside the strict window, by `lossName`. */
  readonly losses = new Counts();
  /** By class: lost because another user's call ended the process. */
  readonly lossesByOthers = new Counts();
  readonly answers = new Counts();
  /** What took place, each where it did; and what of it the plan had meant to. */
  readonly happenings = new Counts();
  readonly dealt = new Set<string>();
  rounds = 0;
  calls = 0;
  sends = 0;
  /** Of spent tokens, provoked. */
  reuses = 0;
  processes = { started: 0, killed: 0 };
  /** Milliseconds at strict providers, undisturbed: answer to durable write, alone and in bursts; a call in a burst. */
  readonly windows = { quiet: [] as number[], calm: [] as number[] };
  readonly waits: number[] = [];
  /** Answers of calm rounds, and tokens among them: with few processes, and with more. */
  readonly calm = { few: { answers: 0, tokens: 0 }, many: { answers: 0, tokens: 0 } };

  constructor(seed: number, planned: number) {
    this.seed = seed;
    this.planned = planned;
  }

  get seconds(): number {
    return (performance.now() - this.#since) / 1000;
  }

  break(invariant: Invariant, what: string): void {
    this.broken.push({ invariant, what, round: this.rounds });
  }

  add(
    processes: number,
    round: Round,
    records: readonly UserRecord[],
    happenings: readonly string[],
    judgement: Judgement,
  ): void {
    this.rounds += 1;
    for (const { invariant, what } of judgement.broken) this.break(invariant, what);
    this.kills.push(...judgement.kills);
    this.sends += judgement.sends;
    this.reuses += judgement.reuses;
    if (round.kind === 'quiet' || round.kind === 'calm') this.windows[round.kind].push(...judgement.windows);
    for (const { class: name, cause, isOwn } of judgement.losses) {
      this.losses.add(lossName(name, cause));
      if (cause === 'killed' && !isOwn) this.lossesByOthers.add(name);
    }
    this.happenings.add(`round of ${processes} processes: ${round.kind}`);
    for (const what of dealtIn(round)) this.dealt.add(what);
    for (const what of happenings) this.happenings.add(what);
    this.happenings.add(TAKEN_OVER, judgement.takeovers);
    this.happenings.add(REMOVED, judgement.removed);
    for (const record of records) {
      const { answers, acts } = record;
      this.calls += answers.length;
      for (const { reply } of answers) this.answers.add(say(reply));
      for (const { act, reply } of acts) this.happenings.add(`${act}: ${say(reply)}`);
      if (round.kind === 'calm') this.#addCalm(processes, record);
    }
  }

  #addCalm(processes: number, { user, answers, assignment }: UserRecord): void {
    const calm = this.calm[processes > FEW_PROCESSES ? 'many' : 'few'];
    calm.answers += answers.length;
    calm.tokens += answers.filter(({ reply }) => typeof reply !== 'string' && reply.status === 200).length;
    // Of a burst, all who did not get the first turn.
    if (user.class.rotation !== 'strict' || assignment.companions < BURST) return;
    const sorted = answers.map(({ milliseconds }) => milliseconds).toSorted((one, other) => one - other);
    this.waits.push(...sorted.slice(1));
  }
}
