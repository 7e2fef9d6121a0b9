import { expect, test } from '@jest/globals';
import type { Stage } from '../stage.ts';
import { historyOf } from '../traffic.ts';
import { consentIn, type SdkTab, visit } from './page.ts';

const FLOWS = "Object.keys(sessionStorage).filter((key) => key.includes('flow')).length";

export const redirectTests = (stage: () => Stage): void => {
  const leave = (tab: SdkTab) =>
    tab.read("void broker.connect({ provider: 'google', integrations: ['files'], mode: 'redirect' })");
  const back = () => `${stage().stack.demo.origin}/returned.html`;

  test('by the bridge page: the user is back where they were, deep link and all, and is connected', async () => {
    const tab = await (await visit(stage())).tab({ path: '/returned.html?view=week#day-2' });
    expect(await tab.outcome('broker.handleRedirect()')).toEqual({});
    await leave(tab);
    await consentIn(tab.page);
    await tab.page.waitForURL(`${back()}?view=week#day-2`);
    await tab.setUp();
    expect(await tab.read(FLOWS)).toBe(1);
    const results = await Promise.all([tab.outcome('broker.handleRedirect()'), tab.outcome('broker.handleRedirect()')]);
    expect(results.map(({ value }) => value?.provider)).toEqual(['google', undefined]);
    expect((await tab.token('google', 'files')).value).toContain('CANARY-ACCESS');
    expect(tab.page.url()).toBe(`${back()}?view=week#day-2`);
    expect(await historyOf(tab.page)).not.toMatch(/ticket|flow_id|bridge/);
    expect(await tab.read(FLOWS)).toBe(0);
  });

  test('by a page of its own: the fragment leaves the address bar first of all; elsewhere it finishes nothing', async () => {
    const visitor = await visit(stage());
    const tab = await visitor.tab({ returnTo: back() });
    await leave(tab);
    await tab.page.getByText('Choose an account').waitFor();
    const provider = tab.page.url();
    await consentIn(tab.page);
    await tab.page.waitForURL(/#ticket=/);
    const returned = tab.page.url();

    const other = await visitor.tab({ returnTo: back() });
    await other.page.goto('about:blank');
    await other.page.goto(returned);
    await other.setUp();
    expect(await other.outcome('broker.handleRedirect()')).toMatchObject({ code: 'invalid_state' });
    expect(other.page.url()).toBe(back());

    await tab.setUp();
    expect(await tab.read('void (window.connecting = outcome(() => broker.handleRedirect())), location.href')).toBe(
      back(),
    );
    expect(await tab.read('connecting')).toMatchObject({ value: { provider: 'google' } });
    expect(await historyOf(tab.page)).not.toContain('ticket');
    expect(provider).toContain(stage().stack.providers.google.origin);
  });

  test('what the user denied is said on the way back', async () => {
    const tab = await (await visit(stage())).tab();
    await leave(tab);
    await consentIn(tab.page, { deny: true });
    await tab.page.waitForURL(back());
    await tab.setUp();
    expect(await tab.outcome('broker.handleRedirect()')).toMatchObject({ name: 'BrokerError', code: 'access_denied' });
  });
};
