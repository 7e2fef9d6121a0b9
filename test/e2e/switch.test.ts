/** Switching an organization to a browser-only flow (S46), and who may call what cleans up after it (S58). */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProviderName } from '../../local/environment.ts';
import { initialSwitches } from '../../local/providers/switches.ts';
import { status } from '../../local/rpc.ts';
import { administer, sweep } from '../support/admin.ts';
import { CODE_FLOW, connect, followCallback, startFlow, startTestStack, type TestStack } from '../support/broker.ts';

let stack: TestStack;
let serial = 0;
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
}, 60_000);
afterEach(() => {
  stack.firestore?.faults.clear();
  stack.kms.faults.clear();
  const { latencyMs } = initialSwitches;
  for (const { control } of Object.values(stack.providers)) control.change({ latencyMs });
});
afterAll(() => stack?.stop());

const FLOW = { google: 'implicit', microsoft: 'browser_code', notes: 'browser_code' } as const;
const ACCOUNTS = ['account-1@org-1.example', 'account-2@org-2.example', 'account-3@personal.example'];
const BACK = 'authorization_code';
const integrationsOf = (provider: ProviderName) => [provider === 'notes' ? 'notes' : 'files'];

const newOrganization = async () => {
  const tenant = `org-s${++serial}`;
  const admin = await administer(stack, tenant);
  return {
    tenant,
    admin,
    switchTo: (provider: ProviderName, flow: (typeof FLOW)[ProviderName] | typeof BACK = FLOW[provider]) =>
      admin.change({ providers: { [provider]: { flow } } }),
    /** A user, connected. */
    user: async (provider: ProviderName, account = ACCOUNTS[0] ?? '') => {
      const token = await stack.session(`user-${++serial}`, tenant);
      expect((await connect(stack, provider, { token, integrations: integrationsOf(provider), account })).status).toBe(
        200,
      );
      return token;
    },
  };
};
const getToken = (provider: string, token: string) =>
  stack.call('POST', `/v1/connections/${provider}/token`, { token });
const complete = (provider: string, token: string, body: object) =>
  stack.call('POST', `/v1/connections/${provider}/complete`, { token, body });
const counts = (provider: ProviderName) => stack.providers[provider].control.read().counts;
const REFUSED = { status: 403, body: { code: 'browser_only_flow' } };

/** What there is of an organization, users and all, beside its policy. */
const left = async (tenant: string) =>
  (await stack.stored()).split('\n').filter((line) => !line.startsWith('policies/') && line.includes(`"${tenant}"`));

describe.each(['google', 'microsoft', 'notes'] as const)('%s', (provider) => {
  test('S46 B4 authorize, complete and token refuse, the provider hears of none, and nothing stored is left', async () => {
    const { tenant, admin, switchTo, user } = await newOrganization();
    const owner = await user(provider);
    const begun = await startFlow(stack, provider, { token: owner, integrations: integrationsOf(provider) });
    const body = { ticket: (await followCallback(stack, begun.callbackUrl)).get('ticket') ?? '', flow: begun.flow };
    expect((await switchTo(provider)).status).toBe(200);
    expect((await admin.integrations())[provider]).toMatchObject({ connections: 1, removing: true });

    const before = counts(provider).tokenCalls;
    // S03 comes first: whose flow it is matters more than how the organization authorizes.
    const other = await stack.session('user-other', tenant);
    expect(await complete(provider, other, body)).toMatchObject({ status: 403, body: { code: 'session_mismatch' } });
    expect(await complete(provider, owner, body)).toMatchObject(REFUSED);
    const wish = { integrations: integrationsOf(provider), return_to: stack.demo.returnUrls[0] };
    const authorize = stack.call('POST', `/v1/connections/${provider}/authorize`, { token: owner, body: wish });
    expect(await authorize).toMatchObject(REFUSED);
    // This instance has not asked for this organization's policy yet: the 30 seconds are core/policy-cache's.
    expect(await getToken(provider, owner)).toMatchObject(REFUSED);
    expect(counts(provider).tokenCalls).toEqual(before);

    expect(await sweep(stack)).toMatchObject({ status: 200, body: { removed: 1, left: false } });
    expect((await admin.integrations())[provider]).toMatchObject({ connections: 0, removing: false });
    expect(await left(tenant)).toEqual([]);
    expect((await stack.call('GET', '/v1/connections', { token: owner })).body).toEqual({ connections: [] });
    expect((await sweep(stack)).body).toEqual({ removed: 0, left: false });
  });

  test('S46 a flow whose code is being exchanged at that moment is not stored, and its grant not left behind', async () => {
    const { tenant, switchTo } = await newOrganization();
    const token = await stack.session('user-1', tenant);
    const account = ACCOUNTS[2] ?? '';
    const begun = await startFlow(stack, provider, { token, integrations: integrationsOf(provider), account });
    const ticket = (await followCallback(stack, begun.callbackUrl)).get('ticket') ?? '';
    const { revocations } = counts(provider);
    stack.providers[provider].control.change({ latencyMs: 900 });
    const inFlight = complete(provider, token, { ticket, flow: begun.flow });
    await sleep(300);
    await switchTo(provider);
    expect(await inFlight).toMatchObject(REFUSED);
    expect((await left(tenant)).filter((line) => !line.startsWith('removals/'))).toEqual([]);
    if (provider !== 'microsoft') expect(counts(provider).revocations).toBeGreaterThan(revocations);
    await sweep(stack);
  });
});

