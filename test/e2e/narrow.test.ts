/** Giving one integration up: the record narrows, the others go on, the last one disconnects (E1, C7). */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { initialSwitches } from '../../local/providers/switches.ts';
import { status } from '../../local/rpc.ts';
import { administer } from '../support/admin.ts';
import { CODE_FLOW, connect, startTestStack, type TestStack } from '../support/broker.ts';

let stack: TestStack;
let serial = 0;
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
}, 60_000);
afterEach(() => {
  stack.firestore?.faults.clear();
  stack.providers.microsoft.control.change({ latencyMs: initialSwitches.latencyMs });
  // What one test's user allowed, the next one's has not: they have one account at the provider.
  for (const { control } of [stack.providers.microsoft, stack.providers.google]) {
    control.happen({ event: 'revoke-access', account: 'account-1@org-1.example' });
  }
});
afterAll(() => stack?.stop());

const connected = async (provider: string, integrations: readonly string[], tenant = 'org-1') => {
  const token = await stack.session(`user-n${++serial}`, tenant);
  await connect(stack, provider, { token, integrations });
  return token;
};
const narrow = (provider: string, integration: string, token: string) =>
  stack.call('DELETE', `/v1/connections/${provider}/integrations/${integration}`, { token });
const getToken = (provider: string, token: string, integration: string) =>
  stack.call('POST', `/v1/connections/${provider}/token`, { token, body: { integration } });
const list = async (token: string) => (await stack.call('GET', '/v1/connections', { token })).body.connections;

describe('giving up', () => {
  test('E1 one of several: its scopes leave the record, the others go on; again: nothing', async () => {
    const token = await connected('microsoft', ['files:write', 'calendar:write', 'mail']);
    expect(await narrow('microsoft', 'calendar', token)).toMatchObject({
      status: 200,
      body: { integrations: ['mail:read', 'files:write'], scopes: ['Files.ReadWrite', 'Mail.ReadBasic'] },
    });
    expect((await getToken('microsoft', token, 'calendar')).body).toMatchObject({ reason: 'scope_not_granted' });
    expect((await getToken('microsoft', token, 'files:write')).status).toBe(200);
    expect((await list(token))[0].integrations).toEqual(['mail:read', 'files:write']);
    expect((await narrow('microsoft', 'calendar', token)).status).toBe(204);
  });

  test.each([
    ['notes', 'notes', 'revoked'],
    ['google', 'files', 'revoked'],
    ['microsoft', 'files', 'impossible'],
  ])('E1 E3 the last one at %s disconnects', async (provider, integration, revocation) => {
    const token = await connected(provider, [integration]);
    expect(await narrow(provider, integration, token)).toMatchObject({
      status: 200,
      body: { integrations: [], scopes: [], removed: { provider, revocation } },
    });
    expect(await list(token)).toEqual([]);
    expect((await narrow(provider, integration, token)).status).toBe(204);
  });

  test('what the user never had, and what does not exist', async () => {
    const token = await connected('microsoft', ['files']);
    expect((await narrow('microsoft', 'mail', token)).status).toBe(204);
    expect((await narrow('google', 'mail', token)).status).toBe(204);
    for (const [provider, integration] of [
      ['microsoft', 'photos'],
      ['microsoft', 'constructor'],
      ['nobody', 'files'],
    ] as const) {
      expect(await narrow(provider, integration, token)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect((await list(token))[0].integrations).toEqual(['files:read']);
  });

  test('the policy has no say: what is switched off can be given up', async () => {
    const token = await connected('microsoft', ['files', 'mail'], 'org-n1');
    const admin = await administer(stack, 'org-n1');
    await admin.change({ providers: { microsoft: { enabled: false } } });
    expect((await narrow('microsoft', 'mail', token)).body.integrations).toEqual(['files:read']);
  });
});

describe('with others at work', () => {
  test('S44 a refresh that is under way cannot widen the record again, and its token is kept', async () => {
    const token = await connected('microsoft', ['files', 'mail']);
    stack.providers.microsoft.control.change({ latencyMs: 700 });
    const inFlight = getToken('microsoft', token, 'mail');
    await sleep(250);
    expect((await narrow('microsoft', 'mail', token)).status).toBe(200);
    expect((await inFlight).status).toBe(200);
    expect((await list(token))[0].integrations).toEqual(['files:read']);
    expect((await getToken('microsoft', token, 'mail')).body.reason).toBe('scope_not_granted');
    expect((await getToken('microsoft', token, 'files')).status).toBe(200);
  });

  test('two at once: each integration goes, and so does the connection', async () => {
    const token = await connected('microsoft', ['files', 'mail', 'calendar']);
    const names = ['files', 'mail', 'calendar'];
    const answers = await Promise.all(names.map((name) => narrow('microsoft', name, token)));
    expect(answers.filter((answer) => answer.status !== 200 && answer.status !== 204)).toEqual([]);
    expect(await list(token)).toEqual([]);
  });

  test('a lost answer of the database: done, and said so', async () => {
    const token = await connected('microsoft', ['files', 'mail']);
    stack.firestore?.faults.inject({ methods: ['Commit'], code: status.UNAVAILABLE, when: 'after', times: 1 });
    expect((await narrow('microsoft', 'mail', token)).status).toBe(200);
    expect((await list(token))[0].integrations).toEqual(['files:read']);
  });

  test('the database down: 503, and nothing is narrower', async () => {
    const token = await connected('microsoft', ['files', 'mail']);
    stack.firestore?.faults.inject({ methods: ['Commit'], code: status.PERMISSION_DENIED, when: 'before', times: 100 });
    expect((await narrow('microsoft', 'mail', token)).status).toBe(503);
    stack.firestore?.faults.clear();
    expect((await list(token))[0].integrations).toEqual(['mail:read', 'files:read']);
  }, 30_000);
});
