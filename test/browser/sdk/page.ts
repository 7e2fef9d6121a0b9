/** Tabs of a page that has the browser SDK and nothing else, and what a user does at the providers. */
import type { BrowserContext, Page } from 'playwright-core';
import { ACCOUNTS, type Stage, type UserName } from '../stage.ts';
import type { Traffic } from '../traffic.ts';

/** What `outcome` makes of an error; `value` where there is none. */
export interface Outcome {
  // biome-ignore lint/suspicious/noExplicitAny: what a page gave, as JSON
  readonly value?: any;
  readonly name?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly missingScopes?: readonly string[];
  readonly request?: object;
  readonly retryAfter?: number;
}

export interface TabOptions {
  readonly path?: string;
  readonly returnTo?: string;
  readonly storage?: 'memory' | 'session';
  readonly browserOnly?: boolean;
}

/** In the page. */
const SETUP = `async ({ broker: baseUrl, returnTo, storage, browserOnly: isBrowserOnly }) => {
  const { createBroker } = await import('/client/src/index.ts');
  const { browserOnly } = await import('/client/src/browser-only.ts');
  const { createFetch } = await import('/client/src/fetch.ts');
  const session = async () => {
    const response = await fetch('/session');
    return response.status === 200 ? (await response.json()).token : undefined;
  };
  const broker = createBroker({ baseUrl, session, returnTo, storage, ...(isBrowserOnly && { flows: browserOnly }) });
  const outcome = async (work) => {
    try {
      return { value: await work() };
    } catch (error) {
      const { name, code, reason, missingScopes, request, retryAfter } = error;
      return { name, code, reason, missingScopes, request, retryAfter };
    }
  };
  Object.assign(window, { broker, outcome, createFetch, changes: 0, hints: 0, canceller: new AbortController() });
  broker.on('change', () => { window.changes += 1; });
  const button = document.createElement('button');
  button.id = 'go';
  document.body.prepend(button);
}`;

/** Says what is said on any BroadcastChannel. */
const EAVESDROP = `{
  const { postMessage } = BroadcastChannel.prototype;
  BroadcastChannel.prototype.postMessage = function (message) {
    window.overheard(JSON.stringify([this.name, message]));
    return postMessage.call(this, message);
  };
}`;

export const sdkTab = async (page: Page, { stack }: Stage, options: TabOptions = {}) => {
  const { origin } = stack.demo;
  const { path = '/returned.html', returnTo = `${origin}/bridge.html`, ...rest } = options;
  const setUp = () => page.evaluate(`(${SETUP})(${JSON.stringify({ broker: stack.broker, returnTo, ...rest })})`);
  await page.goto(origin + path);
  await setUp();

  /** `code` is an expression, with `broker` in scope. */
  const outcome = (code: string): Promise<Outcome> => page.evaluate(`outcome(() => ${code})`);
  return {
    page,
    /** After the page was loaded anew. */
    setUp,
    outcome,
    /** Waits until the expression is true. (The page's policy forbids the browser driver's own way.) */
    async becomes(code: string): Promise<void> {
      while (!(await page.evaluate(code))) await page.waitForTimeout(50);
    },
    read: <T>(code: string): Promise<T> => page.evaluate(code),
    token: (provider: string, integration: string, more = '') =>
      outcome(`broker.getAccessToken({ provider: '${provider}', integration: '${integration}', ${more} })`),

    /** Clicks, and answers with the popup; `connecting` is what `connect` will have given. */
    async begin(options: object, more = '') {
      const hooks = 'signal: canceller.signal, onPopupClosed: () => { hints += 1; }';
      await page.evaluate(
        `go.onclick = () => { window.connecting = outcome(() => broker.connect({ ...${JSON.stringify(options)}, ${hooks}, ${more} })); }`,
      );
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('#go').click()]);
      return { popup, connecting: (): Promise<Outcome> => page.evaluate('connecting') };
    },
    /** The whole way, in a popup. */
    async connect(options: object, choices?: Choices): Promise<Outcome> {
      const { popup, connecting } = await this.begin(options);
      await Promise.all([popup.waitForEvent('close'), consentIn(popup, choices)]);
      return connecting();
    },
  };
};

export type SdkTab = Awaited<ReturnType<typeof sdkTab>>;

export interface Choices {
  readonly deny?: boolean;
  readonly withhold?: readonly string[];
}

/** Answers the provider's pages; one that was agreed with before does not ask again. */
export const consentIn = async (page: Page, { deny = false, withhold = [] }: Choices = {}): Promise<void> => {
  await page.getByRole('button', { name: ACCOUNTS['user-1'] }).click();
  const decision = page.getByRole('button', { name: deny ? 'Cancel' : 'Allow' });
  const isAsked = await Promise.race([
    decision.waitFor().then(
      () => true,
      () => false,
    ),
    page.waitForEvent('close').then(() => false),
    // Where the popup's and the tab's way ends: no provider is at this name.
    page
      .waitForURL(({ hostname }) => hostname === 'localhost')
      .then(
        () => false,
        () => false,
      ),
  ]);
  for (const scope of withhold) await page.locator(`input[value="${scope}"]`).uncheck();
  // The click ends with the window.
  if (isAsked) await decision.click().catch(() => {});
};

export interface Visitor {
  readonly context: BrowserContext;
  readonly traffic: Traffic;
  /** Channel and message, as JSON. */
  readonly messages: readonly string[];
  tab(options?: TabOptions): Promise<SdkTab>;
  signIn(user: UserName): Promise<void>;
}

/** A browser with a signed-in user. */
export const visit = async (stage: Stage, user: UserName = 'user-1'): Promise<Visitor> => {
  const { page, traffic } = await stage.open();
  const context = page.context();
  const messages: string[] = [];
  await context.exposeFunction('overheard', (message: string) => messages.push(message));
  await context.addInitScript(EAVESDROP);
  const { origin } = stage.stack.demo;
  await page.goto(`${origin}/returned.html`);
  const signIn = async (name: UserName) => {
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user: name }),
    };
    await page.evaluate(`fetch('/session', ${JSON.stringify(init)})`);
  };
  await signIn(user);
  return {
    context,
    traffic,
    messages,
    signIn,
    tab: async (options) => sdkTab(await context.newPage(), stage, options),
  };
};
