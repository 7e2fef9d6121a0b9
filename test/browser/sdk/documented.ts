/** What docs/front-end.md tells a developer to write, as it stands there: bundled, and run. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { bundleClient } from '../../../tools/build-client.ts';
import { bundleApp, documented, installClient } from '../../support/client-package.ts';
import { answer } from '../settings/page.ts';
import type { Stage } from '../stage.ts';
import { consentIn, visit } from './page.ts';

const SESSION = `const yourSession = async () => (await (await fetch('/session')).json()).token;`;

export const documentedTests = (stage: () => Stage): void => {
  let installed: Awaited<ReturnType<typeof installClient>>;
  beforeAll(async () => {
    installed = await installClient(bundleClient);
  });
  afterAll(() => installed?.remove());

  /** The product's page at `/product.html`, of its own origin; the addresses in the documents are this stage's. */
  const serve = async (context: BrowserContext, html: string, code: string) => {
    const { stack } = stage();
    const here = code
      .replaceAll('https://broker.example', stack.broker)
      .replaceAll('https://product.example', stack.demo.origin)
      .replaceAll('https://graph.microsoft.com', stack.providers.microsoft.origin);
    const script = await bundleApp(installed.folder, here.replace(/^((?:import .*\n)*)/, `$1${SESSION}\n`));
    // A page that comes from no address may not speak to this machine unless the user lets it.
    await context.grantPermissions(['local-network-access']);
    const body = `<!doctype html><title>Product</title>${html}<script type="module" src="/product.js"></script>`;
    await context.route('**/product.html', (route) => route.fulfill({ contentType: 'text/html', body }));
    await context.route('**/product.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    const page = await context.newPage();
    await page.goto(`${stack.demo.origin}/product.html`);
    return page;
  };

  test.each([
    ['the calendar widget', 'v1.0/me/events'],
    ['the same with Microsoft Graph’s client, which wraps errors, and Graph on http', 'graphMessageHandler'],
  ])('C7 %s: a button, the consent, the events', async (_, part) => {
    const { context } = await visit(stage());
    const page = await serve(context, await documented('html', 'id="events"'), await documented('js', part));
    const button = page.getByRole('button', { name: 'Connect your calendar' });
    await button.waitFor();
    const through = async (deny: boolean) => {
      const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
      await Promise.all([popup.waitForEvent('close'), consentIn(popup, { deny })]);
    };
    await through(true);
    await page.getByText('access_denied').waitFor();
    expect(await button.isVisible()).toBe(true);
    await through(false);
    await page.locator('#events li').first().waitFor();
    await button.waitFor({ state: 'hidden' });
    expect(await page.locator('#text').textContent()).toBe('');
  });

  test('E1 E2 the two pages, from the package: they say what the SDK throws', async () => {
    const code = await documented('js', 'showAdmin(element');
    const visitor = await visit(stage());
    const element = "const element = document.querySelector('main');";
    const [user, admin] = ['showAdmin(', 'showIntegrations('].map((other) =>
      code
        .replace(new RegExp(`^await ${other.replace('(', '\\(')}.*\n`, 'm'), '')
        .replace(/^const host/m, `${element}\n$&`),
    );
    const page = await serve(visitor.context, '<main></main>', user ?? '');
    await page.getByRole('heading', { name: 'Microsoft' }).waitFor();
    await visitor.context.route('**/v1/**', (route) => answer(route, 401, { code: 'login_required' }));
    await page.reload();
    await page.getByText('Your session is over. Sign in again.').waitFor();
    expect(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe('/sign-in');

    const other = await visit(stage());
    const settings = await serve(other.context, '<main></main>', admin ?? '');
    await settings.getByText('Everything is saved.').waitFor();
    await other.context.route('**/v1/**', (route) => answer(route, 403, { code: 'forbidden' }));
    await settings.reload();
    await settings.getByText('Only an administrator of your organization can see and change this.').waitFor();
  });
};
