import { expect, test } from '@jest/globals';
import { consentIn } from '../sdk/page.ts';
import type { Stage } from '../stage.ts';
import { historyOf } from '../traffic.ts';
import { answer, connectGoogle, connectionsOf, openSettings } from './page.ts';

const ADD = 'integrations-google-files-add';
const CONNECTIONS = /\/v1\/connections$/;

export const userTroubleTests = (stage: () => Stage): void => {
  test('a blocked window: on in this one, and back to a clean address', async () => {
    const { page } = await openSettings(stage(), 'integrations');
    await page.locator(`#${ADD}`).waitFor();
    await page.evaluate('window.open = () => null');
    await page.locator(`#${ADD}`).click();
    await page.getByText('Your browser did not let a window open for Google.').waitFor();
    await page.getByRole('button', { name: 'Go on in this window' }).click();
    await consentIn(page);
    await page.getByText('Google is connected.').waitFor();
    await page.locator('#integrations-google[data-state=active]').waitFor();
    expect(page.url()).toBe(`${stage().stack.demo.origin}/integrations.html`);
    expect(await historyOf(page)).not.toContain('ticket=');
  });

  test('a closed window: cancelled; declined: said; a late answer: said', async () => {
    const { page, through } = await openSettings(stage(), 'integrations');
    const add = page.locator(`#${ADD}`);
    const [popup] = await Promise.all([page.waitForEvent('popup'), add.click()]);
    await popup.getByRole('button').first().waitFor();
    await page.getByText('Go on in the window of Google.').waitFor();
    await popup.close();
    await page.bringToFront();
    await page.getByText('The window of Google seems to be closed.').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled. Nothing has changed.').waitFor();

    await through(ADD, { deny: true });
    await page.getByText('You cancelled at Google.').waitFor();

    await page.route('**/v1/connections/google/authorize', async (route) => {
      const response = await route.fetch();
      if (route.request().method() === 'OPTIONS') return route.fulfill({ response });
      await route.fulfill({ response, json: { ...(await response.json()), expires_in: 1 } });
    });
    await add.click();
    await page.getByText('Google did not answer in time. Nothing has changed.').waitFor();
    await page.unroute('**/v1/connections/google/authorize');
    const [again] = await Promise.all([
      page.waitForEvent('popup'),
      page.locator('#integrations-google').getByRole('button', { name: 'Try again' }).click(),
    ]);
    await Promise.all([again.waitForEvent('close'), consentIn(again)]);
    await page.locator('#integrations-google[data-state=active]').waitFor();
  });

  test('what was not allowed is said, and can be added', async () => {
    const { page, through } = await openSettings(stage(), 'integrations');
    await through('integrations-google-mail-add', {
      withhold: ['https://www.googleapis.com/auth/gmail.settings.basic'],
    });
    await page
      .getByText('You did not allow “See your mail settings and filters”. You can add it at any time.')
      .waitFor();
    await page.locator('#integrations-google-mail-add').waitFor();
  });

  test('the session is over: nothing of the user is left on the page', async () => {
    const { page } = await openSettings(stage(), 'integrations');
    await page.locator(`#${ADD}`).waitFor();
    await page.route('**/v1/connections/google/authorize', (route) => answer(route, 401, { code: 'login_required' }));
    await page.locator(`#${ADD}`).click();
    await page.getByText('Your session is over. Sign in again.').waitFor();
    expect(await page.locator('.card').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe('/');
  });

  test('nobody is signed in: the same, from the start', async () => {
    const { page } = await stage().open();
    await page.goto(`${stage().stack.demo.origin}/integrations.html`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in as user-1' }).waitFor();
  });

  test('the broker is down: says so, and when to try again', async () => {
    const { page } = await openSettings(stage(), 'integrations');
    await page.locator(`#${ADD}`).waitFor();
    await page.route(CONNECTIONS, (route) =>
      answer(route, 503, { code: 'temporarily_unavailable' }, { 'Retry-After': '2' }),
    );
    await page.reload();
    await page.getByText('This is temporarily unavailable.').waitFor();
    expect(await page.getByRole('button', { name: /^Try again in [12] s$/ }).getAttribute('aria-disabled')).toBe(
      'true',
    );
    await page.unroute(CONNECTIONS);
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.locator(`#${ADD}`).waitFor();
    await page.route('**/v1/**', (route) => route.abort());
    await page.locator(`#${ADD}`).click();
    await page.locator('#integrations-google').getByText('The broker does not answer. Nothing has changed.').waitFor();
  });

  test('E2 switched off while in use: said at the click, and what was connected can still be removed', async () => {
    await connectGoogle(stage(), 'files');
    const { page } = await openSettings(stage(), 'integrations');
    await page.locator('#integrations-google-files-remove').waitFor();
    await stage().setPolicy('google', { integrations: { files: { enabled: false, read_only: false } } });
    await page.locator(`#${ADD}`).click();
    await page.getByText('Your organization has switched this integration off.').waitFor();
    await page.getByText('Authorized, and switched off by your organization').waitFor();
    expect(await page.locator(`#${ADD}`).count()).toBe(0);
    await stage().setPolicy('google', { enabled: false });
    await page.reload();
    await page.getByText('Your organization has switched Google off.').waitFor();
    await page.locator('#integrations-google-disconnect').click();
    await page.getByText('Access at Google has ended too.').waitFor();
    expect(await connectionsOf(stage())).toEqual([]);
  });

  test('a read-only ceiling holds what is offered', async () => {
    await connectGoogle(stage(), 'files:write');
    const { page } = await openSettings(stage(), 'integrations');
    await page.getByText('Authorized: Read, change and share your files.').waitFor();
    await stage().setPolicy('google', { integrations: { files: { enabled: true, read_only: true } } });
    await page.reload();
    await page.getByText('Authorized for changing; your organization allows less by now.').waitFor();
    expect(await page.locator(`#${ADD}`).count()).toBe(0);
  });

  test('E1 each reason has a sentence, and so has each end of a grant', async () => {
    const { page } = await openSettings(stage(), 'integrations');
    const connection = (reason: string) => ({
      provider: 'google',
      state: 'authorize_again',
      reason,
      integrations: ['files:read'],
      scopes: ['https://www.googleapis.com/auth/drive.readonly'],
      connected_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
    });
    for (const [reason, sentence] of [
      ['scope_not_granted', 'Google is connected, but this was not allowed.'],
      ['grant_dead', 'Google no longer accepts this connection'],
      ['user_needed', 'Google wants to hear from you'],
      ['integrity_error', 'The stored connection to Google did not pass its check'],
    ] as const) {
      await page.route(CONNECTIONS, (route) => answer(route, 200, { connections: [connection(reason)] }));
      await page.reload();
      await page.getByText(sentence).waitFor();
      await page.getByRole('button', { name: 'Authorize again: Google' }).waitFor();
      await page.unroute(CONNECTIONS);
    }
    for (const [revocation, sentence] of [
      ['failed', 'Google did not confirm that access has ended'],
      ['impossible', 'Google may still list this app'],
    ] as const) {
      await page.route(CONNECTIONS, (route) => answer(route, 200, { connections: [connection('grant_dead')] }));
      await page.reload();
      const manage_url = 'https://account.example/';
      await page.route('**/v1/connections/google', (route) =>
        answer(route, 200, { provider: 'google', revocation, manage_url }),
      );
      await page.locator('#integrations-google-disconnect').click();
      await page.getByText(sentence).waitFor();
      const link = page.getByRole('link', { name: 'Open your Google account page' });
      expect(await link.getAttribute('href')).toBe(manage_url);
      await page.unroute('**/v1/connections/google');
      await page.unroute(CONNECTIONS);
    }
  });
};
