import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { databaseOf } from '../../local/firestore/client.ts';
import { connect, followCallback, startFlow, startTestStack, type TestStack } from '../support/broker.ts';
import { redeem, type SignedIn, signInBrowser, signInCookies, signInFor } from '../support/sign-in.ts';

const ONE = 'account-1@org-1.example';
const TWO = 'account-2@org-2.example';
const PERSONAL = 'account-3@personal.example';
const GOOGLE_ONE = '100000000000000000001';
const TENANT_ONE = '00000000-0000-4000-8000-000000000001';
const MICROSOFT_ONE = `${TENANT_ONE}.00000000-0000-4000-8000-0000000000a1`;

let stack: TestStack;
let people: Firestore;
let directory: Firestore;
beforeAll(async () => {
  stack = await startTestStack({ environment: { RATE_LIMIT_ADDRESS: '10000/1000' } });
  people = databaseOf(stack.environment, 'sign-in');
  directory = databaseOf(stack.environment, 'directory');
}, 60_000);
afterAll(async () => {
  await Promise.all([people?.terminate(), directory?.terminate()]);
  await stack?.stop();
});

const change = (provider: 'google' | 'microsoft', idToken: Record<string, unknown>) =>
  stack.providers[provider].control.change({ idToken });
const tokenCalls = () => stack.providers.google.control.read().counts.tokenCalls.authorization_code ?? 0;
const documentsOf = async (collection: string) => (await people.collection(collection).get()).docs;
const listed = (tenant: string, id: string) => directory.doc(`directories/org-${tenant}/users/${id}`);

beforeEach(async () => {
  for (const collection of ['users', 'emails', 'sessions', 'codes']) {
    for (const { ref } of await documentsOf(collection)) await ref.delete();
  }
});
afterEach(async () => {
  change('google', {});
  change('microsoft', {});
  await listed('org-1', GOOGLE_ONE).delete();
});

/** A page that refuses: status, code, and nothing that was done. */
const expectRefusal = ({ answer }: Pick<SignedIn, 'answer'>, status: number, code: string) => {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.body).toContain(`For your administrator: ${code}<`);
  expect(answer.body).not.toMatch(/example/);
};
const expectNobody = async () => {
  for (const collection of ['users', 'emails', 'sessions', 'codes']) expect(await documentsOf(collection)).toEqual([]);
};

