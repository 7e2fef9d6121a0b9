/** G3: people and groups are found by words, page by page, in one's own organization. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { firestoreDirectoryStore } from '../../functions/adapters/firestore/directory-store.ts';
import { CHUNK } from '../../functions/core/directory/records.ts';
import { newRun } from '../../functions/core/directory/run.ts';
import { groupMembers, search } from '../../functions/core/directory/search.ts';
import { generateWorkspace } from '../../local/workspace/generate.ts';
import { startWorld, TENANT, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  const workspace = generateWorkspace({ users: 240, groups: 30 });
  const [group] = workspace.groups();
  if (!group) throw new Error('no group');
  group.members = Array.from({ length: CHUNK + 130 }, (_, n) => ({
    id: `m${String(n).padStart(4, '0')}`,
    type: 'USER',
    role: 'MEMBER',
  }));
  world = await startWorld(workspace);
  await world.sync();
  // Another organization has people of the same name.
  const store = firestoreDirectoryStore(world.client);
  const state = { run: newRun('run', 0), history: [], log: { from: 0, next: 0 } };
  const held = await store.hold('org-2', await store.read('org-2'), state);
  const record = { id: '77', email: 'ada.engineer@org-2.example', name: 'Ada Engineer', suspended: false };
  await held?.commit(state, { documents: [{ kind: 'users', id: '77', record }] });
}, 60_000);
afterAll(() => world?.stop());

const users = (query: string, page?: string, tenant = TENANT) =>
  search(world.reader, { tenant, kind: 'users', query, ...(page === undefined ? {} : { page }) });

const all = async (query: string) => {
  const found = [];
  let page: string | undefined;
  do {
    const answer = await users(query, page);
    if (answer.kind === 'bad') throw new Error('bad');
    expect(answer.items.length).toBeLessThanOrEqual(20);
    found.push(...answer.items);
    page = answer.next;
  } while (page !== undefined);
  return found;
};

const people = () => [...world.workspace.workspaces.values()][0]?.users() ?? [];

test.each(['engineer', 'e', 'sup', 'branch'])(
  'G3 pages of %j are complete, in order, each record once',
  async (word) => {
    const found = await all(word);
    const expected = people().filter(({ givenName, familyName, title = '', department = '', primaryEmail }) =>
      `${givenName} ${familyName} ${title} ${department} ${primaryEmail.split('@')[0]}`
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .split(/[^a-z0-9]+/)
        .some((each) => each.startsWith(word)),
    );
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(expected.map(({ id }) => id)));
    expect(found).toHaveLength(expected.length);
    const names = found.map(({ name }) => name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase());
    expect(names).toEqual([...names].sort());
  },
);

test('G3 several words must all be there, whatever page they are on', async () => {
  const found = await all('support an');
  expect(found.length).toBeGreaterThan(0);
  for (const { name, title = '', department = '' } of found) {
    expect(`${name} ${title} ${department}`).toMatch(/support/i);
    expect(`${name} ${title} ${department}`).toMatch(/\ban/i);
  }
});

test('S40 each organization finds its own people only', async () => {
  const other = await users('ada', undefined, 'org-2');
  expect(other).toMatchObject({ items: [{ id: '77' }] });
  expect((await all('ada')).map(({ id }) => id)).not.toContain('77');
  expect(await users('ada', undefined, 'org-3')).toEqual({ kind: 'page', items: [] });
  // A page of one organization is a place in the order of names, and shows nothing of it elsewhere.
  const first = await users('e');
  const next = first.kind === 'page' ? first.next : undefined;
  const there = await users('e', next, 'org-2');
  expect(there.kind === 'page' && there.items.every(({ id }) => id === '77')).toBe(true);
});

test('suspended people are found, and marked', async () => {
  const suspended = people().find((user) => user.suspended);
  const found = await all(`${suspended?.givenName} ${suspended?.familyName}`);
  expect(found.find(({ id }) => id === suspended?.id)).toMatchObject({ suspended: true });
});

test.each([
  'x',
  'e30',
  Buffer.from('["a"]').toString('base64url'),
  Buffer.from('["a","../b"]').toString('base64url'),
  Buffer.from('["a","__a__"]').toString('base64url'),
  '\u0000',
])('the page %j is none', async (page) => {
  expect(await users('ada', page)).toEqual({ kind: 'bad' });
  expect(await groupMembers(world.reader, { tenant: TENANT, group: '01grp00000000', page })).toEqual({ kind: 'bad' });
});

test('members of a long list come in pages, each once; of an unknown or foreign group there are none', async () => {
  const [group] = [...world.workspace.workspaces.values()][0]?.groups() ?? [];
  const found: string[] = [];
  let page: string | undefined;
  do {
    const answer = await groupMembers(world.reader, {
      tenant: TENANT,
      group: group?.id ?? '',
      ...(page === undefined ? {} : { page }),
    });
    if (answer?.kind !== 'page') throw new Error('no page');
    found.push(...answer.items.map(({ id }) => id));
    page = answer.next;
  } while (page !== undefined);
  expect(found).toEqual(group?.members.map(({ id }) => id));
  expect(await groupMembers(world.reader, { tenant: TENANT, group: 'unknown' })).toBeUndefined();
  expect(await groupMembers(world.reader, { tenant: 'org-2', group: group?.id ?? '' })).toBeUndefined();
});
