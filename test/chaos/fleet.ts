/** The broker processes of a campaign: as many as wanted, wrapped, replaced as they are killed. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../local/stack.ts';
import {
  CLOCK_VARIABLE,
  JOURNAL_VARIABLE,
  type Order,
  type Paused,
  VARIANT_VARIABLE,
  type Variant,
} from './protocol.ts';

const SKEW_MS = 600_000;
/** The port that was found free may be taken by one of the many outgoing connections. */
const START_ATTEMPTS = 5;

export interface Member {
  readonly origin: string;
  readonly process: ChildProcess;
  /** Milliseconds that its clocks are off. */
  readonly skew: number;
}

export interface FleetOptions {
  readonly stack: Stack;
  readonly environment: Readonly<Record<string, string>>;
  readonly journal: string;
  readonly variant?: Variant;
}

export class Fleet {
  readonly #options: FleetOptions;
  /** Seats: each keeps its clock's error over its occupants. */
  readonly #seats: (Member | undefined)[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #pauses = new Map<string, (member: Member) => void>();
  #stopping = false;
  #failure: unknown;
  started = 0;
  /** By SIGKILL. */
  kills = 0;
  /** Ended otherwise, and not asked to. */
  readonly crashes: string[] = [];

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** The live ones. */
  get members(): Member[] {
    return this.#seats.filter((member) => member !== undefined);
  }

  /** Live ones whose clock is right: a flow's state and ticket live by the clocks of the instances. */
  get punctual(): Member[] {
    return this.members.filter(({ skew }) => skew === 0);
  }

  async resize(count: number): Promise<void> {
    await this.ready();
    const leaving = this.#seats.splice(count);
    await Promise.all(leaving.map((member) => member && retire(member)));
    while (this.#seats.length < count) this.#fill(this.#seats.push(undefined) - 1);
    await this.ready();
  }

  /** Waits for every replacement. Throws where a process did not start. */
  async ready(): Promise<void> {
    while (this.#starting.size > 0) await Promise.all(this.#starting);
    if (this.#failure) throw this.#failure;
  }

  /** One of those that live, once there are some; `draw`: 0 <= x < 1. */
  async choose(draw: number, among: () => readonly Member[] = () => this.members): Promise<Member> {
    for (;;) {
      const members = among();
      const member = members[Math.floor(draw * members.length)];
      if (member) return member;
      await this.ready();
      await sleep(20);
    }
  }

  #fill(seat: number): void {
    const filling = this.#start(seat).catch((error: unknown) => {
      this.#failure ??= error;
    });
    this.#starting.add(filling);
    void filling.then(() => this.#starting.delete(filling));
  }

  async #start(seat: number): Promise<void> {
    const { stack, environment, journal, variant } = this.#options;
    const skew = seat % 4 === 1 ? SKEW_MS : seat % 4 === 3 ? -SKEW_MS : 0;
    const started = await again(START_ATTEMPTS, () =>
      stack.addBroker({
        ...environment,
        NODE_OPTIONS: `--import=${new URL('inside/preload.ts', import.meta.url).href}`,
        [JOURNAL_VARIABLE]: journal,
        [CLOCK_VARIABLE]: String(skew),
        ...(variant ? { [VARIANT_VARIABLE]: variant } : {}),
      }),
    );
    this.started += 1;
    const member = { ...started, skew };
    this.#seats[seat] = member;
    member.process.on('message', (message: Paused) => {
      this.#pauses.get(message.paused)?.(member);
    });
    member.process.once('exit', (code, signal) => {
      if (this.#stopping || this.#seats[seat] !== member) return;
      if (signal === 'SIGKILL') this.kills += 1;
      else this.crashes.push(`a broker process ended with ${signal ?? code}`);
      this.#seats[seat] = undefined;
      this.#fill(seat);
    });
  }

  /** The process in which a call has paused; never, if it does not. */
  paused(call: string): Promise<Member> {
    return new Promise((resolve) => {
      this.#pauses.set(call, (member) => {
        this.#pauses.delete(call);
        resolve(member);
      });
    });
  }

  order(member: Member, order: Order): void {
    // It may be killed before it hears of it.
    if (member.process.connected) member.process.send(order, () => {});
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.allSettled(this.#starting);
    await Promise.all(this.members.map(retire));
    this.#seats.length = 0;
  }
}

const again = async <T>(attempts: number, run: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
};

/** As far as it is known here: the news may come after the broken connection. */
export const wasKilled = ({ process }: Member): boolean => process.signalCode === 'SIGKILL';

const retire = async ({ process }: Member): Promise<void> => {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = once(process, 'exit');
  process.kill('SIGKILL');
  await exited;
};
