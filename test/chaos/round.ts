/** Plays one round of a plan: calls, kills, holds and faults, each user's at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { named } from './coverage.ts';
import { failDatabase, failWrites, type Happened, keyServiceDown, startFaults } from './faults.ts';
import type { Fleet, Member } from './fleet.ts';
import { askToken, connect, deleteAccount, disconnect, newCall, type Route, useToken, writeNote } from './front-end.ts';
import type { Reply } from './http.ts';
import { type Directive, monotonic, type Point } from './protocol.ts';
import { type Act, type Assignment, type HeldAct, isLeased, type Round, type Scenario } from './scenarios.ts';
import { sweepThrough, switchTo } from './switching.ts';
import type { User } from './users.ts';
import { LEASE_OVER_MS, type World } from './world.ts';

/** Others try, and try again; less than they wait for their turn. */
const RIVAL_TIMES = 3;
const RIVALS_MS = 500;

/** What the campaign knows of a connection, from answers that came. */
export type Truth = 'connected' | 'removed' | 'unknown';

/** From the request to the moment when its outcome was known; monotonic milliseconds. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

export interface Given extends Span {
  readonly member: Member;
  readonly reply: Reply | string;
  readonly milliseconds: number;
  /** With an access token: whether it opens the user's own account; undefined: nothing. */
  readonly opens?: boolean | undefined;
}

export interface Done extends Span {
  readonly act: Exclude<Act, 'write note'>;
  /** Who served it; of several steps, each. */
  readonly members: readonly Member[];
  readonly reply: Reply | string;
}

/** One user's round. */
export interface UserRecord {
  readonly user: User;
  readonly assignment: Assignment;
  readonly answers: Given[];
  readonly acts: Done[];
  truth: Truth;
  /** When the last confirmed connecting began; monotonic milliseconds. */
  since: number;
}

export interface Scene {
  readonly world: World;
  readonly fleet: Fleet;
  readonly round: Round;
  /** Counts what took place. */
  readonly happened: Happened;
}

class Player {
  readonly #scene: Scene;
  readonly #record: UserRecord;
  #draws = 0;

  constructor(scene: Scene, record: UserRecord) {
    this.#scene = scene;
    this.#record = record;
  }

  member(among: () => readonly Member[] = () => this.#scene.fleet.members): Promise<Member> {
    const { processes } = this.#record.assignment;
    const draw = processes[this.#draws++ % processes.length] ?? 0;
    return this.#scene.fleet.choose(draw, among);
  }

  async token(member: Member, options: { call?: string; directive?: Directive } = {}): Promise<Reply | string> {
    const { user, answers } = this.#record;
    const { world } = this.#scene;
    const begin = monotonic();
    const { reply, milliseconds } = await askToken(world, user, member, options);
    const accessToken = typeof reply !== 'string' && reply.status === 200 ? String(reply.body.access_token) : undefined;
    const opens = accessToken === undefined ? undefined : await useToken(world, user, accessToken);
    answers.push({ member, reply, milliseconds, opens, begin, end: monotonic() });
    return reply;
  }

  async companions(among?: () => readonly Member[]): Promise<void> {
    const { companions } = this.#record.assignment;
    await Promise.all(Array.from({ length: companions }, async () => this.token(await this.member(among))));
  }

  /** One at a time for each user: the last one that was confirmed says what is true. */
  async act(act: Act): Promise<void> {
    const { world, happened } = this.#scene;
    const record = this.#record;
    const { user } = record;
    switch (act) {
      case 'write note':
        return happened(`${act}: ${await writeNote(world, user)}`);
      case 'reconnect': {
        const route = await this.#route();
        const begin = monotonic();
        const reply = await connect(world, user, route);
        record.acts.push({ act, members: Object.values(route), reply, begin, end: monotonic() });
        if (isDone(reply)) Object.assign(record, { truth: 'connected', since: begin });
        else if (record.truth === 'removed') record.truth = 'unknown';
        return;
      }
      case 'switch flow':
        return this.#switchFlow(await this.member());
      case 'disconnect':
      case 'delete account': {
        const member = await this.member();
        const begin = monotonic();
        const reply = await (act === 'disconnect' ? disconnect : deleteAccount)(world, user, member);
        record.acts.push({ act, members: [member], reply, begin, end: monotonic() });
        record.truth = isDone(reply) ? 'removed' : 'unknown';
      }
    }
  }

  /** There, swept, and back: the connection is gone, and made anew. */
  async #switchFlow(member: Member): Promise<void> {
    const { world } = this.#scene;
    const record = this.#record;
    const { user } = record;
    record.truth = 'unknown';
    const steps = [
      () => switchTo(world, user, member, user.class.name === 'stable' ? 'implicit' : 'browser_code'),
      // A strict provider's token is revoked alone: what a killed process has sent cannot meet the next grant.
      () => sweepThrough(world, user, member, isLeased(user.class.name) && this.#draws % 3 === 0),
      () => switchTo(world, user, member, 'authorization_code'),
    ];
    const begin = monotonic();
    for (const step of steps) {
      const reply = await step();
      record.acts.push({ act: 'switch flow', members: [member], reply, begin, end: monotonic() });
      if (!isDone(reply)) return;
    }
    record.truth = 'removed';
    await this.act('reconnect');
  }

  /** A flow's state and ticket live by the clocks of the instances: only a round about clocks asks those that are off. */
  async #route(): Promise<Route> {
    const { fleet, round } = this.#scene;
    const member = () => this.member(() => (round.kind === 'clocks' ? fleet.members : fleet.punctual));
    if (round.kind === 'clocks') {
      return { authorize: await member(), callback: await member(), complete: await member() };
    }
    const one = await member();
    return { authorize: one, callback: one, complete: one };
  }

