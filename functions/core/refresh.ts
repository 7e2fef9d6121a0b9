/**
 * The refresh: load, unwrap, take a turn, send, seal, compare-and-set, answer. Why each step stands where it stands is
 * told in docs/refresh.md.
 */

import { encodeClaims } from './claims.ts';
import { type Clock, jitter } from './clock.ts';
import { commit } from './commit.ts';
import type { AuthorizationReason, ConnectionKey, RefusalReason, SealedToken } from './connection.ts';
import { dataKeyPlace, open, seal, tokenPlace } from './envelope.ts';
import { IntegrityError, Unavailable } from './errors.ts';
import { randomId } from './flow.ts';
import {
  type ConnectionChange,
  type ConnectionStore,
  DATABASE_TIME,
  type KeyUnwrapper,
  type Observe,
  type ProviderFault,
  type RefreshAnswer,
  type Refresher,
  type Revoker,
  type Stored,
  type Tokens,
} from './ports.ts';
import { quarantine } from './quarantine.ts';
import {
  afterRefusal,
  afterSuccess,
  connectionRefused,
  FINAL_MS,
  operatorMustAct,
  refusedFor,
  waitAfter,
} from './refusals.ts';

/**
 * How long a lease keeps others away: longer than all that its holder may take. 5 s until it sends (5 s more for a
 * provider's metadata), 10 s for the provider, 8 s to begin writes, of which the last and a look at what it met take 5 s each.
 */
export const LEASE_MS = 45_000;
/** A lease that is older than this is not used to send: its holder may have been frozen. */
const SEND_WITHIN_MS = 5_000;
/** How long a caller waits for its turn. */
const WAIT_MS = 5_000;
/** How long the write of a rotated token is begun again; the last one may take a database deadline (5 s) longer. */
const WRITE_MS = 8_000;
/** How long giving back a lease is begun again: the caller waits for it. */
const RELEASE_MS = 1_000;
const POLL_MS = 150;
/** A grant that was found dead is tried again only with a token that somebody else has stored meanwhile. */
const MAX_TURNS = 4;

