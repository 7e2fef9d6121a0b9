/** What refusals leave in a connection's record, call after call, through the real refresh. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Connection, RefusalReason } from '../../functions/core/connection.ts';
import { connections as listConnections } from '../../functions/core/connections.ts';
import { newDataKey, seal, tokenPlace } from '../../functions/core/envelope.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import type {
  ConnectionChange,
  ConnectionStore,
  Event,
  RefreshAnswer,
  Refresher,
  RotationClass,
  Stored,
} from '../../functions/core/ports.ts';
import type { ProviderProfile } from '../../functions/core/provider.ts';
import { type RefreshOutcome, type RefreshRequest, refresh } from '../../functions/core/refresh.ts';
import { toldOncePerOrganization } from '../../functions/core/refusals.ts';
import { refusalAfter } from '../support/refusal.ts';

const KEY = { tenant: 'org-1', user: 'user-1', provider: 'notes' };
const MINUTE = 60_000;
const dataKey = newDataKey();
const profile: ProviderProfile = {
  name: 'notes',
  kind: 'oidc',
  flows: ['authorization_code'],
  catalogue: { integrations: { mail: { read: ['mail'] }, files: { read: ['files'] } } },
  stepwise: 'ask_for_all',
};

const UNLISTED: RefreshAnswer = { kind: 'refused', needsOps: false, code: 'out_of_the_blue', unlisted: true };
const THROTTLED: RefreshAnswer = { kind: 'refused', needsOps: false, code: 'http_429' };
const MISCONFIGURED: RefreshAnswer = {
  kind: 'refused',
  needsOps: true,
  code: 'invalid_request',
  detail: 'AADSTS9002327',
};
const USER_NEEDED: RefreshAnswer = { kind: 'user_needed', code: 'interaction_required' };
const FORBIDDEN: RefreshAnswer = { kind: 'organization_forbids', code: 'admin_policy_enforced' };
const SILENCE: RefreshAnswer = { kind: 'no_answer', sent: true, code: 'http_503' };
const HTML: RefreshAnswer = { kind: 'unusable', code: 'not_json' };
const BARE_400: RefreshAnswer = { kind: 'unusable', code: 'http_400', unlisted: true };
const GOOD: RefreshAnswer = { kind: 'tokens', tokens: { accessToken: 'access' } };
const ROTATED: RefreshAnswer = { kind: 'tokens', tokens: { accessToken: 'access', refreshToken: 'another' } };
const DEAD: RefreshAnswer = { kind: 'grant_dead', code: 'invalid_grant' };

/** One connection, its database's clock, and a provider that answers as told. */
const createWorld = (rotation: RotationClass, asksForScopes = false) => {
  let now = 1_000_000;
  let version = 1;
  let answer: RefreshAnswer = GOOD;
  let failsNext = false;
  let connection: Connection = {
    generation: 'life',
    revision: 1,
    scopes: ['mail', 'files'],
    account: 'account',
    attempt: 'first',
    connectedAt: 0,
    updatedAt: 0,
    sealed: { wrappedKey: dataKey, ciphertext: seal(dataKey, 'token', tokenPlace(KEY, 'life', 1)) },
  };
  const writes: ConnectionChange[] = [];
  const events: Event[] = [];
  const read = async (): Promise<Stored> => ({ key: KEY, connection, version, readAt: now });
  const connections: ConnectionStore = {
    read,
    update: async (found, change) => {
      if (failsNext) throw new Unavailable('database', 'down');
      if (found.version !== version) return 'conflict';
      const { lease, sealed, authorizeAgain, refusal, wrapped: _, ...rest } = change;
      const { lease: l, sealed: s, authorizeAgain: a, refusal: r, ...same } = connection;
      const held = lease === undefined ? l : lease && { attempt: lease.attempt, startedAt: now };
      const [kept, mark] = [sealed === undefined ? s : sealed, authorizeAgain === undefined ? a : authorizeAgain];
      connection = {
        ...same,
        ...rest,
        ...(held ? { lease: held } : {}),
        ...(kept ? { sealed: kept } : {}),
        ...(mark ? { authorizeAgain: mark } : {}),
        ...refusalAfter(r, refusal, now),
      };
      writes.push(change);
      return { version: ++version };
    },
  };
  const provider: Refresher = {
    rotation,
    ...(asksForScopes ? { asksForScopes } : {}),
    refresh: async () => answer,
  };
  const observe = toldOncePerOrganization((event) => void events.push(event));
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  const clock = { now: () => now, elapsed: () => now, sleep: async (ms: number) => pass(ms) };
  return {
    writes,
    events,
    connection: () => connection,
    pass,
    failWrites: (fails: boolean) => {
      failsNext = fails;
    },
    async call(next: RefreshAnswer, request: Partial<RefreshRequest> = {}): Promise<RefreshOutcome | Unavailable> {
      answer = next;
      const dependencies = { connections, provider, keys: { unwrap: async () => dataKey }, clock, observe };
      try {
        return await refresh(dependencies, await read(), { scopes: ['mail', 'files'], ...request });
      } catch (error) {
        if (error instanceof Unavailable) return error;
        throw error;
      }
    },
    async shown() {
      const list = async () => [{ ...(await read()), stray: false }];
      const [view] = await listConnections({ store: { list }, profiles: new Map([['notes', profile]]) }, KEY);
      return view?.authorizeAgain ?? 'active';
    },
  };
};
type World = ReturnType<typeof createWorld>;

