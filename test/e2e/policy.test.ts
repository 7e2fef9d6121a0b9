/** What admins decide: rows S45 and S46, who may, and that two of them cannot overwrite each other. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { CompletePolicy } from '../../functions/core/policy-form.ts';
import { status } from '../../local/rpc.ts';
import { administer, type Changes, merged } from '../support/admin.ts';
import { connect, type Json, startFlow, startTestStack, type TestStack } from '../support/broker.ts';

let stack: TestStack;
let serial = 0;
beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterEach(() => stack.firestore?.faults.clear());
afterAll(() => stack?.stop());

const newOrganization = async () => {
  const tenant = `org-p${++serial}`;
  return { tenant, token: await stack.session('user-1', tenant), admin: await administer(stack, tenant) };
};
const config = async (token: string, query = '') => (await stack.call('GET', `/v1/config${query}`, { token })).body;
const getToken = (provider: string, token: string, body: object = {}) =>
  stack.call('POST', `/v1/connections/${provider}/token`, { token, body });
const authorize = (provider: string, token: string, body: object) =>
  stack.call('POST', `/v1/connections/${provider}/authorize`, {
    token,
    body: { return_to: stack.demo.returnUrls[0], ...body },
  });
const drive = 'https://www.googleapis.com/auth/drive';

describe('what a front end learns', () => {
  test('B1 B2 an organization that never chose: code flow at Microsoft, browser-only at Google, Search AI off', async () => {
    const { token } = await newOrganization();
    const { google, microsoft } = stack.providers;
    expect(await config(token)).toMatchObject({
      providers: [
        { provider: 'microsoft', kind: 'microsoft', flow: 'authorization_code' },
        {
          provider: 'google',
          flow: 'implicit',
          client: { client_id: 'demo-google', authorization_endpoint: google.endpoints.authorization },
        },
        { provider: 'notes', kind: 'oidc', flow: 'authorization_code' },
      ],
      search_ai: { enabled: false, sources: {}, document_ids: false },
    });
    const [offered, implicit] = (await config(token)).providers;
    expect(offered).not.toHaveProperty('client');
    expect(implicit.client).not.toHaveProperty('token_endpoint');
    expect(offered.manage_url).toBe(microsoft.endpoints.manage);
    expect(offered.integrations.map(({ name }: { name: string }) => name)).toEqual(['mail', 'calendar', 'files']);
  });

  test('B1 E2 what the admin chooses is seen at once', async () => {
    const { token, admin } = await newOrganization();
    const answer = await admin.change({
      providers: {
        microsoft: { flow: 'browser_code', integrations: { mail: { enabled: false }, files: { read_only: true } } },
        google: { enabled: false },
      },
      search_ai: { enabled: true, sources: { 'google-drive': true } },
    });
    expect(answer.status).toBe(200);
    const offered = await config(token);
    expect(offered.providers.map(({ provider }: { provider: string }) => provider)).toEqual(['microsoft', 'notes']);
    expect(offered.providers[0]).toMatchObject({
      flow: 'browser_code',
      client: { client_id: 'demo-microsoft', token_endpoint: stack.providers.microsoft.endpoints.token },
      integrations: [
        { name: 'calendar', levels: [{ name: 'read' }, { name: 'write' }] },
        { name: 'files', levels: [{ name: 'read', scopes: ['Files.Read'] }] },
      ],
    });
    expect(offered.search_ai).toEqual({ enabled: true, sources: { 'google-drive': true }, document_ids: false });
  });

  test("S55 an app on a phone is answered its own clients; Google's on Android has no redirect", async () => {
    const { token } = await newOrganization();
    const configured = JSON.parse(stack.environment.PROVIDERS ?? '');
    const ios = { client_id: 'app-ios', redirect_uri: 'com.example.app:/callback' };
    const android = { client_id: 'app-android' };
    Object.assign(configured.google, { native: { ios, android } });
    const { origin } = await stack.addBroker({ PROVIDERS: JSON.stringify(configured) });
    const clients = async (platform: string) => {
      const { body } = await stack.call('GET', `/v1/config?platform=${platform}`, { token, broker: origin });
      return body.providers.map(({ provider, flow, client }: Json) => [provider, flow, client]);
    };
    const { authorization, token: tokenEndpoint, revocation, issuer } = stack.providers.google.endpoints;
    const endpoints = {
      issuer,
      authorization_endpoint: authorization,
      token_endpoint: tokenEndpoint,
      revocation_endpoint: revocation,
    };
    expect(await clients('ios')).toEqual([['google', 'native', { ...ios, ...endpoints }]]);
    expect(await clients('android')).toEqual([['google', 'native', { ...android, ...endpoints }]]);
    expect((await clients('desktop')).map(([name]: Json) => name)).toEqual(['microsoft', 'notes']);
  });

  test('S55 a native app is answered its own clients, and only where there are some', async () => {
    const { token } = await newOrganization();
    expect((await config(token, '?platform=android')).providers).toEqual([]);
    for (const query of ['?platform=web', '?platform=ios&platform=ios']) {
      expect(await stack.call('GET', `/v1/config${query}`, { token })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    }
  });
});

describe('who may', () => {
  test("S45 nobody but the organization's own admins: 403, and nothing is changed", async () => {
    const { tenant, admin } = await newOrganization();
    const { body, headers } = await admin.read();
    for (const roles of [[], ['user'], ['Admin'], ['administrator'], ['admin admin']]) {
      const token = await stack.session('user-1', tenant, roles);
      const tag = { 'if-match': headers.get('etag') ?? '' };
      const answers = [
        await stack.call('GET', '/v1/admin/policy', { token }),
        await stack.call('PUT', '/v1/admin/policy', { token, body, headers: tag }),
        await stack.call('POST', '/v1/admin/policy/preview', { token, body }),
        await stack.call('GET', '/v1/admin/integrations', { token }),
      ];
      for (const answer of answers) expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    expect((await stack.call('GET', '/v1/admin/policy')).status).toBe(401);
    expect((await admin.read()).headers.get('etag')).toBe(headers.get('etag'));
  });

  test('S45 S40 an admin sees and changes one organization: the own one', async () => {
    const [one, other] = [await newOrganization(), await newOrganization()];
    await connect(stack, 'microsoft', { token: one.token, integrations: ['files'] });
    const before = await one.admin.read();
    expect((await other.admin.integrations()).microsoft).toMatchObject({ connections: 0, removing: false });
    await other.admin.change({ providers: { microsoft: { flow: 'implicit' }, notes: { enabled: false } } });
    expect((await other.admin.preview({ providers: { microsoft: { enabled: false } } })).body.providers).toEqual([]);
    const after = await one.admin.read();
    expect([after.body, after.headers.get('etag')]).toEqual([before.body, before.headers.get('etag')]);
    expect((await one.admin.integrations()).microsoft).toMatchObject({ connections: 1, removing: false });
    expect((await getToken('microsoft', one.token)).status).toBe(200);
  });
});

describe('two admins cannot overwrite each other', () => {
  const off: Changes<CompletePolicy> = { providers: { google: { enabled: false } } };

  test('a change names the policy that it changes', async () => {
    const { admin } = await newOrganization();
    const { body, headers } = await admin.read();
    const tag = headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[^"]+"$/);
    const wanted = merged(body, off);
    expect(await admin.write(wanted)).toMatchObject({ status: 428, body: { code: 'precondition_required' } });
    for (const wrong of ['*', `W/${tag}`, '"x"', tag.slice(1, -1), `${tag}, "x"`, '']) {
      expect(await admin.write(wanted, wrong)).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    }
    expect((await admin.read()).body).toEqual(body);
    const changed = await admin.write(wanted, tag);
    expect(changed).toMatchObject({ status: 200, body: wanted });
    expect(changed.headers.get('etag')).not.toBe(tag);
    expect((await admin.read()).headers.get('etag')).toBe(changed.headers.get('etag'));
    expect((await admin.write(body, tag)).status).toBe(412);
    expect((await admin.read()).body).toEqual(wanted);
  });

  test('of two at once, one wins and the other hears of it', async () => {
    const { admin } = await newOrganization();
    const { body, headers } = await admin.read();
    const tag = headers.get('etag') ?? '';
    const wishes = [off, { providers: { notes: { enabled: false } } }].map((each) => merged(body, each));
    const answers = await Promise.all(wishes.map((wish) => admin.write(wish, tag)));
    expect(answers.map((each) => each.status).sort()).toEqual([200, 412]);
    expect((await admin.read()).body).toEqual(wishes[answers.findIndex((each) => each.status === 200)]);
  });

  test('a lost answer of the database is none to the admin, and is one event', async () => {
    const { tenant, admin } = await newOrganization();
    stack.firestore?.faults.inject({ methods: ['Commit'], code: status.UNAVAILABLE, when: 'after', times: 1 });
    expect((await admin.change(off)).status).toBe(200);
    expect((await admin.read()).body.providers.google.enabled).toBe(false);
    const events = stack.logs.filter((line) => line.includes('"policy_changed"') && line.includes(tenant));
    expect(events.map((line) => JSON.parse(line))).toMatchObject([{ admin: 'user-admin', changed: 'google.enabled' }]);
  });
});

describe('what is no policy is refused', () => {
  test.each<[string, Changes<CompletePolicy> | object]>([
    [
      'a provider that is not configured',
      { providers: { nobody: { enabled: true, flow: 'implicit', integrations: {} } } },
    ],
    [
      'an integration that the provider does not have',
      { providers: { notes: { integrations: { mail: { enabled: true, read_only: false } } } } },
    ],
    ['a flow that has no client', { providers: { notes: { flow: 'implicit' } } }],
    ['a flow that Google cannot do', { providers: { google: { flow: 'browser_code' } } }],
    ['a flow that is none', { providers: { google: { flow: 'password' } } }],
    ['an unknown member', { providers: { google: { flows: [] } } }],
    ['a switch that is no boolean', { providers: { google: { enabled: 'no' } } }],
    ['a source without a good name', { search_ai: { sources: { 'Mail!': true } } }],
  ])('%s: 400', async (_, changes) => {
    const { admin } = await newOrganization();
    const before = (await admin.read()).body;
    expect(await admin.change(changes)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect((await admin.preview(changes)).status).toBe(400);
    expect((await admin.read()).body).toEqual(before);
  });

  test('one that does not name everything: what is left out would be decided by nobody', async () => {
    const { admin } = await newOrganization();
    const { body, headers } = await admin.read();
    const { google: _, ...providers } = body.providers;
    const { mail: __, ...integrations } = body.providers.microsoft.integrations;
    const tag = headers.get('etag') ?? '';
    expect((await admin.write({ ...body, providers }, tag)).body.detail).toBe('/providers lacks google.');
    const narrower = { ...body.providers, microsoft: { ...body.providers.microsoft, integrations } };
    expect((await admin.write({ ...body, providers: narrower }, tag)).body.detail).toBe(
      '/providers/microsoft/integrations lacks mail.',
    );
  });
});

describe('S45 read-only', () => {
  test('S45 what is above the ceiling is neither asked for nor handed out; reading goes on', async () => {
    const { token, admin } = await newOrganization();
    await admin.change({
      providers: {
        microsoft: { integrations: { files: { read_only: true } } },
        google: { flow: 'authorization_code' },
      },
    });
    const refused = { status: 403, body: { code: 'integration_disabled' } };
    expect(await authorize('microsoft', token, { integrations: ['files:write'] })).toMatchObject(refused);
    expect(await authorize('microsoft', token, { scopes: ['Files.ReadWrite'] })).toMatchObject(refused);
    await connect(stack, 'microsoft', { token, integrations: ['files', 'calendar:write'] });
    expect(await getToken('microsoft', token, { integration: 'files:write' })).toMatchObject(refused);
    expect((await getToken('microsoft', token, { integration: 'files' })).status).toBe(200);
    expect((await getToken('microsoft', token, { integration: 'calendar:write' })).status).toBe(200);
  });

  test('S45 a wider grant of before: the narrower scope is what to ask for, and Google is not asked to merge', async () => {
    const { token, admin } = await newOrganization();
    await admin.change({ providers: { google: { flow: 'authorization_code' } } });
    await connect(stack, 'google', { token, integrations: ['files:write'] });
    await admin.change({ providers: { google: { integrations: { files: { read_only: true } } } } });
    const reader = await stack.session('user-1', 'org-1');
    expect((await authorize('google', reader, { integrations: ['files:write'] })).status).toBe(200);
    const { authorizationUrl } = await startFlow(stack, 'google', { token, integrations: ['files'] });
    expect(authorizationUrl.searchParams.get('scope')?.split(' ')).toEqual(['openid', `${drive}.readonly`]);
    expect(authorizationUrl.searchParams.has('include_granted_scopes')).toBe(false);
    const answer = await connect(stack, 'google', { token, integrations: ['files'] });
    expect(answer.body.integrations).toEqual(['files:read']);
    expect((await getToken('google', token, { integration: 'files' })).body.scope).toBe(`${drive}.readonly`);
  });
});

describe('the dry run and the counts', () => {
  test('says what would happen to how many connections, and changes nothing', async () => {
    const { tenant, admin } = await newOrganization();
    for (const user of ['user-1', 'user-2']) {
      await connect(stack, 'microsoft', { token: await stack.session(user, tenant), integrations: ['files'] });
    }
    const before = await stack.stored();
    const preview = await admin.preview({
      providers: {
        microsoft: { flow: 'implicit', integrations: { mail: { enabled: false } } },
        google: { flow: 'authorization_code' },
        notes: { integrations: { notes: { read_only: true } } },
      },
      search_ai: { enabled: true },
    });
    expect(preview.body).toEqual({
      providers: [
        { provider: 'microsoft', change: 'removes_connections', connections: 2 },
        { provider: 'google', change: 'asks_again', connections: 0 },
        { provider: 'notes', change: 'stops_tokens', connections: 0 },
      ],
    });
    expect(await stack.stored()).toBe(before);
  });

  test('an admin sees every provider, how it can be authorized and by how many it is', async () => {
    const { token, admin } = await newOrganization();
    await connect(stack, 'microsoft', { token, integrations: ['files'] });
    await admin.change({ providers: { microsoft: { integrations: { mail: { enabled: false } } } } });
    const { microsoft, google, notes } = await admin.integrations();
    expect(microsoft).toMatchObject({
      flows: ['authorization_code', 'browser_code', 'implicit'],
      connections: 1,
      removing: false,
      admin_consent: { endpoint: stack.providers.microsoft.endpoints.adminConsent, client_id: 'demo-microsoft' },
    });
    expect(microsoft.integrations).toHaveLength(3);
    expect(microsoft.admin_consent.scopes).toContain('https://graph.microsoft.com/Files.Read');
    expect(microsoft.admin_consent.scopes).not.toContain('https://graph.microsoft.com/Mail.ReadBasic');
    expect(google).toMatchObject({ flows: ['authorization_code', 'implicit'], connections: 0 });
    expect(google).not.toHaveProperty('admin_consent');
    expect(notes.flows).toEqual(['authorization_code', 'browser_code']);
  });
});
