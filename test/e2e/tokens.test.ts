/** The tokens that the broker keeps: rows S40 to S51, and what the mission promises of a connection's life. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connectionRef, policyRef } from '../../functions/adapters/firestore/client.ts';
import type { ProviderName } from '../../local/environment.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { initialSwitches, type Switches } from '../../local/providers/switches.ts';
import { status } from '../../local/rpc.ts';
import {
  CODE_FLOW,
  connect,
  followCallback,
  leaks,
  startFlow,
  startTestStack,
  type TestAnswer,
  type TestStack,
} from '../support/broker.ts';

let stack: TestStack;
let database: Firestore;
let serial = 0;
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
  database = databaseOf(stack.environment);
}, 60_000);
afterAll(async () => {
  await database?.terminate();
  await stack?.stop();
});

const changed = new Map<ProviderName, (keyof Switches)[]>();
/** Turns switches of a simulated provider, until the test is over. */
const switches = (provider: ProviderName, change: Partial<Switches>) => {
  stack.providers[provider].control.change(change);
  changed.set(provider, [...(changed.get(provider) ?? []), ...(Object.keys(change) as (keyof Switches)[])]);
};
afterEach(() => {
  for (const [provider, names] of changed) {
    stack.providers[provider].control.change(Object.fromEntries(names.map((name) => [name, initialSwitches[name]])));
  }
  changed.clear();
  stack.firestore?.faults.clear();
  stack.kms.faults.clear();
});

/** A user of its own for each test. */
const newUser = async (tenant = 'org-1') => {
  const user = `user-t${++serial}`;
  return { user, tenant, token: await stack.session(user, tenant) };
};
const LONELY = 'account-3@personal.example';
const INTEGRATION = { google: 'files', microsoft: 'files', notes: 'notes' } as const;
/** `account`: for tests that revoke, one that no other test's user has connected. */
const connected = async (provider: ProviderName, tenant?: string, account?: string) => {
  const owner = await newUser(tenant);
  const wish = { token: owner.token, integrations: [INTEGRATION[provider]], ...(account ? { account } : {}) };
  const answer = await connect(stack, provider, wish);
  expect(answer.status).toBe(200);
  return owner;
};
const getToken = (provider: string, token: string, body: object = {}): Promise<TestAnswer> =>
  stack.call('POST', `/v1/connections/${provider}/token`, { token, body });
const list = async (token: string) => (await stack.call('GET', '/v1/connections', { token })).body.connections;
const calls = (provider: ProviderName) => {
  const { tokenCalls, turnedAway } = stack.providers[provider].control.read().counts;
  return (tokenCalls.refresh_token ?? 0) + turnedAway;
};
const document = (provider: string, { tenant, user }: { tenant: string; user: string }) =>
  connectionRef(database, { tenant, user, provider });

