import { expect, test } from '@jest/globals';
import { ACCOUNTS, type Stage } from '../stage.ts';
import { secretsIn } from '../traffic.ts';
import { connectGoogle, connectionsOf, LOOKS, openSettings, problemsOf } from './page.ts';

const DRIVE = 'https://www.googleapis.com/auth/drive';

export const userTests = (stage: () => Stage): void => {
  test('E1 C7 one integration after the other, read first and write later; given up one by one', async () => {
    const { page, through, traffic } = await openSettings(stage(), 'integrations');
    const files = page.locator('#integrations-google-files');
    await files.getByText('Not authorized.').waitFor();
    expect(await connectionsOf(stage())).toEqual([]);

    await through('integrations-google-files-add');
    await files.getByText('Authorized: Read your files.').waitFor();
    await through('integrations-google-files-add');
    await files.getByText('Authorized: Read, change and share your files.').waitFor();
    // Nothing is left to add.
    expect(await page.locator('#integrations-google-files-add').count()).toBe(0);
    await through('integrations-google-calendar-add');
    await page.locator('#integrations-google-calendar').getByText('Authorized: Read your calendars.').waitFor();
    expect((await connectionsOf(stage()))[0].integrations.sort()).toEqual(['calendar:read', 'files:write']);

    // The provider was asked for reading alone at first.
    const asked = (await traffic.exchanges())
      .filter(({ url }) => url.searchParams.has('code_challenge'))
      .map(({ url }) =>
        url.searchParams
          .get('scope')
          ?.split(' ')
          .filter((scope) => scope.startsWith('https:')),
      );
    expect(asked).toHaveLength(3);
    expect(asked[0]).toEqual([`${DRIVE}.readonly`]);
    expect(asked[1]).toContain(DRIVE);

    // Technical names are a detail.
    expect(await page.getByText(DRIVE, { exact: true }).isVisible()).toBe(false);
    await page.getByText('In detail').click();
    expect(await page.getByText(DRIVE, { exact: true }).isVisible()).toBe(true);

    await page.locator('#integrations-google-files-remove').click();
    await page.getByText('Files is removed: no more tokens are given out for it. Google still counts it').waitFor();
    await files.getByText('Not authorized.').waitFor();
    expect((await connectionsOf(stage()))[0].integrations).toEqual(['calendar:read']);
    await page.locator('#integrations-google-calendar-remove').click();
    await page.getByText('Disconnected: the stored token is removed. Access at Google has ended too.').waitFor();
    await page.locator('#integrations-google[data-state=none]').waitFor();
    expect(await connectionsOf(stage())).toEqual([]);
  });

  test('E1 access taken back at the provider: the reason, and the same is authorized again', async () => {
    await connectGoogle(stage(), 'files');
    const { page, through } = await openSettings(stage(), 'integrations');
    await page.locator('#integrations-google-files-remove').waitFor();
    const { stack } = stage();
    stack.providers.google.control.happen({ event: 'revoke-access', account: ACCOUNTS['user-1'] });
    const body = { integration: 'files' };
    const refused = await stack.call('POST', '/v1/connections/google/token', { token: await stack.session(), body });
    expect(refused.status).toBe(409);
    await page.reload();
    await page.getByText('Google no longer accepts this connection').waitFor();
    await page.getByText('Waits until you authorize again: Read your files.').waitFor();
    await through('integrations-google-again');
    await page.locator('#integrations-google[data-state=active]').waitFor();
    expect((await connectionsOf(stage()))[0]).toMatchObject({ state: 'active', integrations: ['files:read'] });
  });

  test('B2 a browser-only provider: says so, keeps the token in this tab alone, and where to take the grant back', async () => {
    await stage().setPolicy('google', { flow: 'implicit' });
    const { page, through } = await openSettings(stage(), 'integrations');
    await page.getByText('Authorized in this browser alone').waitFor();
    await through('integrations-google-files-add');
    await page.locator('#integrations-google[data-state=active]').waitFor();
    expect(await connectionsOf(stage())).toEqual([]);
    const issued = stage().stack.providers.google.control.issued();
    const kept = await page.evaluate<string>('JSON.stringify(sessionStorage)');
    expect(secretsIn(kept, issued)).toContain('access_token');
    await page.reload();
    await page.locator('#integrations-google[data-state=active]').waitFor();
    await page.locator('#integrations-google-disconnect').click();
    const link = page.getByRole('link', { name: 'Open your Google account page' });
    expect(await link.getAttribute('href')).toMatch(/^https?:/);
    // The configuration, the claims that tell users apart, and perhaps an empty shelf.
    expect(await page.evaluate('sessionStorage.length')).toBeLessThanOrEqual(3);
    expect(secretsIn(await page.evaluate<string>('JSON.stringify(sessionStorage)'), issued)).toEqual([]);
  });

  test('what one tab does, another shows', async () => {
    const { page, through } = await openSettings(stage(), 'integrations');
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.locator('#integrations-notes-notes-add').waitFor();
    await through('integrations-notes-notes-add');
    await other.locator('#integrations-notes[data-state=active]').waitFor();
    await other.locator('#integrations-notes-disconnect').click();
    await page.locator('#integrations-notes[data-state=none]').waitFor();
  });

  test('by keyboard alone: the focus is kept, or goes to the heading', async () => {
    const { page, focused, through } = await openSettings(stage(), 'integrations');
    await page.locator('#integrations-notes-notes-add').waitFor();
    await page.keyboard.press('Tab');
    const stops: unknown[] = [];
    // Past the links of the product around it.
    for (let stop = 0; stop < 20 && stops.at(-1) !== 'integrations-notes-notes-add'; stop += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    const rows = (provider: string) =>
      ['mail', 'calendar', 'files'].map((name) => `integrations-${provider}-${name}-add`);
    expect(stops.filter(Boolean)).toEqual([...rows('microsoft'), ...rows('google'), 'integrations-notes-notes-add']);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')]);
    await popup.close();
    await through('integrations-notes-notes-add');
    await page.locator('#integrations-notes-notes-remove').waitFor();
    await page.locator('#integrations-notes-disconnect').focus();
    await page.keyboard.press('Enter');
    await page.locator('#integrations-notes[data-state=none]').waitFor();
    expect(await focused()).toBe('integrations-notes-title');
  });

  test.each(LOOKS)('axe finds nothing %s', async (_name, options) => {
    const { page } = await openSettings(stage(), 'integrations', { options });
    await page.locator('#integrations-google-files-add').waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await connectGoogle(stage(), 'files');
    await page.reload();
    await page.locator('#integrations-google-files-remove').waitFor();
    await page.getByText('In detail').click();
    expect(await problemsOf(page)).toEqual([]);
    await page.route('**/v1/connections/google', (route) => route.abort());
    await page.locator('#integrations-google-disconnect').click();
    await page.getByText('The broker does not answer').waitFor();
    expect(await problemsOf(page)).toEqual([]);
    // It can find something.
    await page.evaluate(
      "document.querySelector('#integrations-google h2').insertAdjacentElement('afterend', document.createElement('button'))",
    );
    expect((await problemsOf(page)).join()).toContain('button-name');
  });
};
