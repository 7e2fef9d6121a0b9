/**
 * The world of a connection as a model: a database, a provider and a key service whose every effect is one step, which a
 * scheduler orders. The code under test is the real core; only its ports are modelled.
 *
 * One user, one provider, one account there. A stable provider ends everything that the user granted when one token is
 * revoked (as Google does), the others the one grant.
 */
import type fc from 'fast-check';
import type { Clock } from '../../functions/core/clock.ts';
import type { Connection, ConnectionKey } from '../../functions/core/connection.ts';
import { IntegrityError, Unavailable } from '../../functions/core/errors.ts';
import { randomId } from '../../functions/core/flow.ts';
import type {
  AccountIndex,
  CodeExchanger,
  CompletionStore,
  ConnectionChange,
  ConnectionRemover,
  ConnectionStore,
  KeyUnwrapper,
  KeyWrapper,
  NewConnection,
  PlaceStore,
  PolicyStore,
  RefreshAnswer,
  Refresher,
  RemovalQueue,
  Revoker,
  RewrapStore,
  RotationClass,
  Stored,
  Tokens,
  TombstoneStore,
} from '../../functions/core/ports.ts';
import { LEASE_MS } from '../../functions/core/refresh.ts';
import { refusalAfter } from '../support/refusal.ts';
import { Organization, type Step } from './organization.ts';

export const KEY: ConnectionKey = { tenant: 'org-1', user: 'user-1', provider: 'model' };
const MAX_TRANSACTION_TRIES = 5;
const SKEW_MS = 600_000;

/**
 * Refreshes: never sent, sent and not committed, committed and the answer lost; refused, as with 429 or for a reason that
 * no list names; the provider wants the user; an administrator forbids it; an answer of no use, with the token that came along.
 */
export type SendFault =
  | 'unsent'
  | 'lost'
  | 'committed'
  | 'refused'
  | 'unlisted'
  | 'user_needed'
  | 'organization_forbids'
  | 'unusable';

/** What goes wrong at the n-th call of a kind. */
export interface Faults {
  /** Updates: refused before they apply, or applied and the answer lost. */
  readonly updates: Readonly<Record<number, 'before' | 'after'>>;
  readonly sends: Readonly<Record<number, SendFault>>;
  readonly unwraps: readonly number[];
  /** Milliseconds that the n-th update, or the n-th refresh at the provider, takes. */
  readonly slowUpdates: Readonly<Record<number, number>>;
  readonly slowSends: Readonly<Record<number, number>>;
  /** By actor: the step after which its process is gone. */
  readonly crashes: Readonly<Record<number, number>>;
}

export const NO_FAULTS: Faults = { updates: {}, sends: {}, unwraps: [], slowUpdates: {}, slowSends: {}, crashes: {} };

/** What the user has granted once. */
interface Grant {
  alive: boolean;
  /** Refresh tokens that work; a strict provider has at most one. */
  readonly live: Set<string>;
  readonly used: Set<string>;
}

/** The ports of one process. */
export interface Ports {
  readonly connections: ConnectionStore & ConnectionRemover & AccountIndex & PlaceStore;
  readonly rewraps: Pick<RewrapStore, 'countByVersion' | 'wrappedBy'>;
  readonly policies: PolicyStore;
  readonly removals: RemovalQueue;
  readonly completions: CompletionStore;
  readonly tombstones: TombstoneStore;
  readonly keys: KeyWrapper & KeyUnwrapper;
  readonly provider: Refresher & Revoker & CodeExchanger;
  readonly clock: Clock;
}

