/** Plays one round of a plan: calls, kills, holds and faults, each user's at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseDown, failDatabase, keyServiceDown, startFaults } from './faults.ts';
import type { Fleet, Member } from './fleet.ts';
import { askToken, connect, deleteAccount, disconnect, newCall, useToken, writeNote } from './front-end.ts';
import type { Reply } from './http.ts';
import { type Directive, monotonic, type Point } from './protocol.ts';
import type { Act, Assignment, Round } from './scenarios.ts';
import type { User } from './users.ts';
import { LEASE_OVER_MS, type World } from './world.ts';

/** What the campaign knows of a connection, from answers that came. */
export type Truth = 'connected' | 'removed' | 'unknown';

export interface Given {
  readonly member: Member;
  readonly reply: Reply | string;
  readonly milliseconds: number;
  /** With an access token: whether it opens the user's own account; undefined: nothing. */
  readonly opens?: boolean | undefined;
}

/** One user's round. */
export interface UserRecord {
  readonly user: User;
  readonly assignment: Assignment;
  readonly answers: Given[];
  readonly acts: { readonly act: Act; readonly member: Member; readonly reply: Reply | string }[];
  truth: Truth;
  /** When the last confirmed connecting began; monotonic milliseconds. */
  since: number;
}

export interface Scene {
  readonly world: World;
  readonly fleet: Fleet;
  readonly round: Round;
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
    const { reply, milliseconds } = await askToken(world, user, member, options);
    const accessToken = typeof reply !== 'string' && reply.status === 200 ? String(reply.body.access_token) : undefined;
    const opens = accessToken === undefined ? undefined : await useToken(world, user, accessToken);
    answers.push({ member, reply, milliseconds, opens });
    return reply;
  }

  async companions(among?: () => readonly Member[]): Promise<void> {
    const { companions } = this.#record.assignment;
    await Promise.all(Array.from({ length: companions }, async () => this.token(await this.member(among))));
  }

  /** One at a time for each user: the last one that was confirmed says what is true. */
  async act(act: Act): Promise<void> {
    const { world, fleet } = this.#scene;
    const record = this.#record;
    const { user } = record;
    if (act === 'write note') return writeNote(world, user);
    const member = await this.member(() => (act === 'reconnect' ? fleet.punctual : fleet.members));
    const since = monotonic();
    if (act === 'reconnect') {
      const reply = await connect(world, user, member);
      record.acts.push({ act, member, reply });
      if (typeof reply !== 'string' && reply.status === 200) Object.assign(record, { truth: 'connected', since });
      else if (record.truth === 'removed') record.truth = 'unknown';
    }
    if (act === 'disconnect' || act === 'delete account') {
      const reply = await (act === 'disconnect' ? disconnect : deleteAccount)(world, user, member);
      record.acts.push({ act, member, reply });
      const isDone = typeof reply !== 'string' && (reply.status === 200 || reply.status === 204);
      record.truth = isDone ? 'removed' : 'unknown';
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

  async hold(at: Point, act: Act): Promise<void> {
    const { world, fleet } = this.#scene;
    const call = newCall();
    const paused = fleet.paused(call);
    const companions = this.companions();
    const first = this.token(await this.member(), { call, directive: { ...at, act: 'pause' } });
    const where = await Promise.race([paused, first.then(() => undefined)]);
    let lift: (() => void) | undefined;
    if (where) {
      if (act === 'key service down') lift = keyServiceDown(world);
      else if (act === 'database down') lift = databaseDown(world, this.#record.user);
      else await this.act(act);
      fleet.order(where, { release: call });
    }
    await first;
    lift?.();
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
      failDatabase(scene.world, record.user, scenario.fault, scenario.times);
      return calls();
  }
};

/** Processes stand still, each in the middle of a refresh; their leases run out, others take them over; they go on. */
const playFreezes = async ({ world, fleet, round }: Scene, records: readonly UserRecord[]): Promise<void> => {
  const { members } = fleet;
  const half = Math.ceil(members.length / 2);
  const frozen = new Map<Member, string[]>();
  const firsts: Promise<unknown>[] = [];
  const players = records
    .filter(({ assignment }) => assignment.scenario.kind === 'freeze')
    .map((record) => ({ record, player: new Player({ world, fleet, round }, record) }));
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
      if (where) frozen.set(where, [...(frozen.get(where) ?? []), call]);
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

/** Until nothing is under way any more. */
export const playRound = async (scene: Scene, records: readonly UserRecord[]): Promise<void> => {
  startFaults(scene.world, scene.round);
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
