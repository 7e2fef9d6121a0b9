/** Whose grant is ended: disconnecting ends no connection of anybody else, at no kind of provider, and says what it did. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Switches } from '../../local/providers/switches.ts';
import { status } from '../../local/rpc.ts';
import { CODE_FLOW, connect, startTestStack, type TestStack } from '../support/broker.ts';

type Ends = Switches['revocationEnds'];

const ONE = 'account-1@org-1.example';
const OTHER = 'account-2@org-2.example';

let stack: TestStack;
let serial = 0;
/** Broker processes by what the configuration says of `notes`; all on one database. */
const brokers: Record<string, string> = {};
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
  const { notes, ...others } = JSON.parse(stack.environment.PROVIDERS ?? '');
  const { revocation_ends: _, ...undeclared } = notes;
  const kinds: Record<string, object> = {
    default: undeclared,
    token: { ...undeclared, revocation_ends: 'token' },
    grant: { ...undeclared, revocation_ends: 'grant' },
    session: { ...undeclared, revocation_ends: 'session' },
  };
  for (const [name, provider] of Object.entries(kinds)) {
    const { origin } = await stack.addBroker({ PROVIDERS: JSON.stringify({ ...others, notes: provider }) });
    brokers[name] = origin;
  }
}, 120_000);
afterEach(async () => {
  stack.providers.notes.control.change({ revocationEnds: 'token' });
  // The next test finds no connection.
  for (const { token, provider } of users.splice(0)) await disconnect({ token, provider }, 'token');
  for (const { control } of [stack.providers.notes, stack.providers.google]) {
    for (const account of [ONE, OTHER]) control.happen({ event: 'revoke-access', account });
  }
});
afterAll(() => stack?.stop());

interface User {
  readonly token: string;
  readonly provider: string;
}
const users: User[] = [];

const newUser = async (provider: string, tenant = 'org-1'): Promise<User> => {
  const user = { token: await stack.session(`user-r${++serial}`, tenant), provider };
  users.push(user);
  return user;
};
/** Through the broker of `kind`; the callback is the stack's first one, whose origin is in everybody's redirect URI. */
const authorize = async ({ token, provider }: User, kind: string, account = ONE) => {
  const call: TestStack['call'] = (method, path, options) =>
    stack.call(method, path, {
      ...options,
      ...(path.includes('/connections/') ? { broker: brokers[kind] ?? '' } : {}),
    });
  return connect({ ...stack, call }, provider, {
    token,
    integrations: [provider === 'google' ? 'files' : 'notes'],
    account,
  });
};
const disconnect = ({ token, provider }: User, kind: string) =>
  stack.call('DELETE', `/v1/connections/${provider}`, { token, broker: brokers[kind] ?? '' });
const works = async ({ token, provider }: User, kind: string) => {
  const body = { integration: provider === 'google' ? 'files' : 'notes' };
  const answer = await stack.call('POST', `/v1/connections/${provider}/token`, {
    token,
    body,
    broker: brokers[kind] ?? '',
  });
  return answer.status === 200;
};
const live = (provider: 'notes' | 'google') => stack.providers[provider].control.read().counts.liveRefreshTokens;