export class World {
  readonly rotation: RotationClass;
  readonly organization = new Organization(KEY, () => this.#time);
  readonly #scheduler: fc.Scheduler;
  readonly #faults: Faults;
  #time = 1_000_000;
  #version = 0;
  #tokens = 0;
  readonly #calls = { update: 0, send: 0, unwrap: 0 };
  readonly #grants: Grant[] = [];
  readonly #wrapped = new Map<string, { dataKey: Uint8Array; place: string; version: string }>();
  readonly #disabled = new Set<string>();
  /** Of the key service's key. */
  #keyVersion = 1;
  readonly #inFlight = new Map<string, number>();
  readonly #claimed = new Set<string>();
  #document: { connection: Connection; version: number } | undefined;
  #deletedAt: number | undefined;
  /** Which flow wrote each life. What the invariants ask for afterwards, like the rest of these. */
  readonly lives = new Map<string, string>();
  /** Which grant the token of a life belongs to. */
  readonly #grantOfLife = new Map<string, Grant>();
  reuseAlarms = 0;
  mostInFlight = 0;
  /** A strict provider has committed an answer that nobody got. */
  provoked = false;
  /** A process was gone between a strict provider's rotation and the write of the new token. */
  lostByCrash = false;
  /** A whole grant was ended with a token of an old life, though the step before last could have seen a newer one. */
  tookNewGrant = false;
  /** Lives that somebody was told are removed, or that were. */
  readonly removed = new Set<string>();
  /** From here on nothing goes wrong and nobody waits. */
  calm = false;

  constructor(rotation: RotationClass, scheduler: fc.Scheduler, faults: Faults) {
    this.rotation = rotation;
    this.#scheduler = scheduler;
    this.#faults = faults;
  }

  get time(): number {
    return this.#time;
  }

  get document(): Connection | undefined {
    return this.#document?.connection;
  }

  get primary(): string {
    return `key.${this.#keyVersion}`;
  }

  get deletedAt(): number | undefined {
    return this.#deletedAt;
  }

  isGrantAlive({ generation }: Connection): boolean {
    return this.#grantOfLife.get(generation)?.alive ?? false;
  }

  /** The key service's key gets another primary version; the former one still unwraps. */
  rotateKey(): void {
    this.#keyVersion += 1;
  }

  disableFormerVersions(): void {
    for (let version = 1; version < this.#keyVersion; version++) this.#disabled.add(`key.${version}`);
  }

  /** Everything that was under way is over, one way or the other; nothing goes wrong any more. */
  settle(): void {
    this.calm = true;
    this.#inFlight.clear();
    this.#time += LEASE_MS;
  }

  process(actor: number): Ports {
    let steps = 0;
    let exchanged: Grant | undefined;
    /** A rotated token is here, and not yet stored. */
    let pending = false;
    const crashAfter = this.#faults.crashes[actor];
    /** The life that was there after each step of this process. */
    const present: (string | undefined)[] = [];
    /** One step: others may act before it. A process that is gone never comes back from it. */
    const step: Step = async (label) => {
      this.#time += 1;
      if (this.calm) return;
      await this.#scheduler.schedule(Promise.resolve(), `${actor}: ${label}`);
      present.push(this.document?.generation);
      if (crashAfter === undefined || steps++ < crashAfter) return;
      if (pending) this.lostByCrash = true;
      await new Promise<never>(() => {});
    };
    return {
      ...this.organization.ports(step),
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
          await step('list answered');
          return stored ? [{ ...stored, stray: false }] : [];
        },
        update: async (read, change) => {
          await step(`update ${Object.keys(change).join()}`);
          const call = this.#calls.update++;
          const fault = this.calm ? undefined : this.#faults.updates[call];
          const slow = this.calm ? 0 : (this.#faults.slowUpdates[call] ?? 0);
          if (fault === 'before') throw new Unavailable('database', 'fault', { applied: 'no' });
          const written = this.#update(read, change);
          if (written !== 'conflict' && change.revision !== undefined) pending = false;
          await step('update answered');
          this.#time += slow;
          if (fault === 'after') throw new Unavailable('database', 'fault', { applied: 'unknown' });
          return written;
        },
        remove: async (read) => {
          await step('remove');
          if (this.#document && this.#document.version !== read.version) return 'conflict';
          if (this.#document) this.removed.add(this.#document.connection.generation);
          this.#document = undefined;
          await step('remove answered');
          return 'removed';
        },
        hasOthers: async (_of, except) => {
          await step('has others');
          return this.#document !== undefined && except.length === 0;
        },
        some: async () => {
          await step('some');
          const stored = this.#stored();
          await step('some answered');
          return stored ? [stored] : [];
        },
        count: async () => (this.#document ? 1 : 0),
      },
      rewraps: {
        countByVersion: async () => {
          await step('count by version');
          const { sealed } = this.#document?.connection ?? {};
          const counts = new Map(sealed ? [[sealed.keyVersion, 1]] : []);
          await step('count by version answered');
          return counts;
        },
        wrappedBy: (version) => this.#wrappedBy(version, step),
      },
      completions: {
        claimFlow: async (flowId) => {
          await step('claim');
          const first = !this.#claimed.has(flowId);
          this.#claimed.add(flowId);
          return first;
        },
        // Optimistic, as Firestore's: what was read must be unchanged when it commits, else all of it again.
        store: async (_place, decide) => {
          for (let attempt = 0; attempt < MAX_TRANSACTION_TRIES; attempt++) {
            await step('transaction reads');
            const [present, deletedAt] = [this.#stored(), this.#deletedAt];
            const { policy, version } = this.organization;
            const decided = decide({
              policy,
              ...(deletedAt === undefined ? {} : { deletedAt }),
              ...(present ? { present } : {}),
            });
            await step('transaction commits');
            const changed = this.#document?.version !== present?.version || this.#deletedAt !== deletedAt;
            if (changed || this.organization.version !== version) continue;
            if (decided.write) this.#write(decided.write, exchanged);
            await step('transaction answered');
            return decided;
          }
          throw new Unavailable('database', 'contention');
        },
      },
      tombstones: {
        bury: async () => {
          await step('bury');
          this.#deletedAt = this.#time;
        },
      },
      keys: {
        wrap: async (dataKey, aad) => {
          await step('wrap');
          const name = randomId();
          this.#wrapped.set(name, { dataKey, place: Buffer.from(aad).toString(), version: this.primary });
          return { wrappedKey: Buffer.from(name), keyVersion: this.primary };
        },
        unwrap: async (wrappedKey, aad) => {
          await step('unwrap');
          const failing = !this.calm && this.#faults.unwraps.includes(this.#calls.unwrap++);
          if (failing) throw new Unavailable('key_service', 'fault');
          const found = this.#wrapped.get(Buffer.from(wrappedKey).toString());
          if (found?.place !== Buffer.from(aad).toString()) throw new IntegrityError('wrong place');
          if (this.#disabled.has(found.version)) throw new Unavailable('key_service', 'disabled', { needsOps: true });
          return found.dataKey;
        },
      },
      provider: {
        rotation: this.rotation,
        ends: this.rotation === 'stable' ? 'grant' : 'token',
        knowsAccounts: true,
        exchange: async () => {
          await step('exchange');
          const refreshToken = this.#mint();
          exchanged = { alive: true, live: new Set([refreshToken]), used: new Set() };
          this.#grants.push(exchanged);
          await step('exchange answered');
          const tokens = { accessToken: 'access', refreshToken };
          return { kind: 'tokens', tokens, account: { issuer: 'model', subject: 'account' } };
        },
        refresh: async ({ refreshToken }) => {
          await step('send');
          const call = this.#calls.send++;
          const fault = this.calm ? undefined : this.#faults.sends[call];
          const slow = this.calm ? 0 : (this.#faults.slowSends[call] ?? 0);
          this.#time += slow / 2;
          if (fault === 'unsent') return { kind: 'no_answer', sent: false, code: 'connect' };
          const inFlight = (this.#inFlight.get(refreshToken) ?? 0) + 1;
          this.#inFlight.set(refreshToken, inFlight);
          this.mostInFlight = Math.max(this.mostInFlight, inFlight);
          await step('at the provider');
          this.#time += slow / 2;
          const answer = this.#answer(refreshToken, fault);
          pending = this.rotation === 'strict' && answer.kind === 'tokens';
          await step('provider answered');
          this.#inFlight.set(refreshToken, inFlight - 1);
          if (answer.kind === 'tokens' && fault === 'unusable') {
            return { kind: 'unusable', code: 'token_type', ...refreshTokenOf(answer.tokens) };
          }
          if (fault !== 'committed') return answer;
          // Nobody can store what nobody has heard.
          pending = false;
          this.provoked = true;
          return { kind: 'no_answer', sent: true, code: 'reset' };
        },
        revoke: async (token) => {
          const grantThen = this.#grantOfLife.get(present.at(-2) ?? '');
          const isOld = grantThen !== undefined && !grantThen.live.has(token);
          if (this.rotation === 'stable' && isOld) this.tookNewGrant = true;
          await step('revoke');
          const known = this.#grants.filter(({ live, used }) => live.has(token) || used.has(token));
          for (const grant of this.rotation === 'stable' && known.length > 0 ? this.#grants : known)
            grant.alive = false;
          return 'revoked';
        },
      },
      clock: {
        // Nobody's clock is the database's.
        now: () => this.#time + (actor % 2 === 0 ? SKEW_MS : -SKEW_MS),
        elapsed: () => this.#time,
        sleep: async (milliseconds) => {
          await step('sleep');
          this.#time += milliseconds;
        },
      },
    };
  }

  /** Removes whatever is there: what a store without compare-and-set does. */
  erase(): void {
    this.#document = undefined;
  }

  /** Somebody writes what does not concern the broker. */
  writeNote(): void {
    if (this.#document) this.#document = { ...this.#document, version: ++this.#version };
  }

  /** Applies a change without asking whether it still fits: what a store without compare-and-set does. */
  writeOver(
    connection: Connection,
    { sealed, wrapped, authorizeAgain, refusal, lease, ...same }: ConnectionChange,
  ): number {
    const { sealed: s, authorizeAgain: a, refusal: r, lease: l, ...rest } = connection;
    const written = sealed === undefined ? s : sealed;
    const nextSealed = written && { ...written, ...wrapped };
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
        ...refusalAfter(r, refusal, this.#time),
        ...(nextLease ? { lease: nextLease } : {}),
      },
    };
    return this.#version;
  }

  async *#wrappedBy(version: string | undefined, step: Step): AsyncGenerator<Stored[]> {
    await step('wrapped by');
    const stored = this.#stored();
    await step('wrapped by answered');
    const { sealed } = stored?.connection ?? {};
    yield stored && sealed && sealed.keyVersion === version ? [stored] : [];
  }

  #stored(): Stored | undefined {
    return this.#document && { key: KEY, ...this.#document, readAt: this.#time };
  }

  #update(read: Stored, change: ConnectionChange): { version: number } | 'conflict' {
    if (!this.#document || this.#document.version !== read.version) return 'conflict';
    return { version: this.writeOver(this.#document.connection, change) };
  }

  #write(connection: NewConnection, grant: Grant | undefined): void {
    this.#document = {
      version: ++this.#version,
      connection: { ...connection, connectedAt: this.#time, updatedAt: this.#time },
    };
    this.lives.set(connection.generation, connection.attempt);
    if (grant) this.#grantOfLife.set(connection.generation, grant);
  }

  #answer(token: string, fault: SendFault | undefined): RefreshAnswer {
    switch (fault) {
      case 'lost':
        return { kind: 'no_answer', sent: true, code: 'timeout' };
      case 'refused':
        return { kind: 'refused', needsOps: false, code: 'too_many_requests' };
      case 'user_needed':
        return { kind: 'user_needed', code: 'interaction_required' };
      case 'organization_forbids':
        return { kind: 'organization_forbids', code: 'access_denied' };
      case 'unlisted':
        return { kind: 'refused', needsOps: false, code: 'out_of_the_blue', unlisted: true };
      default:
        return this.#refresh(token);
    }
  }

  #refresh(token: string): RefreshAnswer {
    const grant = this.#grants.find(({ live, used }) => live.has(token) || used.has(token));
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

const refreshTokenOf = ({ refreshToken }: Tokens) => (refreshToken === undefined ? {} : { refreshToken });
