/** The directory page in Chromium: search for everybody, the synchronization for admins. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Stage, skipReason, startStage } from './stage.ts';

const reason = skipReason();
const suite = reason === undefined ? describe : describe.skip;
/** A folder for pictures, for whoever wants to look. */
const { PICTURES } = process.env;

suite(`the directory page, in Chromium${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let stage: Stage;
  let audit: string;
  beforeAll(async () => {
    [stage, audit] = await Promise.all([startStage(), readFile(new URL('audit.js', import.meta.url), 'utf8')]);
  }, 60_000);
  afterEach(() => stage.reset());
  afterAll(() => stage?.stop());

  const look = async (page: Page, name: string) => {
    if (PICTURES) {
      await mkdir(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
    }
    expect(await page.evaluate<string[]>(audit)).toEqual([]);
  };
  const synchronize = async () => {
    const token = await stage.stack.scheduler.token();
    await stage.stack.call('POST', '/v1/internal/directory-sync', { token });
  };
  const open = async (page: Page) => {
    await page.goto(`${stage.stack.demo.origin}/directory.html`);
    await page.getByRole('heading', { name: 'Directory' }).first().waitFor();
  };

  test.each([
    ['desk', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
    ['phone', { viewport: { width: 360, height: 740 }, colorScheme: 'dark', isMobile: true }],
  ] as const)(
    'G1 G2 G3 an admin starts a run, agrees to nothing blindly, and finds people and groups (%s)',
    async (place, options) => {
      const { page } = await stage.enter('user-1', options);
      await open(page);
      await page.getByRole('button', { name: 'Start a run' }).click();
      await page.getByText('The scheduler takes it up with its next call.').waitFor();
      await look(page, `${place}-asked`);
      stage.stack.workspace.switches.latencyMs = 150;
      const running = synchronize();
      await page.getByRole('progressbar').waitFor();
      await look(page, `${place}-running`);
      await running;
      stage.stack.workspace.switches.latencyMs = 0;
      await page.locator('#runs-badge', { hasText: 'Done' }).waitFor();
      await page.locator('#past > li').first().getByText('301', { exact: false }).first().waitFor();

      await page.getByLabel('Name, address, title or department').fill('anna eng');
      await page.locator('#results .name').first().waitFor();
      const names = await page.locator('#results .name').allTextContents();
      expect(names.every((name) => /anna/i.test(name))).toBe(true);
      await page.getByLabel('Name, address, title or department').fill('s');
      await page.getByRole('button', { name: 'Show more' }).click();
      await expectCount(page, 40);
      await look(page, `${place}-people`);
      await page.getByLabel('Groups').check();
      await page.locator('#results summary').first().waitFor();
      await page.locator('#results summary').first().click();
      await page.locator('#results details li').first().waitFor();
      await look(page, `${place}-groups`);

      stage.stack.workspace.switches.truncateAfter = 0;
      await page.getByRole('button', { name: 'Start a run' }).click();
      await page.getByText('The scheduler takes it up with its next call.').waitFor();
      await synchronize();
      await page.getByText(/301 of 301 users were not in Google's answer/).waitFor();
      await look(page, `${place}-stopped`);
      stage.stack.workspace.switches.truncateAfter = null;
      await page.getByRole('button', { name: 'Agree, and go on' }).click();
      await page.getByText('The scheduler takes it up with its next call.').waitFor();
      await synchronize();
      await page.locator('#runs-badge', { hasText: 'Done' }).waitFor();
      await page.locator('#past > li:first-child').getByText('Records that a listing had left out').waitFor();
      await look(page, `${place}-kept`);

      stage.stack.workspace.switches.delegation = false;
      await page.getByRole('button', { name: 'Start a run' }).click();
      await page.getByText('The scheduler takes it up with its next call.').waitFor();
      await synchronize();
      await page.locator('#runs-badge', { hasText: 'Failed' }).waitFor();
      await look(page, `${place}-failed`);
      stage.stack.workspace.switches.delegation = true;
    },
    90_000,
  );

  test('who is no admin searches, and sees nothing of the synchronization; signed out, nothing', async () => {
    const { page } = await stage.enter('user-2');
    await open(page);
    await page.getByLabel('Name, address, title or department').fill('anna');
    await page.getByText('Nobody is found.').waitFor();
    await page.locator('#runs').waitFor({ state: 'hidden' });
    const other = await stage.open();
    await open(other.page);
    await other.page.getByText('Nobody is signed in.').waitFor();
    await look(other.page, 'signed-out');
  });

  const expectCount = async (page: Page, count: number) => {
    await page.locator(`#results > li:nth-child(${count})`).waitFor();
    expect(await page.locator('#results > li').count()).toBe(count);
  };
});
