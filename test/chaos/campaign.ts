/** A campaign: rounds of trouble over a fleet of broker processes, each judged by itself. */

import { storedText } from '../support/stored.ts';
import { judge } from './oracle.ts';
import { createPlan } from './plan.ts';
import type { UserRecord } from './player.ts';
import type { Variant } from './protocol.ts';
import { createRandom } from './random.ts';
import { playRound } from './round.ts';
import type { RoundKind } from './scenarios.ts';
import { createSecretScan } from './secrets.ts';
import { connectAll, settle, warmUp } from './settle.ts';
import { switchAllBack } from './switching.ts';
import { Tally } from './tally.ts';
import { byClass, CLASSES, type ClassName, type User } from './users.ts';
import type { World } from './world.ts';

export interface Phase {
  readonly processes: number;
  readonly rounds: readonly RoundKind[];
}

export interface CampaignOptions {
  readonly seed: number;
  readonly phases: readonly Phase[];
  /** Of the world's, for each class. */
  readonly usersPerClass: number;
  readonly patient: boolean;
  readonly variant?: Variant;
  /** Ends at the first round that breaks an invariant. */
  readonly untilBroken?: boolean;
  /** Ends after the round that is under way. */
  readonly signal?: AbortSignal;
  /** After each round. */
  readonly progress?: (tally: Tally) => void;
}

const alarmsOf = ({ providers }: World): Record<ClassName, number> =>
  byClass((name) => providers[name].control.read().counts.reuseAlarms);

const usersOf = ({ users }: World, perClass: number): User[] =>
  CLASSES.flatMap((name) => users.filter((user) => user.class.name === name).slice(0, perClass));

/** Throws where the campaign itself cannot go on; what the broker does wrong is in the tally. */
export const runCampaign = async (world: World, options: CampaignOptions): Promise<Tally> => {
  const { seed, phases, usersPerClass, patient, variant, untilBroken = false, progress = () => {} } = options;
  const nextRound = createPlan({ seed, usersPerClass, patient, faults: world.standIn !== undefined });
  const random = createRandom(seed + 1);
  const users = usersOf(world, usersPerClass);
  const fleet = world.createFleet(variant);
  const tally = new Tally(
    seed,
    phases.reduce((sum, { rounds }) => sum + rounds.length, 0),
  );
  const secrets = createSecretScan(world);
  world.takeLog();

  const scan = async (everything: boolean): Promise<void> => {
    const stored = await (everything ? storedText(world.database) : storedText(world.database, ['connections']));
    for (const [where, text] of Object.entries({ database: stored, log: world.takeLog().join('\n') })) {
      for (const kind of secrets.find(text)) tally.break('secrets in database or log', `${kind} in the ${where}`);
    }
  };

  const isOver = () => options.signal?.aborted === true || (untilBroken && tally.broken.length > 0);

  const playOne = async (kind: RoundKind, processes: number): Promise<void> => {
    await warmUp(world, fleet);
    world.takeJournal();
    const round = nextRound(kind, processes);
    const before = alarmsOf(world);
    const records = users.map((user, index): UserRecord => {
      const assignment = round.assignments[user.class.name][index % usersPerClass];
      if (!assignment) throw new Error('the plan has too few assignments');
      return { user, assignment, answers: [], acts: [], truth: 'connected', since: 0 };
    });
    const happenings = await playRound({ world, fleet, round }, records);
    await switchAllBack(world, fleet, records);
    const settled = await settle(world, fleet, users, random);
    const after = alarmsOf(world);
    const alarms = byClass((name) => after[name] - before[name]);
    const judgement = judge({ round, records, settled, lines: world.takeJournal(), alarms });
    tally.add(processes, round, records, happenings, judgement);
    for (const crash of fleet.crashes.splice(0)) tally.break('unplanned answers', crash);
    await connectAll(world, fleet, judgement.gone);
    await scan(false);
    tally.processes = { started: fleet.started, killed: fleet.kills };
  };

  try {
    const rounds = phases.flatMap(({ processes, rounds: kinds }) => kinds.map((kind) => ({ kind, processes })));
    for (const [index, { kind, processes }] of rounds.entries()) {
      if (rounds[index - 1]?.processes !== processes) await fleet.resize(processes);
      if (index === 0) await connectAll(world, fleet, users);
      await fleet.ready();
      await playOne(kind, processes);
      progress(tally);
      if (isOver()) break;
    }
    await scan(true);
    return tally;
  } finally {
    world.heal();
    await fleet.stop();
  }
};