test('S40 the records of others and absent ones answer alike, byte for byte', async () => {
  const owner = await connected('google');
  const stranger = await newUser();
  const sameIdElsewhere = await stack.session(owner.user, 'org-2');
  const absent = await newUser('org-9');
  /** Everything but the correlation id, as bytes, and how long it took. */
  const raw = async (token: string) => {
    const begun = performance.now();
    const response = await fetch(`${stack.broker}/v1/connections/google/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await response.text();
    const headers = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-correlation-id');
    const took = performance.now() - begun;
    return { took, bytes: `${response.status} ${headers} ${text.replace(/"correlation_id":"[^"]+"/, '')}` };
  };
  const median = async (token: string) => {
    const times = [];
    for (let time = 0; time < 9; time++) times.push((await raw(token)).took);
    return times.sort((a, b) => a - b)[4] ?? 0;
  };
  const reads = async (token: string) => {
    const before = stack.firestore?.counts().reads ?? 0;
    await raw(token);
    return (stack.firestore?.counts().reads ?? 0) - before;
  };
  const expected = (await raw(absent.token)).bytes;
  expect(expected).toContain('"reason":"no_connection"');
  const absentTakes = await median(absent.token);
  for (const token of [stranger.token, sameIdElsewhere]) {
    expect((await raw(token)).bytes).toBe(expected);
    // Comparable: the same one read. A shared machine makes more of the difference than the record does.
    expect(await median(token)).toBeLessThan(absentTakes * 4 + 20);
    expect(await reads(token)).toBe(await reads(absent.token));
    expect(await list(token)).toEqual([]);
    expect((await stack.call('DELETE', '/v1/connections/google', { token })).status).toBe(204);
  }
  expect((await getToken('google', owner.token)).status).toBe(200);
});

describe('S41 what was moved or altered in the database does not open, and no provider hears of it', () => {
  const alter = (name: string, change: (one: Record<string, unknown>, other: Record<string, unknown>) => object) =>
    test(`S41 ${name}`, async () => {
      const victim = await connected('notes');
      const other = await connected('notes');
      const [one, two] = await Promise.all([document('notes', victim).get(), document('notes', other).get()]);
      await document('notes', victim).update({ ...change(one.data() ?? {}, two.data() ?? {}) });
      const before = calls('notes');
      for (let time = 0; time < 2; time++) {
        expect(await getToken('notes', victim.token)).toMatchObject({ status: 500, body: { code: 'integrity_error' } });
      }
      expect(calls('notes')).toBe(before);
      expect(await list(victim.token)).toMatchObject([{ state: 'authorize_again', reason: 'integrity_error' }]);
      expect(stack.logs.filter((line) => line.includes('"severity":"ALERT"')).length).toBeGreaterThan(0);
      // Authorizing again replaces the record.
      await connect(stack, 'notes', { token: victim.token, integrations: ['notes'] });
      expect((await getToken('notes', victim.token)).status).toBe(200);
    });
  const flip = (bytes: unknown) => {
    const copy = Buffer.from(bytes as Uint8Array);
    copy[20] = (copy[20] ?? 0) ^ 1;
    return copy;
  };
  alter("another user's token and key", (_, other) => ({
    sealed_token: other.sealed_token,
    wrapped_key: other.wrapped_key,
  }));
  alter("another user's token", (_, other) => ({ sealed_token: other.sealed_token }));
  alter('a flipped bit in the token', (one) => ({ sealed_token: flip(one.sealed_token) }));
  alter('a flipped bit in the key', (one) => ({ wrapped_key: flip(one.wrapped_key) }));
  alter('another revision', (one) => ({ revision: Number(one.revision) + 1 }));
  alter('another life', () => ({ generation: 'another' }));
  alter('nothing but a nonce', (one) => ({
    sealed_token: Buffer.from(one.sealed_token as Uint8Array).subarray(0, 12),
  }));

  test.each([
    ['user', { tenant: 'org-1', user: 'user-8', provider: 'notes' }, {}],
    ['tenant', { tenant: 'org-2', user: 'user-8', provider: 'notes' }, {}],
    ['provider', { tenant: 'org-1', user: 'user-8', provider: 'microsoft' }, { scopes: ['Files.Read'] }],
  ] as const)('S41 a whole document, copied to the place of another %s', async (_, thief, changes) => {
    const victim = await connected('notes');
    const copy = (await document('notes', victim).get()).data() ?? {};
    await document(thief.provider, thief).set({ ...copy, ...changes });
    const token = await stack.session(thief.user, thief.tenant);
    const before = calls('notes') + calls('microsoft');
    expect(await getToken(thief.provider, token)).toMatchObject({ status: 500, body: { code: 'integrity_error' } });
    expect(calls('notes') + calls('microsoft')).toBe(before);
    expect(await list(token)).toEqual([]);
    // Ending it ends the copy, and nothing of the victim's.
    const ended = await stack.call('DELETE', `/v1/connections/${thief.provider}`, { token });
    expect(ended.body.revocation).not.toBe('revoked');
    expect((await getToken('notes', victim.token)).status).toBe(200);
    expect(await list(victim.token)).toHaveLength(1);
  });

  test("S51 E5 deleting an account ends, and takes the user's stray copies with it", async () => {
    const owner = await connected('notes');
    const copy = (await document('notes', owner).get()).data() ?? {};
    await database.collection('connections').doc('somewhere-else').set(copy);
    expect((await stack.call('DELETE', '/v1/account', { token: owner.token })).status).toBe(200);
    expect((await database.collection('connections').doc('somewhere-else').get()).exists).toBe(false);
    expect(await list(owner.token)).toEqual([]);
  });

  test('S41 what comes back as it was opens again: a fault outside the record loses no connection', async () => {
    const owner = await connected('google');
    const { generation } = (await document('google', owner).get()).data() ?? {};
    await document('google', owner).update({ generation: 'another' });
    expect((await getToken('google', owner.token)).status).toBe(500);
    await document('google', owner).update({ generation });
    expect((await getToken('google', owner.token)).status).toBe(200);
    expect(await list(owner.token)).toMatchObject([{ state: 'active' }]);
  });
});

test('S42 S43 the scan for secrets finds one where there is one', async () => {
  const owner = await connected('google');
  const { access_token } = (await getToken('google', owner.token)).body;
  expect(leaks(stack, `a log line with ${access_token} in it`)).toHaveLength(1);
  expect(leaks(stack, `as base64 ${Buffer.from(access_token).toString('base64')}`)).toHaveLength(1);
  expect(leaks(stack, await stack.stored())).toEqual([]);
  expect(leaks(stack, stack.logs.join('\n'))).toEqual([]);
  expect(stack.logs.length).toBeGreaterThan(0);
});

describe('S44 what was granted, not what was asked for', () => {
  const readonly = 'https://www.googleapis.com/auth/calendar.readonly';

  test('S44 C7 a partial grant is recorded as what it is, and a wider request says what is missing', async () => {
    const { token } = await newUser();
    const answer = await connect(stack, 'google', { token, integrations: ['files', 'calendar'], withhold: [readonly] });
    expect(answer.body).toMatchObject({ integrations: ['files:read'], missing_scopes: [readonly] });
    expect((await getToken('google', token, { integration: 'files' })).status).toBe(200);
    expect(await getToken('google', token, { integration: 'calendar' })).toMatchObject({
      status: 409,
      body: { code: 'authorization_required', reason: 'scope_not_granted', missing_scopes: [readonly] },
    });
    const more = await connect(stack, 'google', { token, scopes: [readonly] });
    expect(more.body).toMatchObject({ integrations: ['calendar:read', 'files:read'], account_replaced: false });
    expect((await getToken('google', token, { integration: 'calendar' })).status).toBe(200);
  });

  test.each([
    ['microsoft', 'mail', 'files', ['mail:read', 'files:read']],
    ['notes', 'notes', 'notes:write', ['notes:write']],
  ] as const)('C7 at %s a later authorization adds to the earlier one', async (provider, first, second, both) => {
    const { token } = await newUser();
    await connect(stack, provider, { token, integrations: [first] });
    expect((await getToken(provider, token, { integration: second })).body.reason).toBe('scope_not_granted');
    const more = await connect(stack, provider, { token, integrations: [second] });
    expect(more.body.integrations).toEqual([...both]);
    for (const integration of both) expect((await getToken(provider, token, { integration })).status).toBe(200);
  });

  test('S44 providers do not narrow: scope says what the token really carries', async () => {
    const { token } = await newUser();
    await connect(stack, 'microsoft', { token, integrations: ['mail', 'files'] });
    const answer = await getToken('microsoft', token, { integration: 'mail' });
    expect(answer.body.scope.split(' ').sort()).toEqual(['Files.Read', 'Mail.ReadBasic']);
  });

  test('another account replaces everything, and the answer says so', async () => {
    const { token } = await newUser();
    await connect(stack, 'microsoft', { token, integrations: ['mail'], account: 'account-1@org-1.example' });
    const other = await connect(stack, 'microsoft', {
      token,
      integrations: ['files'],
      account: 'account-2@org-2.example',
    });
    expect(other.body).toMatchObject({ integrations: ['files:read'], account_replaced: true });
  });

  test('what the catalogue does not know is refused', async () => {
    const { token } = await connected('google');
    expect((await getToken('google', token, { integration: 'photos' })).body.code).toBe('invalid_scope');
    expect((await getToken('google', token, { scopes: ['openid'] })).body.code).toBe('invalid_scope');
  });
});

describe('S45 what the organization has switched off', () => {
  const off = (tenant: string, policy: object) => policyRef(database, tenant).set({ providers: policy });

  test('S45 a provider: refused at authorize, complete (also mid-flow) and token', async () => {
    const owner = await connected('google', 'org-off-1');
    const { callbackUrl, flow } = await startFlow(stack, 'google', { token: owner.token, integrations: ['files'] });
    const ticket = (await followCallback(stack, callbackUrl)).get('ticket') ?? '';
    await off('org-off-2', { google: { enabled: false } });
    await off('org-off-1', { google: { enabled: false } });
    const refused = { status: 403, body: { code: 'integration_disabled' } };
    const body = { integrations: ['files'], return_to: stack.demo.returnUrls[0] };
    expect(await stack.call('POST', '/v1/connections/google/authorize', { token: owner.token, body })).toMatchObject(
      refused,
    );
    expect(
      await stack.call('POST', '/v1/connections/google/complete', { token: owner.token, body: { ticket, flow } }),
    ).toMatchObject(refused);
    // This instance has not looked at that organization's policy yet: it sees it at once.
    const { token } = await newUser('org-off-2');
    expect(await getToken('google', token)).toMatchObject(refused);
  });

  test('S45 what was granted and is switched off is not asked for again, and keeps nothing else from being added', async () => {
    const { token } = await newUser('org-off-5');
    await connect(stack, 'notes', { token, integrations: ['notes:write'] });
    await connect(stack, 'google', { token, integrations: ['calendar', 'mail'] });
    await off('org-off-5', { google: { flow: 'authorization_code', integrations: { calendar: { enabled: false } } } });
    const step = await connect(stack, 'google', { token, integrations: ['mail:read'] });
    expect(step.body.integrations).toEqual(['mail:read']);
  });

  test('S45 one integration: its siblings go on', async () => {
    const { token } = await newUser('org-off-3');
    await connect(stack, 'microsoft', { token, integrations: ['mail', 'files'] });
    await off('org-off-3', { microsoft: { integrations: { mail: { enabled: false } } } });
    expect((await getToken('microsoft', token, { integration: 'mail' })).body.code).toBe('integration_disabled');
    expect((await getToken('microsoft', token, { scopes: ['Mail.ReadBasic'] })).body.code).toBe('integration_disabled');
    expect((await getToken('microsoft', token, { integration: 'files' })).status).toBe(200);
    expect((await getToken('microsoft', token)).status).toBe(200);
  });

  test('S49 a policy that is none allows nothing', async () => {
    await off('org-off-4', { google: { enabled: 'no' } });
    const { token } = await newUser('org-off-4');
    expect((await getToken('google', token)).status).toBe(500);
  });
});

describe('S47 disconnecting', () => {
  const disconnect = (provider: string, token: string) =>
    stack.call('DELETE', `/v1/connections/${provider}`, { token });

  test('S47 the database down: 503, and the connection is still there', async () => {
    const { token } = await connected('google');
    stack.firestore?.faults.inject({ methods: ['Commit'], code: status.UNAVAILABLE, when: 'before', times: 100 });
    const answer = await disconnect('google', token);
    expect(answer).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
    stack.firestore?.faults.clear();
    expect(await list(token)).toHaveLength(1);
    expect((await disconnect('google', token)).status).toBe(200);
  }, 30_000);

  test('S47 the provider down: removed all the same, and honest about it', async () => {
    const { token } = await connected('google', 'org-1', LONELY);
    switches('google', { outage: { at: 'all', as: '503' } });
    expect(await disconnect('google', token)).toMatchObject({
      status: 200,
      body: { revocation: 'failed', manage_url: stack.providers.google.endpoints.manage },
    });
    expect(await list(token)).toEqual([]);
    expect((await disconnect('google', token)).status).toBe(204);
  });

  test('S47 the key service down: removed all the same', async () => {
    const { token } = await connected('notes');
    stack.kms.faults.inject({ code: status.PERMISSION_DENIED, when: 'before', times: 100 });
    expect((await disconnect('notes', token)).body.revocation).toBe('failed');
    expect(await list(token)).toEqual([]);
  });

  test('S47 a record that does not open: removed all the same', async () => {
    const owner = await connected('notes');
    await document('notes', owner).update({ generation: 'another' });
    expect((await disconnect('notes', owner.token)).body.revocation).toBe('failed');
    expect(await list(owner.token)).toEqual([]);
  });

  test('S47 the key service hangs: removed all the same, within its deadline', async () => {
    const { token } = await connected('notes');
    stack.kms.faults.inject({ delay: 60_000, times: 1 });
    const begun = performance.now();
    expect((await disconnect('notes', token)).body.revocation).toBe('failed');
    expect(performance.now() - begun).toBeLessThan(8_000);
    expect(await list(token)).toEqual([]);
  }, 20_000);

  test('S47 a dead grant: nothing was revoked, and the answer says where what is left can be seen', async () => {
    const { token } = await connected('google');
    stack.providers.google.control.happen({ event: 'revoke-access', account: 'account-1@org-1.example' });
    await getToken('google', token);
    expect((await disconnect('google', token)).body).toEqual({
      provider: 'google',
      revocation: 'impossible',
      manage_url: stack.providers.google.endpoints.manage,
    });
  });

  test("E3 one Google account of two users: the first one's wish does not end the other's connection", async () => {
    const account = 'account-2@org-2.example';
    const [one, two] = [await newUser('org-1'), await newUser('org-2')];
    for (const { token } of [one, two]) await connect(stack, 'google', { token, integrations: ['files'], account });
    expect((await disconnect('google', one.token)).body.revocation).toBe('impossible');
    expect((await getToken('google', two.token)).status).toBe(200);
    expect((await disconnect('google', two.token)).body.revocation).toBe('revoked');
  });

  test('S47 a provider that the broker does not know', async () => {
    const { token } = await newUser();
    expect((await disconnect('nobody', token)).status).toBe(404);
  });
});

describe('S48 an answer of the provider that is none', () => {
  test.each(['redirect', 'html', 'too_long', 'mac'] as const)(
    'S48 %s: 502, and the connection lives',
    async (shape) => {
      const { token } = await connected('google');
      switches('google', { answerShape: { shape, next: 1 } });
      expect(await getToken('google', token)).toMatchObject({ status: 502, body: { code: 'provider_error' } });
      expect((await getToken('google', token)).status).toBe(200);
    },
  );

  test.each(['no_refresh_token', 'no_expires_in', 'comma_scope'] as const)(
    'an odd answer (%s) is a good one',
    async (shape) => {
      const { token } = await connected('microsoft');
      switches('microsoft', { answerShape: { shape, next: 1 } });
      for (let time = 0; time < 2; time++) {
        const answer = await getToken('microsoft', token, { integration: 'files' });
        expect(answer.status).toBe(200);
        expect(answer.body.expires_in).toBeGreaterThan(0);
      }
    },
  );
});

describe('refused is not unavailable', () => {
  const fault = (change: Partial<Switches>) => () => switches('google', change);
  test.each([
    ['the provider is down', fault({ outage: { at: 'token', as: '503' } })],
    ['the provider hangs up', fault({ outage: { at: 'token', as: 'reset' } })],
    ['the client secret has expired', fault({ clientSecretExpired: true })],
    ['the provider wants fewer calls', fault({ tooManyRequests: { retryAfter: 7, next: 1 } })],
    [
      'the key service is down',
      () => stack.kms.faults.inject({ code: status.UNAVAILABLE, when: 'before', times: 100 }),
    ],
    [
      'the key service refuses',
      () => stack.kms.faults.inject({ code: status.PERMISSION_DENIED, when: 'before', times: 100 }),
    ],
    ['S52 the key service answers damaged', () => stack.kms.corrupt('wrong checksum', 3)],
  ])(
    'A7 %s: 503 with Retry-After, and the connection lives',
    async (_, breaks) => {
      const { token } = await connected('google');
      breaks();
      const answer = await getToken('google', token);
      expect(answer).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      for (const [provider, names] of changed) {
        stack.providers[provider].control.change(
          Object.fromEntries(names.map((name) => [name, initialSwitches[name]])),
        );
      }
      stack.kms.faults.clear();
      expect((await getToken('google', token)).status).toBe(200);
      expect(await list(token)).toMatchObject([{ state: 'active' }]);
    },
    30_000,
  );

  test('A7 the database is down: 503', async () => {
    const { token } = await connected('google');
    stack.firestore?.faults.inject({
      methods: ['BatchGetDocuments'],
      code: status.UNAVAILABLE,
      when: 'before',
      times: 100,
    });
    expect(await getToken('google', token)).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
  }, 30_000);

  test.each(['google', 'microsoft', 'notes'] as const)(
    'A7 E4 access taken back at %s: authorize again, which restores service',
    async (provider) => {
      const { token } = await connected(provider);
      stack.providers[provider].control.happen({ event: 'revoke-access', account: 'account-1@org-1.example' });
      const answer = await getToken(provider, token);
      expect(answer).toMatchObject({ status: 409, body: { code: 'authorization_required' } });
      expect(['grant_dead', 'user_needed']).toContain(answer.body.reason);
      await connect(stack, provider, { token, integrations: [INTEGRATION[provider]] });
      expect((await getToken(provider, token)).status).toBe(200);
    },
  );

  test('a dead grant keeps nothing that could be used', async () => {
    const owner = await connected('google');
    stack.providers.google.control.happen({ event: 'revoke-access', account: 'account-1@org-1.example' });
    await getToken('google', owner.token);
    const { sealed_token, wrapped_key, authorize_again } = (await document('google', owner).get()).data() ?? {};
    expect({ sealed_token, wrapped_key, authorize_again }).toEqual({ authorize_again: 'grant_dead' });
    expect(await list(owner.token)).toMatchObject([{ state: 'authorize_again', reason: 'grant_dead' }]);
  });

  test('A8 a changed password at Microsoft breaks nothing', async () => {
    const { token } = await connected('microsoft');
    stack.providers.microsoft.control.happen({ event: 'change-password', account: 'account-1@org-1.example' });
    expect((await getToken('microsoft', token)).status).toBe(200);
  });

  test('the provider wants the user: 409 with the claims to pass on, and the grant lives', async () => {
    const { token } = await connected('microsoft');
    switches('microsoft', { mfaRequired: true });
    const answer = await getToken('microsoft', token);
    expect(answer).toMatchObject({ status: 409, body: { reason: 'user_needed' } });
    expect(JSON.parse(Buffer.from(answer.body.claims, 'base64url').toString())).toHaveProperty('access_token');
    // The list says the same as the token call, until the next success.
    expect(await list(token)).toMatchObject([{ state: 'authorize_again', reason: 'user_needed' }]);
    switches('microsoft', { mfaRequired: false });
    expect((await getToken('microsoft', token)).status).toBe(200);
    expect(await list(token)).toMatchObject([{ state: 'active' }]);
  });
});

describe('S50 a claims challenge', () => {
  test('S50 from the resource, through the token call, to a token that the resource accepts', async () => {
    const { token } = await connected('microsoft');
    const files = async (claims?: string) => {
      const { body } = await getToken('microsoft', token, { integration: 'files', ...(claims ? { claims } : {}) });
      return fetch(`${stack.providers.microsoft.origin}/v1.0/me/drive/root/children`, {
        headers: { authorization: `Bearer ${body.access_token}` },
      });
    };
    switches('microsoft', { claimsChallenge: true });
    const challenged = await files();
    expect(challenged.status).toBe(401);
    const claims = /claims="([^"]+)"/.exec(challenged.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect((await files(Buffer.from(claims, 'base64').toString('base64url'))).status).toBe(200);
  });

  test.each(['%7B%7D', Buffer.from('[]').toString('base64url'), Buffer.from('{').toString('base64url')])(
    'S50 %s is none: 400',
    async (claims) => {
      const { token } = await newUser();
      expect(await getToken('microsoft', token, { claims })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
      const body = { integrations: ['files'], return_to: stack.demo.returnUrls[0], claims };
      expect((await stack.call('POST', '/v1/connections/microsoft/authorize', { token, body })).status).toBe(400);
    },
  );
});

describe('S51 account deletion', () => {
  test('S51 an in-flight refresh cannot bring a deleted connection back, and gets no token', async () => {
    const owner = await connected('microsoft');
    switches('microsoft', { latencyMs: 700 });
    const inFlight = getToken('microsoft', owner.token);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect((await stack.call('DELETE', '/v1/account', { token: owner.token })).status).toBe(200);
    expect(await inFlight).toMatchObject({ status: 409, body: { reason: 'no_connection' } });
    expect((await document('microsoft', owner).get()).exists).toBe(false);
  });

  test('S51 a flow begun before the deletion cannot complete after it; one begun after can', async () => {
    const owner = await newUser();
    const { callbackUrl, flow } = await startFlow(stack, 'google', {
      token: owner.token,
      integrations: ['files'],
      account: LONELY,
    });
    const ticket = (await followCallback(stack, callbackUrl)).get('ticket') ?? '';
    expect((await stack.call('DELETE', '/v1/account', { token: owner.token })).status).toBe(204);
    const revocations = stack.providers.google.control.read().counts.revocations;
    expect(
      await stack.call('POST', '/v1/connections/google/complete', { token: owner.token, body: { ticket, flow } }),
    ).toMatchObject({ status: 400, body: { code: 'invalid_state' } });
    expect((await document('google', owner).get()).exists).toBe(false);
    // The grant that came too late ends at the provider as well.
    expect(stack.providers.google.control.read().counts.revocations).toBe(revocations + 1);
    expect((await connect(stack, 'google', { token: owner.token, integrations: ['files'] })).status).toBe(200);
  });

  test('S51 the tombstone has a time at which the database may remove it, and does not name the user', async () => {
    const owner = await newUser();
    await stack.call('DELETE', '/v1/account', { token: owner.token });
    const tombstone = stack.firestore
      ?.dump()
      .filter(({ name }) => name.includes('/documents/tombstones/'))
      .at(-1);
    expect(tombstone?.fields.expire_at).toBeInstanceOf(Date);
    expect(Number(tombstone?.fields.expire_at)).toBeGreaterThan(Date.now() + 3500_000);
    expect(JSON.stringify(tombstone)).not.toContain(owner.user);
  });
});

describe("the host product's backend deletes a user", () => {
  const path = ({ tenant, user }: { tenant: string; user: string }) => `/v1/tenants/${tenant}/users/${user}`;

  test('E5 of its own tenant, with a token of the exact audience', async () => {
    const owner = await connected('google');
    const service = await stack.demo.sessions.serviceToken('org-1');
    expect((await stack.call('DELETE', path(owner), { token: service })).body.removed).toMatchObject([
      { provider: 'google' },
    ]);
    expect(await list(owner.token)).toEqual([]);
    expect((await stack.call('DELETE', path(owner), { token: service })).status).toBe(204);
  });

  test('E5 never of another tenant, never with a session, never with a cookie', async () => {
    const owner = await connected('google');
    const foreign = await stack.demo.sessions.serviceToken('org-2');
    expect(await stack.call('DELETE', path(owner), { token: foreign })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect((await stack.call('DELETE', path(owner), { token: owner.token })).status).toBe(401);
    const cookie = `__Host-session=${await stack.demo.sessions.serviceToken('org-1')}`;
    const headers = { cookie, origin: stack.demo.origin, 'broker-request': '1', 'content-type': 'application/json' };
    expect((await stack.call('DELETE', path(owner), { headers })).status).toBe(401);
    expect((await stack.call('GET', '/v1/connections', { token: foreign })).status).toBe(401);
    expect(await list(owner.token)).toHaveLength(1);
  });
});

test('a lease whose giving back met a database that was away for a moment keeps nobody waiting', async () => {
  const { token } = await connected('notes');
  switches('notes', { tooManyRequests: { retryAfter: 1, next: 1 } });
  let commits = 0;
  // The first takes the lease.
  const matching = () => ++commits === 2;
  stack.firestore?.faults.inject({ methods: ['Commit'], matching, code: status.UNAVAILABLE, when: 'before' });
  expect((await getToken('notes', token)).status).toBe(503);
  expect(commits).toBe(2);
  expect((await getToken('notes', token)).status).toBe(200);
});
