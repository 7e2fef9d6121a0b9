import { expect, test } from '@jest/globals';
import { sweep } from '../../support/admin.ts';
import { connect } from '../../support/broker.ts';
import { ACCOUNTS, type Stage } from '../stage.ts';
import { LOOKS, openSettings, policyOf, problemsOf } from './page.ts';

export const adminTests = (stage: () => Stage): void => {
  test('E2 switches, the read-only ceiling and Search AI are shown and saved together', async () => {
    const policy = await policyOf(stage());
    const { page } = await openSettings(stage(), 'admin');
    const on = async (id: string) => page.locator(`#admin-${id}`).isChecked();
    await page.locator('#admin-google-enabled').waitFor();
    expect([await on('google-enabled'), await on('google-files-enabled')]).toEqual([true, true]);
    expect([await on('google-files-read-only'), await on('search-enabled')]).toEqual([false, true]);
    // Mail has one level at Microsoft: there is nothing to hold back.
    expect(await page.locator('#admin-microsoft-mail-read-only').count()).toBe(0);
    // Google's web clients have no code in the browser.
    expect(await page.locator('#admin-google-flow-browser_code').count()).toBe(0);
    await page.getByText('where browser history, extensions and logs can see it').first().waitFor();
    await page
      .getByText(
        'What no switch can promise: providers do not narrow tokens. A token that was given out for one integration carries everything that the user has allowed there, so it may still open a sibling that is switched off here. Switching the whole provider off ends new tokens within 30 seconds. One that a page or an app already has works at the provider until it ends, usually within an hour; apps renew their own until they ask for this policy again.',
        { exact: true },
      )
      .waitFor();

    await page.locator('#admin-google-mail-enabled').uncheck();
    await page.locator('#admin-google-files-read-only').check();
    await page.locator('#admin-search-enabled').uncheck();
    await page.getByLabel('Google Calendar: Search AI').check();
    // There and back is no change.
    await page.locator('#admin-search-gmail').uncheck();
    await page.locator('#admin-search-gmail').check();
    await page.getByText('4 changes not saved yet.').waitFor();
    expect((await policy()).search_ai.enabled).toBe(true);
    await page.locator('#admin-save').click();
    await page.getByRole('dialog').getByText('Google: no more tokens for what is switched off or read only.').waitFor();
    await page.getByRole('dialog').getByText('Google, Files, read only: on').waitFor();
    await page.getByRole('dialog').getByText('Search AI, Google Calendar: on').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).last().click();
    await page
      .getByText(
        'Saved. The broker follows it within 30 seconds; tokens that pages already have work until they end.',
        {
          exact: true,
        },
      )
      .waitFor();
    await page.getByText('Everything is saved.').waitFor();
    const { providers, search_ai } = await policy();
    expect(providers.google.integrations).toMatchObject({
      mail: { enabled: false },
      files: { enabled: true, read_only: true },
    });
    expect(search_ai).toMatchObject({ enabled: false, sources: { calendar: true, gmail: true } });

    // What touches no connection asks nothing.
    await page.locator('#admin-search-documents').uncheck();
    await page.locator('#admin-save').click();
    await page.getByText('Everything is saved.').waitFor();
    expect((await policy()).search_ai.document_ids).toBe(false);
    await page.locator('#admin-search-enabled').check();
    await page.locator('#admin-discard').click();
    expect(await on('search-enabled')).toBe(false);

    const user = await openSettings(stage(), 'integrations');
    await user.page.locator('#integrations-google-files').waitFor();
    expect(await user.page.locator('#integrations-google-mail').count()).toBe(0);
  });

  test('S46 B4 another flow with connections present: a dry run, a question, and a count that reaches zero', async () => {
    const { stack } = stage();
    const policy = await policyOf(stage());
    for (const user of ['user-1', 'user-2'] as const) {
      const token = await stack.session(user, 'org-1');
      await connect(stack, 'google', { token, integrations: ['files'], account: ACCOUNTS[user] });
    }
    const { page, traffic } = await openSettings(stage(), 'admin');
    const usage = page.locator('#admin-google-usage');
    await usage.getByText('2 stored connections').waitFor();
    await page.locator('#admin-google-flow-implicit').check();
    await page.locator('#admin-save').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Google: 2 stored connections will be revoked where possible and removed').waitFor();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    expect((await policy()).providers.google.flow).toBe('authorization_code');
    await page.getByText('1 change not saved yet.').waitFor();

    await page.locator('#admin-save').click();
    await dialog.getByRole('button', { name: 'Save and remove connections' }).click();
    await usage.getByText('Removing stored connections: 2 left').waitFor();
    expect((await policy()).providers.google.flow).toBe('implicit');
    await sweep(stack);
    await usage.getByText('No stored connections').waitFor();
    // Nobody asks any more.
    const asked = async () =>
      (await traffic.exchanges()).filter(({ url }) => url.pathname === '/v1/admin/integrations').length;
    const before = await asked();
    await page.waitForTimeout(2_500);
    expect(await asked()).toBe(before);
    expect(await page.locator('#admin-google-flow-implicit').isChecked()).toBe(true);
  });

  test('by keyboard alone: switches, flows, the question', async () => {
    await policyOf(stage());
    const { page, focused } = await openSettings(stage(), 'admin');
    await page.locator('#admin-microsoft-enabled').waitFor();
    while ((await focused()) !== 'admin-microsoft-calendar-enabled') await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('admin-microsoft-calendar-read-only');
    while ((await focused()) !== 'admin-microsoft-flow-authorization_code') await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('admin-microsoft-flow-browser_code');
    await page.keyboard.press('ArrowUp');
    while ((await focused()) !== 'admin-save') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await focused()).toBe('admin-confirm-back');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('admin-save');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Everything is saved.').waitFor();
    expect(await focused()).toBe('admin-save');
  });

  test.each(LOOKS)('axe finds nothing %s', async (_name, options) => {
    await policyOf(stage());
    const { page } = await openSettings(stage(), 'admin', { options });
    await page.locator('#admin-google-enabled').waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await page.locator('#admin-google-flow-implicit').check();
    await page.locator('#admin-save').click();
    await page.getByRole('dialog').waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await stage().setPolicy('google', { integrations: { files: { enabled: false, read_only: false } } });
    await page.locator('#admin-confirm-save').click();
    await page.getByText('Another admin was faster').waitFor();
    expect(await problemsOf(page)).toEqual([]);
  });
};
