/** What a token call costs at its neighbours, exactly: docs/storage.md says so. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ProviderName } from '../../local/environment.ts';
import { MEASURED } from '../../tools/cost/model.ts';
import { operationsOf } from '../operations/count.ts';
import { CODE_FLOW, connect, startTestStack, type TestStack } from '../support/broker.ts';
import { renewFor, signInFor } from '../support/sign-in.ts';

let stack: TestStack;
let second: string;
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
  second = (await stack.addBroker()).origin;
}, 60_000);
afterAll(() => stack?.stop());

/** Everything that arrived at the database, the key service and the provider, by name. */
const count = (provider: ProviderName) => {
  const { tokenCalls, turnedAway } = stack.providers[provider].control.read().counts;
  const { reads = 0, writes = 0, queries = 0, transactions = 0 } = stack.firestore?.counts() ?? {};
  return {
    ...stack.firestore?.calls(),
    ...stack.kms.calls(),
    'documents read': reads,
    'documents written': writes,
    queries,
    transactions,
    'provider calls': Object.values(tokenCalls).reduce((sum, each) => sum + each, turnedAway),
  };
};

/** What one call adds; what it does not touch is left out. */
const costOf = async (provider: ProviderName, token: string, broker: string) => {
  const before: Record<string, number> = count(provider);
  const answer = await stack.call('POST', `/v1/connections/${provider}/token`, { token, body: {}, broker });
  expect(answer.status).toBe(200);
  const after = Object.entries<number>(count(provider));
  return Object.fromEntries(
    after.map(([name, all]) => [name, all - (before[name] ?? 0)]).filter(([, added]) => added !== 0),
  );
};

const written = (times: number) => (times === 0 ? {} : { Commit: times, 'documents written': times });

test.each([
  ['google', 'stable', 'files', 0],
  ['microsoft', 'tolerant', 'files', 1],
  ['notes', 'strict', 'notes', 2],
] as const)(
  'an undisturbed token call at %s (%s): one read, one key call, one provider call',
  async (provider, _, integration, writes) => {
    // An organization of its own: each instance reads its policy with the first call, and not again within 30 seconds.
    const token = await stack.session('user-1', `org-${provider}`);
    await connect(stack, provider, { token, integrations: [integration] });
    const expected = {
      BatchGetDocuments: 1,
      'documents read': 1,
      Decrypt: 1,
      'provider calls': 1,
      ...written(writes),
    };
    const withPolicy = { ...expected, BatchGetDocuments: 2, 'documents read': 2 };
    for (const broker of [stack.broker, second]) {
      expect(await costOf(provider, token, broker)).toEqual(withPolicy);
      expect(await costOf(provider, token, broker)).toEqual(expected);
      expect(await costOf(provider, token, broker)).toEqual(expected);
    }
  },
);

test('a strict provider that did not rotate costs the same two writes: the lease, and giving it back', async () => {
  const token = await stack.session('user-2', 'org-notes-2');
  await connect(stack, 'notes', { token, integrations: ['notes'] });
  await costOf('notes', token, stack.broker);
  stack.providers.notes.control.change({ rotation: 'stable' });
  expect(await costOf('notes', token, stack.broker)).toMatchObject({ Commit: 2, 'provider calls': 1 });
});

test.each([
  ['google', 'stable'],
  ['microsoft', 'tolerant'],
  ['notes', 'strict'],
] as const)('docs/cost.md reckons with what a token call at %s (%s) does', async (provider, rotation) => {
  const token = await stack.session('user-3', `org-cost-${provider}`);
  await connect(stack, provider, { token, integrations: [provider === 'notes' ? 'notes' : 'files'] });
  const call = () => stack.call('POST', `/v1/connections/${provider}/token`, { token });
  await call();
  const { logBytes, ...counted } = await operationsOf(stack, call);
  const { logBytes: reckoned = 0, ...expected } = MEASURED[`token, ${rotation}`] ?? {};
  expect(counted).toEqual(expected);
  const line = stack.logs.map((each) => JSON.parse(each)).findLast(({ event }) => event === 'refresh');
  expect(line).toMatchObject({ severity: 'INFO', provider, rotation, outcome: 'tokens', operation: 'token' });
  expect(line.milliseconds).toBeGreaterThanOrEqual(0);
  // Names differ in length.
  expect(Math.abs(logBytes - reckoned)).toBeLessThan(60);
});

test('docs/cost.md reckons with what renewing a session does', async () => {
  const signedIn = await signInFor(stack, 'google', { account: 'account-1@org-1.example' });
  const counted = await operationsOf(stack, async () => expect((await renewFor(stack, signedIn)).status).toBe(200));
  expect(counted).toEqual(MEASURED['renew a session']);
  expect(counted).toMatchObject({ reads: 3, writes: 1, keys: 1 });
});
