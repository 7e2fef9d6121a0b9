/** What a campaign counted, over all its rounds. */
import type { Cause } from './journal.ts';
import { type Broken, type Invariant, type Judgement, type Kill, say } from './oracle.ts';
import { nameOf } from './protocol.ts';
import type { UserRecord } from './round.ts';
import type { Round } from './scenarios.ts';
import type { ClassName } from './users.ts';

/** How often each thing was seen. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1);
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
  readonly happenings = new Counts();
  rounds = 0;
  calls = 0;
  sends = 0;
  /** Of spent tokens, provoked. */
  reuses = 0;
  processes = { started: 0, killed: 0 };
  /** Milliseconds at strict providers, undisturbed: answer to durable write, alone and in bursts; a call in a burst. */
  readonly windows = { quiet: [] as number[], calm: [] as number[] };
  readonly waits: number[] = [];

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

  add(processes: number, round: Round, records: readonly UserRecord[], judgement: Judgement): void {
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
    for (const behaviour of Object.values(round.behaviours)) this.happenings.add(`provider: ${behaviour}`);
    if (round.keyFault) this.happenings.add(`key service: ${round.keyFault}`);
    for (const record of records) this.#addRecord(round, record);
  }

  #addRecord(round: Round, { user, assignment: { scenario }, answers, acts }: UserRecord): void {
    this.calls += answers.length;
    for (const { reply } of answers) this.answers.add(say(reply));
    for (const { act, reply } of acts) this.happenings.add(`${act}: ${say(reply)}`);
    if (scenario.kind === 'hold') this.happenings.add(`held, meanwhile: ${scenario.act}`);
    if (scenario.kind === 'database') this.happenings.add(`database: ${scenario.fault}`);
    if (scenario.kind === 'freeze') this.happenings.add(`frozen ${nameOf(scenario.at)}`);
    if (round.kind === 'calm' && user.class.rotation === 'strict') {
      this.waits.push(...answers.map(({ milliseconds }) => milliseconds));
    }
  }
}
