import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../functions/core/clock.ts';
import { digest } from '../../functions/core/flow.ts';
import {
  type DirectoryStatus,
  type HandOver,
  newSession,
  redeem,
  renew,
  type SessionDependencies,
  type SessionRecord,
  type SessionStore,
  signOut,
  signOutEverywhere,
  type UserRecord,
} from '../../functions/core/sessions.ts';

const owner = { tenant: 'org-1', user: 'user-1' };
const organization = {
  tenant: 'org-1',
  googleDomains: ['org-1.example'],
  microsoftTenants: [],
  firstSignIn: 'create' as const,
  admins: ['user-1'],
};

/** A world in memory, with a clock of its own. */
const world = () => {
  const state = {
    time: 1_800_000_000_000,
    sessions: new Map<string, SessionRecord>(),
    offers: new Map<string, HandOver>(),
    user: { inDirectory: false, name: 'One' } as UserRecord | undefined,
    status: undefined as DirectoryStatus | undefined,
    beforeTouch: () => {},
  };
  const { sessions, offers } = state;
  const store: SessionStore = {
    create: async (id, session) => void sessions.set(id, session),
    read: async (id) => {
      const session = sessions.get(id);
      return session && { session, ...(state.user ? { user: state.user } : {}) };
    },
    touch: async (id, renewedAt) => {
      state.beforeTouch();
      const session = sessions.get(id);
      if (session) sessions.set(id, { ...session, renewedAt });
      return session !== undefined;
    },
    end: async (id) => void sessions.delete(id),
    endAll: async () => {
      sessions.clear();
      offers.clear();
    },
    offer: async (id, handOver) => void offers.set(id, handOver),
    readOffer: async (id) => offers.get(id),
    redeem: async (offerId, id, session) => {
      const taken = offers.delete(offerId);
      if (taken) sessions.set(id, session);
      return taken;
    },
  };
  const clock = { ...systemClock, now: () => state.time };
  const limits = { sessionSeconds: 12 * 3600, idleSeconds: 3600 };
  const issuing = {
    signer: { keyId: 'k', sign: async () => new Uint8Array(64) },
    issuer: 'https://broker.example',
    audience: 'a',
    clock,
  };
  const dependencies: SessionDependencies = {
    store,
    directory: { status: async () => state.status },
    organizations: [organization],
    issuing,
    adminRole: 'admin',
    limits,
    clock,
    observe: () => {},
  };
  const begin = (token: string, holder: SessionRecord['holder'] = 'browser') =>
    sessions.set(digest(token), newSession(owner, holder, limits, state.time));
  const offer = (code: string, verifier: string) =>
    offers.set(digest(code), { ...owner, challenge: digest(verifier), expiresAt: state.time + 60_000 });
  return { state, dependencies, begin, offer };
};

const asBrowser = { token: 't', holder: 'browser' } as const;

describe('renewal', () => {
  test('S18 as long as the session is there, with who the user is now', async () => {
    const { dependencies, begin } = world();
    begin('t');
    const session = await renew(dependencies, asBrowser);
    expect(session).toMatchObject({ expiresIn: 300, user: { ...owner, name: 'One', roles: ['admin'] } });
    const [, payload = ''] = session?.token.split('.') ?? [];
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ sub: 'user-1', tenant: 'org-1' });
    expect(await renew(dependencies, { ...asBrowser, token: 'other' })).toBeUndefined();
  });

  test('S18 not after twelve hours, however often; not after an hour without', async () => {
    const { state, dependencies, begin } = world();
    begin('t');
    for (let hour = 0; hour < 11; hour++) {
      state.time += 3600_000 - 1;
      expect(await renew(dependencies, asBrowser)).toBeDefined();
    }
    state.time += 3600_000;
    expect(await renew(dependencies, asBrowser)).toBeUndefined();
    state.time -= 3600_000 - 2_000;
    expect(await renew(dependencies, asBrowser)).toBeDefined();
    state.time += 3600_000;
    expect(await renew(dependencies, asBrowser)).toBeUndefined();
  });

  test('S18 a sign-out that comes while it is under way wins', async () => {
    const { state, dependencies, begin } = world();
    begin('t');
    state.beforeTouch = () => state.sessions.clear();
    expect(await renew(dependencies, asBrowser)).toBeUndefined();
    expect(state.sessions.size).toBe(0);
  });

  test("S18 the browser's token is none of the backend's, nor one tenant's another's", async () => {
    const { dependencies, begin } = world();
    begin('t');
    begin('b', 'backend');
    expect(await renew(dependencies, { token: 't', holder: 'backend', tenant: 'org-1' })).toBeUndefined();
    expect(await renew(dependencies, { token: 'b', holder: 'browser' })).toBeUndefined();
    expect(await renew(dependencies, { token: 'b', holder: 'backend', tenant: 'org-2' })).toBeUndefined();
    expect(await renew(dependencies, { token: 'b', holder: 'backend', tenant: 'org-1' })).toBeDefined();
  });

  test('not of somebody who is not let in any more', async () => {
    const { state, dependencies, begin } = world();
    begin('t');
    state.status = 'suspended';
    expect(await renew(dependencies, asBrowser)).toBeUndefined();
    state.status = 'active';
    expect(await renew(dependencies, asBrowser)).toBeDefined();
    state.user = { inDirectory: true };
    state.status = undefined;
    expect(await renew(dependencies, asBrowser)).toBeUndefined();
    state.user = undefined;
    expect(await renew(dependencies, asBrowser)).toBeUndefined();
    state.user = { inDirectory: false };
    expect(await renew(dependencies, asBrowser)).toBeDefined();
    expect(await renew({ ...dependencies, organizations: [] }, asBrowser)).toBeUndefined();
    const strict = [{ ...organization, firstSignIn: 'directory_only' as const }];
    expect(await renew({ ...dependencies, organizations: strict }, asBrowser)).toBeUndefined();
  });
});

