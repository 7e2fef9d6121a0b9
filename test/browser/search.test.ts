/** The search page in Chromium: what each source finds, the answer, and everything that can go wrong with either. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { accountOf } from '../../local/providers/accounts.ts';
import { eventsOf, filesOf, messagesOf } from '../../local/providers/content.ts';
import { connect } from '../support/broker.ts';
import { answer, LOOKS, openSettings, problemsOf } from './settings/page.ts';
import { ACCOUNTS, type Stage, skipReason, startStage } from './stage.ts';
import { secretsIn } from './traffic.ts';

jest.setTimeout(60_000);
const reason = skipReason();
const suite = reason === undefined ? describe : describe.skip;
/** A folder for pictures, for whoever wants to look. */
const { PICTURES } = process.env;
const ANSWERS = '**/v1/answers';
const account = accountOf(ACCOUNTS['user-1']);
if (!account) throw new Error('no account');
const [budget] = filesOf(account);
const [, review] = eventsOf(account);
const [, invoice] = messagesOf(account);

const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

suite(`the search page, in Chromium${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  }, 60_000);
  afterEach(() => stage.reset());
  afterAll(() => stage?.stop());

  const look = async (page: Page, name: string) => {
    if (PICTURES) {
      await mkdir(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
    }
    expect(await problemsOf(page)).toEqual([]);
  };
  const connectTo = async (provider: 'microsoft' | 'google', ...integrations: readonly string[]) => {
    const token = await stage.stack.session();
    await connect(stage.stack, provider, { token, integrations, account: ACCOUNTS['user-1'] });
  };
  const open = async (options: BrowserContextOptions = {}) => {
    const opened = await openSettings(stage, 'search', { options });
    await opened.page.locator('#query').waitFor();
    return opened;
  };
  const ask = async (page: Page, query: string) => {
    await page.locator('#query').fill(query);
    await page.keyboard.press('Enter');
    await page.locator('#sources [data-state=searching]').first().waitFor({ state: 'detached' });
    await page.locator('#results-state', { hasText: /^\d+ results?[,.]|^Nothing is found/ }).waitFor();
  };
  const stateOf = (page: Page, source: string) => page.locator(`#source-${source}`).getAttribute('data-state');
  const said = (page: Page, source: string) => page.locator(`#source-${source} .said`).textContent();
  /** The broker's answer in its stead. */
  const answerWith = (page: Page, status: number, body: string, headers: Record<string, string> = {}) =>
    page.route(ANSWERS, (route) =>
      route.request().method() === 'OPTIONS'
        ? route.continue()
        : route.fulfill({
            status,
            body,
            headers: {
              'Access-Control-Allow-Origin': '*',
              'Access-Control-Expose-Headers': 'Retry-After',
              'Content-Type': status === 200 ? 'text/event-stream' : 'application/problem+json',
              ...headers,
            },
          }),
    );

  // The first of all: for a while after an account was deleted, as `reset` does, nothing is kept for it.
  test('H3 with the organization’s consent the cited documents are listed and forgotten; without it there is no list', async () => {
    const { page } = await open();
    await page.getByText('Nothing is kept.').waitFor();
    await ask(page, 'invoice');
    await page.getByText(/^Made from /).waitFor();
    await page.locator('#documents-list').getByText('paying-invoices').waitFor();
    await ask(page, 'travel budget');
    await page.locator('#documents-list').getByText('travel-rules').waitFor();
    await look(page, 'documents');
    await page.getByRole('button', { name: 'Forget paying-invoices of This product' }).click();
    await page.locator('#documents-list').getByText('paying-invoices').waitFor({ state: 'detached' });
    expect(await page.locator('#documents-list > li').count()).toBe(1);
    await page.getByRole('button', { name: 'Forget all' }).click();
    await page.getByText('Nothing is kept.').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('documents-title');

    await stage.setSearchAi({ document_ids: false });
    const other = await open();
    await ask(other.page, 'invoice');
    await other.page.getByText(/^Made from /).waitFor();
    expect(await other.page.locator('#documents').isVisible()).toBe(false);
  });

  test.each(LOOKS)(
    'H1 H2 H4 D1 every source is asked by the browser, and an answer is made of what is included (%s)',
    async (place, options) => {
      await connectTo('microsoft', 'files', 'mail');
      await connectTo('google', 'files', 'calendar', 'mail');
      const { page, traffic, through } = await open(options);
      const name = place.replaceAll(/\W+/g, '-');
      await look(page, `${name}-empty`);
      await ask(page, 'travel budget');
      const states = async () =>
        Object.fromEntries(
          await Promise.all(
            ['host', 'onedrive', 'outlook', 'drive', 'gmail', 'calendar'].map(async (source) => [
              source,
              await stateOf(page, source),
            ]),
          ),
        );
      // Headers alone do not search mail: said, with what to do about it.
      expect(await states()).toEqual({
        host: 'ok',
        onedrive: 'ok',
        outlook: 'ok',
        drive: 'ok',
        gmail: 'not_authorized',
        calendar: 'ok',
      });
      expect(await said(page, 'outlook')).toBe(
        'Nothing found among the newest 200 messages, by subject and sender alone.',
      );
      await page.getByText('4 results, without Gmail.').waitFor();
      await page.getByText(/^Made from 3 results of .*Your organization keeps out Google Calendar\.$/).waitFor();
      await look(page, `${name}-answer`);

      await through('source-gmail-authorize');
      await page.locator('#source-gmail[data-state=ok]').waitFor();
      await page.locator('#results-state', { hasText: /^5 results\.$/ }).waitFor();
      await page.getByText(/^Made from 4 results of /).waitFor();
      await look(page, `${name}-authorized`);

      // Each number leads to its document, and that to where the page itself has found it.
      const cites = await page.locator('#answer-text .cite').all();
      expect(cites.length).toBeGreaterThan(0);
      const links = await page
        .locator('#results a.name')
        .evaluateAll((all) => all.map((each) => each.getAttribute('href')));
      for (const cite of cites) {
        const cited = page.locator(`${await cite.getAttribute('href')} a`);
        expect(links).toContain(await cited.getAttribute('href'));
        expect(await cited.getAttribute('rel')).toBe('noopener noreferrer');
      }
      await cites[0]?.click();
      expect(await page.evaluate('document.activeElement.id || location.hash.slice(1)')).toBe('cited-1');

      // What was found went to no server but for the answers, and what is excluded not even there; no token went anywhere.
      const { stack } = stage;
      const toBroker = (await traffic.exchanges()).filter(({ url }) => url.origin === stack.broker);
      const answers = toBroker.filter(({ url }) => url.pathname === '/v1/answers');
      const others = toBroker.filter((exchange) => !answers.includes(exchange));
      const textOf = (all: typeof toBroker) => all.map(({ url, body }) => `${url} ${body}`).join('\n');
      const found = [budget, review, invoice].flatMap((item) => (item ? [item.name, item.mark] : []));
      expect(found.filter((text) => textOf(others).includes(text))).toEqual([]);
      expect(found.filter((text) => textOf(answers).includes(text))).toEqual(
        [budget, invoice].flatMap((item) => (item ? [item.name, item.mark] : [])),
      );
      const tokens = [stack.providers.microsoft, stack.providers.google]
        .flatMap(({ control }) => control.issued())
        .filter(({ kind }) => kind !== 'content');
      expect(secretsIn(textOf(toBroker), tokens).filter((kind) => kind !== 'code')).toEqual([]);
      expect(await page.evaluate('[localStorage.length, sessionStorage.length]')).toEqual([0, 0]);
    },
  );

  test('H4 E2 what the admin excludes is searched and not sent; with Search AI off nothing is', async () => {
    await stage.setSearchAi({ sources: { host: false, drive: true } });
    const excluded = await open();
    await ask(excluded.page, 'invoice');
    await excluded.page.getByText('Your organization keeps all of what was found out of answers.').waitFor();
    await excluded.page.locator('#source-host').getByText('Your organization keeps it out of answers.').waitFor();
    await look(excluded.page, 'excluded');
    await stage.setSearchAi({ enabled: false });
    await stage.setPolicy('google', { enabled: false });
    const off = await open();
    await ask(off.page, 'invoice');
    await off.page.getByText('Your organization has switched Search AI off').waitFor();
    expect(await stateOf(off.page, 'gmail')).toBe('disabled');
    await look(off.page, 'off');
    for (const { traffic } of [excluded, off]) {
      expect((await traffic.exchanges()).filter(({ url }) => url.pathname === '/v1/answers')).toEqual([]);
    }
  });

  test('H1 a source that hangs is timed out, one that is down is named, and the others are there', async () => {
    await connectTo('google', 'files', 'calendar');
    await connectTo('microsoft', 'files');
    stage.stack.providers.google.control.change({ latencyMs: 6_000 });
    stage.stack.providers.microsoft.control.change({ outage: { at: 'all', as: '503' } });
    const { page } = await open();
    await page.locator('#query').fill('travel budget');
    await page.keyboard.press('Enter');
    await page.locator('#results > li').first().waitFor();
    expect(await stateOf(page, 'drive')).toBe('searching');
    await look(page, 'searching');
    await page.locator('#source-drive[data-state=timed_out]').waitFor();
    await page.locator('#source-calendar[data-state=timed_out]').waitFor();
    expect(await stateOf(page, 'onedrive')).toBe('failed');
    await page.getByText(/^1 result, without OneDrive, Outlook, Google Drive, Gmail and Google Calendar\.$/).waitFor();
    await page.getByText('Made from 1 result of This product.').waitFor();
    await look(page, 'timed-out');
    stage.stack.providers.google.control.change({ latencyMs: 0 });
  });

  test('B2 H1 with a browser-only flow it is the same, and no token comes from the broker', async () => {
    await stage.setPolicy('google', { flow: 'implicit' });
    const { page, traffic, through } = await open();
    await ask(page, 'travel budget');
    expect(await said(page, 'drive')).toBe('Google Drive is not connected. Authorize to use it.');
    await through('source-drive-authorize');
    await page.locator('#source-drive[data-state=ok]').waitFor();
    await page.getByText('Made from 2 results of This product and Google Drive.').waitFor();
    expect(await said(page, 'calendar')).toBe(
      'Google Calendar is connected, but this was not allowed. You can add it.',
    );
    const asked = (await traffic.exchanges()).map(({ url }) => url.pathname);
    expect(asked.filter((path) => path.startsWith('/v1/connections/google'))).toEqual([]);
  });

  test('each refusal of an answer is said in plain words, and the results stay', async () => {
    const { page } = await open();
    const problem = (status: number, code: string) =>
      JSON.stringify({ type: 'about:blank', title: code, status, code });
    const cases: readonly (readonly [number, string, string, Record<string, string>?])[] = [
      [400, 'invalid_request', 'The broker did not understand this page.'],
      [403, 'search_ai_disabled', 'Your organization has switched Search AI off'],
      [403, 'source_disabled', 'Your organization keeps all of what was found out of answers.'],
      [403, 'csrf_rejected', 'The broker could not tell that this page sent the request.'],
      [413, 'payload_too_large', 'The broker did not understand this page.'],
      [429, 'rate_limited', 'That was a lot of requests', { 'Retry-After': '7' }],
      [500, 'internal_error', 'Something went wrong at the broker.'],
      [502, 'provider_error', 'The model gave no usable answer.'],
      [503, 'model_busy', 'The model is busy', { 'Retry-After': '7' }],
      [503, 'temporarily_unavailable', 'This is temporarily unavailable.', { 'Retry-After': '1' }],
      [401, 'session_ended', 'Your session is over. Sign in again.'],
    ];
    for (const [status, code, text, headers] of cases) {
      await answerWith(page, status, problem(status, code), headers);
      await ask(page, 'invoice');
      await page.locator('#answer-notice').getByText(text).waitFor();
      expect(await page.locator('#results > li').count()).toBe(1);
      if (code === 'model_busy') {
        await page.getByRole('button', { name: /^Try again in \d s$/ }).waitFor();
        await look(page, 'busy');
      }
      await page.unroute(ANSWERS);
    }
    const begun = event('sources', { included: [{ source: 'host', results: 1 }], excluded: [] });
    const half = event('text', { text: 'An invoice is' });
    const ends = [
      [begun + half, 'The answer broke off before its end.'],
      [begun + half + event('error', JSON.parse(problem(502, 'provider_error'))), 'The model gave no usable answer.'],
      [begun + event('done', { finish: 'declined' }), 'The model declined to answer this.'],
      [begun + half + event('done', { finish: 'length' }), 'Made from 1 result of This product. It was cut'],
    ] as const;
    for (const [body, text] of ends) {
      await answerWith(page, 200, body);
      await ask(page, 'invoice');
      await page.getByText(text).waitFor();
      if (body.includes('length')) await look(page, 'cut');
      await page.unroute(ANSWERS);
    }
    await answerWith(page, 503, problem(503, 'temporarily_unavailable'), { 'Retry-After': '1' });
    await ask(page, 'invoice');
    await page.locator('#answer-notice').getByText('This is temporarily unavailable.').waitFor();
    await page.unroute(ANSWERS);
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByText('Made from 1 result of This product.').waitFor();
  });

  test('an answer that is being made can be stopped, and the next question is not disturbed by it', async () => {
    const { page } = await open();
    await page.route(ANSWERS, () => {});
    await ask(page, 'invoice');
    await page.getByText('Being made …').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').waitFor();
    expect(await page.locator('#stop').isVisible()).toBe(false);
    await ask(page, 'invoice');
    await page.getByText('Being made …').waitFor();
    await page.unroute(ANSWERS);
    await ask(page, 'travel budget');
    await page.getByText('Made from 1 result of This product.').waitFor();
    expect(await page.getByText('Stopped.').count()).toBe(0);
    await ask(page, 'nowhere to be found');
    await page.getByText('Nothing was found to answer from.').waitFor();
    await look(page, 'nothing');
  });

  test('markup and odd links, in results and in an answer, are text and nothing else', async () => {
    const { page } = await open();
    const markup = '<img src=x onerror="window.canary=1"><script>window.canary=1</script>';
    const articles = [
      { id: '"><b>', title: markup, text: markup },
      { id: 'plain', title: '', text: 'no title' },
    ];
    await page.route('**/articles?*', (route) => route.fulfill({ json: { articles } }));
    const body =
      event('sources', { included: [{ source: 'host', results: 2 }], excluded: [] }) +
      event('text', { text: `${markup}[a](javascript:window.canary=1)` }) +
      event('citation', { number: 1, source: 'host', id: '"><b>' }) +
      event('citation', { number: 2, source: 'host', id: 'not found here' }) +
      event('done', { finish: 'complete' });
    await answerWith(page, 200, body);
    await ask(page, 'invoice');
    await page.getByText('Made from 2 results of This product.').waitFor();
    expect(await page.locator('#answer-text').textContent()).toBe(`${markup}[a](javascript:window.canary=1) [1]`);
    expect(await page.locator('#cited > li').count()).toBe(1);
    expect(await page.locator('#results .name').allTextContents()).toEqual([markup, '(no title)']);
    expect(await page.locator('main img, main script, main b, a[href^="javascript"]').count()).toBe(0);
    expect(await page.evaluate('window.canary ?? null')).toBe(null);
    await look(page, 'markup');
  });

  test('nobody is signed in, or no more: the page says so, and an article opens from its result', async () => {
    const { page } = await open();
    await ask(page, 'invoice');
    const [article] = await Promise.all([
      page.context().waitForEvent('page'),
      page.locator('#results').getByRole('link', { name: 'Paying invoices' }).click(),
    ]);
    await article.getByText('An invoice is approved').waitFor();
    expect(await article.evaluate('window.opener')).toBe(null);
    await page.route('**/v1/config', (route) => answer(route, 401, { code: 'session_ended' }));
    await page.reload();
    await page.locator('#query').fill('invoice');
    await page.keyboard.press('Enter');
    await page.getByText('Nobody is signed in.').waitFor();
    const stranger = await stage.open();
    await stranger.page.goto(`${stage.stack.demo.origin}/search.html`);
    await stranger.page.getByText('Nobody is signed in.').waitFor();
    await look(stranger.page, 'signed-out');
  });
});
