import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { accountOf } from '../../../local/providers/accounts.ts';
import { eventsOf } from '../../../local/providers/content.ts';
import { ACCOUNTS, type Stage } from '../stage.ts';
import { consentIn, visit } from './page.ts';

export const pageTests = (stage: () => Stage): void => {
  test.each([
    ['on a desk', { width: 1280, height: 800 }],
    ['on a phone', { width: 360, height: 740 }],
  ])('the sample calendar, and the bridge page, %s', async (_name, viewport) => {
    const audit = await readFile(new URL('../audit.js', import.meta.url), 'utf8');
    const { origin } = stage().stack.demo;
    const visitor = await visit(stage());
    const page = await visitor.context.newPage();
    await page.setViewportSize(viewport);
    await page.goto(`${origin}/calendar.html`);
    const button = page.getByRole('button', { name: 'Connect calendar' });
    await button.waitFor();
    expect(await page.evaluate<string[]>(audit)).toEqual([]);
    const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
    await Promise.all([popup.waitForEvent('close'), consentIn(popup)]);
    await page.locator('#events li').first().waitFor();
    const account = accountOf(ACCOUNTS['user-1']);
    const names = account ? eventsOf(account).map(({ name }) => name) : [];
    expect(await page.locator('#events li').allTextContents()).toEqual(names);
    expect(await page.evaluate<string[]>(audit)).toEqual([]);

    await page.goto(`${origin}/bridge.html`);
    await page.getByText('No page is waiting').waitFor();
    expect(await page.evaluate<string[]>(audit)).toEqual([]);
  });
};