  /** @returns ends what was done */
  async #disturb(act: HeldAct): Promise<() => void | Promise<void>> {
    const { world } = this.#scene;
    switch (act) {
      case 'key service down':
        return keyServiceDown(world);
      case 'others ask': {
        const asking: Promise<void>[] = [];
        for (let time = 0; time < RIVAL_TIMES; time++) {
          asking.push(this.companions());
          await sleep(RIVALS_MS);
        }
        return async () => void (await Promise.all(asking));
      }
      case 'database down':
      case 'database out for 6.5 s':
      case 'write applied, then unavailable':
        return failWrites(world, this.#record.user, act);
      default:
        await this.act(act);
        return () => {};
    }
  }

  async kill(member: Member, at: Point, afterMs: number): Promise<void> {
    const isLate = at.step === 'send' && at.when === 'after';
    const directive: Directive = { ...at, act: 'kill', ...(isLate ? { afterMs } : {}) };
    const first = async () => {
      const reply = await this.token(member, { directive });
      // As a front end does whose connection broke.
      if (typeof reply === 'string' && this.#record.assignment.companions > 0) await this.token(await this.member());
    };
    await Promise.all([first(), this.companions()]);
  }

  async hold(at: Point, act: HeldAct): Promise<void> {
    const { fleet, happened } = this.#scene;
    const call = newCall();
    const paused = fleet.paused(call);
    const first = this.token(await this.member(), { call, directive: { ...at, act: 'pause' } });
    const companions = act === 'others ask' ? undefined : this.companions();
    const where = await Promise.race([paused, first.then(() => undefined)]);
    if (where) {
      const end = await this.#disturb(act);
      happened(named.held(act));
      fleet.order(where, { release: call });
      await first;
      await end();
    }
    await companions;
  }

  /** Calls come before, between and after. */
  async acts(acts: readonly Act[]): Promise<void> {
    const calls = [this.companions()];
    for (const act of acts) {
      calls.push(
        this.member()
          .then((member) => this.token(member))
          .then(() => {}),
      );
      await this.act(act);
    }
    await Promise.all(calls);
  }
}

const isDone = (reply: Reply | string): boolean =>
  typeof reply !== 'string' && (reply.status === 200 || reply.status === 204);

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
