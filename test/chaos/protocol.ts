/** What travels between the campaign and the broker processes that it wraps: a header, a journal, two messages. */

/** The named steps of a refresh, in their order: docs/refresh.md. */
export const STEPS = ['lease', 'unwrap', 'send', 'receive', 'seal', 'commit', 'answer'] as const;
export type Step = (typeof STEPS)[number];
export type When = 'before' | 'after';

export interface Point {
  readonly step: Step;
  readonly when: When;
}

export const nameOf = ({ step, when }: Point): string => `${when} ${step}`;

/** What happens to a process when one of its refreshes comes to a point. */
export interface Directive extends Point {
  /** `kill`: SIGKILL to itself. `pause`: waits until the campaign releases it. */
  readonly act: 'kill' | 'pause';
  /** Milliseconds to wait first: after the send, so that the bytes may have arrived. */
  readonly afterMs?: number;
}

/** JSON in this header of a call; the deployed code knows nothing of it. */
export const CALL_HEADER = 'x-chaos';
export interface CallHeader {
  readonly call: string;
  /** Whose connection. */
  readonly subject: string;
  readonly directive?: Directive;
}

/** One of the protections taken away: what must turn the campaign red. `local-clock`: leases are measured by the instance's own. */
export type Variant = 'no-compare-and-set' | 'no-lease' | 'no-preflight' | 'no-retry' | 'local-clock';

/** Environment of a wrapped process. */
export const JOURNAL_VARIABLE = 'CHAOS_JOURNAL';
export const CLOCK_VARIABLE = 'CHAOS_CLOCK_OFFSET';
export const VARIANT_VARIABLE = 'CHAOS_VARIANT';

/** A line of the journal, JSON. Written synchronously: it outlives the process's SIGKILL. */
export interface Line {
  /** Milliseconds of the monotonic clock that all processes of a machine share. */
  readonly at: number;
  readonly pid: number;
  readonly call: string;
  readonly subject: string;
  /** `out`: the request's bytes leave. `outcome`: what the token service came to. */
  readonly mark: `${When} ${Step}` | 'out' | 'outcome';
  /** Set when a directive took effect here. */
  readonly act?: Directive['act'];
  /** A hash of the refresh token that is sent. */
  readonly token?: string;
  /** Of the provider's answer, or of the outcome. */
  readonly kind?: string;
  /** The provider gave a new refresh token. */
  readonly rotated?: boolean;
  /** The compare-and-set took effect, as far as its answer says. */
  readonly written?: boolean;
}

export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

/** From a process that has paused. */
export interface Paused {
  readonly paused: string;
}
/** To a process: its clocks jump as after a freeze of so long; a paused call goes on. */
export interface Order {
  readonly jumpMs?: number;
  readonly release?: string;
}
