/** The vocabulary of a plan: what can happen to a connection, to its neighbours, and to the processes that serve it. */
import { type Point, STEPS, type Step } from './protocol.ts';
import { type ClassName, PROVIDER_CLASSES } from './users.ts';

/** What users and others do to a connection; each takes effect at once or is refused. */
export const ACTS = ['disconnect', 'reconnect', 'delete account', 'switch flow', 'write note'] as const;
export type Act = (typeof ACTS)[number];

/** What befalls the write of a rotated token. Only the first can lose it: the others end before the broker gives the write up. */
export const WRITE_FAULTS = ['database down', 'database out for 6.5 s', 'write applied, then unavailable'] as const;
export type WriteFault = (typeof WRITE_FAULTS)[number];
/** What is done while a refresh of the connection waits at a point. */
export const HELD_ACTS = [...ACTS, 'key service down', 'others ask', ...WRITE_FAULTS] as const;
export type HeldAct = (typeof HELD_ACTS)[number];

/** Of one connection's document. */
export const DATABASE_FAULTS = [
  'aborted',
  'unavailable',
  'applied, then unavailable',
  'slow',
  'reads unavailable',
  // After the broker has given the write up.
  'applied late',
] as const;
export type DatabaseFault = (typeof DATABASE_FAULTS)[number];

export const KEY_FAULTS = ['down', 'wrong checksum', 'no checksum', 'disabled version'] as const;
export type KeyFault = (typeof KEY_FAULTS)[number];

/** Of one provider, for all who are connected to it. */
export const BEHAVIOURS = [
  'wants the user',
  'client secret expired',
  'commits, then 504',
  'commits, then reset',
  'commits, then half an answer',
  'answers a page',
  'answers in odd clothes',
  'refuses, with the new token',
  'no refresh_token',
  '429',
  'slow',
  'answers 503',
  'resets',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];
/** It may have rotated, and the broker cannot know. */
export const MAY_COMMIT_UNHEARD: readonly (Behaviour | undefined)[] = [
  'commits, then 504',
  'commits, then reset',
  'commits, then half an answer',
  'answers a page',
];

export type Scenario =
  | { readonly kind: 'idle' }
  /** Token calls at once. */
  | { readonly kind: 'calls' }
  /** The first of the calls brings its process to an end at a point. */
  | { readonly kind: 'kill'; readonly at: Point; readonly afterMs: number }
  /** The first of the calls waits at a point until something was done. */
  | { readonly kind: 'hold'; readonly at: Point; readonly act: HeldAct }
  /** Something is done, one after the other, while calls come. */
  | { readonly kind: 'acts'; readonly acts: readonly Act[] }
  | { readonly kind: 'database'; readonly fault: DatabaseFault; readonly times: number }
  /** The first call's process stands still at a point until its lease is over and others have had their turn. */
  | { readonly kind: 'freeze'; readonly at: Point };

export interface Assignment {
  readonly scenario: Scenario;
  /** When in the round; milliseconds. */
  readonly startsAfter: number;
  /** Calls beside the first. */
  readonly companions: number;
  /** 0 <= x < 1: which process, of those that live, each call goes to. */
  readonly processes: readonly number[];
}

/**
 * `quiet`: one call after the other. `calm`: bursts; nothing goes wrong in either. `faults`: everything but kills.
 * `freezes`: leases are taken over. `clocks`: instances whose clocks are off take part in authorizing.
 */
export type RoundKind = 'quiet' | 'calm' | 'holds' | 'faults' | 'kills' | 'freezes' | 'clocks';

export interface Round {
  readonly kind: RoundKind;
  readonly behaviours: Readonly<Partial<Record<ClassName, Behaviour>>>;
  readonly keyFault?: KeyFault;
  /** By class, then by user in the order of the campaign's users. */
  readonly assignments: Readonly<Record<ClassName, readonly Assignment[]>>;
}

/** Callers of a burst beside the first, at least. */
export const BURST = 7;

export const isLeased = (name: ClassName): boolean => PROVIDER_CLASSES[name].rotation === 'strict';

/** The steps that a class of provider has. */
const stepsOf = (name: ClassName): readonly Step[] => {
  if (name === 'stable') return ['unwrap', 'send', 'receive', 'answer'];
  return name === 'tolerant' ? STEPS.filter((step) => step !== 'lease') : STEPS;
};
export const pointsOf = (name: ClassName): Point[] =>
  stepsOf(name).flatMap((step): Point[] => [
    { step, when: 'before' },
    { step, when: 'after' },
  ]);

/** Where nothing was sent yet: a process that stood still longer than its lease must not send. */
export const UNSENT: Point = { step: 'lease', when: 'after' };
/** Where a process that stands still is as good as dead: what it has received comes too late. */
export const FREEZES: readonly Point[] = [
  { step: 'receive', when: 'before' },
  { step: 'receive', when: 'after' },
  { step: 'seal', when: 'after' },
  { step: 'commit', when: 'before' },
];