export interface RefreshDependencies {
  readonly connections: ConnectionStore;
  readonly keys: KeyUnwrapper;
  readonly provider: Refresher & Partial<Revoker>;
  readonly clock: Clock;
  readonly observe: Observe;
  /** `seal` of the envelope. A parameter, so that the model can show what goes wrong with another one. */
  readonly seal?: (dataKey: Uint8Array, token: string, place: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

export interface RefreshRequest {
  readonly scopes: readonly string[];
  /** A claims challenge, JSON text. */
  readonly claims?: string;
}

export type RefreshOutcome =
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  | {
      readonly kind: 'authorize';
      readonly reason: AuthorizationReason;
      readonly claims?: string;
      /** With `scope_not_granted`. */
      readonly missing?: readonly string[];
    }
  | { readonly kind: 'busy'; readonly retryAfter: number }
  | { readonly kind: 'unusable' };

/**
 * Gets fresh tokens for a stored connection and keeps what the provider rotated.
 * Throws `Unavailable` (nothing changed, or unknown) and `IntegrityError` (the record is quarantined).
 */
export const refresh = async (
  dependencies: RefreshDependencies,
  first: Stored,
  request: RefreshRequest,
): Promise<RefreshOutcome> => {
  let stored: Stored | undefined = first;
  let opened: Opened | undefined;
  const waitUntil = dependencies.clock.elapsed() + WAIT_MS;
  for (let turns = 0; turns < MAX_TURNS; ) {
    if (!stored) return noConnection;
    if (!stored.connection.sealed) return authorizeAgain(stored);
    opened = await openToken(dependencies, stored, opened);
    const held: Turn =
      dependencies.provider.rotation === 'strict'
        ? await takeTurn(dependencies, opened.stored, waitUntil)
        : { kind: 'turn', stored: opened.stored };
    switch (held.kind) {
      case 'busy':
        return held;
      case 'changed':
        // Others take their turns: this caller waits on, until its time is up.
        if (dependencies.clock.elapsed() >= waitUntil) return { kind: 'busy', retryAfter: 1 };
        stored = held.stored;
        continue;
      case 'turn': {
        turns += 1;
        const settled = await useTurn(dependencies, held, opened, request);
        if (settled.kind !== 'changed') return settled;
        stored = settled.stored;
      }
    }
  }
  return { kind: 'busy', retryAfter: 1 };
};

const noConnection = { kind: 'authorize', reason: 'no_connection' } as const;
const authorizeAgain = (stored: Stored) =>
  ({ kind: 'authorize', reason: stored.connection.authorizeAgain ?? 'grant_dead' }) as const;

/** What is stored is no longer what was read: look again. */
interface Changed {
  readonly kind: 'changed';
  readonly stored: Stored | undefined;
}
/** `at`: of this process's own monotonic clock, before the lease was written. */
interface HeldLease {
  readonly attempt: string;
  readonly at: number;
}
/** It is this attempt's turn to send. */
type Turn =
  | { readonly kind: 'turn'; readonly stored: Stored; readonly lease?: HeldLease }
  | { readonly kind: 'busy'; readonly retryAfter: number }
  | Changed;
type HeldTurn = Extract<Turn, { kind: 'turn' }>;

interface Opened {
  readonly stored: Stored;
  readonly sealed: SealedToken;
  readonly dataKey: Uint8Array;
  readonly token: string;
}

/** The preflight: whatever needs the key service happens before the provider is asked, so that nothing after a rotation does. */
const openToken = async (
  dependencies: RefreshDependencies,
  stored: Stored,
  before: Opened | undefined,
): Promise<Opened> => {
  const { key, connection } = stored;
  const { generation, revision, sealed } = connection;
  if (!sealed) throw new IntegrityError('nothing to open');
  try {
    // One life has one data key: what another turn of the same call has unwrapped need not be asked for again.
    const dataKey =
      before && sameLife(before.stored, stored)
        ? before.dataKey
        : await dependencies.keys.unwrap(sealed.wrappedKey, dataKeyPlace(key, generation));
    const token = open(dataKey, sealed.ciphertext, tokenPlace(key, generation, revision));
    return { stored: await liftQuarantine(dependencies, stored), sealed, dataKey, token };
  } catch (error) {
    if (error instanceof IntegrityError) await quarantine(dependencies, stored);
    throw error;
  }
};

/** The record opens after all: what kept it from opening was not in the record. */
const liftQuarantine = async ({ connections }: RefreshDependencies, stored: Stored): Promise<Stored> => {
  if (!stored.connection.authorizeAgain) return stored;
  const written = await connections.update(stored, { authorizeAgain: null });
  return written === 'conflict' ? stored : { ...stored, version: written.version };
};

/** Waits for the lease of a strict provider's connection, and takes it. */
const takeTurn = async (dependencies: RefreshDependencies, opened: Stored, waitUntil: number): Promise<Turn> => {
  const { connections, clock } = dependencies;
  let stored = opened;
  for (;;) {
    const { lease } = stored.connection;
    // Both times are the database's own: no instance's clock decides when a lease is over.
    if (!lease || stored.readAt - lease.startedAt >= LEASE_MS) {
      const at = clock.elapsed();
      const attempt = randomId();
      const taken = await commit(dependencies, stored, {
        change: () => ({ lease: { attempt, startedAt: DATABASE_TIME } }),
        isMine: (found) => found.connection.lease?.attempt === attempt,
        mayWriteOver: (found) =>
          sameToken(found, stored) && found.connection.lease?.attempt === stored.connection.lease?.attempt,
        until: at + SEND_WITHIN_MS,
      });
      if (taken.kind === 'written') return { kind: 'turn', stored: taken.stored, lease: { attempt, at } };
      if (!taken.stored || !sameToken(taken.stored, opened)) return { kind: 'changed', stored: taken.stored };
      stored = taken.stored;
    }
    if (clock.elapsed() >= waitUntil) return { kind: 'busy', retryAfter: leaseLeft(stored) };
    await clock.sleep(jitter(POLL_MS));
    const found = await connections.read(stored.key);
    // Another's rotation, a disconnect or a new life: the token in hand is not the one to send.
    if (!found || !sameToken(found, opened)) return { kind: 'changed', stored: found };
    stored = found;
  }
};

/** Seconds: soon where others take their turns, the rest of the lease where its holder seems to be gone. */
const leaseLeft = ({ readAt, connection: { lease } }: Stored): number => {
  const age = lease ? readAt - lease.startedAt : 0;
  return age < WAIT_MS ? 1 : Math.ceil(Math.max(1_000, LEASE_MS - age) / 1000);
};

const useTurn = async (
  dependencies: RefreshDependencies,
  turn: HeldTurn,
  opened: Opened,
  request: RefreshRequest,
): Promise<RefreshOutcome | Changed> => {
  const { provider, clock, observe } = dependencies;
  const { stored, lease } = turn;
  const { key } = stored;
  const isLate = () => lease !== undefined && clock.elapsed() - lease.at > SEND_WITHIN_MS;
  if (isLate()) {
    await settle(dependencies, turn);
    return { kind: 'busy', retryAfter: 1 };
  }
  const send = () => provider.refresh({ refreshToken: opened.token, ...request });
  const begun = clock.elapsed();
  const first = await send();
  // A second call only when no byte of the first left this process, and the lease still covers it.
  const answer = first.kind === 'no_answer' && !first.sent && !isLate() ? await send() : first;
  observe({
    event: 'refresh',
    severity: answer.kind === 'tokens' ? 'INFO' : 'WARNING',
    ...subject(key),
    rotation: provider.rotation,
    outcome: answer.kind,
    ...(answer.kind === 'tokens' ? {} : fault(answer)),
    milliseconds: Math.round(clock.elapsed() - begun),
  });

  if (answer.kind !== 'tokens' && answer.refreshToken !== undefined && answer.refreshToken !== opened.token) {
    return keepRescued(dependencies, stored, opened, answer.refreshToken, answer);
  }
  switch (answer.kind) {
    case 'tokens': {
      const { refreshToken } = answer.tokens;
      const served = provider.asksForScopes ? request.scopes : undefined;
      if (refreshToken === undefined || refreshToken === opened.token) {
        await settle(dependencies, turn, (present) => afterSuccess(present.connection, served));
        return answer;
      }
      return keepRotated(dependencies, stored, opened, refreshToken, answer, (present) =>
        afterSuccess(present.connection, served),
      );
    }
    case 'grant_dead':
      return bury(dependencies, stored);
    case 'user_needed':
      await recordRefusal(dependencies, turn, request, answer, answer.kind);
      return {
        kind: 'authorize',
        reason: 'user_needed',
        ...(answer.claims === undefined ? {} : { claims: encodeClaims(answer.claims) }),
      };
    case 'organization_forbids':
      await recordRefusal(dependencies, turn, request, answer, answer.kind);
      return { kind: 'authorize', reason: 'organization_forbids' };
    case 'refused':
      return refused(dependencies, turn, request, answer);
    case 'no_answer':
      return notAnswered(dependencies, turn, request, answer);
    case 'unusable':
      if (answer.incomplete) return { kind: 'unusable' };
      if (answer.unlisted) {
        return (await recordUnlisted(dependencies, turn, request, answer)) ?? { kind: 'unusable' };
      }
      await settle(dependencies, turn);
      return { kind: 'unusable' };
  }
};

/** Throws `Unavailable` unless a refusal that came this way is final. */
const notAnswered = async (
  dependencies: RefreshDependencies,
  turn: HeldTurn,
  request: RefreshRequest,
  answer: Extract<RefreshAnswer, { kind: 'no_answer' }>,
): Promise<RefreshOutcome> => {
  // A strict provider may still commit what was sent: its lease runs out by itself, so that nobody sends again now.
  const mayCommit = answer.sent && !answer.decided;
  if (answer.unlisted) {
    const held: HeldTurn = mayCommit ? { kind: 'turn', stored: turn.stored } : turn;
    const final = await recordUnlisted(dependencies, held, request, answer);
    if (final) return final;
  } else if (!mayCommit) await settle(dependencies, turn);
  throw new Unavailable('provider', answer.code, {
    applied: mayCommit ? 'unknown' : 'no',
    // Not before the lease is over, whatever the provider says: until then nobody gets a turn.
    retryAfter: Math.max(answer.retryAfter ?? 1, mayCommit && turn.lease !== undefined ? LEASE_MS / 1000 : 1),
  });
};

/**
 * A refresh token in an answer that is refused is kept before anything else: the one that was sent may be spent. What the
 * rest of the answer meant, the next call finds out with it. Throws `Unavailable` where the answer was not all there.
 */
const keepRescued = async (
  dependencies: RefreshDependencies,
  stored: Stored,
  opened: Opened,
  refreshToken: string,
  answer: Exclude<RefreshAnswer, { kind: 'tokens' }>,
): Promise<RefreshOutcome | Changed> => {
  const kept = await keepRotated(dependencies, stored, opened, refreshToken, { kind: 'unusable' });
  if (kept.kind === 'unusable' && (answer.kind === 'no_answer' || answer.kind === 'refused')) {
    throw new Unavailable('provider', answer.code, { retryAfter: answer.retryAfter ?? 1 });
  }
  return kept;
};

/** Throws `Unavailable` unless the refusal is final. */
const refused = async (
  dependencies: RefreshDependencies,
  turn: HeldTurn,
  request: RefreshRequest,
  answer: Extract<RefreshAnswer, { kind: 'refused' }>,
): Promise<RefreshOutcome> => {
  const { code, needsOps, retryAfter } = answer;
  if (needsOps) {
    await settle(dependencies, turn);
    throw operatorMustAct(dependencies.observe, turn.stored.key.provider, answer);
  }
  // The grant does not have these scopes (RFC 6749 section 6): a matter of this call, not of the connection.
  if (answer.ofScopes && request.claims === undefined) {
    await settle(dependencies, turn);
    return { kind: 'authorize', reason: 'scope_not_granted', missing: request.scopes };
  }
  if (!answer.unlisted) {
    await settle(dependencies, turn);
    throw new Unavailable('provider', code, retryAfter === undefined ? {} : { retryAfter });
  }
  const final = await recordUnlisted(dependencies, turn, request, answer);
  if (final) return final;
  const { connection, readAt } = turn.stored;
  throw new Unavailable('provider', code, { retryAfter: waitAfter(refusedFor(connection, readAt), retryAfter) });
};

/** @returns what is final about a refusal that no list names, once it has lasted for ten minutes */
const recordUnlisted = async (
  dependencies: RefreshDependencies,
  turn: HeldTurn,
  request: RefreshRequest,
  answer: Extract<RefreshAnswer, { kind: 'refused' | 'no_answer' | 'unusable' }>,
): Promise<RefreshOutcome | undefined> => {
  const isFinal = refusedFor(turn.stored.connection, turn.stored.readAt) >= FINAL_MS;
  await recordRefusal(dependencies, turn, request, answer, isFinal ? 'provider_refuses' : undefined);
  return isFinal ? { kind: 'authorize', reason: 'provider_refuses' } : undefined;
};

/** Ends the turn, and records the refusal in the same write. A call with claims of its own says nothing about others. */
const recordRefusal = async (
  dependencies: RefreshDependencies,
  turn: HeldTurn,
  { scopes, claims }: RefreshRequest,
  answer: ProviderFault & { readonly ofScopes?: true },
  reason: RefusalReason | undefined,
): Promise<void> => {
  if (claims !== undefined) return settle(dependencies, turn);
  const refusal = { scopes, ofScopes: answer.ofScopes === true, ...(reason === undefined ? {} : { reason }) };
  await settle(
    dependencies,
    turn,
    (present) => afterRefusal(present.connection, refusal),
    () => {
      if (reason === undefined || reason === turn.stored.connection.refusal?.reason) return;
      dependencies.observe(connectionRefused(turn.stored.key, reason, answer));
    },
  );
};

/** The provider rotated: from here on, losing the new token may lose the connection. */
const keepRotated = async (
  dependencies: RefreshDependencies,
  stored: Stored,
  { dataKey, sealed }: Opened,
  refreshToken: string,
  outcome: RefreshOutcome,
  refusalIn: RefusalIn = () => undefined,
): Promise<RefreshOutcome | Changed> => {
  const { key, connection } = stored;
  const { generation } = connection;
  const revision = connection.revision + 1;
  const attempt = randomId();
  const ciphertext = await (dependencies.seal ?? seal)(dataKey, refreshToken, tokenPlace(key, generation, revision));
  const kept = await commit(dependencies, stored, {
    change: (present) => ({
      revision,
      // One life has one data key; how it is wrapped may have changed meanwhile, and that stays.
      sealed: { ...(present.connection.sealed ?? sealed), ciphertext },
      attempt,
      lease: null,
      authorizeAgain: null,
      ...member(refusalIn(present)),
    }),
    isMine: (found) => found.connection.attempt === attempt,
    // Also over a mark "dead" that another attempt made with the token that this one has just replaced.
    mayWriteOver: (found) => sameLife(found, stored) && found.connection.revision === connection.revision,
    until: dependencies.clock.elapsed() + WRITE_MS,
  });
  if (kept.kind === 'written' || (kept.stored && sameLife(kept.stored, stored))) return outcome;
  // A new life: this token is not of it. It is not revoked, the provider might end the new grant as well.
  if (kept.stored) return { kind: 'changed', stored: kept.stored };
  // Whose connections would end with more than this token, nobody here may look up.
  if (dependencies.provider.ends === 'token') await dependencies.provider.revoke?.(refreshToken);
  return noConnection;
};

/** The provider says that the grant is dead. True only if nobody has stored a newer token meanwhile. */
const bury = async (dependencies: RefreshDependencies, stored: Stored): Promise<RefreshOutcome | Changed> => {
  const attempt = randomId();
  const found = await dependencies.connections.read(stored.key);
  if (!found || !sameToken(found, stored)) return { kind: 'changed', stored: found };
  const marked = await commit(dependencies, found, {
    change: () => ({ authorizeAgain: 'grant_dead', sealed: null, refusal: null, lease: null, attempt }),
    isMine: (now) => now.connection.attempt === attempt,
    mayWriteOver: (now) => sameToken(now, stored),
    until: dependencies.clock.elapsed() + WRITE_MS,
  });
  if (marked.kind === 'lost') return { kind: 'changed', stored: marked.stored };
  dependencies.observe({ event: 'grant_dead', ...subject(stored.key) });
  return { kind: 'authorize', reason: 'grant_dead' };
};

/** What a turn's end changes of the recorded refusal; `undefined`: nothing. */
type RefusalIn = (present: Stored) => ConnectionChange['refusal'];
const member = (refusal: ConnectionChange['refusal']) => (refusal === undefined ? {} : { refusal });

/**
 * Ends a turn in one write: gives the lease back, so that the next one can send at once, and records what was refused or is
 * refused no more. Without either it writes nothing. If it fails, a lease runs out by itself, and the next call records.
 */
const settle = async (
  dependencies: RefreshDependencies,
  { stored, lease }: HeldTurn,
  refusalIn: RefusalIn = () => undefined,
  recorded: () => void = () => {},
): Promise<void> => {
  if (lease === undefined && refusalIn(stored) === undefined) return;
  const { clock, observe } = dependencies;
  const holds = (found: Stored) => found.connection.lease?.attempt === lease?.attempt;
  try {
    const { kind } = await commit(dependencies, stored, {
      change: (present) => ({ ...(lease ? { lease: null } : {}), ...member(refusalIn(present)) }),
      isMine: (found) => (lease ? !found.connection.lease : refusalIn(found) === undefined),
      // Never over another token, nor over the lease of somebody else.
      mayWriteOver: (found) => (lease ? holds(found) : sameToken(found, stored)),
      until: clock.elapsed() + RELEASE_MS,
    });
    if (kind === 'written') recorded();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const event = lease ? 'lease_not_released' : 'refusal_not_recorded';
    observe({ event, severity: 'WARNING', ...subject(stored.key) });
  }
};

const sameLife = (one: Stored, other: Stored): boolean => one.connection.generation === other.connection.generation;
const sameToken = (one: Stored, other: Stored): boolean =>
  sameLife(one, other) && one.connection.revision === other.connection.revision && one.connection.sealed !== undefined;

const subject = ({ tenant, provider }: ConnectionKey) => ({ tenant, provider });
const fault = (answer: Exclude<RefreshAnswer, { kind: 'tokens' }>) => ({
  code: answer.code,
  ...(answer.detail === undefined ? {} : { detail: answer.detail }),
});
