/** A stack, a browser, and what a user does with the demo page. */
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { PROVIDER_NAMES, type ProviderName } from '../../local/environment.ts';
import { accounts } from '../../local/providers/accounts.ts';
import type { Switches } from '../../local/providers/switches.ts';
import type { StackOptions } from '../../local/stack.ts';
import { CODE_FLOW, type Json, startTestStack, type TestStack } from '../support/broker.ts';
import { launchBrowser, type TestBrowser, whyNoBrowser } from '../support/browser.ts';
import { recordTraffic, type Traffic } from './traffic.ts';

/** Why the browser tests of a file are skipped: printed, and `undefined` where they run. */
export const skipReason = (): string | undefined => {
  const reason = whyNoBrowser();
  if (reason !== undefined) process.stderr.write(`Browser tests are skipped: ${reason}.\n`);
  return reason;
};

export const USERS = { 'user-1': 'org-1', 'user-2': 'org-2' } as const;
export type UserName = keyof typeof USERS;
/** The provider accounts of the two users. */
export const ACCOUNTS = { 'user-1': 'account-1@org-1.example', 'user-2': 'account-2@org-2.example' } as const;

/** Ids of those who sign in with the two accounts. */
const signedInUsers = accounts.flatMap(({ organization, subject, tenantId, objectId }) => {
  const tenant = organization?.replace('.example', '') ?? '';
  return tenant === '' ? [] : [[subject, tenant] as const, [`${tenantId}.${objectId}`, tenant] as const];
});

/** Long enough for two slow cores. */
const PATIENCE_MS = 10_000;

export interface Stage {
  readonly stack: TestStack;
  readonly browser: TestBrowser;
  /** Of every context that was opened. */
  readonly traffic: readonly Traffic[];
  /** A page of a new browser, with cookies and storage of its own. */
  open(options?: BrowserContextOptions): Promise<DemoPage>;
  /** The same, with the user signed in. */
  enter(user: UserName, options?: BrowserContextOptions): Promise<DemoPage>;
  /** Changes what `user-1`'s organization has decided about a provider; until `reset`. */
  setPolicy(provider: ProviderName, change: object): Promise<void>;
  /** The same about Search AI. */
  setSearchAi(change: object): Promise<void>;
  /** Nothing connected, nothing consented to, every switch as at the start; browsers closed. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export const startStage = async (options: StackOptions = {}): Promise<Stage> => {
  // The tests are many requests of one user in a short time.
  const starting = startTestStack({
    ...options,
    environment: { ...CODE_FLOW, RATE_LIMIT_USER: '1000/100', RATE_LIMIT_ADDRESS: '1000/100' },
  });
  const launching = launchBrowser();
  // Where one of the two does not start, the other does not stay.
  const [stack, browser] = await Promise.all([
    starting.catch(async (error) => {
      await (await launching).close();
      throw error;
    }),
    launching.catch(async (error) => {
      await (await starting).stop();
      throw error;
    }),
  ]);
  const traffic: Traffic[] = [];
  const switchesOf = (name: ProviderName) => stack.providers[name].control.read().switches;
  const initial = {
    microsoft: switchesOf('microsoft'),
    google: switchesOf('google'),
    notes: switchesOf('notes'),
  };
  const policyCall = async (method: string, body?: unknown, etag = '') =>
    stack.call(method, '/v1/admin/policy', {
      token: await stack.session('user-1', 'org-1', ['admin']),
      ...(body === undefined ? {} : { body, headers: { 'if-match': etag } }),
    });
  const putPolicy = async (policy: unknown, etag: string) => {
    const { status } = await policyCall('PUT', policy, etag);
    if (status !== 200) throw new Error(`The policy was refused with ${status}.`);
  };
  let policyBefore: unknown;
  const changePolicy = async (changed: (policy: Json) => object) => {
    const { body, headers } = await policyCall('GET');
    policyBefore ??= body;
    await putPolicy(changed(body), headers.get('etag') ?? '');
  };
  const open = async (options: BrowserContextOptions = {}) => {
    const context = await browser.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const recorded = recordTraffic(context);
    traffic.push(recorded);
    return demoPage(await context.newPage(), stack, recorded);
  };
  return {
    stack,
    browser,
    traffic,
    open,
    enter: async (user, options) => {
      const demo = await open(options);
      await demo.signIn(user);
      return demo;
    },
    setPolicy: (provider, change) =>
      changePolicy((policy) => {
        const { integrations } = policy.providers[provider];
        const more =
          'integrations' in change ? { integrations: { ...integrations, ...(change.integrations as object) } } : {};
        const changed = { ...policy.providers[provider], ...change, ...more };
        return { ...policy, providers: { ...policy.providers, [provider]: changed } };
      }),
    setSearchAi: (change) => changePolicy((policy) => ({ ...policy, search_ai: { ...policy.search_ai, ...change } })),
    reset: async () => {
      if (policyBefore !== undefined) {
        await putPolicy(policyBefore, (await policyCall('GET')).headers.get('etag') ?? '');
        policyBefore = undefined;
      }
      await Promise.all(traffic.map(({ exchanges }) => exchanges()));
      for (const context of browser.browser.contexts()) await context.close();
      for (const name of PROVIDER_NAMES) {
        const { control } = stack.providers[name];
        const { switches } = control.read();
        // One by one: a switch that has no effect at a provider cannot be set, and has not changed.
        for (const [key, value] of Object.entries(initial[name])) {
          if (JSON.stringify(switches[key as keyof Switches]) !== JSON.stringify(value))
            control.change({ [key]: value });
        }
        for (const { email } of accounts) control.happen({ event: 'revoke-access', account: email });
      }
      for (const [user, tenant] of Object.entries(USERS)) {
        await stack.call('DELETE', '/v1/account', { token: await stack.session(user, tenant) });
      }
      for (const [user, tenant] of signedInUsers) {
        await stack.call('DELETE', '/v1/account', { token: await stack.session(user, tenant) });
      }
    },
    stop: async () => {
      await browser.close();
      await stack.stop();
    },
  };
};

interface Choices {
  /** Scopes to untick. */
  readonly withhold?: readonly string[];
  readonly deny?: boolean;
}

