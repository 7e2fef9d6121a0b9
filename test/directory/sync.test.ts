/** What a run does to the stored directory: rows G2, S54. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Workspace, WorkspaceMember } from '../../local/workspace/directory.ts';
import { generateWorkspace, userIdOf } from '../../local/workspace/generate.ts';
import { expectedDirectory, startWorld, storedDirectory, TENANT, type World } from './world.ts';

let world: World;
let organization: Workspace;
afterEach(() => world?.stop());

const begin = async (users: number, groups: number) => {
  organization = generateWorkspace({ users, groups });
  world = await startWorld(organization);
  world.workspace.switches.pageSize = 50;
};
const state = async () => (await world.dependencies().store.read(TENANT)).state;
const lastRun = async () => (await state())?.history[0];
const expectSame = () => expect(storedDirectory(world)).toMatchObject(expectedDirectory(organization));
const personId = (n: number) => `m${String(n).padStart(6, '0')}`;
const people = (count: number): WorkspaceMember[] =>
  Array.from({ length: count }, (_, n) => ({
    id: personId(n),
    email: `${personId(n)}@org-1.example`,
    type: 'USER',
    role: 'MEMBER',
  }));
const counts = () => {
  const { users, groups, members, domains } = storedDirectory(world);
  return [users, groups, members, domains].map((each) => Object.keys(each ?? {}).length);
};

describe('what Google has is what is stored', () => {
  test('G2 the first run brings users, groups, members and domains; a second one writes nothing but its record', async () => {
    await begin(120, 30);
    expect(await world.sync()).toEqual({ finished: 1, unfinished: 0, failed: 0 });
    expectSame();
    expect(counts()).toEqual([120, 30, 30, 2]);
    const before = world.firestore.counts();
    await world.sync();
    const after = world.firestore.counts();
    expect(await lastRun()).toMatchObject({
      state: 'done',
      writes: 0,
      counts: { users: { listed: 120, written: 0 } },
    });
    // Beginning and end.
    expect(after.writes - before.writes).toBe(2);
    // State, request, one shard of each kind.
    expect(after.reads - before.reads).toBe(6);
  });

  test('G2 changes, new and vanished records; nothing else is written', async () => {
    await begin(120, 30);
    await world.sync();
    organization.changeUser(userIdOf(5), { title: 'Head of everything' });
    organization.changeUser(userIdOf(6), { suspended: true });
    organization.changeUser(userIdOf(7), { primaryEmail: 'aaa.moved@org-1.example' });
    organization.removeUser(userIdOf(8));
    organization.addUser({
      id: '42',
      primaryEmail: 'new@org-1.example',
      givenName: 'New',
      familyName: 'Person',
      suspended: false,
    });
    const [first, second, third] = organization.groups();
    if (!first || !second || !third) throw new Error('no groups');
    first.name = 'Another name';
    second.members = [];
    organization.removeGroup(third.id);
    organization.addGroup({ id: '01new', email: 'new-group@org-1.example', name: 'New', members: [] });
    organization.domains.push({ name: 'third.example', primary: false });
    await world.sync();
    expectSame();
    const run = await lastRun();
    expect(run).toMatchObject({ state: 'done', faults: {} });
    expect(run?.counts.users).toEqual({ listed: 120, written: 4, removed: 1 });
    expect(run?.counts.groups).toEqual({ listed: 30, written: 2, removed: 1 });
    expect(run?.counts.domains).toEqual({ listed: 3, written: 1, removed: 0 });
  });

  test('long lists of members are kept in pieces, grow and shrink; an unchanged one is read once and not written', async () => {
    await begin(20, 2);
    const [group] = organization.groups();
    if (!group) throw new Error('no group');
    world.workspace.switches.pageSize = null;
    // Streamed, then held in memory; more than one commit takes; then none.
    for (const count of [5_300, 4_100, 700, 0, 3]) {
      group.members = people(count);
      await world.sync();
      expectSame();
      expect(await lastRun()).toMatchObject({ state: 'done', faults: {} });
    }
    group.members = people(5_300);
    await world.sync();
    const before = world.workspace.requests();
    await world.sync();
    // Users, groups, the other group's members, domains; 27 pages of 200.
    expect(world.workspace.requests() - before).toBe(4 + 27);
    expect(await lastRun()).toMatchObject({ writes: 0, counts: { members: { listed: 2, written: 0 } } });
    // One in the middle: the pieces from there on, after a listing that is compared and one that is written.
    group.members = group.members.filter(({ id }) => id !== personId(3_000));
    await world.sync();
    expectSame();
    expect((await lastRun())?.writes).toBe(11 - 6);
  }, 60_000);

  test('a long list that is cut off goes on where it was', async () => {
    await begin(20, 3);
    const [group] = organization.groups();
    if (!group) throw new Error('no group');
    world.workspace.switches.pageSize = null;
    group.members = people(13_000);
    const died = new Set([30, 50]);
    const pages: number[] = [];
    world.workspace.switches.beforePage = (page, of) => {
      if (of === 'members' && page > 0) pages.push(page);
      // Nothing answers any more: this call is over, and the next one begins where a checkpoint says.
      world.workspace.switches.outage = died.delete(page);
    };
    let calls = 0;
    for (let finished = 0; finished === 0; calls++) {
      expect(calls).toBeLessThan(5);
      ({ finished } = await world.sync());
      world.workspace.switches.outage = false;
    }
    expectSame();
    expect(calls).toBe(3);
    // 20 pages to find out that it is long; twice, some pages again.
    expect(pages.length).toBeLessThan(20 + 64 + 2 * 22);
  }, 60_000);

  test('a user who moves to another page while it is listed stays, with the new address', async () => {
    await begin(160, 0);
    await world.sync();
    const moving = organization.users().at(-1);
    if (!moving) throw new Error('nobody');
    world.workspace.switches.beforePage = (page) => {
      if (page === 2) organization.changeUser(moving.id, { primaryEmail: 'aaaa@org-1.example' });
    };
    await world.sync();
    world.workspace.switches.beforePage = null;
    expectSame();
    expect(await lastRun()).toMatchObject({
      state: 'done',
      faults: { missed_in_listing: 1 },
      counts: { users: { removed: 0 } },
    });
  });
});

describe('a listing that is not all of it removes nothing', () => {
  test.each([0, 1])(
    'users after %d pages: the run stops and asks; approved, it asks Google for each',
    async (pages) => {
      await begin(120, 5);
      await world.sync();
      world.workspace.switches.truncateAfter = pages;
      expect(await world.sync()).toEqual({ finished: 0, unfinished: 1, failed: 0 });
      const approval = (await state())?.run?.approval;
      expect(approval).toMatchObject({ kind: 'users', removals: 120 - pages * 50, of: 120 });
      expect((await state())?.run?.state).toBe('stopped');
      // Nobody answers: it waits.
      expect(await world.sync()).toEqual({ finished: 0, unfinished: 1, failed: 0 });
      expectSame();
      await world.requests.request(TENANT, { approve: approval?.id ?? '' });
      expect(await world.sync()).toEqual({ finished: 1, unfinished: 0, failed: 0 });
      expectSame();
      expect((await lastRun())?.faults.missed_in_listing).toBe(120 - pages * 50);
    },
  );

  test('who vanished is gone only when the admin agrees, and an answer counts for one question only', async () => {
    await begin(100, 40);
    await world.sync();
    for (let n = 10; n < 60; n++) organization.removeUser(userIdOf(n));
    for (const { id } of organization.groups().slice(0, 20)) organization.removeGroup(id);
    await world.sync();
    const first = (await state())?.run?.approval;
    expect(first).toMatchObject({ kind: 'users', removals: 50, of: 100 });
    await world.requests.request(TENANT, { approve: 'another' });
    await world.sync();
    expect(counts()[0]).toBe(100);
    await world.requests.request(TENANT, { approve: first?.id ?? '' });
    await world.sync();
    expect(counts()[0]).toBe(50);
    // The groups are another question.
    const second = (await state())?.run?.approval;
    expect(second).toMatchObject({ kind: 'groups', removals: 20, of: 40 });
    await world.sync();
    expect(counts()[1]).toBe(40);
    await world.requests.request(TENANT, { approve: second?.id ?? '' });
    await world.sync();
    // And so are the lists that half of all people vanish from.
    const third = (await state())?.run?.approval;
    expect(third).toMatchObject({ kind: 'members', of: 20 });
    await world.requests.request(TENANT, { approve: third?.id ?? '' });
    await world.sync();
    expectSame();
  });

  test('another run can be begun in the place of one that stopped', async () => {
    await begin(100, 0);
    await world.sync();
    world.workspace.switches.truncateAfter = 0;
    await world.sync();
    world.workspace.switches.truncateAfter = null;
    await world.requests.request(TENANT, {});
    expect(await world.sync()).toEqual({ finished: 1, unfinished: 0, failed: 0 });
    expect((await state())?.history.map((run) => run.state)).toEqual(['done', 'replaced', 'done']);
    expectSame();
  });

  test.each([
    ['groups', 0, 'the run stops and asks'],
    ['groups', 1, 'the run stops and asks'],
    ['domains', 0, 'the run stops and asks'],
  ])('%s after %d pages: %s', async (kind, pages) => {
    await begin(20, 70);
    await world.sync();
    Object.assign(world.workspace.switches, { truncated: [kind], truncateAfter: pages });
    expect(await world.sync()).toEqual({ finished: 0, unfinished: 1, failed: 0 });
    expectSame();
    const of = kind === 'groups' ? 70 : 2;
    expect((await state())?.run?.approval).toMatchObject({ kind, removals: of - pages * 50, of });
  });

  test.each([
    ['a list of one page', 30, 0],
    ['a list of several pages', 130, 1],
    ['a long list', 4_600, 21],
  ])(
    'members: %s that is cut short stays as it was, and is counted',
    async (_what, size, pages) => {
      await begin(20, 3);
      const [group] = organization.groups();
      if (!group) throw new Error('no group');
      Object.assign(world.workspace.switches, { pageSize: size < 1_000 ? 50 : null });
      group.members = people(size);
      await world.sync();
      // Another order of the pieces, too.
      group.members = [...people(size), { id: 'aaa', email: 'aaa@org-1.example', type: 'USER', role: 'OWNER' }];
      Object.assign(world.workspace.switches, { truncated: ['members'], truncateAfter: pages });
      const before = storedDirectory(world).members;
      expect((await world.sync()).finished).toBe(1);
      const after = storedDirectory(world).members;
      expect(Object.entries(after ?? {}).filter(([id]) => id.startsWith(group.id))).toEqual(
        Object.entries(before ?? {}).filter(([id]) => id.startsWith(group.id)),
      );
      expect((await lastRun())?.faults.members_incomplete).toBeGreaterThan(0);
      world.workspace.switches.truncateAfter = null;
      await world.sync();
      expectSame();
    },
    60_000,
  );

  test('members: an empty answer for each group takes nobody away', async () => {
    await begin(60, 40);
    await world.sync();
    Object.assign(world.workspace.switches, { truncated: ['members'], truncateAfter: 0 });
    expect((await world.sync()).finished).toBe(1);
    expectSame();
    expect(await lastRun()).toMatchObject({ faults: { members_incomplete: 40 }, counts: { members: { removed: 0 } } });
  });

  test('members: where many lists become empty, also by the count, the run stops and asks', async () => {
    await begin(60, 40);
    await world.sync();
    const before = storedDirectory(world).members;
    for (const group of organization.groups().slice(0, 30)) group.members = [];
    expect((await world.sync()).unfinished).toBe(1);
    const approval = (await state())?.run?.approval;
    expect(approval).toMatchObject({ kind: 'members', removals: 11, of: 40 });
    // As many as are no matter of shares.
    expect(Object.keys(storedDirectory(world).members ?? {})).toHaveLength(Object.keys(before ?? {}).length - 10);
    await world.requests.request(TENANT, { approve: approval?.id ?? '' });
    expect((await world.sync()).finished).toBe(1);
    expectSame();
    // One or two who leave many groups are no such matter.
    organization.removeUser(userIdOf(3));
    expect((await world.sync()).finished).toBe(1);
    expectSame();
  });

  test('agreeing begins no second run', async () => {
    await begin(100, 0);
    await world.sync();
    for (let n = 10; n < 60; n++) organization.removeUser(userIdOf(n));
    await world.sync();
    await world.requests.request(TENANT, { approve: (await state())?.run?.approval?.id ?? '' });
    expect(await world.sync({ intervalMs: 3_600_000 })).toEqual({ finished: 1, unfinished: 0, failed: 0 });
    expect(await world.sync({ intervalMs: 3_600_000 })).toEqual({ finished: 0, unfinished: 0, failed: 0 });
  });

  test('few may vanish unasked, but never all of them', async () => {
    await begin(8, 0);
    await world.sync();
    organization.removeUser(userIdOf(3));
    await world.sync();
    expectSame();
    world.workspace.switches.truncateAfter = 0;
    await world.sync();
    expect((await state())?.run).toMatchObject({ state: 'stopped', approval: { removals: 7, of: 7 } });
  });
});

describe('when Google does not answer as it should', () => {
  test('quota refusals, 429 and 503 are waited out, as long as Retry-After says', async () => {
    await begin(120, 40);
    Object.assign(world.workspace.switches, { busyEvery: 3, retryAfter: 7 });
    expect((await world.sync()).finished).toBe(1);
    expectSame();
    expect(world.waits.length).toBeGreaterThan(15);
    expect(Math.min(...world.waits)).toBe(7000);
    world.waits.length = 0;
    Object.assign(world.workspace.switches, { retryAfter: null });
    await world.sync();
    expect(Math.max(...world.waits)).toBeLessThanOrEqual(1000);
    expect(Math.min(...world.waits)).toBeGreaterThanOrEqual(250);
  });

  test('page tokens that die: the listing begins anew, and ends the same', async () => {
    await begin(160, 10);
    world.workspace.switches.beforePage = (page) => {
      world.workspace.switches.pageTokensDie = page === 1;
      if (page === 1) world.workspace.switches.beforePage = null;
    };
    expect((await world.sync()).finished).toBe(1);
    expectSame();
    expect(await lastRun()).toMatchObject({
      faults: { page_gone: 1 },
      counts: { users: { listed: 160, written: 160 } },
    });
  });

  test('an outage: the call ends, the next ones try again, then the run fails; nothing is lost', async () => {
    await begin(50, 5);
    await world.sync();
    world.workspace.switches.outage = true;
    for (let call = 0; call < 3; call++) expect((await world.sync()).unfinished).toBe(1);
    expect((await world.sync()).failed).toBe(1);
    expect(await lastRun()).toMatchObject({ state: 'failed', faults: { http_503: 4 } });
    expectSame();
    world.workspace.switches.outage = false;
    organization.changeUser(userIdOf(3), { title: 'Back' });
    expect((await world.sync()).finished).toBe(1);
    expectSame();
  });

  test('a group that cannot be listed keeps its members; the others go on', async () => {
    await begin(50, 8);
    await world.sync();
    const [first, second] = organization.groups();
    if (!first || !second) throw new Error('no groups');
    world.workspace.switches.forbiddenGroups = [first.id];
    const kept = storedDirectory(world).members?.[`${first.id}/0`];
    first.members = [];
    second.members = [];
    await world.sync();
    expect(storedDirectory(world).members?.[`${first.id}/0`]).toEqual(kept);
    expect(storedDirectory(world).members?.[`${second.id}/0`]).toBeUndefined();
    expect(await lastRun()).toMatchObject({ state: 'done', faults: { forbidden: 1 } });
  });

  test('a role that was lost while members are listed ends the run; nothing is taken for an empty list', async () => {
    await begin(20, 40);
    await world.sync();
    world.workspace.switches.forbiddenGroups = organization.groups().map(({ id }) => id);
    expect((await world.sync()).failed).toBe(1);
    expect(await lastRun()).toMatchObject({
      state: 'failed',
      step: 'members',
      faults: { forbidden: expect.any(Number) },
    });
    expectSame();
  });

  test('an approval that is withdrawn while members are listed ends the run at once', async () => {
    await begin(20, 40);
    await world.sync();
    const before = world.workspace.requests();
    world.workspace.switches.beforePage = (_page, of) => {
      if (of !== 'members') return;
      world.workspace.switches.delegation = false;
      world.workspace.access.forget();
    };
    expect((await world.sync()).failed).toBe(1);
    expect(await lastRun()).toMatchObject({
      state: 'failed',
      step: 'members',
      faults: { delegation_unauthorized_client: 1 },
    });
    expect(world.workspace.requests() - before).toBeLessThan(15);
    expectSame();
  });

  test('a Retry-After that is longer than the call is kept by the next ones, which are no stumbles', async () => {
    await begin(5, 0);
    Object.assign(world.workspace.switches, { busyEvery: 1, retryAfter: 600 });
    expect((await world.sync()).unfinished).toBe(1);
    const asked = world.workspace.requests();
    for (let call = 0; call < 5; call++) expect((await world.sync()).unfinished).toBe(1);
    expect(world.workspace.requests()).toBe(asked);
    expect((await state())?.run).toMatchObject({ stumbles: 1 });
    world.workspace.switches.busyEvery = null;
    world.firestore.advance(601_000);
    expect((await world.sync()).finished).toBe(1);
    expectSame();
  });

  test('while a question waits, the run is written: nobody takes it for dead', async () => {
    await begin(5, 3);
    await world.sync();
    Object.assign(world.workspace.switches, { busyEvery: 2, retryAfter: 70 });
    let elapsed = 0;
    let longest = 0;
    let last = 0;
    const given = world.dependencies();
    const clock = { ...given.clock, elapsed: () => elapsed };
    const commits = {
      ...given.store,
      hold: async (...all: Parameters<typeof given.store.hold>) => {
        const held = await given.store.hold(...all);
        last = elapsed;
        return (
          held && {
            ...held,
            commit: async (...parts: Parameters<typeof held.commit>) => {
              longest = Math.max(longest, elapsed - last);
              last = elapsed;
              return held.commit(...parts);
            },
          }
        );
      },
    };
    world.onWait((milliseconds) => {
      elapsed += milliseconds;
    });
    expect((await world.sync({ clock, store: commits, callMs: 3_600_000 })).finished).toBe(1);
    expect(elapsed).toBeGreaterThan(4 * 70_000);
    expect(longest).toBeLessThanOrEqual(30_000);
  });

  test('an approval that was withdrawn ends the run with its reason', async () => {
    await begin(5, 0);
    world.workspace.switches.delegation = false;
    expect((await world.sync()).failed).toBe(1);
    expect(await lastRun()).toMatchObject({ state: 'failed', faults: { delegation_unauthorized_client: 1 } });
    expect(world.events.at(-1)).toMatchObject({
      event: 'directory_run',
      severity: 'ERROR',
      code: 'delegation_unauthorized_client',
    });
  });
});

test('S54 the assertion names the configured administrator, read-only scopes and the token endpoint, for an hour', async () => {
  await begin(5, 0);
  await world.sync();
  const [assertion, ...others] = world.workspace.access.assertions;
  expect(others).toEqual([]);
  expect(assertion).toMatchObject({
    iss: 'directory-sync@local-project.iam.gserviceaccount.com',
    sub: organization.administrator,
    aud: `${world.workspace.origin}/token`,
  });
  const scopes = String(assertion?.scope).split(' ');
  expect(scopes).toHaveLength(4);
  expect(
    scopes.every((scope) => /^https:\/\/www\.googleapis\.com\/auth\/admin\.directory\.[a-z.]+\.readonly$/.test(scope)),
  ).toBe(true);
  expect(Number(assertion?.exp) - Number(assertion?.iat)).toBe(3600);
  // Neither the tokens nor the signed assertion are kept or told.
  const everything = JSON.stringify([world.firestore.dump(), world.events]);
  expect(world.workspace.access.issued.filter((token) => everything.includes(token))).toEqual([]);
});
