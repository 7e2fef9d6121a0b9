/** One of the settings pages or the search in a tab, and what is wrong with how it looks. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import { connect } from '../../support/broker.ts';
import { type Choices, consentIn } from '../sdk/page.ts';
import { ACCOUNTS, type Stage, type UserName } from '../stage.ts';
import type { Traffic } from '../traffic.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const audit = await readFile(new URL('../audit.js', import.meta.url), 'utf8');
const RUN_AXE = `axe.run({ preload: false }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`;

/** Empty: axe and the project's own audit find nothing. */
export const problemsOf = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe);
  return [...(await page.evaluate<string[]>(RUN_AXE)), ...(await page.evaluate<string[]>(audit))];
};

/** Of both pages. */
export const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['on a desk, light', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
  ['on a phone, dark', { viewport: { width: 390, height: 800 }, colorScheme: 'dark', isMobile: true, hasTouch: true }],
];

export interface SettingsPage {
  readonly page: Page;
  readonly traffic: Traffic;
  /** Clicks what opens the provider's window, and answers there. */
  through(id: string, choices?: Choices): Promise<void>;
  focused(): Promise<string>;
}

export const openSettings = async (
  stage: Stage,
  path: 'integrations' | 'admin' | 'search',
  { user = 'user-1', options = {} }: { user?: UserName; options?: BrowserContextOptions } = {},
): Promise<SettingsPage> => {
  const { page, traffic } = await stage.open(options);
  const { origin } = stage.stack.demo;
  await page.goto(`${origin}/returned.html`);
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ user }) };
  await page.evaluate(`fetch('/session', ${JSON.stringify(init)}).then(({ status }) => status)`);
  await page.goto(`${origin}/${path}.html`);
  return {
    page,
    traffic,
    through: async (id, choices) => {
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator(`#${id}`).click()]);
      await Promise.all([popup.waitForEvent('close'), consentIn(popup, choices)]);
    },
    focused: () => page.evaluate<string>('document.activeElement.id'),
  };
};

/** The broker's answer in its stead, as another origin's page may read it. */
export const answer = (route: Route, status: number, body: object, headers: Record<string, string> = {}) =>
  route.request().method() === 'OPTIONS'
    ? route.continue()
    : route.fulfill({
        status,
        headers: {
          'Access-Control-Allow-Origin': '*',
          'Access-Control-Expose-Headers': 'ETag, Retry-After',
          'Content-Type': 'application/json',
          ...headers,
        },
        body: JSON.stringify(body),
      });

/** `user-1` at Google, without the page. */
export const connectGoogle = async ({ stack }: Stage, integration: string): Promise<void> => {
  const choices = { integrations: [integration], account: ACCOUNTS['user-1'] };
  await connect(stack, 'google', { token: await stack.session(), ...choices });
};

/** What the broker knows of `user-1`. */
export const connectionsOf = async ({ stack }: Stage) => {
  const { body } = await stack.call('GET', '/v1/connections', { token: await stack.session() });
  return body.connections;
};

/** An admin's own calls, beside the page. Whatever the page changes is put back after the test. */
export const policyOf = async (stage: Stage) => {
  await stage.setPolicy('google', {});
  const token = await stage.stack.session('user-1', 'org-1', ['admin']);
  return async () => (await stage.stack.call('GET', '/v1/admin/policy', { token })).body;
};
