/** Runs that are cut off, and runs that meet: the directory ends as if nothing had happened. */
import { afterEach, expect, test } from '@jest/globals';
import type { DirectorySource, DirectoryStore, HeldState } from '../../functions/core/directory/ports.ts';
import type { SyncDependencies } from '../../functions/core/directory/synchronize.ts';
import type { Workspace } from '../../local/workspace/directory.ts';
import { generateWorkspace, userIdOf } from '../../local/workspace/generate.ts';
import { createRandom } from '../chaos/random.ts';
import { expectedDirectory, startWorld, storedDirectory, TENANT, type World } from './world.ts';

const { KILL_SEED = '1', KILLS: KILLS_TEXT = '20' } = process.env;
const KILLS = Number(KILLS_TEXT);
/** Milliseconds: longer than a call holds a run. */
const OVER = 91_000;

class Killed extends Error {}
type Open = (until: number, beat: () => Promise<void>) => DirectorySource;

/** What stops at the n-th step: at a question to Google, or at a commit, before or after it took effect. */
const mortal = (given: SyncDependencies, dies: { readonly at: number; readonly after: boolean }): SyncDependencies => {
  let left = dies.at;
  const step = async <T>(run: () => Promise<T>): Promise<T> => {
    left -= 1;
    if (left < 0) throw new Killed();
    if (left > 0) return run();
    if (dies.after) await run();
    throw new Killed();
  };
  const heldBy = (held: HeldState): HeldState => ({ ...held, commit: (...all) => step(() => held.commit(...all)) });
  const store: DirectoryStore = {
    ...given.store,
    hold: async (...all) => {
      const held = await given.store.hold(...all);
      return held && heldBy(held);
    },
  };
  const source =
    (open: Open): Open =>
    (until, beat) => {
      const { list, get, members, memberCount } = open(until, beat);
      return {
        list: {
          users: (page?: string) => step(() => list.users(page)),
          groups: (page?: string) => step(() => list.groups(page)),
          domains: (page?: string) => step(() => list.domains(page)),
        },
        get: {
          users: (id: string) => step(() => get.users(id)),
          groups: (id: string) => step(() => get.groups(id)),
          domains: (id: string) => step(() => get.domains(id)),
        },
        members: (...all: Parameters<DirectorySource['members']>) => step(() => members(...all)),
        memberCount: (group) => step(() => memberCount(group)),
      };
    };
  return { ...given, store, sources: new Map([...given.sources].map(([tenant, open]) => [tenant, source(open)])) };
};

let world: World;
afterEach(() => world?.stop());

const change = (organization: Workspace, round: number): void => {
  for (let n = 0; n < 12; n++) {
    const index = (round % 9) * 20 + n;
    organization.changeUser(userIdOf(index + 1), { title: `Round ${round}` });
    if (n < 8) organization.removeUser(userIdOf(200 + index));
    organization.addUser({
      id: `900-${round}-${index}`,
      primaryEmail: `new.${round}.${index}@org-1.example`,
      givenName: 'New',
      familyName: `Person ${index}`,
      suspended: false,
    });
  }
  const [first, second] = organization.groups();
  if (first) organization.removeGroup(first.id);
  if (second) second.members = second.members.slice(1);
};

