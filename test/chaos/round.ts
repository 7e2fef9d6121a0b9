/** Plays one round of a plan: calls, kills, holds and faults, each user's at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { named } from './coverage.ts';
import { failDatabase, startFaults } from './faults.ts';
import type { Member } from './fleet.ts';
import { newCall } from './front-end.ts';
import { Player, type Scene, type UserRecord } from './player.ts';
import type { Scenario } from './scenarios.ts';
import { LEASE_OVER_MS } from './world.ts';

const play = async (scene: Scene, record: UserRecord, killIn: () => Member | undefined): Promise<void> => {
  const { scenario, startsAfter } = record.assignment;
  const player = new Player(scene, record);
  await sleep(startsAfter);
  const calls = async () => {
    await Promise.all([player.token(await player.member()), player.companions()]);
  };
  switch (scenario.kind) {
    case 'idle':
    case 'freeze':
      return;
    case 'calls':
      return calls();
    case 'kill':
      return player.kill(killIn() ?? (await player.member()), scenario.at, scenario.afterMs);
    case 'hold':
      return player.hold(scenario.at, scenario.act);
    case 'acts':
      return player.acts(scenario.acts);
    case 'database':
      return underFault(scene, record, scenario, calls);
  }
};

type DatabaseScenario = Extract<Scenario, { kind: 'database' }>;

const underFault = async (
  { world, happened }: Scene,
  { user }: UserRecord,
  { fault, times }: DatabaseScenario,
  calls: () => Promise<void>,
): Promise<void> => {
  let isMet = false;
  failDatabase(world, user, fault, times, () => {
    isMet = true;
  });
  await calls();
  if (isMet) happened(named.database(fault));
};

/** Processes stand still, each in the middle of a refresh; their leases run out, others take them over; they go on. */
const playFreezes = async (scene: Scene, records: readonly UserRecord[]): Promise<void> => {
  const { world, fleet, happened } = scene;
  const { members } = fleet;
  const half = Math.ceil(members.length / 2);
  const frozen = new Map<Member, string[]>();
  const firsts: Promise<unknown>[] = [];
  const players = records
    .filter(({ assignment }) => assignment.scenario.kind === 'freeze')
    .map((record) => ({ record, player: new Player(scene, record) }));
  await Promise.all(
    players.map(async ({ record, player }) => {
      const { scenario } = record.assignment;
      if (scenario.kind !== 'freeze') return;
      const call = newCall();
      const paused = fleet.paused(call);
      const member = await player.member(() => members.slice(0, half));
      const first = player.token(member, { call, directive: { ...scenario.at, act: 'pause' } });
      firsts.push(first);
      const where = await Promise.race([paused, first.then(() => undefined)]);
      if (!where) return;
      frozen.set(where, [...(frozen.get(where) ?? []), call]);
      happened(named.frozen(scenario.at));
    }),
  );
  await world.outwaitLeases();
  if (half < members.length)
    await Promise.all(players.map(({ player }) => player.companions(() => members.slice(half))));
  for (const [member, calls] of frozen) {
    fleet.order(member, { jumpMs: LEASE_OVER_MS });
    for (const release of calls) fleet.order(member, { release });
  }
  await Promise.all(firsts);
};

/** Until nothing is under way any more. @returns what took place, beside the calls and acts of the records */
export const playRound = async (
  given: Omit<Scene, 'happened'>,
  records: readonly UserRecord[],
): Promise<readonly string[]> => {
  const happenings: string[] = [];
  const scene: Scene = { ...given, happened: (what) => happenings.push(what) };
  const endFaults = startFaults(scene.world, scene.round, scene.happened);
  await playScenarios(scene, records);
  endFaults();
  return happenings;
};

const playScenarios = async (scene: Scene, records: readonly UserRecord[]): Promise<void> => {
  const { kind } = scene.round;
  if (kind === 'freezes') return playFreezes(scene, records);
  if (kind === 'quiet') {
    for (const record of records) await play(scene, record, () => undefined);
    return;
  }
  let kills = 0;
  /** Each kill finds a process of its own, as long as there are some. */
  const killIn = () => {
    const { members } = scene.fleet;
    return members[kills++ % members.length];
  };
  await Promise.all(records.map((record) => play(scene, record, killIn)));
};
