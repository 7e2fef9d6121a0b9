/** What a run does to the stored directory: rows G2, S54. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { memberOf } from '../../functions/adapters/directory/records.ts';
import type { DirectorySource } from '../../functions/core/directory/ports.ts';
import type { Workspace } from '../../local/workspace/directory.ts';
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
const sourceOf = (open: ((until: number) => DirectorySource) | undefined, until: number): DirectorySource => {
  if (!open) throw new Error('no source');
  return open(until);
};
const expectSame = () => expect(storedDirectory(world)).toMatchObject(expectedDirectory(organization));
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

  test('long lists of members are kept in pieces, grow and shrink', async () => {
    await begin(20, 2);
    const [group] = organization.groups();
    if (!group) throw new Error('no group');
    const members = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        id: `m${n}`,
        email: `m${n}@org-1.example`,
        type: 'USER' as const,
        role: 'MEMBER' as const,
      }));
    const { sources, ...rest } = world.dependencies();
    // All of a list in one answer: what is tested here is how it is written.
    const whole = (until: number) => ({
      ...sourceOf(sources.get(TENANT), until),
      members: async (id: string) => ({
        kind: 'page' as const,
        items: (organization.group(id)?.members ?? []).flatMap(memberOf),
      }),
    });
    // More than one commit takes; then fewer pieces; then none.
    for (const count of [21_000, 700, 0, 3]) {
      group.members = members(count);
      await world.sync({ ...rest, sources: new Map([[TENANT, whole]]) });
      expectSame();
    }
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