describe('S46 the sweep', () => {
  test('S46 revokes where it can, not where it would end what another organization uses', async () => {
    const [one, other] = [await newOrganization(), await newOrganization()];
    const [shared = '', own = ''] = ACCOUNTS;
    await one.user('google', shared);
    const elsewhere = await other.user('google', shared);
    await one.user('google', own);
    const before = counts('google').revocations;
    await one.switchTo('google');
    expect((await sweep(stack)).body).toEqual({ removed: 2, left: false });
    expect(counts('google').revocations).toBe(before + 1);
    expect((await getToken('google', elsewhere)).status).toBe(200);
    const swept = stack.logs.filter((line) => line.includes('"swept"') && line.includes(`"${one.tenant}"`));
    expect(swept.map((line) => JSON.parse(line).revocation).sort()).toEqual(['impossible', 'revoked']);
  });

  test('S46 switching back ends it: what is stored by then stays', async () => {
    const { admin, switchTo, user } = await newOrganization();
    const owner = await user('microsoft');
    await switchTo('microsoft');
    await switchTo('microsoft', BACK);
    expect((await admin.integrations()).microsoft).toMatchObject({ connections: 1, removing: false });
    expect((await sweep(stack)).body).toEqual({ removed: 0, left: false });
    expect((await getToken('microsoft', owner)).status).toBe(200);
  });

  test('S46 a connection of after the switch back survives a switch back that the queue missed', async () => {
    const { tenant, admin, switchTo, user } = await newOrganization();
    await switchTo('notes');
    const queued = stack.firestore
      ?.dump()
      .find(({ name, fields }) => name.includes('/removals/') && fields.tenant === tenant);
    expect(queued).toBeDefined();
    // As if the sweep had read its task just before the admin switched back.
    const { headers } = await admin.read();
    stack.firestore?.faults.inject({ methods: ['RunQuery'], delay: 1_500, times: 1 });
    const late = sweep(stack);
    await sleep(200);
    expect(headers.get('etag')).not.toBeNull();
    await switchTo('notes', BACK);
    const owner = await user('notes');
    expect((await late).body).toMatchObject({ removed: 0 });
    expect((await getToken('notes', owner)).status).toBe(200);
  });

  test('S46 the key service down: removed all the same', async () => {
    const { tenant, switchTo, user } = await newOrganization();
    await user('notes');
    await switchTo('notes');
    stack.kms.faults.inject({ code: status.UNAVAILABLE, when: 'before', times: 100 });
    expect((await sweep(stack)).body).toEqual({ removed: 1, left: false });
    expect(await left(tenant)).toEqual([]);
  }, 30_000);

  test('S46 the database down: 503, and the next call goes on; another organization does not wait', async () => {
    const [one, other] = [await newOrganization(), await newOrganization()];
    for (const { user, switchTo } of [one, other]) {
      await user('microsoft');
      await switchTo('microsoft');
    }
    stack.firestore?.faults.inject({ methods: ['Commit'], code: status.PERMISSION_DENIED, when: 'before', times: 1 });
    expect(await sweep(stack)).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
    expect([...(await left(one.tenant)), ...(await left(other.tenant))]).not.toEqual([]);
    expect((await sweep(stack)).body).toMatchObject({ left: false });
    expect([...(await left(one.tenant)), ...(await left(other.tenant))]).toEqual([]);
  });

  test('S46 an organization that never chose may have connections of another default: its first choice removes them', async () => {
    const { tenant, admin } = await newOrganization();
    const token = await stack.session('user-1', tenant);
    await connect(stack, 'google', { token, integrations: ['files'] });
    // Nothing but the provider's flow is named: by the default of this stack it was the code flow.
    await admin.change({ providers: { google: { flow: 'implicit' } } });
    await sweep(stack);
    expect(await left(tenant)).toEqual([]);
  });
});

describe('S58 the internal route is for the scheduler alone', () => {
  const call = (headers: Record<string, string>) => stack.call('POST', '/v1/internal/sweep', { headers });
  const bearer = (token: string) => call({ authorization: `Bearer ${token}` });

  test('S58 nobody, a session, an admin, the product’s backend and cookies are refused', async () => {
    const session = await stack.session('user-1', 'org-1', ['admin']);
    const answers = [
      await call({}),
      await bearer('x'),
      await bearer(session),
      await bearer(await stack.demo.sessions.serviceToken('org-1')),
      await call({ cookie: `__Host-session=${await stack.scheduler.token()}`, 'broker-request': '1' }),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ status: 401, body: { code: 'login_required' } });
  });

  test.each<[string, Record<string, unknown>]>([
    ['another audience', { aud: 'https://elsewhere.example/v1/internal/sweep' }],
    ['the audience and another one', { aud: ['x'] }],
    ['the origin as audience', { aud: 'http://127.0.0.1' }],
    ['another service account', { email: 'other@local-project.iam.gserviceaccount.com' }],
    [
      'an account whose name starts alike',
      { email: 'scheduler@local-project.iam.gserviceaccount.com.elsewhere.example' },
    ],
    ['no account', { email: undefined }],
    ['an address that is not verified', { email_verified: false }],
    ['an address that is verified in words', { email_verified: 'true' }],
    ['another issuer', { iss: 'https://accounts.elsewhere.example' }],
    ['an issuer in the short spelling', { iss: 'accounts.google.com' }],
    ['a time that is over', { exp: 1_000_000_000 }],
    ['no end', { exp: undefined }],
  ])('S58 Google’s signature with %s is refused', async (_, changes) => {
    expect(await sweep(stack, changes)).toMatchObject({ status: 401, body: { code: 'login_required' } });
  });

  test('S58 the scheduler itself is served, and only with POST', async () => {
    expect((await sweep(stack)).status).toBe(200);
    const token = await stack.scheduler.token();
    expect((await stack.call('GET', '/v1/internal/sweep', { token })).status).toBe(405);
  });
});
