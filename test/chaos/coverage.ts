/** What a campaign is meant to have met: named once, counted where it happens, and missed where it never did. */
import { nameOf, type Point } from './protocol.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  DATABASE_FAULTS,
  type DatabaseFault,
  FREEZES,
  HELD_ACTS,
  type HeldAct,
  KEY_FAULTS,
  type KeyFault,
  type Round,
  type Scenario,
  UNSENT,
} from './scenarios.ts';
import { CLASSES, type ClassName } from './users.ts';

export const named = {
  behaviour: (of: ClassName, behaviour: Behaviour) => `provider, ${of}: ${behaviour}`,
  key: (fault: KeyFault) => `key service: ${fault}`,
  database: (fault: DatabaseFault) => `database: ${fault}`,
  held: (act: HeldAct) => `held, then ${act}`,
  frozen: (at: Point) => `frozen ${nameOf(at)}`,
} as const;
export const TAKEN_OVER = 'lease taken over';
export const REMOVED = 'removed, and looked for afterwards';
/** All that there is. */
export const EVERYTHING: readonly string[] = [
  ...CLASSES.flatMap((name) => BEHAVIOURS.map((behaviour) => named.behaviour(name, behaviour))),
  ...KEY_FAULTS.map(named.key),
  ...DATABASE_FAULTS.map(named.database),
  ...HELD_ACTS.map(named.held),
  ...[UNSENT, ...FREEZES].map(named.frozen),
  TAKEN_OVER,
  REMOVED,
];

/** What a round's plan means to happen. */
export const dealtIn = ({ behaviours, keyFault, assignments }: Round): string[] => [
  ...CLASSES.flatMap((name) => {
    const behaviour = behaviours[name];
    return behaviour ? [named.behaviour(name, behaviour)] : [];
  }),
  ...(keyFault ? [named.key(keyFault)] : []),
  ...CLASSES.flatMap((name) => assignments[name].flatMap(({ scenario }) => dealtTo(scenario))),
];

const dealtTo = (scenario: Scenario): string[] => {
  switch (scenario.kind) {
    case 'hold':
      return [named.held(scenario.act)];
    case 'freeze':
      return [named.frozen(scenario.at)];
    case 'database':
      return [named.database(scenario.fault)];
    default:
      return [];
  }
};
