/** The product's page in a frame of another site; a browser as people have it. */
import { expect, test } from '@jest/globals';
import type { Frame, Page } from 'playwright-core';
import type { Stage } from '../stage.ts';
import { consentIn, type Outcome, visit } from './page.ts';

const INTRANET = 'http://127.0.0.1:9/intranet';
const ACCESS =
  'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-storage-access-by-user-activation';
const wanted = { provider: 'google', integrations: ['files'] };

const SETUP = `async ({ baseUrl, returnTo, token }) => {
  const { createBroker } = await import('/client/src/index.ts');
  const broker = createBroker({ baseUrl, returnTo, session: () => token });
  const outcome = (work) => work.then((value) => ({ value }), ({ name, code }) => ({ name, code }));
  Object.assign(window, { broker, outcome });
}`;

export const frameTests = (stage: () => Stage): void => {
  /** @param around the page at the top, or none */
  const embed = async (grants: readonly string[], sandbox?: string, around = INTRANET) => {
    const { stack } = stage();
    const { context } = await visit(stage());
    await context.grantPermissions(['local-network-access', ...grants]);
    const allow = 'storage-access *; local-network-access *; loopback-network *; local-network *';
    const inner = `<iframe allow="${allow}" ${sandbox === undefined ? '' : `sandbox="${sandbox}"`} src="${stack.demo.origin}/product.html"></iframe>`;
    const html = (body: string) => ({ contentType: 'text/html', body: `<!doctype html><title>page</title>${body}` });
    await context.route(around, (route) => route.fulfill(html(inner)));
    await context.route('**/product.html', (route) => route.fulfill(html('<button id="go">Connect</button>')));
    const page = await context.newPage();
    await page.goto(around);
    const frame = page.frames()[1];
    if (!frame) throw new Error('There is no frame.');
    await frame.locator('#go').waitFor();
    const setting = {
      baseUrl: stack.broker,
      returnTo: `${stack.demo.origin}/bridge.html`,
      token: await stack.session(),
    };
    const setUp = () => frame.evaluate(`(${SETUP})(${JSON.stringify(setting)})`);
    return { context, page, frame, setUp };
  };
  const click = async (frame: Frame, more = '', before = '') => {
    await frame.evaluate(
      `go.onclick = () => { ${before}; window.connecting = outcome(broker.connect({ ...${JSON.stringify(wanted)}, ${more} })); }`,
    );
    await frame.locator('#go').click();
  };
  const soon = (frame: Frame): Promise<Outcome> =>
    frame.evaluate(
      `Promise.race([connecting, new Promise((resolve) => setTimeout(() => resolve({ code: 'nothing' }), 3000))])`,
    );

  test('a frame of another site is heard by none of its own site: the browser of these tests partitions', async () => {
    const { context, frame } = await embed([]);
    const own = await context.newPage();
    await own.goto(`${stage().stack.demo.origin}/returned.html`);
    await own.evaluate(`window.heard = []; new BroadcastChannel('x').onmessage = ({ data }) => heard.push(data); 0`);
    const same = await context.newPage();
    await same.goto(`${stage().stack.demo.origin}/returned.html`);
    await frame.evaluate(`new BroadcastChannel('x').postMessage('frame'), 0`);
    await same.evaluate(`new BroadcastChannel('x').postMessage('page'), 0`);
    await own.waitForTimeout(500);
    expect(await own.evaluate('heard')).toEqual(['page']);
  });

  test.each([
    ['no sandbox', undefined],
    ['a sandbox that allows what is needed', ACCESS],
  ])('connects from a frame of another site where the browser gives access, with %s', async (_name, sandbox) => {
    const { page, frame, setUp } = await embed(['storage-access'], sandbox);
    await setUp();
    const [popup] = await Promise.all([page.waitForEvent('popup'), click(frame)]);
    await Promise.all([popup.waitForEvent('close'), consentIn(popup)]);
    expect((await soon(frame)).value).toMatchObject({ provider: 'google', integrations: ['files:read'] });
    const token = await frame.evaluate("broker.getAccessToken({ provider: 'google', integration: 'files' })");
    expect(token).toContain('CANARY-ACCESS');
  });

  const cookiesOnly = (had: boolean) =>
    `document.hasStorageAccess = async () => ${had}; document.requestStorageAccess = async () => undefined`;
  const granted = ['storage-access'];
  test.each<[string, readonly string[], string | undefined, string, string]>([
    ['the browser denies access', [], undefined, '', ''],
    ['the sandbox allows no access', granted, 'allow-scripts allow-same-origin allow-popups', '', ''],
    ['the sandbox allows no windows', granted, ACCESS.replace(/allow-popups\S*/g, ''), '', ''],
    ['the browser gives cookies only (Safari, Firefox)', granted, undefined, '', cookiesOnly(false)],
    ['the browser knows no such question', granted, undefined, '', 'document.requestStorageAccess = undefined'],
    ['the page would be left', granted, undefined, "mode: 'redirect'", ''],
  ])('is refused as framed at once where %s, and no window is left', async (_name, grants, sandbox, more, before) => {
    const { context, frame, setUp } = await embed(grants, sandbox);
    await setUp();
    const pages = context.pages().length;
    await click(frame, more, before);
    expect(await soon(frame)).toEqual({ name: 'BrokerError', code: 'framed' });
    expect(context.pages()).toHaveLength(pages);
  });

  test('is refused as framed in a frame without an origin', async () => {
    const { frame } = await embed(granted, 'allow-scripts allow-popups allow-storage-access-by-user-activation');
    // Its modules come from another origin then, and the demo's server gives them to its own only.
    const { origin } = stage().stack.demo;
    await frame
      .page()
      .context()
      .route(`${origin}/client/**`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), 'access-control-allow-origin': '*' } });
      });
    const setting = { baseUrl: stage().stack.broker, returnTo: `${origin}/bridge.html`, token: 'none' };
    await frame.evaluate(`(${SETUP.replace("'/client", `'${origin}/client`)})(${JSON.stringify(setting)})`);
    expect(await frame.evaluate('origin')).toBe('null');
    await click(frame);
    expect(await soon(frame)).toEqual({ name: 'BrokerError', code: 'framed' });
  });

  test('works in a frame of its own origin without asking for access; outside a click it is a blocked popup', async () => {
    const around = `${stage().stack.demo.origin}/shell.html`;
    const { page, frame, setUp } = await embed([], undefined, around);
    await setUp();
    // The driver's own calls count as clicks, for five seconds.
    await frame.evaluate(
      `void setTimeout(() => { window.late = outcome(broker.connect(${JSON.stringify(wanted)})); }, 6500)`,
    );
    await page.waitForTimeout(7000);
    expect(await frame.evaluate('late')).toEqual({ name: 'PopupBlockedError', code: 'popup_blocked' });
    const [popup] = await Promise.all([page.waitForEvent('popup'), click(frame)]);
    await Promise.all([popup.waitForEvent('close'), consentIn(popup)]);
    expect((await soon(frame)).value).toMatchObject({ provider: 'google' });
  });
};

