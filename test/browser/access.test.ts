import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { consent } from '../support/consent.ts';
import { ACCOUNTS, type DemoPage, type Stage, skipReason, startStage } from './stage.ts';

const reason = skipReason();
const suite = reason === undefined ? describe : describe.skip;
const ACCOUNT = ACCOUNTS['user-1'];
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

suite(`the page for everybody, in Chromium${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let stage: Stage;
  let audit: string;
  beforeAll(async () => {
    [stage, audit] = await Promise.all([startStage(), readFile(new URL('audit.js', import.meta.url), 'utf8')]);
  }, 60_000);
  afterEach(() => stage.reset());
  afterAll(() => stage?.stop());

  const focused = (demo: DemoPage) => demo.page.evaluate('document.activeElement.id');

  test.each([
    ['on a desk, light', { viewport: WIDE, colorScheme: 'light' }],
    ['on a phone, dark', { viewport: PHONE, colorScheme: 'dark', isMobile: true }],
  ] as const)('can be read and used %s', async (_name, options) => {
    const demo = await stage.open(options);
    const look = async () => {
      const problems = await demo.page.evaluate<string[]>(audit);
      if (problems.length > 0) {
        const path = join(await mkdtemp(join(tmpdir(), 'token-broker-picture-')), 'page.png');
        await demo.page.screenshot({ path, fullPage: true });
        problems.push(`a picture is at ${path}`);
      }
      expect(problems).toEqual([]);
    };
    await demo.page.goto(stage.stack.demo.origin);
    await demo.page.getByRole('button', { name: 'Sign in as user-1' }).waitFor();
    await look();
    await demo.signIn('user-1');
    await demo.state('notes', 'none');
    await look();

    await demo.connect('google', 'Connect files, calendar and mail', ACCOUNT);
    const { y = -1, height = 0 } = (await demo.notice('google').boundingBox()) ?? {};
    expect(y >= 0 && y + height <= options.viewport.height).toBe(true);
    for (const integration of ['files', 'calendar', 'mail']) await demo.read('google', integration);
    await demo.card('google').getByText('What you have allowed').click();
    await demo.button('google', 'Disconnect').focus();
    await look();

    stage.stack.providers.google.control.happen({ event: 'revoke-access', account: ACCOUNT });
    await demo.read('google', 'files');
    await demo.state('google', 'authorize_again');
    await look();
    await demo.page.getByRole('button', { name: 'Delete my account' }).click();
    await look();
    await demo.page.getByRole('dialog').getByRole('button', { name: 'Delete my account' }).click();
    await demo.page.getByText('Nothing is left').waitFor();
    await look();
  });

  test('a flow by hand ends on a page that shows what came back, and that is enough to complete', async () => {
    const { stack } = stage;
    const token = await stack.session('user-1', 'org-1');
    const started = await stack.call('POST', '/v1/connections/google/authorize', {
      token,
      body: { integrations: ['files'], return_to: stack.demo.returnUrls[1] },
    });
    const demo = await stage.open({ viewport: PHONE });
    await demo.page.goto(await consent(started.body.authorization_url, { account: ACCOUNT }));
    const shown = async (name: string) =>
      (await demo.page.locator(`dt:text-is("${name}") + dd`).textContent({ timeout: 5_000 })) ?? '';
    expect([await shown('provider'), await shown('flow_id')]).toEqual(['google', started.body.flow_id]);
    expect(new URL(demo.page.url()).hash).toContain('ticket=');
    expect(await demo.page.evaluate<string[]>(audit)).toEqual([]);
    const body = { ticket: await shown('ticket'), flow: started.body.flow };
    const completed = await stack.call('POST', '/v1/connections/google/complete', { token, body });
    expect(completed.status).toBe(200);

    await demo.page.goto(`${stack.demo.returnUrls[1]}#provider=google&flow_id=x&error=<b>access_denied`);
    expect(await shown('error')).toBe('<b>access_denied');
    await demo.page.goto(stack.demo.returnUrls[1] ?? '');
    await demo.page.getByText('Nothing came back').waitFor();
  });

  test('works by keyboard: the focus is seen, is kept, and is never lost', async () => {
    const demo = await stage.open();
    await demo.page.goto(stage.stack.demo.origin);
    await demo.page.getByRole('button', { name: 'Sign in as user-1' }).waitFor();
    await demo.page.keyboard.press('Tab');
    expect(await focused(demo)).toBe('sign-in-user-1');
    expect(await demo.page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await demo.page.keyboard.press('Enter');
    await demo.state('microsoft', 'none');
    const stops: unknown[] = [];
    for (let stop = 0; stop < 5; stop += 1) {
      await demo.page.keyboard.press('Tab');
      stops.push(await focused(demo));
    }
    // From the heading on, in the order that is seen.
    const first = ['microsoft-files-connect', 'microsoft-calendar-connect', 'microsoft-mail-connect'];
    expect(stops).toEqual([...first, 'microsoft-connect', 'google-files-connect']);

    await demo.page.keyboard.press('Enter');
    await demo.consent(ACCOUNT);
    await demo.state('google', 'active');
    await demo.page.locator('#google-files-read').focus();
    await demo.page.keyboard.press('Enter');
    await demo.page.locator('#google-files .items li').first().waitFor();
    expect(await focused(demo)).toBe('google-files-read');
    await demo.button('google', 'Disconnect').focus();
    await demo.page.keyboard.press('Enter');
    await demo.state('google', 'none');
    expect(await focused(demo)).toBe('google-title');

    await demo.page.locator('#delete-account').focus();
    await demo.page.keyboard.press('Enter');
    expect(await focused(demo)).toBe('keep-account');
    await demo.page.keyboard.press('Escape');
    expect(await focused(demo)).toBe('delete-account');
  });

  test('what happened is announced: each sentence is in a place that was there before', async () => {
    const demo = await stage.enter('user-1');
    await demo.page.evaluate("document.querySelector('#google [role=status]').dataset.mark = 'kept'");
    await demo.page.route('**/authorize', (route) => route.abort());
    await demo.button('google', 'Connect files').click();
    await demo
      .card('google')
      .getByText(/The broker does not answer/)
      .waitFor();
    expect(await demo.notice('google').getAttribute('data-mark')).toBe('kept');
  });
});