describe('a code', () => {
  const ask = { code: 'c', verifier: 'v', tenant: 'org-1' };

  test('makes one session, also when it comes twice at once', async () => {
    const { state, dependencies, offer } = world();
    offer('c', 'v');
    const answers = await Promise.all([redeem(dependencies, ask), redeem(dependencies, ask)]);
    const [session, ...others] = answers.filter((answer) => answer !== undefined);
    expect(others).toEqual([]);
    expect(state.sessions.size).toBe(1);
    expect(await redeem(dependencies, ask)).toBeUndefined();
    const renewal = { token: session?.renewalToken ?? '', holder: 'backend', tenant: 'org-1' } as const;
    expect(await renew(dependencies, renewal)).toBeDefined();
  });

  test('for sixty seconds, with its secret, for its own tenant', async () => {
    const { state, dependencies, offer } = world();
    offer('c', 'v');
    expect(await redeem(dependencies, { ...ask, verifier: 'w' })).toBeUndefined();
    expect(await redeem(dependencies, { ...ask, verifier: digest('v') })).toBeUndefined();
    expect(await redeem(dependencies, { ...ask, tenant: 'org-2' })).toBeUndefined();
    expect(await redeem(dependencies, { ...ask, code: digest('c') })).toBeUndefined();
    state.time += 60_000;
    expect(await redeem(dependencies, ask)).toBeUndefined();
    state.time -= 1;
    expect(await redeem(dependencies, ask)).toBeDefined();
  });

  test('not of somebody who is gone by then', async () => {
    const { state, dependencies, offer } = world();
    offer('c', 'v');
    state.user = undefined;
    expect(await redeem(dependencies, ask)).toBeUndefined();
  });
});

describe('signing out', () => {
  test('ends this session, and no other', async () => {
    const { dependencies, begin } = world();
    begin('t');
    begin('u');
    begin('b', 'backend');
    await signOut(dependencies, asBrowser);
    await signOut(dependencies, asBrowser);
    await signOut(dependencies, { token: 'b', holder: 'browser' });
    await signOut(dependencies, { token: 'b', holder: 'backend', tenant: 'org-2' });
    expect(await renew(dependencies, asBrowser)).toBeUndefined();
    expect(await renew(dependencies, { ...asBrowser, token: 'u' })).toBeDefined();
    expect(await renew(dependencies, { token: 'b', holder: 'backend' })).toBeDefined();
  });

  test('everywhere ends all of them, and needs a session that is not over', async () => {
    const { state, dependencies, begin } = world();
    begin('t');
    begin('b', 'backend');
    expect(await signOutEverywhere(dependencies, 'nobody')).toBe(false);
    expect(await signOutEverywhere(dependencies, 'b')).toBe(false);
    state.time += 3600_000;
    expect(await signOutEverywhere(dependencies, 't')).toBe(false);
    state.time -= 1;
    expect(await signOutEverywhere(dependencies, 't')).toBe(true);
    expect(state.sessions.size).toBe(0);
  });
});
