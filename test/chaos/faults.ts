/** What goes wrong at the neighbours, done to them; `happened` hears of what was met. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Switches } from '../../local/providers/switches.ts';
import { status } from '../../local/rpc.ts';
import { named } from './coverage.ts';
import {
  type Behaviour,
  type DatabaseFault,
  isLeased,
  type KeyFault,
  type Round,
  type WriteFault,
} from './scenarios.ts';
import { CLASSES, type ClassName, type User } from './users.ts';
import { firstVersion, type World } from './world.ts';

export type Happened = (what: string) => void;

/** Good tokens, as servers wrap and spell them. */
const ODD = [
  'status_201',
  'bom',
  'gzip',
  'deflate_raw',
  'brotli',
  'form',
  'array_of_one',
  'utf16le_bom',
  'scope_array',
  'expires_never',
  'no_token_type',
  'error_null',
] as const;
/** The tokens are of no use, and what was sent may be spent: the new refresh token must be kept. */
const REFUSED = ['mac', 'no_access_token', 'too_long', 'cut_json', 'redirect_with_tokens'] as const;
let dealt = 0;
/** One after another, over the whole campaign. */
const pick = <T>(shapes: readonly T[]): T => shapes[dealt++ % shapes.length] as T;

const switchesOf = (behaviour: Behaviour, leased: boolean): Partial<Switches> => {
  switch (behaviour) {
    case 'wants the user':
      return { mfaRequired: true };
    case 'client secret expired':
      return { clientSecretExpired: true };
    case 'commits, then 504':
      return { commitThen: { fail: '504', next: 3 } };
    case 'commits, then reset':
      return { commitThen: { fail: 'reset', next: 3 } };
    case 'commits, then half an answer':
      return { commitThen: { fail: 'truncated', next: 3 } };
    case 'answers a page':
      return { answerShape: { shape: 'html', next: 3 } };
    case 'answers in odd clothes':
      return { answerShape: { shape: pick(ODD), next: 3 } };
    case 'refuses, with the new token':
      return { answerShape: { shape: pick(REFUSED), next: 3 } };
    case 'no refresh_token':
      // Who gives no new token has not spent the old one.
      return { answerShape: { shape: 'no_refresh_token', next: 6 }, ...(leased ? { rotation: 'stable' } : {}) };
    case '429':
      return { tooManyRequests: { retryAfter: 2, next: 3 } };
    case 'slow':
      return { latencyMs: 120 };
    case 'answers 503':
      return { outage: { at: 'token', as: '503' } };
    case 'resets':
      return { outage: { at: 'token', as: 'reset' } };
  }
};

/** Until the round ends. @returns says what was met */
export const startFaults = (world: World, round: Round, happened: Happened): (() => void) => {
  const looks = CLASSES.flatMap((name) => {
    const behaviour = round.behaviours[name];
    return behaviour ? [startBehaviour(world, name, behaviour, happened)] : [];
  });
  if (round.keyFault) looks.push(startKeyFault(world, round.keyFault, happened));
  return () => {
    for (const look of looks) look();
  };
};

const startBehaviour = (world: World, name: ClassName, behaviour: Behaviour, happened: Happened): (() => void) => {
  const { control } = world.providers[name];
  const changed = switchesOf(behaviour, isLeased(name));
  /** What is left of a switch for the next few answers; else the requests that came. */
  const left = (): number => {
    const { switches, counts } = control.read();
    for (const counted of ['commitThen', 'answerShape', 'tooManyRequests'] as const) {
      if (counted in changed) return switches[counted]?.next ?? 0;
    }
    return -((counts.tokenCalls.refresh_token ?? 0) + counts.turnedAway);
  };
  control.change(changed);
  const before = left();
  return () => {
    if (left() < before) happened(named.behaviour(name, behaviour));
  };
};

/** Short enough that refreshes reach a provider in the same round. */
const KEY_FAILURES = 6;
const DISABLED_MS = 300;

const startKeyFault = (world: World, fault: KeyFault, happened: Happened): (() => void) => {
  const { kms } = world;
  const decryptions = () => kms.calls().Decrypt ?? 0;
  const before = decryptions();
  const start = () => {
    switch (fault) {
      case 'down':
        return keyServiceDown(world, KEY_FAILURES);
      case 'disabled version':
        return disableKey(world, () => decryptions() > before);
      case 'wrong checksum':
      case 'no checksum':
        return kms.corrupt(fault, KEY_FAILURES);
    }
  };
  const lift = start();
  return () => {
    lift();
    if (decryptions() > before) happened(named.key(fault));
  };
};

/** For a moment, but not before somebody has met it. @returns ends it */
const disableKey = (world: World, wasMet: () => boolean): (() => void) => {
  const enable = (enabled: boolean) => world.kms.setEnabled(firstVersion(world), enabled);
  enable(false);
  const watch = setInterval(() => {
    if (wasMet()) lift();
  }, DISABLED_MS);
  const lift = () => {
    clearInterval(watch);
    enable(true);
  };
  return lift;
};

/** Of one connection's document. @param times how many calls it hits @returns lifts it */
export const failDatabase = (
  world: World,
  user: User,
  fault: DatabaseFault | 'internal',
  times: number,
  met = () => {},
): (() => void) => {
  const about = { matching: isAbout(user, met), times };
  const faults = {
    aborted: { ...about, methods: ['Commit'], code: status.ABORTED },
    // A client by itself tries this one no second time.
    internal: { ...about, methods: ['Commit'], code: status.INTERNAL },
    unavailable: { ...about, methods: ['Commit'], code: status.UNAVAILABLE },
    'applied, then unavailable': { ...about, methods: ['Commit'], code: status.UNAVAILABLE, when: 'after' },
    slow: { ...about, methods: ['Commit'], delay: 700 },
    'applied late': { ...about, methods: ['Commit'], delay: 6_000 },
    'reads unavailable': { ...about, methods: ['BatchGetDocuments'], code: status.UNAVAILABLE },
  } as const;
  return world.standIn?.faults.inject(faults[fault]) ?? (() => {});
};

/** @returns lifts it */
export const keyServiceDown = ({ kms }: World, times = Number.POSITIVE_INFINITY): (() => void) =>
  kms.faults.inject({ methods: ['Decrypt', 'Encrypt'], code: status.UNAVAILABLE, times });

/** Shorter than the time for which the broker begins a write again, longer than any one call to the database. */
const OUT_MS = 6_500;

/** Of a rotated token that waits to be stored. @returns ends it, or waits until it has ended */
export const failWrites = (world: World, user: User, fault: WriteFault): (() => void | Promise<void>) => {
  if (fault === 'write applied, then unavailable') return failDatabase(world, user, 'applied, then unavailable', 1);
  const lift = failDatabase(world, user, 'internal', Number.POSITIVE_INFINITY);
  if (fault === 'database down') return lift;
  const over = sleep(OUT_MS).then(lift);
  return () => over;
};

/** Chooses calls about one connection's document alone. */
const isAbout =
  ({ document }: User, met: () => void) =>
  (targets: readonly string[]): boolean => {
    const isHit = targets.some((name) => name.endsWith(`/connections/${document}`));
    if (isHit) met();
    return isHit;
  };
