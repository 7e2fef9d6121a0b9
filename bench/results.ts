/** What a run brings. */
import type { Candidate } from './candidates.ts';
import type { StartReport } from './cold.ts';
import type { FirstAnswer } from './processes.ts';

/** One measurement of one server. */
export interface Sample {
  readonly callsPerSecond: number;
  /** Milliseconds of the server's CPU per call. */
  readonly cpu: number;
  /** How much of one core the server used: 1 is all of it. */
  readonly busy: number;
  /** Milliseconds, of each call. */
  readonly latencies: readonly number[];
  /** Tokens that the provider handed out per call: 1, or the job was not done. */
  readonly refreshes: number;
  /** Answers that were no new token, and how often they came. */
  readonly bad: Readonly<Record<string, number>>;
  /** Calls that were due and not sent: the server or the machine was too slow. */
  readonly heldBack: number;
}

export interface Measured extends Pick<Candidate, 'id' | 'name' | 'kind'> {
  /** By the provider's latency in milliseconds: all that the server can take, and a steady rate. One sample per round. */
  readonly by: Record<number, { readonly full: Sample[]; readonly steady: Sample[] }>;
  /** Megabytes in use after all of that and a collection. */
  held?: number;
  /** How many of one user's calls at once were answered, and whether the grant survived. */
  race?: { readonly answered: number; readonly survived: boolean };
}

export interface Point {
  /** How many callers, or connections. */
  readonly at: number;
  readonly samples: Sample[];
}

export interface Growth extends Point {
  /** Megabytes, after each of the connections was used once: in use after a collection, and resident before it. */
  readonly held: number;
  readonly rss: number;
}

/** From the start of a fresh process to its first answer; one per round. */
export interface Start extends Pick<Candidate, 'id' | 'name' | 'kind'> {
  readonly rounds: FirstAnswer[];
}

export interface Results {
  /** Hello world first. */
  readonly starts: readonly Start[];
  /** Of the functions that are no candidates: callback and authorize; absent where the sources are measured. */
  readonly functions?: StartReport;
  readonly measured: readonly Measured[];
  /** Tokens per second that the generator gets from the provider itself. */
  readonly ceiling: number;
  readonly callers: readonly { readonly name: string; readonly points: readonly Point[] }[];
  readonly connections: readonly Growth[];
  readonly rounds: number;
  /** Of cold starts. */
  readonly startRounds: number;
  /** The machine's load average when it began: what else was running. */
  readonly load: number;
  /** That the whole of it took. */
  readonly seconds: number;
}

/** All samples of a run in which a call had to bring a token. */
export const tokenSamplesOf = ({ measured, callers, connections }: Results): Sample[] => [
  ...measured
    .filter(({ kind }) => kind !== 'hello')
    .flatMap(({ by }) => Object.values(by).flatMap(({ full, steady }) => [...full, ...steady])),
  ...callers.flatMap(({ points }) => points.flatMap(({ samples }) => samples)),
  ...connections.flatMap(({ samples }) => samples),
];

/** The provider's greatest latency in a run, milliseconds: the curve of callers is drawn at it. */
export const slowestOf = ({ measured }: Results): number => Math.max(...Object.keys(measured[0]?.by ?? {}).map(Number));

/** Milliseconds of CPU per call, of each round, with as many calls as come through; the provider without latency. */
export const cpuOf = (measured: Measured | undefined): number[] => measured?.by[0]?.full.map(({ cpu }) => cpu) ?? [];

/** Calls that the clock asked for and nobody sent. */
export const heldBackIn = ({ measured }: Results): number =>
  measured
    .flatMap(({ by }) => Object.values(by).flatMap(({ steady }) => steady))
    .reduce((sum, { heldBack }) => sum + heldBack, 0);