describe('a sign-in', () => {
  test('F1 with Google: a user of the organization, and a session for the backend', async () => {
    const session = await signInFor(stack, 'google', { account: ONE });
    expect(session).toMatchObject({
      user: { id: GOOGLE_ONE, tenant: 'org-1', roles: ['admin'], name: 'Account One', email: ONE },
      expires_in: 300,
    });
    expect(await signInFor(stack, 'google', { account: TWO })).toMatchObject({ user: { tenant: 'org-2', roles: [] } });
  });

  test('F2 with Microsoft: the same', async () => {
    const session = await signInFor(stack, 'microsoft', { account: ONE });
    expect(session.user).toEqual({
      id: MICROSOFT_ONE,
      tenant: 'org-1',
      roles: ['admin'],
      name: 'Account One',
      email: ONE,
    });
  });

  test('F3 the same account is the same user again, with name and address as they are now', async () => {
    const first = await signInFor(stack, 'google', { account: ONE });
    const [made] = await documentsOf('users');
    change('google', { name: 'Account One Again', email: 'renamed@org-1.example' });
    const second = await signInFor(stack, 'google', { account: ONE });
    expect(second.user).toEqual({ ...first.user, name: 'Account One Again', email: 'renamed@org-1.example' });
    expect(second.renewal_token).not.toBe(first.renewal_token);
    const users = await documentsOf('users');
    expect(users.map((each) => each.id)).toEqual([made?.id]);
    expect(users[0]?.get('created_at')).toEqual(made?.get('created_at'));
    expect(await documentsOf('emails')).toHaveLength(1);
  });

  test.each(['google', 'microsoft'] as const)(
    'F1 F2 %s is asked for who it is, and for nothing that lasts',
    async (name) => {
      const { control } = stack.providers[name];
      const before = control.read().counts.liveRefreshTokens;
      const started = await signInBrowser(stack).go(
        'GET',
        `/v1/sso/${name}/start?${new URLSearchParams({ return_to: stack.demo.returnUrls[0] ?? '', challenge: 'c'.repeat(43) })}`,
      );
      const { searchParams } = new URL(started.headers.get('location') ?? '');
      expect(searchParams.get('scope')).toBe('openid profile email');
      expect(searchParams.get('code_challenge_method')).toBe('S256');
      expect(searchParams.get('nonce')).toMatch(/^[\w-]{22,}$/);
      expect(searchParams.get('state')).toMatch(/^[\w-]{43}$/);
      expect(searchParams.get('access_type')).toBeNull();
      const token = stack.session();
      await connect(stack, name, { token: await token, integrations: ['files'], account: ONE });
      expect(control.read().counts.liveRefreshTokens).toBe(before + 1);
      await signInFor(stack, name, { account: ONE });
      expect(control.read().counts.liveRefreshTokens).toBe(before + 1);
      await stack.call('DELETE', '/v1/account', { token: await token });
    },
  );

  test('two first sign-ins at once make one user', async () => {
    const [one, other] = [signInBrowser(stack), signInBrowser(stack)];
    const sessions = await Promise.all([one, other].map((each) => each.signIn('google', { account: ONE })));
    const redeemed = await Promise.all(sessions.map((each) => redeem(stack, each)));
    expect(redeemed.map(({ body }) => body.user.id)).toEqual([GOOGLE_ONE, GOOGLE_ONE]);
    expect(await documentsOf('users')).toHaveLength(1);
  });

  test('begun for one organization, it admits nobody of another', async () => {
    const wrong = await signInBrowser(stack).signIn('google', { account: TWO, tenant: 'org-1' });
    expectRefusal(wrong, 403, 'domain_not_allowed');
    expect((await signInFor(stack, 'google', { account: ONE, tenant: 'org-1' })).user.tenant).toBe('org-1');
    expectRefusal(
      await signInBrowser(stack).signIn('google', { account: ONE, tenant: 'nobody' }),
      403,
      'domain_not_allowed',
    );
  });

  test('the session opens the operations of a broker that trusts itself: sign in, connect files, read them', async () => {
    const { broker, environment } = stack;
    const own = await stack.addBroker({
      SESSION_ISSUER: broker,
      SESSION_JWKS_URL: `${broker}/v1/.well-known/jwks.json`,
      DEVELOPMENT_ORIGINS: `${environment.DEVELOPMENT_ORIGINS} ${broker}`,
    });
    const { session_token: token } = await signInFor(stack, 'google', { account: ONE });
    // The provider's redirect target is the first broker's; both are one deployment but for whom they trust.
    const through: TestStack = {
      ...stack,
      call: (method, path, options) => stack.call(method, path, { ...options, broker: own.origin }),
    };
    expect((await through.call('GET', '/v1/connections', { token: await stack.session() })).status).toBe(401);
    expect((await connect(through, 'google', { token, integrations: ['files'], account: ONE })).status).toBe(200);
    const answer = await through.call('POST', '/v1/connections/google/token', {
      token,
      body: { integration: 'files' },
    });
    expect(answer.status).toBe(200);
    const files = await fetch(`${stack.providers.google.origin}/drive/v3/files`, {
      headers: { authorization: `Bearer ${answer.body.access_token}` },
    });
    expect(files.status).toBe(200);
    expect((await through.call('DELETE', '/v1/account', { token })).status).toBe(200);
    await expectNobody();
  });
});

