/**
 * The world of the refresh as a model: a database, a provider and a key service whose every effect is one step, which a
 * scheduler orders. The code under test is the real core; only its ports are modelled.
 */
import type fc from 'fast-check';
import type { Clock } from '../../functions/core/clock.ts';
import type { Connection, ConnectionKey } from '../../functions/core/connection.ts';
import { dataKeyPlace, newDataKey, seal, tokenPlace } from '../../functions/core/envelope.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import type {
  ConnectionChange,
  ConnectionRemover,
  ConnectionStore,
  KeyUnwrapper,
  RefreshAnswer,
  Refresher,
  Revoker,
  RotationClass,
  Stored,
} from '../../functions/core/ports.ts';
import { LEASE_MS } from '../../functions/core/refresh.ts';

export const KEY: ConnectionKey = { tenant: 'org-1', user: 'user-1', provider: 'model' };

/** What goes wrong at the n-th call of a kind. */
export interface Faults {
  /** Updates: refused before they apply, or applied and the answer lost. */
  readonly updates: Readonly<Record<number, 'before' | 'after'>>;
  /** Provider calls: never sent, sent and not committed, committed and the answer lost. */
  readonly sends: Readonly<Record<number, 'unsent' | 'lost' | 'committed'>>;
  readonly unwraps: readonly number[];
  /** By actor: the step after which its process is gone. */
  readonly crashes: Readonly<Record<number, number>>;
}

export const NO_FAULTS: Faults = { updates: {}, sends: {}, unwraps: [], crashes: {} };

interface Grant {
  alive: boolean;
  /** Refresh tokens that work; a strict provider has at most one. */
  readonly live: Set<string>;
  readonly used: Set<string>;
}

export class World {
  readonly rotation: RotationClass;
  readonly #scheduler: fc.Scheduler;
  readonly #faults: Faults;
  #time = 1_000_000;
  #version = 0;
  #tokens = 0;
  readonly #calls = { update: 0, send: 0, unwrap: 0 };
  readonly #grants = new Map<string, Grant>();
  readonly #dataKeys = new Map<string, Uint8Array>();
  readonly #inFlight = new Map<string, number>();
  #document: { connection: Connection; version: number } | undefined;
  /** What the invariants ask for afterwards. */
  reuseAlarms = 0;
  mostInFlight = 0;
  provoked = false;
  /** From here on nothing goes wrong and nobody waits. */
  calm = false;

  constructor(rotation: RotationClass, scheduler: fc.Scheduler, faults: Faults) {
    this.rotation = rotation;
    this.#scheduler = scheduler;
    this.#faults = faults;
  }

  get document(): Connection | undefined {
    return this.#document?.connection;
  }

  /** The grant that the stored connection was made from. */
  grantOf(connection: Connection): Grant | undefined {
    return this.#grants.get(connection.account);
  }

  /** Everything that was under way is over, one way or the other; nothing goes wrong any more. */
  settle(): void {
    this.calm = true;
    this.#inFlight.clear();
    this.#time += LEASE_MS;
  }

