import { expect, test } from '@jest/globals';
import type { ProviderName } from '../../../local/environment.ts';
import type { Stage } from '../stage.ts';
import { historyOf, secretsIn } from '../traffic.ts';
import { consentIn, type SdkTab, type Visitor, visit } from './page.ts';

const cases = [
  ['google', 'implicit', 'files', 'files:read'],
  ['microsoft', 'implicit', 'files', 'files:read'],
  ['microsoft', 'browser_code', 'files', 'files:read'],
  ['notes', 'browser_code', 'notes', 'notes:read'],
] as const;
const API: Readonly<Record<ProviderName, string>> = {
  google: '/drive/v3/files',
  microsoft: '/v1.0/me/drive/root/children',
  notes: '/me/notes',
};
const AUTHORIZATION = /\/(authorize|auth)\?/;

export const browserOnlyTests = (stage: () => Stage): void => {
  const choose = (provider: ProviderName, flow: string) => stage().setPolicy(provider, { flow });
  const issued = () => Object.values(stage().stack.providers).flatMap(({ control }) => control.issued());
  const tokens = () => issued().filter(({ kind }) => kind !== 'content' && kind !== 'code');
  const call = (tab: SdkTab, provider: ProviderName, integration: string) => {
    const { origin } = stage().stack.providers[provider];
    return tab.outcome(`createFetch(broker, { provider: '${provider}', integration: '${integration}', origins: ['${origin}'] })(
      '${origin}${API[provider]}').then((response) => response.status)`);
  };
  /** Everything that the browser said to the broker, and to the page's own server. */
  const toServers = async ({ traffic }: Visitor) => {
    const { broker, demo } = stage().stack;
    const all = (await traffic.exchanges()).filter(({ url }) => [broker, demo.origin].includes(url.origin));
    // A fragment is not sent.
    return all.map(({ url, headers, body }) => url.href.split('#')[0] + JSON.stringify(headers) + body).join('\n');
  };
  const begin = (visitor: Visitor) => visitor.tab({ browserOnly: true });

  test.each(cases)(
    'S57, B2 %s, %s: from the provider to this tab; no server, no message and no history has a token',
    async (provider, flow, integration, level) => {
      await choose(provider, flow);
      const before = new Set(tokens());
      const visitor = await visit(stage());
      const tab = await begin(visitor);
      expect(await tab.token(provider, integration)).toMatchObject({ reason: 'no_connection' });
      const { value } = await tab.connect({ provider, integrations: [integration] });
      expect(value).toMatchObject({ provider, integrations: [level], missing_scopes: [] });
      expect(await call(tab, provider, integration)).toEqual({ value: 200 });

      // By redirect: the same, through this tab's own history.
      await tab.read(
        `void broker.connect({ provider: '${provider}', integrations: ['${integration}'], mode: 'redirect' })`,
      );
      await consentIn(tab.page);
      await tab.page.waitForURL(`${stage().stack.demo.origin}/returned.html`);
      await tab.setUp();
      expect((await tab.outcome('broker.handleRedirect()')).value).toMatchObject({ provider, integrations: [level] });
      expect(await call(tab, provider, integration)).toEqual({ value: 200 });
      expect((await tab.outcome('broker.connections()')).value).toMatchObject([{ provider, state: 'active' }]);

      // The scan finds what it looks for: there were tokens, one is in this tab's session storage, and no refresh token.
      const made = tokens().filter((each) => !before.has(each));
      expect(new Set(made.map(({ kind }) => kind))).toEqual(new Set(['access_token']));
      expect(secretsIn(await tab.read<string>('JSON.stringify(sessionStorage)'), made)).toEqual(['access_token']);
      expect(await tab.read('localStorage.length')).toBe(0);
      expect(secretsIn(await toServers(visitor), made)).toEqual([]);
      expect(secretsIn(visitor.messages.join('\n'), made)).toEqual([]);
      expect(secretsIn(await historyOf(tab.page), issued())).toEqual([]);
      expect(await historyOf(tab.page)).not.toMatch(/access_token|code=|state=.*bridge/);
      const requests = (await visitor.traffic.exchanges()).filter(({ url }) => AUTHORIZATION.test(url.href));
      expect(requests.length).toBeGreaterThan(1);
      for (const { url } of requests) expect(url.searchParams.get('scope')).not.toContain('offline_access');
      expect(await stage().stack.stored()).not.toContain('user-1');
    },
  );

  test('B3 expiry and a 401 of the API end in "authorize", and what is shown learns of it', async () => {
    await choose('google', 'implicit');
    const { control } = stage().stack.providers.google;
    const tab = await begin(await visit(stage()));
    control.change({ accessTokenSeconds: 3 });
    await tab.connect({ provider: 'google', integrations: ['files'] });
    const changes = await tab.read<number>('changes');
    await tab.becomes(`changes > ${changes}`);
    expect(await tab.token('google', 'files')).toMatchObject({
      name: 'AuthorizationRequiredError',
      reason: 'grant_dead',
      request: { provider: 'google', integrations: ['files'] },
    });
    const { value } = await tab.outcome('broker.connections()');
    expect(value).toMatchObject([{ provider: 'google', state: 'authorize_again', reason: 'grant_dead' }]);

    control.change({ accessTokenSeconds: 3600 });
    await tab.connect({ provider: 'google', integrations: ['files'] });
    expect(await call(tab, 'google', 'files')).toEqual({ value: 200 });
    control.happen({ event: 'expire-tokens' });
    expect(await call(tab, 'google', 'files')).toMatchObject({ name: 'AuthorizationRequiredError' });
  });

  test('C7 a step keeps what other integrations have; one can be given up', async () => {
    await choose('google', 'implicit');
    const tab = await begin(await visit(stage()));
    const { value } = await tab.connect({ provider: 'google', integrations: ['mail:metadata', 'files'] });
    expect(value.integrations).toEqual(['mail:metadata', 'files:read']);
    // Two levels of Gmail must not meet in one grant.
    const { value: search } = await tab.connect({ provider: 'google', integrations: ['mail:read'] });
    expect(search.integrations).toEqual(['mail:read', 'files:read']);
    expect(search.scopes.join()).not.toContain('gmail.metadata');
    const { value: left } = await tab.outcome("broker.disconnect({ provider: 'google', integration: 'mail' })");
    expect(left).toMatchObject({ integrations: ['files:read'] });
    expect(await tab.token('google', 'mail')).toMatchObject({ reason: 'scope_not_granted' });
    expect((await tab.token('google', 'files')).value).toContain('CANARY');
  });

  test.each([
    ['google', 'implicit', 'mail:metadata', 'mail:read'],
    ['microsoft', 'browser_code', 'calendar:read', 'calendar:write'],
  ] as const)('C7 at %s, %s, an error’s own words lead from %s to %s, and what was there stays', async (...step) => {
    const [provider, flow, low, high] = step;
    await choose(provider, flow);
    const tab = await begin(await visit(stage()));
    await tab.connect({ provider, integrations: [low, 'files'] });
    const error = await tab.token(provider, high);
    expect(error).toMatchObject({ reason: 'scope_not_granted', request: { scopes: [expect.any(String)] } });
    expect((await tab.connect(error.request ?? {})).value.integrations).toEqual([high, 'files:read']);
    for (const integration of [high, 'files']) {
      expect((await tab.token(provider, integration)).value).toContain('CANARY');
    }
  });

  test('connecting elsewhere takes no tab’s token; disconnecting and signing out take every tab’s', async () => {
    await choose('google', 'implicit');
    const visitor = await visit(stage());
    const [here, there] = [await begin(visitor), await begin(visitor)];
    const files = { provider: 'google', integrations: ['files'] };
    await here.connect(files);
    await there.connect(files);
    expect((await here.token('google', 'files')).value).toContain('CANARY');
    const before = await there.read<number>('changes');
    const { value } = await here.outcome("broker.disconnect({ provider: 'google' })");
    expect(value).toMatchObject({ revocation: 'impossible' });
    await there.becomes(`changes > ${before}`);
    for (const tab of [here, there]) {
      expect(await tab.token('google', 'files')).toMatchObject({ reason: 'no_connection' });
    }
    // The last integration takes the connection with it, everywhere.
    await here.connect(files);
    await there.connect(files);
    const twice = await there.read<number>('changes');
    const { value: narrowed } = await here.outcome("broker.disconnect({ provider: 'google', integration: 'files' })");
    expect(narrowed).toMatchObject({ integrations: [], removed: { revocation: 'impossible' } });
    await there.becomes(`changes > ${twice}`);
    expect(await there.token('google', 'files')).toMatchObject({ reason: 'no_connection' });
    await there.connect(files);
    await here.read('broker.signOut()');
    await there.becomes("!JSON.stringify(sessionStorage).includes('CANARY')");
  });

  test('S57 a result with another state, or for another user, is refused; what was denied is said', async () => {
    await choose('google', 'implicit');
    await choose('microsoft', 'browser_code');
    const visitor = await visit(stage());
    const tab = await begin(visitor);
    for (const provider of ['google', 'microsoft'] as const) {
      expect(await tab.connect({ provider, integrations: ['files'] }, { deny: true })).toMatchObject({
        code: 'access_denied',
      });
    }
    const bridge = `${stage().stack.demo.origin}/bridge.html`;
    const forged = 'access_token=forged&token_type=Bearer&expires_in=3600&state=';
    const other = await visitor.context.newPage();
    await other.goto(`${bridge}#${forged}unknown`);
    await other.getByText('No page is waiting').waitFor();
    expect(other.url()).toBe(bridge);

    const { popup, connecting } = await tab.begin({ provider: 'google', integrations: ['files'] });
    await popup.getByText('Choose an account').waitFor();
    // The flow's id is known to the provider alone; with it, but without the rest of the state, nothing is taken.
    const id = (new URL(popup.url()).searchParams.get('state') ?? '').split('.')[0];
    await other.goto(`${stage().stack.demo.origin}/returned.html`);
    await other.evaluate(`void new BroadcastChannel('token-broker:flow:${id}').postMessage('${forged}${id}.wrong')`);
    expect(await connecting()).toMatchObject({ name: 'BrokerError', code: 'invalid_state' });

    const late = await tab.begin({ provider: 'google', integrations: ['files'] });
    await late.popup.getByText('Choose an account').waitFor();
    await visitor.signIn('user-2');
    await Promise.all([late.popup.waitForEvent('close'), consentIn(late.popup)]);
    expect(await late.connecting()).toMatchObject({ name: 'SessionRequiredError' });
    expect(await tab.read('JSON.stringify(sessionStorage)')).not.toContain('CANARY');
  });

  test('B1 a switch of the organization is noticed while the page is open', async () => {
    const visitor = await visit(stage());
    const tab = await begin(visitor);
    await tab.connect({ provider: 'google', integrations: ['files'] });
    expect((await tab.outcome('broker.connections()')).value).toMatchObject([{ provider: 'google', state: 'active' }]);
    await choose('google', 'implicit');
    await tab.connect({ provider: 'google', integrations: ['files'] });
    const sent = await toServers(visitor);
    expect(sent.match(/connections\/google\/complete/g)).toHaveLength(1);
    expect(await call(tab, 'google', 'files')).toEqual({ value: 200 });
  });
};