describe('the flow', () => {
  const finish = async (url: URL, browser = signInBrowser(stack)) => ({
    answer: await browser.go('GET', url.pathname + url.search),
  });

  test('S01 a callback is good once: replayed, it finds nothing, also with its cookie', async () => {
    const browser = signInBrowser(stack);
    const callback = await browser.begin('google', { account: ONE });
    const cookies = new Map(browser.cookies);
    expect((await finish(callback, browser)).answer.status).toBe(303);
    expect(signInCookies(browser)).toEqual([]);
    expectRefusal(await finish(callback, browser), 400, 'invalid_state');
    const calls = tokenCalls();
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expectRefusal(await finish(callback, browser), 400, 'invalid_state');
    expect(tokenCalls()).toBe(calls);
  });

  test('S01 Microsoft: a replayed callback finds nothing, also with its cookie', async () => {
    const browser = signInBrowser(stack);
    const callback = await browser.begin('microsoft', { account: ONE });
    const cookies = new Map(browser.cookies);
    expect((await finish(callback, browser)).answer.status).toBe(303);
    const calls = stack.providers.microsoft.control.read().counts.tokenCalls.authorization_code;
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expectRefusal(await finish(callback, browser), 400, 'invalid_state');
    expect(stack.providers.microsoft.control.read().counts.tokenCalls.authorization_code).toBe(calls);
  });

  test('S02 it is finished in the browser that began it', async () => {
    const [mine, other] = [signInBrowser(stack), signInBrowser(stack)];
    const callback = await mine.begin('google', { account: ONE });
    await other.begin('google', { account: ONE });
    const calls = tokenCalls();
    expectRefusal(await finish(callback), 400, 'invalid_state');
    expectRefusal(await finish(callback, other), 400, 'invalid_state');
    expect(tokenCalls()).toBe(calls);
    // What was not theirs has not ended what was.
    expect(signInCookies(other)).toHaveLength(1);
    expect((await finish(callback, mine)).answer.status).toBe(303);
  });

  test("S04 one provider's answer is none at the other's callback", async () => {
    const browser = signInBrowser(stack);
    const callback = await browser.begin('google', { account: ONE });
    const calls = tokenCalls();
    const moved = new URL(callback.href.replace('/sso/google/', '/sso/microsoft/'));
    expectRefusal(await finish(moved, browser), 400, 'context_mismatch');
    expect(tokenCalls()).toBe(calls);
  });

  test('S05 a state to connect signs nobody in, and a state to sign in connects nothing', async () => {
    const token = await stack.session();
    const browser = signInBrowser(stack);
    const callback = await browser.begin('google', { account: ONE });
    const { callbackUrl } = await startFlow(stack, 'google', { token, integrations: ['files'], account: ONE });
    const calls = tokenCalls();
    const asSignIn = new URL(`/v1/sso/google/callback${callbackUrl.search}`, stack.broker);
    expectRefusal(await finish(asSignIn, browser), 400, 'invalid_state');
    const asConnect = await stack.call('GET', `/v1/callback/google${callback.search}`);
    expect(asConnect.status).toBe(400);
    // Nor is a connect flow a sign-in's cookie, or the code of one the other's.
    const { flow } = await startFlow(stack, 'google', { token, integrations: ['files'], account: ONE });
    browser.cookies.set(signInCookies(browser)[0] ?? '', flow);
    expectRefusal(await finish(callback, browser), 400, 'invalid_state');
    expect(tokenCalls()).toBe(calls);
    const ticket = (await followCallback(stack, callbackUrl)).get('ticket') ?? '';
    const sealed = (await signInBrowser(stack).begin('google', { account: ONE })).searchParams.get('state') ?? '';
    const completed = await stack.call('POST', '/v1/connections/google/complete', {
      token,
      body: { ticket, flow: sealed },
    });
    expect([completed.status, completed.body.code]).toEqual([400, 'invalid_state']);
  });

  test('S06 a code of another flow is refused by the provider, and nobody is signed in', async () => {
    const [mine, other] = [signInBrowser(stack), signInBrowser(stack)];
    const callback = await mine.begin('google', { account: ONE });
    const foreign = await other.begin('google', { account: ONE });
    callback.searchParams.set('code', foreign.searchParams.get('code') ?? '');
    expectRefusal(await finish(callback, mine), 400, 'code_exchange_failed');
    await expectNobody();
  });

  test('S07 an issuer that is not the provider goes back with an error', async () => {
    const browser = signInBrowser(stack);
    const callback = await browser.begin('google', { account: ONE });
    callback.searchParams.set('iss', 'https://elsewhere.example');
    const { answer } = await finish(callback, browser);
    expect([answer.status, new URL(answer.headers.get('location') ?? '').hash]).toEqual([
      303,
      '#error=issuer_mismatch&provider=google',
    ]);
    await expectNobody();
  });

  test('S08 two identical callbacks at once: one signs in, one exchange', async () => {
    const browser = signInBrowser(stack);
    const callback = await browser.begin('google', { account: ONE });
    const calls = tokenCalls();
    const answers = await Promise.all([finish(callback, browser), finish(callback, browser)]);
    expect(answers.map(({ answer }) => answer.status).sort()).toEqual([303, 400]);
    expect(tokenCalls()).toBe(calls + 1);
  });

  test('S09 S23 parameters that occur twice or contradict each other, and canary markup', async () => {
    const browser = signInBrowser(stack);
    const callback = await browser.begin('google', { account: ONE });
    for (const extra of ['&code=x', '&error=access_denied', '&state=y']) {
      const { answer } = await finish(new URL(callback.href + extra), browser);
      expectRefusal({ answer }, 400, 'invalid_request');
    }
    const { answer } = await finish(new URL('/v1/sso/google/callback?state=<b>canary&code=<i>', stack.broker), browser);
    expect(answer.body).not.toMatch(/canary|<i>/);
  });

  test.each([
    ['sec-purpose', 'prefetch'],
    ['sec-purpose', 'prefetch;prerender'],
    ['sec-purpose', 'prefetch;anonymous-client-ip'],
    ['purpose', 'prefetch'],
    ['x-moz', 'prefetch'],
    ['x-purpose', 'preview'],
  ])('S01 S17 a page that is loaded in advance (%s: %s) does nothing, and opening it works', async (name, value) => {
    const browser = signInBrowser(stack);
    const start = `/v1/sso/google/start?${new URLSearchParams({ return_to: stack.demo.returnUrls[0] ?? '', challenge: 'c'.repeat(43) })}`;
    const callback = await browser.begin('google', { account: ONE });
    const token = await stack.session();
    const { callbackUrl } = await startFlow(stack, 'google', { token, integrations: ['files'], account: ONE });
    const calls = tokenCalls();
    for (const { pathname, search } of [new URL(start, stack.broker), callback, callbackUrl]) {
      const early = await browser.go('GET', pathname + search, { [name]: value });
      expect([early.status, early.body.code]).toEqual([425, 'prefetch_refused']);
      expect(early.headers.get('cache-control')).toBe('no-store');
      expect(early.headers.get('location')).toBeNull();
      expect(early.headers.getSetCookie()).toEqual([]);
      expect((await browser.go('HEAD', pathname + search)).status).toBe(405);
    }
    expect(tokenCalls()).toBe(calls);
    expect(signInCookies(browser)).toHaveLength(1);
    expect((await finish(callback, browser)).answer.status).toBe(303);
    expect((await followCallback(stack, callbackUrl)).get('ticket')).not.toBeNull();
  });

  test('S01 HEAD does nothing: no cookie, no code spent, nowhere to go', async () => {
    const browser = signInBrowser(stack);
    const callback = await browser.begin('google', { account: ONE });
    const calls = tokenCalls();
    const answer = await browser.go('HEAD', callback.pathname + callback.search);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, OPTIONS']);
    expect([answer.headers.get('location'), answer.headers.getSetCookie()]).toEqual([null, []]);
    expect(tokenCalls()).toBe(calls);
    expect((await finish(callback, browser)).answer.status).toBe(303);
  });

  test.each(['google', 'microsoft'] as const)(
    'S02 S17 two tabs at %s that sign in at once both finish',
    async (name) => {
      const browser = signInBrowser(stack);
      const [first, second] = [
        await browser.begin(name, { account: ONE }),
        await browser.begin(name, { account: ONE }),
      ];
      expect(signInCookies(browser)).toHaveLength(2);
      for (const callback of [second, first]) {
        const { answer } = await finish(callback, browser);
        expect([answer.status, answer.headers.get('location')]).toEqual([303, expect.stringContaining('#code=')]);
      }
      expect(signInCookies(browser)).toEqual([]);
    },
  );

  test('S17 a browser keeps five sign-ins, together under 6 KB; the oldest goes', async () => {
    const browser = signInBrowser(stack);
    const callbacks: URL[] = [];
    for (let i = 0; i < 7; i += 1) callbacks.push(await browser.begin('google', { account: ONE }));
    expect(signInCookies(browser)).toHaveLength(5);
    expect([...browser.cookies].join('; ').length).toBeLessThan(6_000);
    const answers: number[] = [];
    for (const callback of callbacks) answers.push((await finish(callback, browser)).answer.status);
    expect(answers).toEqual([400, 400, 303, 303, 303, 303, 303]);
  });

  test('S01 a replay has a way back: to its own return URL with its cookie, else to the first registered one', async () => {
    const browser = signInBrowser(stack);
    const [home = '', other = ''] = stack.demo.returnUrls;
    const callback = await browser.begin('google', { account: ONE, returnTo: other });
    const cookies = new Map(browser.cookies);
    await finish(callback, browser);
    const without = await finish(callback, browser);
    expectRefusal(without, 400, 'invalid_state');
    expect(without.answer.body).toContain(`<a href="${home}">Back to the application</a>`);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    const replayed = await finish(callback, browser);
    expectRefusal(replayed, 400, 'invalid_state');
    expect(replayed.answer.body).toContain(`<a href="${other}">Back to the application</a>`);
    expect(signInCookies(browser)).toEqual([]);
  });

  test('S23 every problem of a page that a browser opens is a page with a link, and nothing of the request', async () => {
    const pages: [path: string, status: number, method?: string][] = [
      ['/v1/sso/google/start?return_to=https://canary.example/', 400],
      ['/v1/sso/google/start', 400],
      ['/v1/sso/canary/start?return_to=x', 404],
      ['/v1/sso/canary/callback?state=x&code=x', 404],
      ['/v1/sso/google/callback?state=canary&code=x', 400],
      ['/v1/sso/google/callback', 405, 'POST'],
      ['/v1/callback/google?state=canary&code=x', 400],
      ['/v1/callback/google', 405, 'POST'],
    ];
    for (const [path, status, method = 'GET'] of pages) {
      const accept = await stack.call(method, path, { headers: { accept: 'text/html' } });
      const found = await new Promise<{ status: number; type: unknown; policy: unknown; body: string }>(
        (resolve, reject) => {
          const headers = { accept: 'text/html,*/*', 'sec-fetch-mode': 'navigate' };
          request(new URL(path, stack.broker), { method, headers }, async (res) => {
            const body = await text(res);
            const { 'content-type': type, 'content-security-policy': policy } = res.headers;
            resolve({ status: res.statusCode ?? 0, type, policy, body });
          })
            .on('error', reject)
            .end();
        },
      );
      expect([path, found.status, found.type]).toEqual([path, status, 'text/html; charset=utf-8']);
      expect(found.policy).toMatch(/^default-src 'none'; frame-ancestors 'none'; style-src 'sha256-[^']+'$/);
      expect(found.body).toContain(`<a href="${stack.demo.returnUrls[0]}">Back to the application</a>`);
      expect(found.body).not.toMatch(/canary/);
      expect(accept.status).toBe(status);
    }
  });

  test('S10 whoever cancels comes back with a fixed error', async () => {
    const { answer } = await signInBrowser(stack).signIn('google', { deny: true });
    expect(answer.headers.get('location')).toBe(`${stack.demo.returnUrls[0]}#error=access_denied&provider=google`);
  });

  test('S11 Host and forwarding headers change nothing', async () => {
    const path = `/v1/sso/google/start?${new URLSearchParams({ return_to: stack.demo.returnUrls[0] ?? '', challenge: 'c'.repeat(43) })}`;
    const headers = {
      'x-forwarded-host': 'elsewhere.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=elsewhere',
    };
    const { searchParams } = new URL((await stack.call('GET', path, { headers })).headers.get('location') ?? '');
    expect(searchParams.get('redirect_uri')).toBe(`${stack.broker}/v1/sso/google/callback`);
  });

  test('S12 S13 return URLs are registered, character by character, and refused at once', async () => {
    const origin = stack.demo.origin;
    const bad = [`${origin}`, `${origin}/#x`, '//e', '/\\e', 'javascript:alert(1)', `${origin}/?x`, 'x'.repeat(8_000)];
    const begun = performance.now();
    for (const returnTo of bad) {
      const query = new URLSearchParams({ return_to: returnTo, challenge: 'c'.repeat(43) });
      const answer = await stack.call('GET', `/v1/sso/google/start?${query}`);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_return_to']);
    }
    expect(performance.now() - begun).toBeLessThan(bad.length * 100);
  });

  test('a start that is not well-formed, or at a provider that signs nobody in', async () => {
    const start = (provider: string, query: Record<string, string> | string) =>
      stack.call('GET', `/v1/sso/${provider}/start?${new URLSearchParams(query)}`);
    const return_to = stack.demo.returnUrls[0] ?? '';
    const challenge = 'c'.repeat(43);
    const codes = await Promise.all([
      start('google', { return_to }),
      start('google', { return_to, challenge: 'short' }),
      start('google', { challenge }),
      start('google', `return_to=${return_to}&return_to=${return_to}&challenge=${challenge}`),
      start('notes', { return_to, challenge }),
      start('nobody', { return_to, challenge }),
    ]);
    expect(codes.map(({ body }) => body.code)).toEqual([
      ...Array(4).fill('invalid_request'),
      ...Array(2).fill('not_found'),
    ]);
  });
});

