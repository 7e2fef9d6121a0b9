/** A rotation of the key that wraps data keys, from the first connection to the disabled version; and rows S41, S58. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connectionRef } from '../../functions/adapters/firestore/client.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { status } from '../../local/rpc.ts';
import { CODE_FLOW, connect, startTestStack, type TestStack } from '../support/broker.ts';

let stack: TestStack;
let database: Firestore;
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
  database = databaseOf(stack.environment);
}, 60_000);
afterEach(() => {
  stack.kms.faults.clear();
  stack.firestore?.faults.clear();
});
afterAll(async () => {
  await database?.terminate();
  await stack?.stop();
});

const PROVIDERS = ['google', 'microsoft', 'notes'] as const;
const TENANT = 'org-1';
let serial = 0;
interface Owner {
  readonly user: string;
  readonly token: string;
  readonly provider: string;
}
const connected = async (provider: (typeof PROVIDERS)[number]): Promise<Owner> => {
  const user = `user-r${++serial}`;
  const token = await stack.session(user, TENANT);
  await connect(stack, provider, { token, integrations: [provider === 'notes' ? 'notes' : 'files'] });
  return { user, token, provider };
};
const getToken = ({ provider, token }: Owner) => stack.call('POST', `/v1/connections/${provider}/token`, { token });
const rewrap = async () => stack.call('POST', '/v1/internal/rewrap', { token: await stack.scheduler.token() });
const refOf = ({ user, provider }: Owner) => connectionRef(database, { tenant: TENANT, user, provider });
const fieldsOf = async (owner: Owner) => (await refOf(owner).get()).data() ?? {};
const idOf = (versionName: string) => versionName.replace(/^.*\/cryptoKeys\/([^/]+)\/cryptoKeyVersions\//, '$1.');
/** @returns the version that was primary, and the one that is */
const rotate = () => {
  const primary = stack.kms.rotate();
  const [key, number] = primary.split(/\/(?=\d+$)/);
  return { former: `${key}/${Number(number) - 1}`, primary };
};

test('rotated, re-wrapped to zero, the old version disabled: every connection still gives tokens', async () => {
  const owners = await Promise.all(PROVIDERS.map(connected));
  const before = await Promise.all(owners.map(fieldsOf));
  const { former, primary } = rotate();
  const later = await connected('notes');
  expect((await fieldsOf(later)).key_version).toBe(idOf(primary));

  const { body } = await rewrap();
  expect(body).toMatchObject({ primary: idOf(primary), rewrapped: 3, left: 0, broken: 0 });
  expect(body.versions).toEqual([{ version: idOf(primary), connections: 4 }]);
  for (const [index, owner] of owners.entries()) {
    const { wrapped_key, key_version, ...same } = await fieldsOf(owner);
    const { wrapped_key: formerKey, key_version: formerVersion, ...formerSame } = before[index] ?? {};
    expect(formerVersion).toBe(idOf(former));
    expect(key_version).toBe(idOf(primary));
    expect(wrapped_key).not.toEqual(formerKey);
    // The sealed token, the times that a user sees, and all else.
    expect(same).toEqual(formerSame);
  }
  stack.kms.setEnabled(former, false);
  for (const owner of [...owners, later]) expect((await getToken(owner)).status).toBe(200);
  // Idle, it asks for the primary version and counts.
  const { Encrypt = 0, Decrypt = 0 } = stack.kms.calls();
  expect((await rewrap()).body).toMatchObject({ rewrapped: 0, left: 0 });
  expect(stack.kms.calls()).toMatchObject({ Encrypt: Encrypt + 1, Decrypt });
});

test('without the re-wrap they do not, and no connection is lost by it: 503, until the version is enabled again', async () => {
  const owners = await Promise.all(PROVIDERS.map(connected));
  const { former } = rotate();
  stack.kms.setEnabled(former, false);
  for (const owner of owners) {
    expect(await getToken(owner)).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
  }
  const denied = stack.logs.map((line) => JSON.parse(line)).filter(({ event }) => event === 'unavailable');
  expect(denied.at(-1)).toMatchObject({ upstream: 'key_service', code: 'grpc_9', severity: 'ERROR' });
  // It cannot mend this, and says so.
  expect((await rewrap()).status).toBe(503);
  stack.kms.setEnabled(former, true);
  for (const owner of owners) expect((await getToken(owner)).status).toBe(200);
  expect((await rewrap()).body).toMatchObject({ left: 0 });
});