/** The demo page in one tab. */
export const demoPage = (page: Page, stack: TestStack, traffic: Traffic) => {
  const card = (provider: ProviderName): Locator => page.locator(`#${provider}`);
  const button = (provider: ProviderName, name: string) => card(provider).getByRole('button', { name, exact: true });
  const state = (provider: ProviderName, is: 'active' | 'none' | 'authorize_again') =>
    page.locator(`#${provider}[data-state=${is}][aria-busy=false]`).waitFor();

  const signIn = async (user: UserName) => {
    await page.goto(stack.demo.origin);
    await page.getByRole('button', { name: `Sign in as ${user} of ${USERS[user]}` }).click();
    await page.getByText(`${user} of ${USERS[user]}`, { exact: true }).waitFor();
  };

  const consent = async (account: string, { withhold = [], deny = false }: Choices = {}) => {
    await page.getByRole('button', { name: account }).click();
    const decision = page.getByRole('button', { name: deny ? 'Cancel' : 'Allow' });
    // A provider that was agreed with before does not ask again.
    const isAsked = await Promise.race([
      decision.waitFor().then(() => true),
      page.waitForURL(`${stack.demo.origin}/`).then(() => false),
    ]);
    for (const scope of withhold) await page.locator(`input[value="${scope}"]`).uncheck();
    if (isAsked) await decision.click();
    await page.waitForURL(`${stack.demo.origin}/`);
  };

  return {
    page,
    traffic,
    card,
    button,
    state,
    signIn,
    /** The sentence that a card shows. */
    notice: (provider: ProviderName) => card(provider).getByRole('status'),
    /** Answers the provider's pages, which the browser is at: picks the account, unticks, decides. */
    consent,

    /** Clicks a button that leads to the provider, and comes back connected. */
    connect: async (provider: ProviderName, name: string, account: string, choices?: Choices) => {
      await button(provider, name).click();
      await consent(account, choices);
      await card(provider)
        .getByText(/is connected\./)
        .waitFor();
      await state(provider, 'active');
    },

    /** Calls of the broker's token operation and of the provider's API by this browser, so far. */
    calls: async (provider: ProviderName) => {
      const { origin } = stack.providers[provider];
      const all = await traffic.exchanges();
      return {
        tokens: all.filter(({ url }) => url.pathname === `/v1/connections/${provider}/token`),
        api: all.filter(({ url, headers }) => url.origin === origin && headers.authorization !== undefined),
      };
    },

    /** Clicks a "Read ..." button. @returns what is listed then */
    read: async (provider: ProviderName, integration: string): Promise<string[]> => {
      await page.locator(`#${provider}-${integration}-read`).click();
      await page.locator(`#${provider}[aria-busy=false]`).waitFor();
      return page.locator(`#${provider}-${integration} .items li > span`).allTextContents();
    },
  };
};

export type DemoPage = ReturnType<typeof demoPage>;
