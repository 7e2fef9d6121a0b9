/** How long a caller waits for its turn at a strict provider while others take theirs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { systemClock } from '../../functions/core/clock.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { newDataKey, seal, tokenPlace } from '../../functions/core/envelope.ts';
import type { ConnectionChange, ConnectionStore, Refresher, Stored } from '../../functions/core/ports.ts';
import { refresh } from '../../functions/core/refresh.ts';
import { refusalAfter } from '../support/refusal.ts';

const KEY = { tenant: 'org-1', user: 'user-1', provider: 'notes' };
const dataKey = newDataKey();

const changed = (
  before: Connection,
  { lease, sealed, authorizeAgain, refusal, ...rest }: ConnectionChange,
): Connection => {
  const { lease: held, sealed: kept, authorizeAgain: marked, refusal: refused, ...same } = before;
  const next = lease === undefined ? held : lease && { attempt: lease.attempt, startedAt: performance.now() };
  const [nextSealed, nextMark] = [
    sealed === undefined ? kept : sealed,
    authorizeAgain === undefined ? marked : authorizeAgain,
  ];
  return {
    ...same,
    ...rest,
    ...(next ? { lease: next } : {}),
    ...(nextSealed ? { sealed: nextSealed } : {}),
    ...(nextMark ? { authorizeAgain: nextMark } : {}),
    ...refusalAfter(refused, refusal, performance.now()),
  };
};

/** One connection in a database that takes its time. */
const createStore = (): ConnectionStore => {
  let version = 1;
  let connection: Connection = {
    generation: 'life',
    revision: 1,
    scopes: [],
    account: 'account',
    attempt: 'first',
    connectedAt: 0,
    updatedAt: 0,
    sealed: { wrappedKey: dataKey, ciphertext: seal(dataKey, 'refresh-1', tokenPlace(KEY, 'life', 1)) },
  };
  return {
    read: async (): Promise<Stored> => {
      await sleep(3);
      return { key: KEY, connection, version, readAt: performance.now() };
    },
    update: async (read, change) => {
      await sleep(4);
      if (read.version !== version) return 'conflict';
      connection = changed(connection, change);
      version += 1;
      return { version };
    },
  };
};

/** Each refresh token is good once. */
const createProvider = (): Refresher => {
  let live = 1;
  return {
    rotation: 'strict',
    refresh: async ({ refreshToken }) => {
      await sleep(10);
      if (refreshToken !== `refresh-${live}`) return { kind: 'grant_dead', code: 'invalid_grant' };
      live += 1;
      return { kind: 'tokens', tokens: { accessToken: 'access', refreshToken: `refresh-${live}` } };
    },
  };
};

test('32 instances ask at once: nobody is sent away before five seconds of waiting', async () => {
  const connections = createStore();
  const first = await connections.read(KEY);
  if (!first) throw new Error('nothing is stored');
  const dependencies = {
    connections,
    provider: createProvider(),
    keys: { unwrap: async () => dataKey },
    clock: systemClock,
    observe: () => {},
  };
  const begun = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: 32 }, async () => {
      const { kind } = await refresh(dependencies, first, { scopes: [] });
      return { kind, after: performance.now() - begun };
    }),
  );
  expect(outcomes.filter(({ kind }) => kind !== 'tokens' && kind !== 'busy')).toEqual([]);
  expect(outcomes.filter(({ kind, after }) => kind === 'busy' && after < 5_000)).toEqual([]);
  // More of them than a call has turns.
  expect(outcomes.filter(({ kind }) => kind === 'tokens').length).toBeGreaterThan(16);
}, 30_000);
