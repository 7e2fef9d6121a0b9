import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { securityHeaders } from '../../functions/http/answer.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { status } from '../../local/rpc.ts';
import { startTestStack, type TestStack } from '../support/broker.ts';
import { redeem, type SignInBrowser, signInBrowser, signInFor } from '../support/sign-in.ts';

const ONE = 'account-1@org-1.example';
const GOOGLE_ONE = '100000000000000000001';

let stack: TestStack;
let people: Firestore;
beforeAll(async () => {
  // A page of the broker's own host: what a product has that shares one with the broker.
  const environment = { RATE_LIMIT_ADDRESS: '10000/1000' };
  stack = await startTestStack({ environment, ownPage: '/app' });
  people = databaseOf(stack.environment, 'sign-in');
}, 60_000);
afterAll(async () => {
  await people?.terminate();
  await stack?.stop();
});

const service = (tenant = 'org-1') => stack.demo.sessions.serviceToken(tenant);
const countOf = async (collection: string) => (await people.collection(collection).get()).size;
/** What a page of the broker's own origin sends. */
const fromPage = () => ({ origin: stack.broker, 'broker-request': '1', 'content-type': 'application/json' });

/** Signed in on the broker's own origin, by cookie. */
const enter = async (browser: SignInBrowser = signInBrowser(stack), provider = 'google'): Promise<SignInBrowser> => {
  const options = { account: ONE, returnTo: `${stack.broker}/app`, verifier: null };
  const callback = await browser.begin(provider, options);
  const answer = await browser.go('GET', callback.pathname + callback.search);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${stack.broker}/app`]);
  return browser;
};
const renew = (browser: SignInBrowser) => browser.go('POST', '/v1/session', fromPage());

describe('a session in a cookie', () => {
  test('S17 the cookies, to the letter', async () => {
    const browser = signInBrowser(stack);
    const query = new URLSearchParams({ return_to: `${stack.broker}/app` });
    const started = await browser.go('GET', `/v1/sso/google/start?${query}`);
    const form = (answer: { headers: Headers }) =>
      answer.headers
        .getSetCookie()
        .map((line) => line.replace(/^([^=]+)=[^;]+/, '$1=…').replace(/(?<=^__Host-sign-in-)[\w-]{16}=/, '#='));
    expect(form(started)).toEqual(['__Host-sign-in-#=…; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600']);
    const callback = await browser.begin('google', { account: ONE, returnTo: `${stack.broker}/app`, verifier: null });
    expect(form(await browser.go('GET', callback.pathname + callback.search))).toEqual([
      '__Host-sign-in-#=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0',
      '__Host-renewal=…; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200',
    ]);
    expect(form(await renew(browser))).toEqual([
      '__Host-session=…; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=300',
    ]);
    expect(form(await browser.go('DELETE', '/v1/session', fromPage()))).toEqual([
      '__Host-renewal=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0',
      '__Host-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0',
    ]);
    // The sign-in that was begun first is still under way.
    expect([...browser.cookies.keys()]).toEqual([expect.stringMatching(/^__Host-sign-in-[\w-]{16}$/)]);
  });

  test('S18 it is renewed until the user signs out; then what renewed it is worth nothing', async () => {
    const browser = await enter();
    const first = await renew(browser);
    expect(first).toMatchObject({
      status: 200,
      body: { expires_in: 300, user: { id: GOOGLE_ONE, tenant: 'org-1', roles: ['admin'], email: ONE } },
    });
    expect((await renew(browser)).status).toBe(200);
    const stolen = new Map(browser.cookies);
    expect((await browser.go('DELETE', '/v1/session', fromPage())).status).toBe(204);
    for (const [name, value] of stolen) browser.cookies.set(name, value);
    const late = await renew(browser);
    expect([late.status, late.body.code]).toEqual([401, 'session_ended']);
    expect(browser.cookies.size).toBe(0);
    expect([(await renew(browser)).status, (await renew(browser)).body.code]).toEqual([401, 'login_required']);
  });

  test('S18 signing in again rotates it', async () => {
    const browser = await enter();
    const former = browser.cookies.get('__Host-renewal') ?? '';
    await enter(browser);
    expect(browser.cookies.get('__Host-renewal')).not.toBe(former);
    expect((await renew(browser)).status).toBe(200);
    browser.cookies.set('__Host-renewal', former);
    expect((await renew(browser)).status).toBe(401);
  });

  test('S18 signing out everywhere ends browsers and backends alike', async () => {
    const [one, other] = [await enter(), await enter()];
    const session = await signInFor(stack, 'google', { account: ONE });
    const waiting = await signInBrowser(stack).signIn('google', { account: ONE });
    expect((await one.go('DELETE', '/v1/sessions', fromPage())).status).toBe(204);
    expect((await renew(other)).status).toBe(401);
    const backend = { token: await service(), body: { renewal_token: session.renewal_token } };
    expect((await stack.call('POST', '/v1/sessions/renew', backend)).body.code).toBe('session_ended');
    expect((await redeem(stack, waiting)).body.code).toBe('invalid_state');
    expect([await countOf('sessions'), await countOf('codes'), await countOf('users')]).toEqual([0, 0, 1]);
    expect((await other.go('DELETE', '/v1/sessions', fromPage())).status).toBe(401);
  });

  test.each<[string, Record<string, string>, number, string]>([
    ['without the header', { 'broker-request': '' }, 403, 'csrf_rejected'],
    ['without an origin', { origin: '' }, 403, 'csrf_rejected'],
    ['from another origin', { origin: 'https://elsewhere.example' }, 403, 'origin_not_allowed'],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 403, 'csrf_rejected'],
  ])('S19 S21 %s nothing is renewed and nobody signed out', async (_name, spoilt, code, problem) => {
    const browser = await enter();
    const headers = Object.fromEntries(
      Object.entries({ ...fromPage(), ...spoilt }).filter(([, value]) => value !== ''),
    );
    const requests = [
      ['POST', '/v1/session'],
      ['DELETE', '/v1/session'],
      ['DELETE', '/v1/sessions'],
    ] as const;
    for (const [method, path] of requests) {
      const answer = await browser.go(method, path, headers);
      expect([answer.status, answer.body.code]).toEqual([code, problem]);
    }
    expect((await renew(browser)).status).toBe(200);
  });

  test('S16 S20 neither GET nor a bearer token renews', async () => {
    const browser = await enter();
    expect((await browser.go('GET', '/v1/session')).status).toBe(405);
    const token = await stack.session();
    expect((await stack.call('POST', '/v1/session', { token, headers: fromPage() })).body.code).toBe('login_required');
  });

  test('its cookie opens the operations of a broker that trusts itself', async () => {
    const { broker, environment } = stack;
    const own = await stack.addBroker({
      SESSION_ISSUER: broker,
      SESSION_JWKS_URL: `${broker}/v1/.well-known/jwks.json`,
      DEVELOPMENT_ORIGINS: `${environment.DEVELOPMENT_ORIGINS} ${broker}`,
    });
    const browser = await enter();
    await renew(browser);
    const cookie = `__Host-session=${browser.cookies.get('__Host-session')}`;
    const list = () => stack.call('GET', '/v1/connections', { headers: { cookie }, broker: own.origin });
    expect(await list()).toMatchObject({ status: 200, body: { connections: [] } });
    // What renews is no session.
    const renewal = { cookie: `__Host-session=${browser.cookies.get('__Host-renewal')}` };
    expect((await stack.call('GET', '/v1/connections', { headers: renewal, broker: own.origin })).status).toBe(401);
  });

  test('a host that knows no cookie hands over, also on its own origin', async () => {
    const without = await stack.addBroker({ SESSION_COOKIE: '' });
    const query = new URLSearchParams({ return_to: `${stack.broker}/app` });
    const answer = await stack.call('GET', `/v1/sso/google/start?${query}`, { broker: without.origin });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
  });
});

describe('a session for the backend', () => {
  test('a code is good once, with its own secret, for its own tenant, and in no other way', async () => {
    const signedIn = await signInBrowser(stack).signIn('google', { account: ONE });
    const { fragment, verifier } = signedIn;
    expect([...fragment.keys()]).toEqual(['code', 'tenant', 'provider']);
    const code = fragment.get('code') ?? '';
    const ask = async (body: object, tenant = 'org-1') =>
      stack.call('POST', '/v1/sessions', { token: await service(tenant), body });
    const refusals = await Promise.all([
      ask({ code, verifier: 'w'.repeat(43) }),
      ask({ code: 'x'.repeat(43), verifier }),
      ask({ code, verifier }, 'org-2'),
    ]);
    for (const { status: answered, body } of refusals) expect([answered, body.code]).toEqual([400, 'invalid_state']);
    // S40: absent, foreign and wrong are one answer.
    expect(new Set(refusals.map(({ body: { correlation_id: _, ...rest } }) => JSON.stringify(rest))).size).toBe(1);
    // Nor is a code what renews.
    const early = await stack.call('POST', '/v1/sessions/renew', {
      token: await service(),
      body: { renewal_token: code },
    });
    expect(early.status).toBe(401);
    const twice = await Promise.all([ask({ code, verifier }), ask({ code, verifier })]);
    expect(twice.map((each) => each.status).sort()).toEqual([200, 400]);
    expect((await ask({ code, verifier })).status).toBe(400);
  });

  test('S16 it takes a service token: neither nothing, nor a session, nor what it has just got', async () => {
    const session = await signInFor(stack, 'google', { account: ONE });
    const body = { renewal_token: session.renewal_token };
    for (const token of [undefined, 'x', await stack.session(), session.session_token]) {
      for (const path of ['/v1/sessions/renew', '/v1/sessions/end']) {
        const answer = await stack.call('POST', path, { body, ...(token === undefined ? {} : { token }) });
        expect([answer.status, answer.body.code]).toEqual([401, 'login_required']);
      }
    }
  });

  test('S18 it is renewed by its own tenant until it is ended', async () => {
    const { renewal_token, user } = await signInFor(stack, 'google', { account: ONE });
    const ask = async (path: string, tenant?: string) =>
      stack.call('POST', path, { token: await service(tenant), body: { renewal_token } });
    expect(await ask('/v1/sessions/renew')).toMatchObject({ status: 200, body: { user, expires_in: 300 } });
    expect((await ask('/v1/sessions/renew', 'org-2')).body.code).toBe('session_ended');
    expect((await ask('/v1/sessions/end', 'org-2')).status).toBe(204);
    expect((await ask('/v1/sessions/renew')).status).toBe(200);
    // Nor does a browser renew it.
    const headers = { ...fromPage(), cookie: `__Host-renewal=${renewal_token}` };
    expect((await stack.call('POST', '/v1/session', { headers })).body.code).toBe('session_ended');
    expect((await ask('/v1/sessions/end')).status).toBe(204);
    expect((await ask('/v1/sessions/end')).status).toBe(204);
    expect((await ask('/v1/sessions/renew')).body.code).toBe('session_ended');
  });

  test('the backend signs its own users out everywhere, and nobody else', async () => {
    const { renewal_token } = await signInFor(stack, 'google', { account: ONE });
    const path = `/v1/tenants/org-1/users/${GOOGLE_ONE}/sessions`;
    expect((await stack.call('DELETE', path, { token: await service('org-2') })).body.code).toBe('forbidden');
    const renewal = async () =>
      (await stack.call('POST', '/v1/sessions/renew', { token: await service(), body: { renewal_token } })).status;
    expect(await renewal()).toBe(200);
    expect((await stack.call('DELETE', path, { token: await service() })).status).toBe(204);
    expect(await renewal()).toBe(401);
  });

  test('E5 deleting the account forgets the user, sessions and codes', async () => {
    const { renewal_token } = await signInFor(stack, 'google', { account: ONE });
    const waiting = await signInBrowser(stack).signIn('google', { account: ONE });
    const browser = await enter();
    await stack.call('DELETE', `/v1/tenants/org-1/users/${GOOGLE_ONE}`, { token: await service() });
    for (const collection of ['users', 'emails', 'sessions', 'codes']) expect(await countOf(collection)).toBe(0);
    const late = await stack.call('POST', '/v1/sessions/renew', { token: await service(), body: { renewal_token } });
    expect(late.status).toBe(401);
    expect((await redeem(stack, waiting)).status).toBe(400);
    expect((await renew(browser)).status).toBe(401);
  });
});

describe('the key service', () => {
  test('the key set is that of every enabled version, and a session names its own', async () => {
    const { session_token: token } = await signInFor(stack, 'google', { account: ONE });
    const { kid, alg, typ } = decodeProtectedHeader(token);
    const keys = await stack.call('GET', '/v1/.well-known/jwks.json');
    expect([alg, typ]).toEqual(['ES256', 'JWT']);
    expect(keys.body.keys.map((key: { kid: string }) => key.kid)).toEqual([kid]);
    expect(JSON.stringify(keys.body)).not.toContain('"d"');
    // Caches may keep it as long as the function itself does, and every other header is the usual one.
    for (const [name, value] of Object.entries(securityHeaders)) {
      expect([name, keys.headers.get(name)]).toEqual([name, name === 'Cache-Control' ? 'public, max-age=300' : value]);
    }
  });

  test('down: nobody is signed out, nothing is renewed, and the known keys are still there', async () => {
    const browser = await enter();
    const lift = stack.kms.faults.inject({ code: status.PERMISSION_DENIED, times: 1_000 });
    const answer = await renew(browser);
    expect([answer.status, answer.body.code]).toEqual([503, 'temporarily_unavailable']);
    expect((await stack.call('GET', '/v1/.well-known/jwks.json')).status).toBe(200);
    // Signing in itself does not need it.
    const another = await enter();
    lift();
    expect((await renew(browser)).status).toBe(200);
    expect((await renew(another)).status).toBe(200);
  });
});

test('what it costs: reads, writes, calls to the key service', async () => {
  const counted = async (run: () => Promise<unknown>) => {
    const [before, signed] = [stack.firestore?.counts(), stack.kms.calls().AsymmetricSign ?? 0];
    await run();
    const after = stack.firestore?.counts();
    return {
      reads: (after?.reads ?? 0) - (before?.reads ?? 0),
      writes: (after?.writes ?? 0) - (before?.writes ?? 0),
      signatures: (stack.kms.calls().AsymmetricSign ?? 0) - signed,
    };
  };
  const token = await service();
  await stack.call('DELETE', `/v1/tenants/org-1/users/${GOOGLE_ONE}`, { token });
  const browser = signInBrowser(stack);
  // One of them asks the directory, which does not list her, for her address.
  expect(await counted(() => enter(browser))).toEqual({ reads: 5, writes: 4, signatures: 0 });
  expect(await counted(() => renew(browser))).toEqual({ reads: 3, writes: 1, signatures: 1 });
  // Known by now; what the browser had ends.
  expect(await counted(() => enter(browser))).toEqual({ reads: 5, writes: 3, signatures: 0 });
  const signedIn = await signInBrowser(stack).signIn('google', { account: ONE });
  expect(await counted(() => redeem(stack, signedIn))).toEqual({ reads: 4, writes: 2, signatures: 1 });
});

test('S42 S43 what begins, renews or is a session stands in no log, and in no database as it is', async () => {
  const signedIn = await signInBrowser(stack).signIn('google', { account: ONE });
  const { body } = await redeem(stack, signedIn);
  const browser = await enter();
  await renew(browser);
  const secrets = [
    signedIn.fragment.get('code') ?? '',
    signedIn.verifier,
    body.renewal_token,
    body.session_token,
    ...browser.cookies.values(),
  ];
  const everything = [await stack.stored(), ...stack.logs].join('\n');
  expect(secrets.filter((secret) => secret === '' || everything.includes(secret))).toEqual([]);
  expect(stack.logs.join('\n')).not.toMatch(/account-1|Account One/);
});