const authorize = (reason: RefusalReason) => ({ kind: 'authorize', reason });

describe.each(['stable', 'tolerant', 'strict'] as const)('a %s provider', (rotation) => {
  let world: World;
  beforeEach(() => {
    world = createWorld(rotation);
  });

  test.each([
    ['user_needed', USER_NEEDED],
    ['organization_forbids', FORBIDDEN],
  ] as const)(
    '%s is final, is listed so, keeps the token and is over with the next success',
    async (reason, answer) => {
      expect(await world.call(answer)).toEqual(authorize(reason));
      expect(await world.shown()).toBe(reason);
      expect(world.connection()).toMatchObject({ revision: 1, generation: 'life' });
      expect(world.connection().sealed).toBeDefined();
      expect(world.connection().lease).toBeUndefined();
      expect(await world.call(GOOD)).toMatchObject({ kind: 'tokens' });
      expect(await world.shown()).toBe('active');
      expect(world.connection().refusal).toBeUndefined();
    },
  );

  test('a rotated token takes the mark away in the write that keeps it', async () => {
    await world.call(FORBIDDEN);
    world.writes.length = 0;
    expect(await world.call(ROTATED)).toMatchObject({ kind: 'tokens' });
    expect(world.connection()).toMatchObject({ revision: 2 });
    expect(world.connection().refusal).toBeUndefined();
    expect(world.writes.filter(({ refusal }) => refusal === null)).toMatchObject([{ revision: 2, refusal: null }]);
  });

  test('a mark is written once, and with a lease in the write that gives it back', async () => {
    await world.call(FORBIDDEN);
    await world.call(FORBIDDEN);
    await world.call(FORBIDDEN);
    const marks = world.writes.filter(({ refusal }) => refusal !== undefined);
    expect(marks).toHaveLength(1);
    if (rotation === 'strict') {
      expect(marks[0]).toHaveProperty('lease', null);
      expect(world.writes).toHaveLength(6);
    }
  });

  test('what no list names waits longer and longer, and is final after ten minutes', async () => {
    const waits: number[] = [];
    const first = await world.call(UNLISTED);
    expect(first).toMatchObject({ upstream: 'provider', needsOps: false, retryAfter: 1 });
    expect(await world.shown()).toBe('active');
    for (let waited = 0, wait = 1; waited + wait * 1000 < 10 * MINUTE; ) {
      world.pass(wait * 1000);
      waited += wait * 1000;
      const answer = await world.call(UNLISTED);
      if (!(answer instanceof Unavailable)) throw new Error(`final after ${waited} ms`);
      wait = answer.retryAfter;
      waits.push(wait);
    }
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
    expect(waits.at(-1)).toBe(60);
    expect(world.writes.filter(({ refusal }) => refusal !== undefined)).toHaveLength(1);
    world.pass(MINUTE);
    expect(await world.call(UNLISTED)).toEqual(authorize('provider_refuses'));
    expect(await world.shown()).toBe('provider_refuses');
    expect(world.connection().sealed).toBeDefined();
    expect(await world.call(GOOD)).toMatchObject({ kind: 'tokens' });
    expect(await world.shown()).toBe('active');
    // It begins anew.
    expect(await world.call(UNLISTED)).toMatchObject({ retryAfter: 1 });
  });

  test('the provider may ask for a longer wait', async () => {
    expect(await world.call({ ...UNLISTED, retryAfter: 300 })).toMatchObject({ retryAfter: 300 });
  });

  test('a client error without any code is such a refusal too: 502 at first, final after ten minutes', async () => {
    expect(await world.call(BARE_400)).toEqual({ kind: 'unusable' });
    world.pass(10 * MINUTE);
    expect(await world.call(BARE_400)).toEqual(authorize('provider_refuses'));
  });

  test('a broken server that calls the grant dead is 503, and final after ten minutes; nothing is given back early', async () => {
    const broken: RefreshAnswer = { kind: 'no_answer', sent: true, code: 'http_500', unlisted: true };
    expect(await world.call(broken)).toMatchObject({ retryAfter: rotation === 'strict' ? 45 : 1, applied: 'unknown' });
    expect(world.connection().lease !== undefined).toBe(rotation === 'strict');
    world.pass(10 * MINUTE);
    expect(await world.call(broken)).toEqual(authorize('provider_refuses'));
    expect(world.connection().sealed).toBeDefined();
  });

  test('load, an outage and an unusable answer never become "authorize again"', async () => {
    for (const answer of [THROTTLED, SILENCE, HTML]) {
      for (let minutes = 0; minutes < 60; minutes += 5) {
        expect(await world.call(answer)).not.toHaveProperty('kind', 'authorize');
        world.pass(5 * MINUTE);
      }
    }
    expect(world.connection().refusal).toBeUndefined();
    expect(await world.shown()).toBe('active');
  });

  test("an operator's mistake is 503 with a long wait, names its code, and marks nobody's connection", async () => {
    for (let minutes = 0; minutes < 60; minutes += 10) {
      expect(await world.call(MISCONFIGURED)).toMatchObject({
        message: 'provider: AADSTS9002327',
        needsOps: true,
        retryAfter: 60,
      });
      world.pass(10 * MINUTE);
    }
    expect(world.events).toContainEqual({
      event: 'operator_must_act',
      severity: 'ERROR',
      provider: 'notes',
      code: 'invalid_request',
      detail: 'AADSTS9002327',
    });
    expect(await world.shown()).toBe('active');
    expect(world.connection().refusal).toBeUndefined();
  });

  test('a call with claims of its own marks nothing, whatever it is answered', async () => {
    for (const answer of [UNLISTED, USER_NEEDED, FORBIDDEN]) {
      await world.call(answer, { claims: '{"access_token":{}}' });
      world.pass(20 * MINUTE);
    }
    expect(world.connection().refusal).toBeUndefined();
    expect(await world.call(UNLISTED)).toMatchObject({ retryAfter: 1 });
  });

  test('a dead grant after refusals leaves nothing of either', async () => {
    await world.call(FORBIDDEN);
    expect(await world.call(DEAD)).toEqual({ kind: 'authorize', reason: 'grant_dead' });
    expect(await world.shown()).toBe('grant_dead');
    expect(world.connection()).not.toHaveProperty('sealed');
    expect(world.connection()).not.toHaveProperty('refusal');
  });

  test('a mark that cannot be written changes no answer', async () => {
    world = createWorld('stable');
    world.failWrites(true);
    expect(await world.call(FORBIDDEN)).toEqual(authorize('organization_forbids'));
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'refusal_not_recorded' }));
    world.failWrites(false);
    expect(await world.call(FORBIDDEN)).toEqual(authorize('organization_forbids'));
    expect(await world.shown()).toBe('organization_forbids');
  });

  test('no sequence of refusals ends a connection, unlisted ones become final, and a success clears everything', async () => {
    const step = fc.record({
      answer: fc.constantFrom(UNLISTED, BARE_400, THROTTLED, MISCONFIGURED, USER_NEEDED, FORBIDDEN, SILENCE, HTML),
      claims: fc.boolean(),
      minutes: fc.nat({ max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const each = createWorld(rotation);
        for (const { answer, claims, minutes } of steps) {
          await each.call(answer, claims ? { claims: '{}' } : {});
          expect(each.connection()).toMatchObject({ generation: 'life', revision: 1 });
          expect(each.connection().sealed).toBeDefined();
          expect(each.connection()).not.toHaveProperty('authorizeAgain');
          // A lost answer's lease runs out by itself.
          each.pass(minutes * MINUTE + 45_000);
        }
        await each.call(UNLISTED);
        each.pass(10 * MINUTE);
        expect(await each.call(UNLISTED)).toEqual(authorize('provider_refuses'));
        expect(await each.shown()).toBe('provider_refuses');
        expect(await each.call(GOOD)).toMatchObject({ kind: 'tokens' });
        expect(each.connection()).not.toHaveProperty('refusal');
        expect(await each.shown()).toBe('active');
      }),
      { numRuns: 150 },
    );
  });
});