  /** A user authorizes: a new grant at the provider, a new life in the database, whatever was there before. */
  connect(): void {
    const generation = `life-${++this.#version}`;
    const token = this.#mint();
    this.#grants.set(generation, { alive: true, live: new Set([token]), used: new Set() });
    const dataKey = newDataKey();
    const wrappedKey = Buffer.from(`wrapped ${generation}`);
    this.#dataKeys.set(wrappedKey.toString(), dataKey);
    const ciphertext = seal(dataKey, token, tokenPlace(KEY, generation, 1));
    this.#document = {
      version: ++this.#version,
      connection: {
        generation,
        revision: 1,
        sealed: { wrappedKey, ciphertext },
        scopes: ['read'],
        account: generation,
        attempt: 'connect',
        connectedAt: this.#time,
        updatedAt: this.#time,
      },
    };
  }

  /** The ports of one process. */
  process(actor: number): {
    connections: ConnectionStore & ConnectionRemover;
    keys: KeyUnwrapper;
    provider: Refresher & Revoker;
    clock: Clock;
  } {
    let steps = 0;
    const crashAfter = this.#faults.crashes[actor];
    /** One step: others may act before it. A process that is gone never comes back from it. */
    const step = async (label: string): Promise<void> => {
      if (this.calm) return;
      await this.#scheduler.schedule(Promise.resolve(), `${actor}: ${label}`);
      this.#time += 1;
      if (crashAfter !== undefined && steps++ >= crashAfter) await new Promise<never>(() => {});
    };
    return {
      connections: {
        read: async () => {
          await step('read');
          const stored = this.#stored();
          await step('read answered');
          return stored;
        },
        list: async () => {
          await step('list');
          const stored = this.#stored();
          return stored ? [stored] : [];
        },
        update: async (read, change) => {
          await step(`update ${Object.keys(change).join()}`);
          const fault = this.calm ? undefined : this.#faults.updates[this.#calls.update++];
          if (fault === 'before') throw new Unavailable('database', 'fault', { applied: 'no' });
          const written = this.#update(read, change);
          await step('update answered');
          if (fault === 'after') throw new Unavailable('database', 'fault', { applied: 'unknown' });
          return written;
        },
        remove: async (read) => {
          await step('remove');
          if (this.#document && this.#document.version !== read.version) return 'conflict';
          this.#document = undefined;
          await step('remove answered');
          return 'removed';
        },
      },
      keys: {
        unwrap: async (wrappedKey, aad) => {
          await step('unwrap');
          return this.#unwrap(wrappedKey, aad);
        },
      },
      provider: {
        rotation: this.rotation,
        refresh: async ({ refreshToken }) => {
          await step('send');
          const fault = this.calm ? undefined : this.#faults.sends[this.#calls.send++];
          if (fault === 'unsent') return { kind: 'no_answer', sent: false, code: 'connect' };
          const inFlight = (this.#inFlight.get(refreshToken) ?? 0) + 1;
          this.#inFlight.set(refreshToken, inFlight);
          this.mostInFlight = Math.max(this.mostInFlight, inFlight);
          await step('at the provider');
          const answer: RefreshAnswer =
            fault === 'lost' ? { kind: 'no_answer', sent: true, code: 'timeout' } : this.#refresh(refreshToken);
          await step('provider answered');
          this.#inFlight.set(refreshToken, inFlight - 1);
          if (fault !== 'committed') return answer;
          this.provoked = true;
          return { kind: 'no_answer', sent: true, code: 'reset' };
        },
        revoke: async (token) => {
          await step('revoke');
          for (const grant of this.#grants.values()) if (grant.live.has(token)) grant.alive = false;
          return 'revoked';
        },
      },
      clock: {
        now: () => this.#time,
        elapsed: () => this.#time,
        sleep: async (milliseconds) => {
          await step('sleep');
          this.#time += milliseconds;
        },
      },
    };
  }

  /** A key service call; whoever makes one may meet a fault. */
  #unwrap(wrappedKey: Uint8Array, aad: Uint8Array): Uint8Array {
    if (!this.calm && this.#faults.unwraps.includes(this.#calls.unwrap++))
      throw new Unavailable('key_service', 'fault');
    const generation = Buffer.from(wrappedKey).toString().replace('wrapped ', '');
    const dataKey = this.#dataKeys.get(Buffer.from(wrappedKey).toString());
    if (!dataKey || !Buffer.from(dataKeyPlace(KEY, generation)).equals(aad)) throw new Error('wrong place');
    return dataKey;
  }

  #stored(): Stored | undefined {
    return this.#document && { key: KEY, ...this.#document, readAt: this.#time };
  }

  #update(read: Stored, change: ConnectionChange): { version: number } | 'conflict' {
    if (!this.#document || this.#document.version !== read.version) return 'conflict';
    const version = this.writeOver(this.#document.connection, change);
    return { version };
  }

  /** Applies a change without asking whether it still fits: what a store without compare-and-set does. */
  writeOver(connection: Connection, { sealed, authorizeAgain, lease, ...same }: ConnectionChange): number {
    const { sealed: s, authorizeAgain: a, lease: l, ...rest } = connection;
    const nextSealed = sealed === undefined ? s : sealed;
    const nextReason = authorizeAgain === undefined ? a : authorizeAgain;
    const nextLease = lease === undefined ? l : lease && { attempt: lease.attempt, startedAt: this.#time };
    this.#document = {
      version: ++this.#version,
      connection: {
        ...rest,
        ...same,
        updatedAt: this.#time,
        ...(nextSealed ? { sealed: nextSealed } : {}),
        ...(nextReason ? { authorizeAgain: nextReason } : {}),
        ...(nextLease ? { lease: nextLease } : {}),
      },
    };
    return this.#version;
  }

  #refresh(token: string): RefreshAnswer {
    const grant = [...this.#grants.values()].find(({ live, used }) => live.has(token) || used.has(token));
    if (grant?.used.has(token)) {
      this.reuseAlarms += 1;
      grant.alive = false;
    }
    if (!grant?.alive) return { kind: 'grant_dead', code: 'invalid_grant' };
    const tokens = { accessToken: `access-${this.#time}` };
    if (this.rotation === 'stable') return { kind: 'tokens', tokens };
    const refreshToken = this.#mint();
    grant.live.add(refreshToken);
    if (this.rotation === 'strict') {
      grant.live.delete(token);
      grant.used.add(token);
    }
    return { kind: 'tokens', tokens: { ...tokens, refreshToken } };
  }

  #mint(): string {
    return `refresh-${++this.#tokens}`;
  }
}