describe('S47 another user has the same account of the provider', () => {
  test.each<[string, Ends, string]>([
    ['default', 'session', 'impossible'],
    ['default', 'grant', 'impossible'],
    ['default', 'token', 'impossible'],
    ['session', 'session', 'impossible'],
    ['grant', 'grant', 'impossible'],
    ['token', 'token', 'revoked'],
  ])(
    'configured as %s, the provider ends the %s: %s, and the other goes on',
    async (kind, revocationEnds, expected) => {
      stack.providers.notes.control.change({ revocationEnds });
      const [mine, theirs] = [await newUser('notes'), await newUser('notes', 'org-2')];
      for (const user of [mine, theirs]) expect((await authorize(user, kind)).status).toBe(200);
      const ended = await disconnect(mine, kind);
      expect(ended.body.revocation).toBe(expected);
      expect(ended.body.manage_url === undefined).toBe(expected === 'revoked');
      expect(await works(theirs, kind)).toBe(true);
      // The last of them ends the grant.
      expect((await disconnect(theirs, kind)).body.revocation).toBe('revoked');
      expect(live('notes')).toBe(expected === 'revoked' || revocationEnds !== 'token' ? 0 : 1);
    },
  );

  test('another account is no reason not to revoke, where accounts are known', async () => {
    const [mine, theirs] = [await newUser('notes'), await newUser('notes')];
    await authorize(mine, 'default');
    await authorize(theirs, 'default', OTHER);
    expect((await disconnect(mine, 'default')).body.revocation).toBe('revoked');
    expect(await works(theirs, 'default')).toBe(true);
  });

  test('S51 account deletion and giving up the last integration go by the same rule', async () => {
    stack.providers.notes.control.change({ revocationEnds: 'session' });
    const [one, two, theirs] = [await newUser('notes'), await newUser('notes'), await newUser('notes')];
    for (const user of [one, two, theirs]) await authorize(user, 'default');
    const broker = brokers.default ?? '';
    const deleted = await stack.call('DELETE', '/v1/account', { token: one.token, broker });
    expect(deleted.body.removed).toMatchObject([{ provider: 'notes', revocation: 'impossible' }]);
    const path = '/v1/connections/notes/integrations/notes';
    const narrowed = await stack.call('DELETE', path, { token: two.token, broker });
    expect(narrowed.body.removed).toMatchObject({ revocation: 'impossible' });
    expect(await works(theirs, 'default')).toBe(true);
  });
});

describe('authorizing again over a living connection', () => {
  test.each([
    ['notes', 'token', ONE, 'revoked', 1],
    ['notes', 'default', ONE, 'impossible', 2],
    ['notes', 'default', OTHER, 'revoked', 1],
    ['google', 'default', ONE, 'impossible', 2],
    ['google', 'default', OTHER, 'revoked', 1],
  ] as const)('at %s (%s) with %s: %s, and the new grant works', async (provider, kind, account, expected, left) => {
    const mine = await newUser(provider);
    expect((await authorize(mine, kind)).body).not.toHaveProperty('replaced');
    const again = await authorize(mine, kind, account);
    expect(again).toMatchObject({ status: 200, body: { replaced: { revocation: expected } } });
    expect(again.body.replaced.manage_url === undefined).toBe(expected === 'revoked');
    expect(live(provider)).toBe(left);
    expect(await works(mine, kind)).toBe(true);
    expect(await works(mine, kind)).toBe(true);
  });

  test('the former account is somebody else’s too: nothing is revoked', async () => {
    stack.providers.notes.control.change({ revocationEnds: 'session' });
    const [mine, theirs] = [await newUser('notes'), await newUser('notes')];
    for (const user of [mine, theirs]) await authorize(user, 'default');
    const again = await authorize(mine, 'default', OTHER);
    expect(again.body).toMatchObject({ account_replaced: true, replaced: { revocation: 'impossible' } });
    expect(await works(theirs, 'default')).toBe(true);
  });

  test('Microsoft has nothing to revoke by, and says so; a grant that was dead leaves nothing to say', async () => {
    const mine = await newUser('microsoft');
    const go = () => connect(stack, 'microsoft', { token: mine.token, integrations: ['files'] });
    await go();
    expect((await go()).body).toMatchObject({ replaced: { revocation: 'impossible' } });
    const dead = await newUser('notes');
    await authorize(dead, 'token');
    stack.providers.notes.control.happen({ event: 'revoke-access', account: ONE });
    expect(await works(dead, 'token')).toBe(false);
    expect((await authorize(dead, 'token')).body).not.toHaveProperty('replaced');
  });

  test('the key service is down for the former token: the new connection stands, and the answer says failed', async () => {
    const mine = await newUser('notes');
    await authorize(mine, 'token');
    stack.kms.faults.inject({ methods: ['Decrypt'], code: status.PERMISSION_DENIED, times: 20 });
    const again = await authorize(mine, 'token');
    stack.kms.faults.clear();
    expect(again).toMatchObject({ status: 200, body: { replaced: { revocation: 'failed' } } });
    expect(await works(mine, 'token')).toBe(true);
  });
});