describe('a provider that is asked for the scopes of the call alone', () => {
  let world: World;
  const mail = { scopes: ['mail'] };
  const files = { scopes: ['files'] };
  beforeEach(() => {
    world = createWorld('tolerant', true);
  });

  test('what one integration is refused marks the whole only until another one works, and nobody writes in turns', async () => {
    expect(await world.call(USER_NEEDED, mail)).toEqual(authorize('user_needed'));
    expect(await world.shown()).toBe('user_needed');
    for (let turn = 0; turn < 3; turn++) {
      expect(await world.call(GOOD, files)).toMatchObject({ kind: 'tokens' });
      expect(await world.shown()).toBe('active');
      expect(await world.call(USER_NEEDED, mail)).toEqual(authorize('user_needed'));
      expect(await world.shown()).toBe('active');
    }
    expect(world.writes).toHaveLength(2);
    expect(await world.call(GOOD, mail)).toMatchObject({ kind: 'tokens' });
    expect(world.connection()).not.toHaveProperty('refusal');
  });

  test('a consent that is missing for the scopes of one call says nothing about the others', async () => {
    expect(await world.call({ ...USER_NEEDED, ofScopes: true }, mail)).toEqual(authorize('user_needed'));
    expect(await world.shown()).toBe('active');
    expect(await world.call({ ...USER_NEEDED, ofScopes: true }, files)).toEqual(authorize('user_needed'));
    expect(await world.shown()).toBe('user_needed');
  });

  test('what no list names becomes final for one integration though another one works', async () => {
    await world.call(UNLISTED, mail);
    for (let minutes = 0; minutes < 10; minutes++) {
      world.pass(MINUTE);
      expect(await world.call(GOOD, files)).toMatchObject({ kind: 'tokens' });
    }
    expect(await world.call(UNLISTED, mail)).toEqual(authorize('provider_refuses'));
    expect(await world.shown()).toBe('active');
  });

  test('scopes that the grant does not have are asked for, and mark nothing', async () => {
    const answer: RefreshAnswer = { kind: 'refused', needsOps: false, code: 'invalid_scope', ofScopes: true };
    expect(await world.call(answer, mail)).toEqual({
      kind: 'authorize',
      reason: 'scope_not_granted',
      missing: ['mail'],
    });
    expect(world.writes).toEqual([]);
  });
});

test('ops hear once of what an organization forbids, however many of its users meet it', async () => {
  const events: Event[] = [];
  const observe = toldOncePerOrganization((event) => void events.push(event));
  for (const tenant of ['org-1', 'org-1', 'org-2', 'org-1']) {
    observe({ event: 'connection_refused', severity: 'WARNING', tenant, reason: 'organization_forbids', code: 'x' });
  }
  expect(events.map(({ severity }) => severity)).toEqual(['ERROR', 'INFO', 'ERROR', 'INFO']);
});
