import { expect, test } from '@jest/globals';
import { ACCOUNTS, type Stage } from '../stage.ts';
import { historyOf } from '../traffic.ts';
import { answer, openSettings, policyOf, type SettingsPage } from './page.ts';

const POLICY = '**/v1/admin/policy';

export const adminTroubleTests = (stage: () => Stage): void => {
  test('two admins: the second sees what the first changed, and nothing of either is lost silently', async () => {
    const policy = await policyOf(stage());
    const [first, second] = [await openSettings(stage(), 'admin'), await openSettings(stage(), 'admin')];
    for (const { page } of [first, second]) await page.locator('#admin-google-enabled').waitFor();
    const save = async ({ page }: SettingsPage) => {
      await page.locator('#admin-save').click();
      await page.locator('#admin-confirm-save').click();
    };
    await first.page.locator('#admin-google-files-enabled').uncheck();
    await first.page.locator('#admin-google-flow-implicit').check();
    await save(first);
    await first.page.getByText('Everything is saved.').waitFor();

    await second.page.locator('#admin-google-calendar-read-only').check();
    await second.page.locator('#admin-google-mail-read-only').check();
    await save(second);
    await second.page.getByText('Another admin was faster').waitFor();
    expect(await second.focused()).toBe('admin-conflict-title');
    await second.page.getByText('Google, Files: now off.').waitFor();
    await second.page.getByText('Google, how users authorize: now Implicit (legacy).').waitFor();
    // The form has both.
    expect(await second.page.locator('#admin-google-files-enabled').isChecked()).toBe(false);
    expect(await second.page.locator('#admin-google-calendar-read-only').isChecked()).toBe(true);
    expect((await policy()).providers.google.integrations.calendar.read_only).toBe(false);

    // Both about the same switch: said, too.
    await stage().setPolicy('google', { integrations: { files: { enabled: true, read_only: true } } });
    await second.page.locator('#admin-save').click();
    await second.page.getByText('Google, Files: now on.').waitFor();
    await second.page.locator('#admin-google-files-enabled').uncheck();
    await stage().setPolicy('google', { integrations: { calendar: { enabled: false, read_only: true } } });
    // The dry run is against what is stored by now, where nothing of this touches a stored connection.
    await second.page.locator('#admin-save').click();
    await second.page.getByText('Google, Calendar: now off.').waitFor();
    await second.page.getByRole('button', { name: 'Keep theirs, discard mine' }).click();
    await second.page.getByText('Everything is saved.').waitFor();
    expect(await second.page.locator('#admin-google-files-enabled').isChecked()).toBe(true);
  });

  test('both changed the same: what they chose is said, and mine stays to be decided', async () => {
    await policyOf(stage());
    const { page } = await openSettings(stage(), 'admin');
    await page.locator('#admin-microsoft-flow-implicit').check();
    await stage().setPolicy('microsoft', { flow: 'browser_code' });
    await page.locator('#admin-save').click();
    const clash = 'now Code in the browser. You chose Implicit (legacy), and the form still says so.';
    await page.getByText(clash).waitFor();
    expect(await page.locator('#admin-microsoft-flow-implicit').isChecked()).toBe(true);
    await page.locator('#admin-discard').click();
    expect(await page.locator('#admin-microsoft-flow-browser_code').isChecked()).toBe(true);
  });

  test('who is no admin sees no switch', async () => {
    const { page } = await openSettings(stage(), 'admin', { user: 'user-2' });
    await page.getByText('Only an administrator of your organization can see and change this.').waitFor();
    expect(await page.locator('form').isVisible()).toBe(false);
  });

  test('the broker is down, or the session is over, while saving: the form keeps what was chosen', async () => {
    const policy = await policyOf(stage());
    const { page } = await openSettings(stage(), 'admin');
    await page.locator('#admin-search-enabled').uncheck();
    await page.route(POLICY, (route) => answer(route, 401, { code: 'login_required' }));
    await page.locator('#admin-save').click();
    await page.getByText('Your session is over. Sign in again.').waitFor();
    expect(await page.locator('#admin-search-enabled').isChecked()).toBe(false);
    await page.unroute(POLICY);
    await page.route(POLICY, (route) =>
      answer(route, 503, { code: 'temporarily_unavailable' }, { 'Retry-After': '1' }),
    );
    await page.locator('#admin-save').click();
    await page.getByText('This is temporarily unavailable.').waitFor();
    await page.unroute(POLICY);
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByText('Everything is saved.').waitFor();
    expect((await policy()).search_ai.enabled).toBe(false);
  });

  test('consent for everybody: given, declined, and an answer that nobody asked for', async () => {
    await policyOf(stage());
    const { page } = await openSettings(stage(), 'admin');
    const { origin } = stage().stack.demo;
    const consent = page.locator('#admin-microsoft-consent');
    const decide = async (decision: string) => {
      await consent.click();
      await page.getByRole('button', { name: ACCOUNTS['user-1'] }).click();
      await page.getByRole('button', { name: decision }).click();
    };
    await decide('Allow');
    await page.getByText('Microsoft has the consent for everybody in the directory.').waitFor();
    expect(page.url()).toBe(`${origin}/admin.html`);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await decide('Cancel');
    await page.getByText('The consent was declined at Microsoft. Nothing has changed.').waitFor();
    // Google's admins allow an app in their own console.
    expect(await page.locator('#admin-google-consent').count()).toBe(0);

    await page.goto(`${origin}/admin.html?view=all&admin_consent=True&tenant=x&state=made-up`);
    await page.getByText('An answer came that this tab did not ask for.').waitFor();
    expect(page.url()).toBe(`${origin}/admin.html?view=all`);
    // The product's own parameters are no answer.
    const own = `${origin}/admin.html?error=quota&view=all`;
    await page.goto(own);
    await page.getByText('Everything is saved.').waitFor();
    expect(await page.getByText('An answer came').count()).toBe(0);
    expect(page.url()).toBe(own);
    expect(await historyOf(page)).not.toMatch(/admin_consent=|made-up|error=access/);
  });
};