test('what was stored before versions were written down counts as unknown, and is re-wrapped too', async () => {
  const [old, other] = [await connected('google'), await connected('microsoft')];
  const { FieldValue } = await import('@google-cloud/firestore');
  await refOf(old).update({ key_version: FieldValue.delete() });
  stack.kms.faults.inject({ methods: ['Decrypt'], code: status.PERMISSION_DENIED, when: 'before', times: 1 });
  expect((await rewrap()).status).toBe(503);
  const counted = (await rewrap()).body;
  expect(counted).toMatchObject({ rewrapped: 1, left: 0 });
  expect((await fieldsOf(old)).key_version).toBe(counted.primary);
  for (const owner of [old, other]) expect((await getToken(owner)).status).toBe(200);
});

test('interrupted by the database, the next run goes on', async () => {
  const owners = await Promise.all([connected('google'), connected('notes')]);
  rotate();
  stack.firestore?.faults.inject({ methods: ['Commit'], code: status.PERMISSION_DENIED, when: 'before', times: 1_000 });
  expect((await rewrap()).status).toBe(503);
  stack.firestore?.faults.clear();
  expect((await rewrap()).body).toMatchObject({ left: 0 });
  for (const owner of owners) expect((await getToken(owner)).status).toBe(200);
});

test('tokens are refreshed meanwhile: nothing rotated is lost, and nothing goes back to the old version', async () => {
  const owners = await Promise.all([...PROVIDERS, ...PROVIDERS].map(connected));
  const { former } = rotate();
  stack.kms.faults.inject({ methods: ['Encrypt'], delay: 30, times: 100 });
  const answers = await Promise.all([rewrap(), ...owners.flatMap((owner) => [getToken(owner), getToken(owner)])]);
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  stack.kms.faults.clear();
  expect((await rewrap()).body).toMatchObject({ left: 0 });
  stack.kms.setEnabled(former, false);
  for (const owner of owners) expect((await getToken(owner)).status).toBe(200);
});

describe('S41 what was moved or altered', () => {
  test('S41 is quarantined and kept, is no reason to stop, and comes back when it is as it was', async () => {
    const [spoilt, sound] = [await connected('notes'), await connected('notes')];
    const { wrapped_key } = await fieldsOf(spoilt);
    const { wrapped_key: foreign } = await fieldsOf(sound);
    await refOf(spoilt).update({ wrapped_key: foreign });
    rotate();
    expect((await rewrap()).body).toMatchObject({ left: 1, broken: 1 });
    expect((await fieldsOf(spoilt)).authorize_again).toBe('integrity_error');
    expect((await getToken(sound)).status).toBe(200);
    expect((await getToken(spoilt)).body.code).toBe('integrity_error');
    await refOf(spoilt).update({ wrapped_key });
    expect((await rewrap()).body).toMatchObject({ rewrapped: 1, left: 0, broken: 0 });
    expect((await getToken(spoilt)).status).toBe(200);
  });

  test('S41 a whole document in the place of another user opens there no more than before', async () => {
    const victim = await connected('notes');
    const thief = { ...victim, user: 'user-thief', token: await stack.session('user-thief', TENANT) };
    await refOf(thief).set(await fieldsOf(victim));
    rotate();
    expect((await rewrap()).body).toMatchObject({ left: 0 });
    expect(await getToken(thief)).toMatchObject({ status: 500, body: { code: 'integrity_error' } });
    expect((await getToken(victim)).status).toBe(200);
    await refOf(thief).delete();
  });

  test('S41 many at once are no fault of theirs: the run stops before it has marked them all', async () => {
    const owners = await Promise.all(Array.from({ length: 30 }, () => connected('google')));
    const fields = await Promise.all(owners.map(fieldsOf));
    await Promise.all(owners.map((owner) => refOf(owner).update({ generation: 'another' })));
    rotate();
    expect(await rewrap()).toMatchObject({ status: 500, body: { code: 'integrity_error' } });
    const marked = (await Promise.all(owners.map(fieldsOf))).filter((each) => each.authorize_again !== undefined);
    expect(marked.length).toBeGreaterThan(10);
    // Sixteen work at once.
    expect(marked.length).toBeLessThanOrEqual(26);
    await Promise.all(owners.map((owner, index) => refOf(owner).set(fields[index] ?? {})));
    expect((await rewrap()).body).toMatchObject({ left: 0, broken: 0 });
  }, 60_000);
});

test('S58 nobody but the scheduler may ask for it', async () => {
  for (const token of [undefined, await stack.session(), await stack.demo.sessions.serviceToken('org-1')]) {
    const answer = await stack.call('POST', '/v1/internal/rewrap', token === undefined ? {} : { token });
    expect(answer).toMatchObject({ status: 401, body: { code: 'login_required' } });
  }
});