describe('who is refused', () => {
  const signIn = (provider: string, account: string) => signInBrowser(stack).signIn(provider, { account });

  test('S37 Google: the organization is hd, never the domain of the address', async () => {
    expectRefusal(await signIn('google', PERSONAL), 403, 'domain_not_allowed');
    for (const hd of [
      null,
      'other.example',
      'ORG-1.example',
      'org-1.example.evil.example',
      ['org-1.example'],
      'оrg-1.example',
    ]) {
      change('google', { hd });
      expectRefusal(await signIn('google', ONE), 403, 'domain_not_allowed');
    }
    change('google', { hd: 'org-2.example' });
    expect((await signInFor(stack, 'google', { account: ONE })).user.tenant).toBe('org-2');
  });

  test('S36 Microsoft: tid is a directory of the organization, and the issuer is its own', async () => {
    expectRefusal(await signIn('microsoft', PERSONAL), 403, 'tenant_not_allowed');
    const { origin } = stack.providers.microsoft;
    for (const tid of ['00000000-0000-4000-8000-00000000000f', 'common', '../x']) {
      change('microsoft', { tid, iss: `${origin}/${tid}/v2.0` });
      expectRefusal(await signIn('microsoft', ONE), 403, 'tenant_not_allowed');
    }
    change('microsoft', { tid: '00000000-0000-4000-8000-000000000002' });
    expectRefusal(await signIn('microsoft', ONE), 401, 'sign_in_failed');
    change('microsoft', { oid: null });
    expectRefusal(await signIn('microsoft', ONE), 401, 'sign_in_failed');
    await expectNobody();
  });

  test("S39 an address that Google does not vouch for; Microsoft's is shown, and proves nothing", async () => {
    for (const claims of [
      { email_verified: false },
      { email_verified: null },
      { email_verified: 'true' },
      { email: null },
    ]) {
      change('google', claims);
      expectRefusal(await signIn('google', ONE), 403, 'email_not_verified');
    }
    await expectNobody();
    change('microsoft', { email: 'account-2@org-2.example' });
    expect((await signInFor(stack, 'microsoft', { account: ONE })).user).toMatchObject({
      id: MICROSOFT_ONE,
      tenant: 'org-1',
      email: 'account-2@org-2.example',
    });
    change('microsoft', { email: null });
    expect((await signInFor(stack, 'microsoft', { account: ONE })).user).not.toHaveProperty('email');
  });

  test.each(['google', 'microsoft'] as const)('S39 %s: an address that looks like another', async (provider) => {
    for (const email of ['account-1@оrg-1.example', 'аccount-1@org-1.example']) {
      change(provider, { email });
      expectRefusal(await signIn(provider, ONE), 403, 'domain_not_allowed');
    }
    await expectNobody();
  });

  test('S38 the same address with a new subject is nobody whom we know', async () => {
    await signInFor(stack, 'google', { account: ONE });
    for (const email of [ONE, 'Account-1@ORG-1.example']) {
      change('google', { sub: '100000000000000000009', email });
      expectRefusal(await signIn('google', ONE), 403, 'account_conflict');
    }
    // Nor at the other provider.
    expectRefusal(await signIn('microsoft', ONE), 403, 'account_conflict');
    expect(await documentsOf('users')).toHaveLength(1);
    expect(await documentsOf('codes')).toEqual([]);
    // In another organization it is nobody's yet.
    change('google', { sub: '100000000000000000009', hd: 'org-2.example' });
    expect((await signInFor(stack, 'google', { account: ONE })).user.id).toBe('100000000000000000009');
  });

  test('S38 an address whose reservation was lost is reserved again by the next sign-in', async () => {
    await signInFor(stack, 'google', { account: ONE });
    for (const { ref } of await documentsOf('emails')) await ref.delete();
    await signInFor(stack, 'google', { account: ONE });
    expectRefusal(await signIn('microsoft', ONE), 403, 'account_conflict');
  });

  test('S38 the address of somebody whom the directory lists, and who never signed in, is not for another account', async () => {
    await listed('org-1', GOOGLE_ONE).set({ suspended: false, email: ONE });
    for (const email of [ONE, 'Account-1@ORG-1.example']) {
      change('google', { sub: '100000000000000000009', email });
      expectRefusal(await signIn('google', ONE), 403, 'account_conflict');
    }
    await expectNobody();
    change('google', {});
    expect((await signInFor(stack, 'google', { account: ONE })).user.id).toBe(GOOGLE_ONE);
  });

  test('S38 S39 the directory decides for both providers: a Microsoft address takes nobody a first sign-in away', async () => {
    // Before the directory lists its owner, nobody can tell.
    const squatter = await signInFor(stack, 'microsoft', { account: ONE });
    await listed('org-1', GOOGLE_ONE).set({ suspended: false, email: ONE });
    expect((await signInFor(stack, 'google', { account: ONE })).user.id).toBe(GOOGLE_ONE);
    expectRefusal(await signIn('microsoft', ONE), 403, 'account_conflict');
    // What is the owner's stays so when the other one's address changes.
    change('microsoft', { email: 'other@org-1.example' });
    expect((await signInFor(stack, 'microsoft', { account: ONE })).user.id).toBe(squatter.user.id);
    change('microsoft', {});
    await listed('org-1', GOOGLE_ONE).delete();
    expectRefusal(await signIn('microsoft', ONE), 403, 'account_conflict');
  });

  test('S39 a Microsoft address with letters of its own is shown, and compared in one case and form', async () => {
    change('microsoft', { email: 'J\u00f6rg@org-1.example' });
    expect((await signInFor(stack, 'microsoft', { account: ONE })).user.email).toBe('J\u00f6rg@org-1.example');
    change('microsoft', { email: 'jo\u0308rg@ORG-1.example', oid: '00000000-0000-4000-8000-0000000000ff' });
    expectRefusal(await signIn('microsoft', ONE), 403, 'account_conflict');
  });

  test('S37 where to sign in says nothing of which organizations there are', async () => {
    const locationOf = async (provider: string, tenant: string) => {
      const query = new URLSearchParams({
        return_to: stack.demo.returnUrls[0] ?? '',
        tenant,
        challenge: 'c'.repeat(43),
      });
      const answer = await signInBrowser(stack).go('GET', `/v1/sso/${provider}/start?${query}`);
      expect(answer.status).toBe(303);
      const { searchParams } = new URL(answer.headers.get('location') ?? '');
      for (const name of ['state', 'nonce', 'code_challenge']) searchParams.delete(name);
      return searchParams.toString();
    };
    for (const provider of ['google', 'microsoft']) {
      expect(await locationOf(provider, 'org-1')).toBe(await locationOf(provider, 'org-9'));
    }
  });

  test('S38 Microsoft: the same address with a new account id is nobody whom we know', async () => {
    await signInFor(stack, 'microsoft', { account: ONE });
    change('microsoft', { oid: '00000000-0000-4000-8000-0000000000ff' });
    expectRefusal(await signIn('microsoft', ONE), 403, 'account_conflict');
    expect(await documentsOf('users')).toHaveLength(1);
    expect(await documentsOf('codes')).toEqual([]);
  });

  test('S38 a deleted account gives its address back', async () => {
    await signInFor(stack, 'google', { account: ONE });
    const token = await stack.demo.sessions.serviceToken('org-1');
    await stack.call('DELETE', `/v1/tenants/org-1/users/${GOOGLE_ONE}`, { token });
    await expectNobody();
    expect((await signInFor(stack, 'microsoft', { account: ONE })).user.id).toBe(MICROSOFT_ONE);
  });

  test.each<[string, Record<string, unknown>]>([
    ['S31 no nonce', { nonce: null }],
    ["S31 another flow's nonce", { nonce: 'another' }],
    ['S30 another audience', { aud: 'another' }],
    ['S30 a list of issuers', { iss: ['https://accounts.google.com'] }],
    ['S30 a longer issuer', { iss: 'https://accounts.google.com.evil.example' }],
    ['S30 another authorized party', { azp: 'another' }],
    ['S32 over for more than a minute', { exp: Math.floor(Date.now() / 1000) - 61 }],
    ['S32 not valid yet', { nbf: Math.floor(Date.now() / 1000) + 120 }],
    ['no subject', { sub: null }],
  ])('%s: 401', async (_name, claims) => {
    change('google', claims);
    const refused = await signIn('google', ONE);
    expectRefusal(refused, 401, 'sign_in_failed');
    expect(refused.answer.body).toContain(
      `href="${stack.demo.returnUrls[0]}#error=sign_in_failed&amp;provider=google"`,
    );
    await expectNobody();
  });

  test('whom the directory suspends, from the next renewal on', async () => {
    await listed('org-1', GOOGLE_ONE).set({ suspended: false });
    const session = await signInFor(stack, 'google', { account: ONE });
    const renew = async () =>
      stack.call('POST', '/v1/sessions/renew', {
        token: await stack.demo.sessions.serviceToken('org-1'),
        body: { renewal_token: session.renewal_token },
      });
    expect((await renew()).status).toBe(200);
    await listed('org-1', GOOGLE_ONE).set({ suspended: true });
    expect(await renew()).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expectRefusal(await signIn('google', ONE), 403, 'user_suspended');
    // Who came from the directory goes with it.
    await listed('org-1', GOOGLE_ONE).delete();
    expect((await renew()).status).toBe(401);
    expectRefusal(await signIn('google', ONE), 403, 'not_in_directory');
  });

  test('whom the directory does not list, where only the directory makes users', async () => {
    const organizations = { 'org-1': { google_domains: ['org-1.example'], first_sign_in: 'directory_only' } };
    const strict = await stack.addBroker({ SIGN_IN_ORGANIZATIONS: JSON.stringify(organizations) });
    const through: TestStack = {
      ...stack,
      call: (method, path, options) => stack.call(method, path, { ...options, broker: strict.origin }),
    };
    expectRefusal(await signInBrowser(through).signIn('google', { account: ONE }), 403, 'not_in_directory');
    await expectNobody();
    await listed('org-1', GOOGLE_ONE).set({ suspended: false });
    expect((await signInFor(through, 'google', { account: ONE })).user.id).toBe(GOOGLE_ONE);
    expectRefusal(await signInBrowser(through).signIn('google', { account: TWO }), 403, 'domain_not_allowed');
  });
});

describe('a provider in trouble', () => {
  const google = () => stack.providers.google.control;
  const signIn = () => signInBrowser(stack).signIn('google', { account: ONE });

  test('its token endpoint is down: a page with a way back, a line in the log, and nobody is signed in', async () => {
    google().change({ outage: { at: 'token', as: '503' } });
    const browser = signInBrowser(stack);
    const { answer } = await browser.signIn('google', { account: ONE });
    google().change({ outage: null });
    expectRefusal({ answer }, 503, 'temporarily_unavailable');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(answer.body).toContain(
      `href="${stack.demo.returnUrls[0]}#error=temporarily_unavailable&amp;provider=google"`,
    );
    expect(signInCookies(browser)).toEqual([]);
    expect(stack.logs.join('\n')).toMatch(/"event":"unavailable".*"upstream":"provider"/);
    await expectNobody();
    expect((await browser.signIn('google', { account: ONE })).answer.status).toBe(303);
  });

  test('S48 it answers something that is none: 502', async () => {
    google().change({ answerShape: { shape: 'html', next: 1 } });
    expectRefusal(await signIn(), 502, 'provider_error');
  });
});
