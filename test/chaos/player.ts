/** What one user's front end does in a round, and what is known of it afterwards. */
import { named } from './coverage.ts';
import { failWrites, type Happened, keyServiceDown } from './faults.ts';
import type { Fleet, Member } from './fleet.ts';
import { askToken, connect, deleteAccount, disconnect, newCall, type Route, useToken, writeNote } from './front-end.ts';
import type { Reply } from './http.ts';
import { type Directive, monotonic, type Point } from './protocol.ts';
import { type Act, type Assignment, type HeldAct, isLeased, type Round } from './scenarios.ts';
import { sweepThrough, switchTo } from './switching.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

/** Less than a wait for one's turn. */
const RIVALS_MS = 2_000;

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

export class Player {
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
  async #disturb(act: HeldAct, where: Member): Promise<() => void | Promise<void>> {
    const { world, fleet } = this.#scene;
    switch (act) {
      case 'key service down':
        return keyServiceDown(world);
      case 'others ask': {
        // In this process they would wait for the same refresh.
        const others = () => fleet.members.filter((each) => each !== where);
        const until = monotonic() + RIVALS_MS;
        // Until they have waited for their turn; again where they got no further than a key service that is down.
        while (others().length > 0 && monotonic() < until) await this.companions(others);
        return () => {};
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
      let reply = await this.token(member, { directive });
      for (let again = 0; again < 2 && typeof reply !== 'string' && reply.status === 503; again++) {
        reply = await this.token(member, { directive });
      }
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
      const end = await this.#disturb(act, where);
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