export const deadEndTests = (stage: () => Stage): void => {
  const AUTHORIZE = '**/v1/connections/google/authorize';
  const goOn = async (page: Page) => {
    await page.getByText('No page is waiting').waitFor();
    await page.getByRole('link', { name: 'Open the product' }).click();
    await page.waitForURL(`${stage().stack.demo.origin}/`);
  };

  test('after a redirect that the browser does not follow, connecting ends after 30 seconds', async () => {
    const { context, tab: open } = await visit(stage());
    const tab = await open();
    await context.route(/\/(authorize|auth)\?/, (route) => route.fulfill({ status: 204 }));
    await tab.page.clock.install();
    const asked = context.waitForEvent('request', (request) => /\/(authorize|auth)\?/.test(request.url()));
    await tab.read(
      `void (window.connecting = outcome(() => broker.connect({ ...${JSON.stringify(wanted)}, mode: 'redirect' })))`,
    );
    await asked;
    await tab.page.clock.fastForward(31_000);
    expect(await tab.read('connecting')).toMatchObject({ name: 'BrokerError', code: 'still_here' });
  });

  test('after a redirect, Back to a page that is as it was: an error of its own, and Forward still finishes', async () => {
    const { context, tab: open } = await visit(stage());
    const tab = await open();
    const { origin } = stage().stack.demo;
    let url = '';
    // The provider's page does not come: the browser stays, as a page from its cache would.
    await context.route(/\/(authorize|auth)\?/, (route) => {
      url = route.request().url();
      return route.fulfill({ status: 204 });
    });
    await tab.read(
      `void (window.connecting = outcome(() => broker.connect({ ...${JSON.stringify(wanted)}, mode: 'redirect' })))`,
    );
    while (!url) await tab.page.waitForTimeout(50);
    await tab.read("void dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    expect(await tab.read('connecting')).toMatchObject({ name: 'BrokerError', code: 'still_here' });
    await context.unroute(/\/(authorize|auth)\?/);
    await tab.page.goto(url);
    await consentIn(tab.page);
    await tab.page.waitForURL(`${origin}/returned.html`);
    await tab.setUp();
    expect((await tab.outcome('broker.handleRedirect()')).value).toMatchObject({ provider: 'google' });
  });

  test('the bridge page without a page that waits, reloaded, or in another tab leads to the product', async () => {
    const visitor = await visit(stage());
    const { origin } = stage().stack.demo;
    const page = await visitor.context.newPage();
    await page.goto(`${origin}/bridge.html`);
    await goOn(page);
    await page.goto(`${origin}/bridge.html#provider=google&flow_id=unknown&ticket=t`);
    await page.getByText('No page is waiting').waitFor();
    await page.reload();
    await goOn(page);

    const tab = await visitor.tab();
    await tab.read(`void broker.connect({ ...${JSON.stringify(wanted)}, mode: 'redirect' })`);
    await tab.page.getByText('Choose an account').waitFor();
    const other = await visitor.context.newPage();
    await other.goto(tab.page.url());
    await consentIn(other);
    await goOn(other);
  });

  test('a double click is one popup and one flow; two wishes at once are two', async () => {
    const visitor = await visit(stage());
    const tab = await visitor.tab();
    await tab.page.route(AUTHORIZE, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    await tab.read(
      `void (window.all = [], go.onclick = () => { all.push(outcome(() => broker.connect(${JSON.stringify(wanted)}))); })`,
    );
    const [popup] = await Promise.all([tab.page.waitForEvent('popup'), tab.read('go.click(), go.click()')]);
    await Promise.all([popup.waitForEvent('close'), consentIn(popup)]);
    const results = await tab.read<{ value?: { provider: string } }[]>('Promise.all(all)');
    expect(results.map(({ value }) => value?.provider)).toEqual(['google', 'google']);
    const asked = async () =>
      (await visitor.traffic.exchanges()).filter(
        ({ url, method }) => method === 'POST' && url.pathname.endsWith('/authorize'),
      );
    expect(await asked()).toHaveLength(1);

    const first = await tab.begin({ provider: 'google', integrations: ['calendar'] });
    const one = tab.read<Outcome>('window.one = connecting');
    const second = await tab.begin({ provider: 'microsoft', integrations: ['files'] });
    await Promise.all([first.popup.waitForEvent('close'), consentIn(first.popup)]);
    await Promise.all([second.popup.waitForEvent('close'), consentIn(second.popup)]);
    expect((await one).value).toMatchObject({ provider: 'google' });
    expect((await second.connecting()).value).toMatchObject({ provider: 'microsoft' });
  });
};
