/** What goes wrong at the neighbours, done to them. */

import type { Switches } from '../../local/providers/switches.ts';
import { status } from '../../local/rpc.ts';
import { type Behaviour, type DatabaseFault, isLeased, type Round } from './scenarios.ts';
import { CLASSES, type User } from './users.ts';
import { firstVersion, type World } from './world.ts';

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

/** Until the world is healed. */
export const startFaults = (world: World, round: Round): void => {
  for (const name of CLASSES) {
    const behaviour = round.behaviours[name];
    if (!behaviour) continue;
    world.providers[name].control.change(switchesOf(behaviour, isLeased(name)));
  }
  switch (round.keyFault) {
    case 'down':
      keyServiceDown(world);
      break;
    case 'disabled version':
      world.kms.setEnabled(firstVersion(world), false);
      break;
    case 'wrong checksum':
    case 'no checksum':
      world.kms.corrupt(round.keyFault, 4);
  }
};

/** @param times how many calls it hits */
export const failDatabase = (world: World, user: User, fault: DatabaseFault, times: number): void => {
  const about = { matching: isAbout(user), times };
  const faults = {
    aborted: { ...about, methods: ['Commit'], code: status.ABORTED },
    unavailable: { ...about, methods: ['Commit'], code: status.UNAVAILABLE },
    'applied, then unavailable': { ...about, methods: ['Commit'], code: status.UNAVAILABLE, when: 'after' },
    slow: { ...about, methods: ['Commit'], delay: 700 },
    'applied late': { ...about, methods: ['Commit'], delay: 6_000 },
    'reads unavailable': { ...about, methods: ['BatchGetDocuments'], code: status.UNAVAILABLE },
  } as const;
  world.standIn?.faults.inject(faults[fault]);
};

/** @returns lifts it */
export const keyServiceDown = ({ kms }: World): (() => void) =>
  kms.faults.inject({ methods: ['Decrypt', 'Encrypt'], code: status.UNAVAILABLE, times: Number.POSITIVE_INFINITY });

/** No write to this connection's document. @returns lifts it */
export const databaseDown = ({ standIn }: World, user: User): (() => void) | undefined =>
  standIn?.faults.inject({
    methods: ['Commit'],
    matching: isAbout(user),
    code: status.UNAVAILABLE,
    times: Number.POSITIVE_INFINITY,
  });

/** Faults that hit one connection's document alone. */
const isAbout =
  ({ document }: User) =>
  (targets: readonly string[]): boolean =>
    targets.some((name) => name.endsWith(`/connections/${document}`));
