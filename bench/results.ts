/** What a run brings. */
import type { Candidate } from './candidates.ts';

/** One measurement of one server. */
export interface Sample {
  readonly callsPerSecond: number;
  /** Milliseconds of the server's CPU per call. */
  readonly cpu: number;
  /** How much of one core the server used: 1 is all of it. */
  readonly busy: number;
  /** Milliseconds, of each call. */
  readonly latencies: readonly number[];
  /** Megabytes, after it. */
  readonly rss: number;
  /** Tokens that the provider handed out per call: 1, or the job was not done. */
  readonly refreshes: number;
  /** Answers that were no new token, and how often they came. */
  readonly bad: Readonly<Record<string, number>>;
}

export interface Measured extends Pick<Candidate, 'id' | 'name' | 'kind'> {
  /** By the provider's latency in milliseconds: all that the server can take, and a steady rate. One sample per round. */
  readonly by: Record<number, { readonly full: Sample[]; readonly steady: Sample[] }>;
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

export interface Results {
  readonly measured: readonly Measured[];
  /** Tokens per second that the generator gets from the provider itself. */
  readonly ceiling: number;
  readonly callers: readonly { readonly name: string; readonly points: readonly Point[] }[];
  readonly connections: readonly Growth[];
  readonly rounds: number;
  /** The machine's load average when it began: what else was running. */
  readonly load: number;
  /** That the whole of it took. */
  readonly seconds: number;
}

/** All samples of a run. */
export const samplesOf = ({ measured, callers, connections }: Results): Sample[] => [
  ...measured.flatMap(({ by }) => Object.values(by).flatMap(({ full, steady }) => [...full, ...steady])),
  ...callers.flatMap(({ points }) => points.flatMap(({ samples }) => samples)),
  ...connections.flatMap(({ samples }) => samples),
];

/** The provider's greatest latency in a run, milliseconds: the curve of callers is drawn at it. */
export const slowestOf = ({ measured }: Results): number => Math.max(...Object.keys(measured[0]?.by ?? {}).map(Number));