test(
  `a run that is killed ${KILLS} times, at random steps, leaves the directory of an uninterrupted one`,
  async () => {
    const organization = generateWorkspace({ users: 400, groups: 30 });
    world = await startWorld(organization);
    world.workspace.switches.pageSize = 50;
    const random = createRandom(Number(KILL_SEED));
    let kills = 0;
    for (let round = 0; kills < KILLS; round++) {
      if (round > 0) change(organization, round);
      for (let finished = false; !finished; ) {
        const dies = { at: 2 + random.below(60), after: random.below(2) === 1 };
        try {
          finished = (await world.sync(mortal(world.dependencies(), dies))).finished === 1;
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          kills += 1;
          const { state } = await world.dependencies().store.read(TENANT);
          // As long as it might live, nobody takes the run over; at its last step it has let go.
          if (state?.holder) expect(await world.sync()).toEqual({ finished: 0, unfinished: 1, failed: 0 });
          world.firestore.advance(OVER);
        }
      }
      expect(storedDirectory(world)).toMatchObject(expectedDirectory(organization));
      expect((await world.dependencies().store.read(TENANT)).state?.history[0]).toMatchObject({ state: 'done' });
    }
    const killed = storedDirectory(world);
    await world.stop();
    world = await startWorld(organization);
    await world.sync();
    const { manifest } = storedDirectory(world);
    expect(killed.manifest).toEqual(manifest);
    expect(killed).toEqual(storedDirectory(world));
  },
  30_000 + KILLS * 6_000,
);

test('two calls at once: one works, the other leaves it alone', async () => {
  const organization = generateWorkspace({ users: 120, groups: 10 });
  world = await startWorld(organization);
  const reports = await Promise.all([world.sync(), world.sync(), world.sync()]);
  expect(reports.map(({ finished }) => finished).sort()).toEqual([0, 0, 1]);
  expect(world.events.filter(({ event }) => event === 'directory_run')).toHaveLength(1);
  expect(storedDirectory(world)).toMatchObject(expectedDirectory(organization));
});

test('a call that was thought dead and wakes up writes nothing any more', async () => {
  const organization = generateWorkspace({ users: 160, groups: 5 });
  world = await startWorld(organization);
  world.workspace.switches.pageSize = 50;
  const gate = Promise.withResolvers<void>();
  const asleep = Promise.withResolvers<void>();
  const given = world.dependencies();
  const sleepy: DirectoryStore = {
    ...given.store,
    hold: async (...all) => {
      const held = await given.store.hold(...all);
      let commits = 0;
      return (
        held && {
          ...held,
          commit: async (...parts) => {
            commits += 1;
            if (commits === 2) {
              asleep.resolve();
              await gate.promise;
            }
            return held.commit(...parts);
          },
        }
      );
    },
  };
  const late = world.sync({ store: sleepy });
  await asleep.promise;
  world.firestore.advance(OVER);
  // What it holds in its hands becomes old.
  for (let n = 1; n < 160; n++) organization.changeUser(userIdOf(n), { title: 'Newer' });
  expect((await world.sync()).finished).toBe(1);
  const settled = storedDirectory(world);
  gate.resolve();
  expect(await late).toEqual({ finished: 0, unfinished: 1, failed: 0 });
  expect(storedDirectory(world)).toEqual(settled);
  await world.sync();
  expect(storedDirectory(world)).toMatchObject(expectedDirectory(organization));
});

test('a call whose time is over leaves the rest to the next one', async () => {
  const organization = generateWorkspace({ users: 160, groups: 40 });
  world = await startWorld(organization);
  world.workspace.switches.pageSize = 50;
  let calls = 0;
  for (let finished = 0; finished === 0; calls++) {
    // Every look at the clock is a tenth of a second.
    let elapsed = 0;
    const clock = { ...world.dependencies().clock, elapsed: () => (elapsed += 100) };
    ({ finished } = await world.sync({ clock, callMs: 800, intervalMs: 3_600_000 }));
    expect(calls).toBeLessThan(30);
  }
  expect(calls).toBeGreaterThan(2);
  const { state } = await world.dependencies().store.read(TENANT);
  expect(state?.history).toHaveLength(1);
  expect(state?.history[0]?.counts.users).toEqual({ listed: 160, written: 160, removed: 0 });
  expect(storedDirectory(world)).toMatchObject(expectedDirectory(organization));
  // Not due again, and not asked for.
  expect(await world.sync({ intervalMs: 3_600_000 })).toEqual({ finished: 0, unfinished: 0, failed: 0 });
});
