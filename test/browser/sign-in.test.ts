import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { ProviderName } from '../../local/environment.ts';
import { ACCOUNTS, type DemoPage, type Stage, skipReason, startStage } from './stage.ts';
import { secretsIn, verifiersIn } from './traffic.ts';

const reason = skipReason();
const suite = reason === undefined ? describe : describe.skip;
const { PICTURES } = process.env;
const ONE = ACCOUNTS['user-1'];
const TWO = ACCOUNTS['user-2'];
const WIDE = { viewport: { width: 1280, height: 800 }, colorScheme: 'light' } as const;
const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: 'dark', isMobile: true } as const;

suite(`signing in, in Chromium${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let stage: Stage;
  let audit: string;
  beforeAll(async () => {
    [stage, audit] = await Promise.all([
      startStage({ ownPage: '/app' }),
      readFile(new URL('audit.js', import.meta.url), 'utf8'),
    ]);
  }, 60_000);
  afterEach(() => stage.reset());
  afterAll(() => stage?.stop());

  const look = async (page: Page) => expect(await page.evaluate<string[]>(audit)).toEqual([]);
  const callbackOf = (provider: string) => `${stage.stack.broker}/v1/sso/${provider}/callback`;

  /** From the page's button through the provider's pages, to wherever that leads. */
  const signIn = async (demo: DemoPage, title: string, account: string) => {
    await demo.page.goto(stage.stack.demo.origin);
    await demo.page.getByRole('button', { name: `Sign in with ${title}` }).click();
    await demo.page.getByRole('button', { name: account }).click();
    const { demo: product, broker } = stage.stack;
    const arrived = (url: URL) => url.origin === product.origin || url.origin === broker;
    const allow = demo.page.getByRole('button', { name: 'Allow' });
    // A provider that was agreed with before does not ask again.
    const asked = await Promise.race([
      allow.waitFor().then(() => true),
      demo.page.waitForURL(arrived).then(() => false),
    ]);
    if (asked) await allow.click();
    await demo.page.waitForURL(arrived);
  };
  const who = (demo: DemoPage, text: string) => demo.page.getByText(text, { exact: true }).waitFor();

  test.each([
    ['Google', 'google', ONE, 'Account One of org-1'],
    ['Microsoft', 'microsoft', TWO, 'Account Two of org-2'],
  ] as const)(
    'F1 F2 F3 with %s: in, connect an account, read, out, and in again',
    async (title, provider, account, name) => {
      const demo = await stage.open();
      await signIn(demo, title, account);
      await who(demo, name);
      // The code is nowhere any more.
      expect(demo.page.url()).toBe(`${stage.stack.demo.origin}/`);
      await demo.state(provider, 'none');
      await demo.connect(provider, 'Connect files', account);
      expect(await demo.read(provider, 'files')).toHaveLength(3);
      await demo.page.reload();
      await who(demo, name);

      await demo.page.getByRole('button', { name: 'Sign out' }).click();
      await demo.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await demo.page.reload();
      await demo.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await signIn(demo, title, account);
      await who(demo, name);
      await demo.state(provider, 'active');

      // What the browser saw: no token of the provider in a URL, and none but what it reads files with.
      const issued = Object.values(stage.stack.providers).flatMap(({ control }) => control.issued());
      const visited = demo.traffic.visited.join('\n');
      expect(secretsIn(visited, issued).filter((kind) => kind !== 'code')).toEqual([]);
      const all = await demo.traffic.exchanges();
      expect(verifiersIn(all.map(({ url, answer }) => `${url} ${answer}`).join('\n'), stage.stack.challenges)).toEqual(
        [],
      );
      const cookies = await demo.page.context().cookies(stage.stack.broker);
      expect(cookies).toEqual([]);
    },
  );

  const switches = (provider: ProviderName, idToken: Record<string, unknown>) =>
    stage.stack.providers[provider].control.change({ idToken });

  test.each([
    ['on a desk', WIDE],
    ['on a phone', PHONE],
  ] as const)('who is refused sees why, and a way back: %s', async (_name, options) => {
    const demo = await stage.open(options);
    const refused = async (heading: string, sentence: RegExp) => {
      await demo.page.getByRole('heading', { name: heading }).waitFor();
      expect(demo.page.url()).toContain('/callback?');
      await look(demo.page);
      await demo.page.getByRole('link', { name: 'Back to the application' }).click();
      await demo.page.getByText(sentence).waitFor();
      expect(demo.page.url()).toBe(`${stage.stack.demo.origin}/`);
      await look(demo.page);
    };
    await signIn(demo, 'Google', 'account-3@personal.example');
    await refused('This account is not of your organization', /not of an organization that uses this product/);
    await signIn(demo, 'Microsoft', 'account-3@personal.example');
    await refused('This account is not of your organization', /not of an organization that uses this product/);

    switches('google', { email_verified: false });
    await signIn(demo, 'Google', ONE);
    await refused('Your e-mail address is not verified', /does not confirm the address/);
    switches('google', { nonce: null });
    await signIn(demo, 'Google', ONE);
    await refused('You were not signed in', /were not signed in\. Try once more/);

    switches('google', {});
    await signIn(demo, 'Google', ONE);
    await who(demo, 'Account One of org-1');
    await demo.page.getByRole('button', { name: 'Sign out' }).click();
    switches('google', { sub: '100000000000000000009' });
    await signIn(demo, 'Google', ONE);
    await refused('Your e-mail address belongs to another account', /belongs to another account here/);
  });

  test.each([
    ['Google', 'google'],
    ['Microsoft', 'microsoft'],
  ] as const)(
    'S01 a callback of %s that is replayed, and one of another browser, say that it is over',
    async (title, provider) => {
      const demo = await stage.open();
      await signIn(demo, title, ONE);
      await who(demo, 'Account One of org-1');
      const used = (await demo.traffic.exchanges()).find(({ url }) => url.href.startsWith(callbackOf(provider)));
      const other = await stage.open(PHONE);
      for (const { page } of [demo, other]) {
        await page.goto(used?.url.href ?? '');
        await page.getByRole('heading', { name: 'This sign-in is over' }).waitFor();
        await look(page);
      }
    },
  );

  test.each([
    ['desktop', WIDE],
    ['phone', PHONE],
  ] as const)('an outage of the provider is a page with a way back (%s)', async (place, options) => {
    const demo = await stage.open(options);
    const { control } = stage.stack.providers.google;
    control.change({ outage: { at: 'token', as: '503' } });
    await signIn(demo, 'Google', ONE);
    await demo.page.getByRole('heading', { name: 'You cannot be signed in at the moment' }).waitFor();
    await look(demo.page);
    if (PICTURES) await demo.page.screenshot({ path: `${PICTURES}/outage-${place}.png` });
    control.change({ outage: null });
    await demo.page.getByRole('link', { name: 'Back to the application' }).click();
    await demo.page.waitForURL(`${stage.stack.demo.origin}/**`);
    await signIn(demo, 'Google', ONE);
    await who(demo, 'Account One of org-1');
  });

  test('S02 S17 two tabs that sign in at once both end on the product, signed in', async () => {
    const { stack } = stage;
    const first = await stage.open({ bypassCSP: true });
    const second = await first.page.context().newPage();
    const start = `${stack.broker}/v1/sso/google/start?${new URLSearchParams({ return_to: `${stack.broker}/app` })}`;
    const tabs = [first.page, second];
    for (const tab of tabs) await tab.goto(start);
    for (const tab of tabs) {
      await tab.getByRole('button', { name: ONE }).click();
      const allow = tab.getByRole('button', { name: 'Allow' });
      const arrived = tab.waitForURL(`${stack.broker}/app`);
      await Promise.race([arrived, allow.click().catch(() => {})]);
      await arrived;
    }
    const cookies = await first.page.context().cookies(stack.broker);
    expect(cookies.map(({ name }) => name)).toEqual(['__Host-renewal']);
  });

  test('S01 a link that the page has the browser load in advance begins nothing, and works when it is opened', async () => {
    const { stack } = stage;
    const { page } = await stage.open({ bypassCSP: true });
    await page.goto(`${stack.broker}/app`);
    const start = `/v1/sso/google/start?${new URLSearchParams({ return_to: `${stack.broker}/app` })}`;
    const early = page.waitForResponse((response) => response.url().includes('/sso/google/start'));
    await page.evaluate(
      `document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: '${start}' }))`,
    );
    expect((await early).status()).toBe(425);
    expect(await page.context().cookies(stack.broker)).toEqual([]);
    await page.goto(`${stack.broker}${start}`);
    await page.getByRole('button', { name: ONE }).waitFor();
  });

  test.each([
    ['desktop', WIDE],
    ['phone', { ...PHONE, viewport: { width: 390, height: 844 } }],
  ] as const)('S23 a page that ends has its style and a link to the product: %s', async (place, options) => {
    const { page } = await stage.open(options);
    const pages = [
      ['invalid-state', '/v1/sso/google/callback?state=x&code=x', 'This sign-in is over'],
      ['invalid-link', '/v1/sso/google/start', 'This link is not valid'],
      ['not-found', '/v1/sso/nobody/start?return_to=x', 'There is no such page'],
      ['callback', '/v1/callback/google?state=x&code=x', 'Authorization not completed'],
    ] as const;
    for (const [name, path, heading] of pages) {
      await page.goto(`${stage.stack.broker}${path}`);
      await page.getByRole('heading', { name: heading }).waitFor();
      await look(page);
      if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}-${place}.png` });
      await page.getByRole('link', { name: 'Back to the application' }).click();
      await page.waitForURL(stage.stack.demo.returnUrls[0] ?? '');
    }
  });

  test('S10 who cancels is back where they began, and reads that', async () => {
    const demo = await stage.open();
    await demo.page.goto(stage.stack.demo.origin);
    await demo.page.getByRole('button', { name: 'Sign in with Microsoft' }).click();
    await demo.page.getByRole('button', { name: 'Cancel' }).click();
    await demo.page.getByText('You cancelled at Microsoft, so you are not signed in.').waitFor();
    expect(demo.page.url()).toBe(`${stage.stack.demo.origin}/`);
  });

  test('a code of somebody else signs nobody in: it takes the browser that began', async () => {
    const { stack } = stage;
    const attacker = await stage.open();
    await attacker.page.route(`${stack.demo.origin}/sign-in`, (route) => route.abort());
    await signIn(attacker, 'Google', TWO);
    const fragment = attacker.traffic.visited.find((url) => url.includes('#code=')) ?? '';
    expect(fragment).toContain('tenant=org-2');
    const victim = await stage.open();
    await victim.page.goto(stack.demo.origin);
    await victim.page.getByRole('button', { name: 'Sign in with Google' }).click();
    await victim.page.goto(fragment);
    await victim.page.getByText('You were not signed in. Try once more.').waitFor();
    expect(await victim.page.evaluate("fetch('/session').then(({ status }) => status)")).toBe(204);
  });

  test('S17 on one host with the broker, cookies that no script reads are the session', async () => {
    const { stack } = stage;
    // In the place of the product's own page, which a load balancer would have there: the broker's 404, freed of its policy.
    const { page } = await stage.open({ bypassCSP: true });
    const start = new URLSearchParams({ return_to: `${stack.broker}/app` });
    await page.goto(`${stack.broker}/v1/sso/google/start?${start}`);
    await page.getByRole('button', { name: ONE }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(`${stack.broker}/app`);
    const ask = (method: string, path: string) =>
      page.evaluate<{ status: number; body: { user?: { id: string }; code?: string } }>(`
        fetch('${path}', { method: '${method}', headers: { 'Broker-Request': '1', 'Content-Type': 'application/json' } })
          .then(async (response) => ({ status: response.status, body: await response.json().catch(() => ({})) }))`);
    expect(await ask('POST', '/v1/session')).toMatchObject({
      status: 200,
      body: { user: { id: '100000000000000000001' } },
    });
    expect(await page.evaluate('document.cookie')).toBe('');
    const cookies = await page.context().cookies(stack.broker);
    expect(cookies.map(({ name, secure, httpOnly, sameSite }) => [name, secure, httpOnly, sameSite])).toEqual([
      ['__Host-renewal', true, true, 'Lax'],
      ['__Host-session', true, true, 'Strict'],
    ]);
    expect((await ask('DELETE', '/v1/session')).status).toBe(204);
    expect(await page.context().cookies(stack.broker)).toEqual([]);
    expect(await ask('POST', '/v1/session')).toMatchObject({ status: 401, body: { code: 'login_required' } });
  });
});
