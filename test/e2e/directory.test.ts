/** Directory synchronization and search over HTTP: rows G1 to G3, S40, S54, S58. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { databaseOf } from '../../local/firestore/client.ts';
import { startTestStack, type TestStack } from '../support/broker.ts';

const SYNC = '/v1/internal/directory-sync';
let stack: TestStack;
let admin: string;
beforeAll(async () => {
  stack = await startTestStack();
  admin = await stack.session('user-1', 'org-1', ['admin']);
}, 60_000);
afterAll(() => stack?.stop());

const synchronize = async () => stack.call('POST', SYNC, { token: await stack.scheduler.token() });
const status = async () => (await stack.call('GET', '/v1/admin/directory', { token: admin })).body;
const start = (body: unknown, token = admin) => stack.call('POST', '/v1/admin/directory/runs', { token, body });

test('G1 G2 an admin asks for a run, the scheduler takes it up, and it shows what it did', async () => {
  expect(await status()).toEqual({ configured: true, runs: [] });
  expect((await start({})).body).toMatchObject({ configured: true, requested_at: expect.any(String), runs: [] });
  expect((await synchronize()).body).toEqual({ finished: 1, unfinished: 0, failed: 0 });
  const shown = await status();
  expect(shown).toMatchObject({
    configured: true,
    runs: [{ state: 'done', users: { listed: 301, written: 301 }, faults: [] }],
  });
  expect(shown.requested_at).toBeUndefined();
  // Nothing is due for hours, until somebody asks.
  expect((await synchronize()).body).toEqual({ finished: 0, unfinished: 0, failed: 0 });
  await start({});
  expect((await synchronize()).body).toEqual({ finished: 1, unfinished: 0, failed: 0 });
  expect((await status()).runs[0]).toMatchObject({ state: 'done', writes: 0 });
});

test('G2 a run that would remove too much is shown, and goes on when an admin approves exactly it', async () => {
  stack.workspace.switches.truncateAfter = 0;
  await start({});
  await synchronize();
  const { run } = await status();
  expect(run).toMatchObject({ state: 'stopped', approval: { kind: 'users', removals: 301, of: 301 } });
  expect(await start({ approve: 'another' })).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
  expect((await status()).requested_at).toBeUndefined();
  expect((await start({ approve: run.approval.id })).body.requested_at).toEqual(expect.any(String));
  await synchronize();
  stack.workspace.switches.truncateAfter = null;
  expect((await status()).runs[0]).toMatchObject({ state: 'done', users: { removed: 0 } });
  expect(await start({ approve: run.approval.id })).toMatchObject({ status: 412 });
});

test('G3 every user of the organization searches people and groups; nobody else finds them', async () => {
  const user = await stack.session('user-9', 'org-1');
  const people = await stack.call('GET', '/v1/directory/users?query=m%C3%BCll', { token: user });
  expect(people.body.users[0]).toMatchObject({
    name: expect.stringMatching(/Müller/),
    email: expect.stringMatching(/@/),
  });
  const groups = await stack.call('GET', '/v1/directory/groups?query=sales%20all', { token: user });
  expect(groups.body.groups).toHaveLength(1);
  const path = `/v1/directory/groups/${groups.body.groups[0].id}/members`;
  expect((await stack.call('GET', path, { token: user })).body.members.length).toBeGreaterThan(0);

  const stranger = await stack.session('user-2', 'org-2', ['admin']);
  expect((await stack.call('GET', '/v1/directory/users?query=m', { token: stranger })).body).toEqual({ users: [] });
  expect((await stack.call('GET', '/v1/directory/groups?query=s', { token: stranger })).body).toEqual({ groups: [] });
  expect((await stack.call('GET', path, { token: stranger })).status).toBe(404);
  // A name that the database refuses is no id.
  expect((await stack.call('GET', '/v1/directory/groups/__a__/members', { token: user })).status).toBe(404);
  expect((await stack.call('GET', '/v1/admin/directory', { token: stranger })).body).toEqual({
    configured: false,
    runs: [],
  });
  expect((await start({}, stranger)).status).toBe(404);
});

test.each([
  '',
  '?query=',
  '?query=%20',
  '?query=!',
  '?query=a&query=b',
  `?query=${'a'.repeat(101)}`,
  '?query=a&page=x',
  '?query=a&page=',
])('users%s: 400', async (query) => {
  const answer = await stack.call('GET', `/v1/directory/users${query}`, { token: admin });
  expect(answer).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', detail: expect.stringMatching(/query/) },
  });
});

test.each(['?page=x', '?page=', '?page=a&page=b'])('members%s: 400 that names page, and no query', async (query) => {
  const groups = await stack.call('GET', '/v1/directory/groups?query=a', { token: admin });
  const path = `/v1/directory/groups/${groups.body.groups[0].id}/members${query}`;
  const { status, body } = await stack.call('GET', path, { token: admin });
  expect([status, body.code]).toEqual([400, 'invalid_request']);
  expect(body.detail).toMatch(/page/);
  expect(body.detail).not.toMatch(/query/);
});

describe('who may', () => {
  test('S16 without a session: 401', async () => {
    const paths = [
      '/v1/directory/users?query=a',
      '/v1/directory/groups?query=a',
      '/v1/directory/groups/a/members',
      '/v1/admin/directory',
    ];
    for (const path of paths) expect((await stack.call('GET', path)).status).toBe(401);
    expect((await stack.call('POST', '/v1/admin/directory/runs', { body: {} })).status).toBe(401);
  });

  test('a user who is no admin: 403', async () => {
    const token = await stack.session('user-9', 'org-1', ['editor']);
    expect((await stack.call('GET', '/v1/admin/directory', { token })).status).toBe(403);
    expect((await start({}, token)).status).toBe(403);
  });

  test('S58 only the scheduler synchronizes: not an admin, not a backend, not another account, nor for another audience', async () => {
    const before = stack.workspace.requests();
    const tokens = [
      admin,
      await stack.demo.sessions.serviceToken('org-1'),
      await stack.scheduler.token({ email: 'other@local-project.iam.gserviceaccount.com' }),
      await stack.scheduler.token({ email_verified: false }),
      await stack.scheduler.token({ aud: `${stack.broker}/v1/internal/other` }),
      await stack.scheduler.token({ iss: stack.demo.issuer }),
      await stack.scheduler.token({ exp: 1 }),
    ];
    for (const token of tokens) {
      expect(await stack.call('POST', SYNC, { token })).toMatchObject({
        status: 401,
        body: { code: 'login_required' },
      });
    }
    expect((await stack.call('POST', SYNC)).status).toBe(401);
    expect((await stack.call('POST', SYNC, { headers: { cookie: `__Host-session=${admin}` } })).status).toBe(401);
    expect(stack.workspace.requests()).toBe(before);
  });

  test('S54 nothing that a caller sends says as whom the directory is read', async () => {
    const token = await stack.scheduler.token();
    await start({});
    await stack.call('POST', `${SYNC}?sub=other@org-1.example&administrator=other@org-1.example&organization=org-2`, {
      token,
      headers: { 'x-goog-impersonate': 'other@org-1.example' },
      body: { sub: 'other@org-1.example', DIRECTORY_ORGANIZATIONS: {} },
    });
    const subjects = new Set(stack.workspace.access.assertions.map(({ sub }) => sub));
    expect([...subjects]).toEqual(['admin@org-1.example']);
  });
});

test('S42 S43 neither token nor assertion is in the database or the log, and the tokens have a database of their own', async () => {
  const database = databaseOf(stack.environment, 'directory');
  const kept = (await Promise.all((await database.listCollections()).map((each) => each.get()))).flatMap(
    ({ docs }) => docs,
  );
  await database.terminate();
  expect(kept.map(({ ref }) => ref.path).sort()).toEqual(['directories/org-org-1', 'directory_requests/org-org-1']);
  const everything = [JSON.stringify(stack.firestore?.dump()), ...stack.logs].join('\n');
  expect(stack.workspace.access.issued.filter((token) => everything.includes(token))).toEqual([]);
  expect(everything).not.toMatch(/eyJ[\w-]+\.eyJ/);
  expect(await stack.stored()).not.toContain('directories/');
});
