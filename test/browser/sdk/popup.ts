import { expect, test } from '@jest/globals';
import type { Stage } from '../stage.ts';
import { secretsIn } from '../traffic.ts';
import { consentIn, visit } from './page.ts';

const AUTHORIZE = '**/v1/connections/google/authorize';
const wanted = { provider: 'google', integrations: ['files'] };

export const popupTests = (stage: () => Stage): void => {
  const completions = async (visitor: Awaited<ReturnType<typeof visit>>) =>
    (await visitor.traffic.exchanges()).filter(({ url }) => url.pathname.endsWith('/complete'));

  test.each([
    ['microsoft', 'files', 'files:read'],
    ['google', 'files', 'files:read'],
    ['notes', 'notes', 'notes:read'],
  ] as const)(
    'S14 %s: connect in a popup, behind the provider’s COOP; the ticket comes on the flow’s own channel',
    async (provider, integration, level) => {
      const visitor = await visit(stage());
      const tab = await visitor.tab();
      const { value } = await tab.connect({ provider, integrations: [integration] });
      expect(value).toMatchObject({ provider, integrations: [level], missing_scopes: [] });
      const { value: token } = await tab.token(provider, integration);
      expect(token).toContain('CANARY-ACCESS');
      expect(await tab.read('changes')).toBe(1);

      const exchanges = await visitor.traffic.exchanges();
      const pages = exchanges.filter(
        ({ url, status, answerHeaders }) =>
          status === 200 &&
          url.origin === stage().stack.providers[provider].origin &&
          answerHeaders['content-type']?.startsWith('text/html'),
      );
      expect(pages.length).toBeGreaterThan(1);
      for (const { answerHeaders } of pages) expect(answerHeaders['cross-origin-opener-policy']).toBe('same-origin');
      const said = visitor.messages.join('\n');
      expect(said).toContain('ticket=');
      expect(secretsIn(said, stage().stack.providers[provider].control.issued())).toEqual([]);
    },
  );

  test('a blocked popup is one error, and nothing is asked of anybody', async () => {
    const visitor = await visit(stage());
    const tab = await visitor.tab();
    await tab.read('void (window.open = () => null)');
    expect(await tab.outcome(`broker.connect(${JSON.stringify(wanted)})`)).toMatchObject({
      name: 'PopupBlockedError',
      code: 'popup_blocked',
    });
    const exchanges = await visitor.traffic.exchanges();
    expect(exchanges.filter(({ url }) => url.origin === stage().stack.broker)).toEqual([]);
  });

  test('a popup that is closed before the provider’s page is in it is another', async () => {
    const tab = await (await visit(stage())).tab();
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await tab.page.route(AUTHORIZE, async (route) => {
      await held;
      await route.continue();
    });
    const { popup, connecting } = await tab.begin(wanted);
    expect(popup.url()).toBe('about:blank');
    await popup.close();
    goOn();
    expect(await connecting()).toMatchObject({ name: 'PopupClosedError', code: 'popup_closed' });
  });

  test('later, a closed window is a hint only: the result is waited for, and the caller may cancel', async () => {
    const visitor = await visit(stage());
    const tab = await visitor.tab();
    const open = await tab.begin(wanted);
    await open.popup.getByText('Choose an account').waitFor();
    // It looks closed (COOP), and is not.
    await tab.page.bringToFront();
    await tab.becomes('hints > 0');
    await Promise.all([open.popup.waitForEvent('close'), consentIn(open.popup)]);
    expect((await open.connecting()).value).toMatchObject({ provider: 'google' });

    const closed = await tab.begin({ provider: 'google', integrations: ['calendar'] });
    await closed.popup.getByText('Choose an account').waitFor();
    await closed.popup.close();
    await tab.becomes('hints > 1');
    await tab.read('canceller.abort()');
    expect(await closed.connecting()).toMatchObject({ name: 'AbortError' });
  });

  test('a popup that never comes back is a third, and the page that it ends on says so', async () => {
    const visitor = await visit(stage());
    const tab = await visitor.tab();
    await tab.page.route(AUTHORIZE, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), expires_in: 1 } });
    });
    const { popup, connecting } = await tab.begin(wanted);
    expect(await connecting()).toMatchObject({ name: 'PopupTimeoutError', code: 'popup_timeout' });
    await consentIn(popup);
    await popup.getByText('No page is waiting').waitFor();
    expect(popup.url()).toBe(`${stage().stack.demo.origin}/bridge.html`);
    expect(await completions(visitor)).toEqual([]);
  });

  test('what the user denies, and what the provider does not grant, is said', async () => {
    const tab = await (await visit(stage())).tab();
    expect(await tab.connect(wanted, { deny: true })).toMatchObject({ name: 'BrokerError', code: 'access_denied' });
    const calendar = 'https://www.googleapis.com/auth/calendar.readonly';
    const { value } = await tab.connect(
      { provider: 'google', integrations: ['files', 'calendar'] },
      { withhold: [calendar] },
    );
    expect(value).toMatchObject({ integrations: ['files:read'], missing_scopes: [calendar] });
    expect(await tab.token('google', 'calendar')).toMatchObject({
      name: 'AuthorizationRequiredError',
      reason: 'scope_not_granted',
      missingScopes: [calendar],
      request: { provider: 'google', scopes: [calendar] },
    });
  });

  test('S14 messages of a foreign origin, and for another flow, are nothing', async () => {
    const visitor = await visit(stage());
    const tab = await visitor.tab();
    await visitor.context.route('http://foreign.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>foreign</title>' }),
    );
    const answered = tab.page.waitForResponse(AUTHORIZE);
    const { popup, connecting } = await tab.begin(wanted);
    const { flow_id: id } = (await (await answered).json()) as { flow_id: string };
    await popup.getByText('Choose an account').waitFor();
    const forged = (flow: string) =>
      `void new BroadcastChannel('token-broker:flow:${flow}').postMessage('provider=google&flow_id=${flow}&ticket=forged')`;

    const foreign = await visitor.context.newPage();
    await foreign.goto('http://foreign.example/');
    await foreign.evaluate(forged(id));
    const same = await visitor.context.newPage();
    await same.goto(`${stage().stack.demo.origin}/returned.html`);
    await same.evaluate(forged('another'));
    await same.evaluate(`void window.postMessage('ticket=forged', '*')`);
    await tab.page.waitForTimeout(300);
    expect(await completions(visitor)).toEqual([]);
    // It does listen: a page of its own origin that knows the flow is heard, and the broker refuses what it says.
    await same.evaluate(forged(id));
    expect(await connecting()).toMatchObject({ name: 'BrokerError', code: 'invalid_state' });
    expect(await completions(visitor)).toHaveLength(1);
  });

  test('S12 a return URL that is not registered to the letter ends the popup', async () => {
    const visitor = await visit(stage());
    const { origin } = stage().stack.demo;
    for (const returnTo of [`${origin}/bridge.html?`, `${origin}/bridge`, `${origin}//bridge.html`, '//bridge.html']) {
      const tab = await visitor.tab({ returnTo });
      const { popup, connecting } = await tab.begin(wanted);
      expect(await connecting()).toMatchObject({ name: 'BrokerError', code: 'invalid_return_to' });
      if (!popup.isClosed()) await popup.waitForEvent('close');
    }
  });
};
