import { expect, test } from '@jest/globals';
import { connect } from '../../support/broker.ts';
import { ACCOUNTS, type Stage } from '../stage.ts';
import { consentIn, type Visitor, visit } from './page.ts';

const TOKEN = '**/v1/connections/*/token';
const files = { provider: 'google', integrations: ['files'] };

const problem = (status: number, code: string, retryAfter: string) => ({
  status,
  headers: {
    'Retry-After': retryAfter,
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Retry-After',
  },
  contentType: 'application/problem+json',
  body: JSON.stringify({ type: 'about:blank', title: code, status, code, correlation_id: 'c-1' }),
});

export const tokenTests = (stage: () => Stage): void => {
  /** Without a browser: these tests are about what comes after. */
  const connected = async (provider = 'google', integrations: readonly string[] = ['files']) => {
    const { stack } = stage();
    const token = await stack.session();
    await connect(stack, provider, { token, integrations, account: ACCOUNTS['user-1'] });
  };
  const tokenCalls = async ({ traffic }: Visitor) =>
    (await traffic.exchanges()).filter(({ url, method }) => url.pathname.endsWith('/token') && method === 'POST');

  test('several tabs ask one after the other, each for its own token; callers in one tab share a request', async () => {
    const visitor = await visit(stage());
    const tabs = await Promise.all([visitor.tab(), visitor.tab(), visitor.tab()]);
    await connected();
    let [running, most] = [0, 0];
    await visitor.context.route(TOKEN, async (route) => {
      if (route.request().method() === 'POST') most = Math.max(most, ++running);
      const response = await route.fetch();
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (route.request().method() === 'POST') running -= 1;
      await route.fulfill({ response });
    });
    const got = await Promise.all(tabs.flatMap((tab) => [tab.token('google', 'files'), tab.token('google', 'files')]));
    const tokens = got.map(({ value }) => value);
    expect(new Set(tokens).size).toBe(3);
    expect([tokens[0], tokens[2], tokens[4]]).toEqual([tokens[1], tokens[3], tokens[5]]);
    expect(await tokenCalls(visitor)).toHaveLength(3);
    expect(most).toBe(1);
    expect(visitor.messages.join()).not.toContain('CANARY-ACCESS');
  });

  test('one caller’s abort is its own; a new token is asked for where it is wanted', async () => {
    const visitor = await visit(stage());
    const tab = await visitor.tab();
    await connected();
    const wanted = "{ provider: 'google', integration: 'files' }";
    const [aborted, other] = await tab.read<{ name?: string; value?: string }[]>(`(async () => {
      const one = outcome(() => broker.getAccessToken({ ...${wanted}, signal: canceller.signal }));
      const other = outcome(() => broker.getAccessToken(${wanted}));
      await new Promise((resolve) => setTimeout(resolve));
      canceller.abort();
      return Promise.all([one, other]);
    })()`);
    expect([aborted?.name, other?.value]).toEqual(['AbortError', expect.stringContaining('CANARY-ACCESS')]);
    const { value: same } = await tab.token('google', 'files');
    expect(same).toBe(other?.value);
    const { value: newer } = await tab.token('google', 'files', 'forceRefresh: true');
    expect(newer).not.toBe(same);
    // The one that an API refused is gone already.
    expect((await tab.token('google', 'files', `forceRefresh: '${same}'`)).value).toBe(newer);
    expect(await tokenCalls(visitor)).toHaveLength(2);
  });

  test('a tab that slept, its timers with it, does not hand out what has expired meanwhile', async () => {
    const tab = await (await visit(stage())).tab({ storage: 'session' });
    await connected();
    const { value: first } = await tab.token('google', 'files');
    // Also after a reload: it is in the session storage.
    await tab.page.reload();
    await tab.setUp();
    expect((await tab.token('google', 'files')).value).toBe(first);
    await tab.page.clock.setFixedTime(Date.now() + 3_590_000);
    expect((await tab.token('google', 'files')).value).not.toBe(first);
  });

  test('signing out reaches every tab, and the next user gets nothing of the last one’s', async () => {
    const visitor = await visit(stage());
    const [here, there] = await Promise.all([visitor.tab(), visitor.tab({ storage: 'session' })]);
    await connected();
    const tokens = [(await here.token('google', 'files')).value, (await there.token('google', 'files')).value];
    expect(await there.read('JSON.stringify(sessionStorage)')).toContain(tokens[1]);
    await here.read('broker.signOut()');
    await there.becomes('changes > 0');
    for (const tab of [here, there]) {
      expect(await tab.read('JSON.stringify(sessionStorage)')).not.toContain('CANARY');
      expect(tokens).not.toContain((await tab.token('google', 'files')).value);
    }
    // Without a word to the SDK, too.
    await visitor.signIn('user-2');
    for (const tab of [here, there]) {
      expect(await tab.token('microsoft', 'files')).toMatchObject({ reason: 'no_connection' });
      expect((await tab.token('google', 'files')).value).toBeUndefined();
      expect(await tab.read('JSON.stringify(sessionStorage)')).not.toContain('CANARY');
    }
    await here.page.evaluate("fetch('/session', { method: 'DELETE' })");
    expect(await here.token('google', 'files')).toMatchObject({ name: 'SessionRequiredError' });
  });

  test('disconnecting reaches every tab: none goes on with a token in its hands', async () => {
    const visitor = await visit(stage());
    const [here, there] = await Promise.all([visitor.tab(), visitor.tab()]);
    await connected('google', ['files', 'calendar']);
    expect((await there.token('google', 'files')).value).toContain('CANARY');
    expect((await there.outcome('broker.connections()')).value).toMatchObject([
      { provider: 'google', state: 'active', integrations: ['calendar:read', 'files:read'] },
    ]);
    expect((await here.outcome("broker.disconnect({ provider: 'google', integration: 'files' })")).value).toMatchObject(
      {
        integrations: ['calendar:read'],
      },
    );
    await there.becomes('changes === 1');
    expect(await there.token('google', 'files')).toMatchObject({ reason: 'scope_not_granted' });
    expect((await here.outcome("broker.disconnect({ provider: 'google' })")).value).toEqual({
      provider: 'google',
      revocation: 'revoked',
    });
    await there.becomes('changes === 2');
    expect(await there.token('google', 'calendar')).toMatchObject({
      name: 'AuthorizationRequiredError',
      reason: 'no_connection',
    });
    expect((await there.outcome("broker.disconnect({ provider: 'google' })")).value).toBeUndefined();
  });

  test('S50 a claims challenge of the API costs one token request with the claims, and one more call', async () => {
    const visitor = await visit(stage());
    const tab = await visitor.tab();
    const { microsoft } = stage().stack.providers;
    await connected('microsoft');
    const read = () =>
      tab.outcome(`createFetch(broker, {
        provider: 'microsoft', integration: 'files', origins: ['${microsoft.origin}'],
      })('${microsoft.origin}/v1.0/me/drive/root/children').then(async (response) => (await response.text()) && response.status)`);
    expect(await read()).toEqual({ value: 200 });
    microsoft.control.change({ claimsChallenge: true });
    expect(await read()).toEqual({ value: 200 });
    const bodies = (await tokenCalls(visitor)).map(({ body }) => Object.keys(JSON.parse(body)));
    expect(bodies).toEqual([['integration'], ['integration', 'claims']]);
    const { exchanges } = visitor.traffic;
    const statuses = (await exchanges()).filter(
      ({ url, method }) => url.pathname.startsWith('/v1.0/') && method === 'GET',
    );
    expect(statuses.map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(
      await tab.outcome(`createFetch(broker, {
        provider: 'microsoft', integration: 'files', origins: ['${microsoft.origin}'],
      })('${stage().stack.broker}/v1/connections')`),
    ).toMatchObject({ name: 'TypeError' });
  });

  test('a busy broker is waited for; one that is unavailable says so, and what is held is still good', async () => {
    const tab = await (await visit(stage())).tab();
    await connected();
    const answers = [problem(503, 'refresh_in_progress', '1'), undefined, problem(503, 'idp_unavailable', '7')];
    await tab.page.route(TOKEN, (route) => {
      const answer = route.request().method() === 'POST' ? answers.shift() : undefined;
      return answer ? route.fulfill(answer) : route.continue();
    });
    const { value: token } = await tab.token('google', 'files');
    expect(token).toContain('CANARY');
    expect(await tab.token('google', 'files', 'forceRefresh: true')).toMatchObject({
      name: 'BrokerUnavailableError',
      code: 'idp_unavailable',
      retryAfter: 7,
    });
    expect((await tab.token('google', 'files')).value).toBe(token);
    await tab.page.unroute(TOKEN);
    await tab.page.route(TOKEN, (route) => route.abort());
    expect(await tab.token('google', 'files', 'forceRefresh: true')).toMatchObject({ code: 'unreachable' });
  });

  test('A7, B1 what the user or the organization has taken back', async () => {
    const tab = await (await visit(stage())).tab();
    await connected();
    await tab.token('google', 'files');
    const { control } = stage().stack.providers.google;
    control.happen({ event: 'revoke-access', account: ACCOUNTS['user-1'] });
    expect(await tab.token('google', 'files', 'forceRefresh: true')).toMatchObject({
      reason: 'grant_dead',
      request: { provider: 'google', integrations: ['files'] },
    });
    // Nothing is left of what was held, and the error's own words lead back.
    const again = await tab.token('google', 'files');
    expect(again).toMatchObject({ reason: 'grant_dead' });
    const { popup, connecting } = await tab.begin(again.request ?? {});
    await Promise.all([popup.waitForEvent('close'), consentIn(popup)]);
    expect((await connecting()).value).toMatchObject({ integrations: ['files:read'] });

    // Switched off while the page is open: what it has goes on, a new one is refused, and then nothing is left.
    const { value: held } = await tab.token('google', 'files');
    await stage().setPolicy('google', { integrations: { files: { enabled: false, read_only: false } } });
    expect((await tab.token('google', 'files')).value).toBe(held);
    const disabled = { name: 'IntegrationDisabledError', code: 'integration_disabled' };
    // From another instance of the broker: this one may go by the former policy for 30 seconds.
    const { stack } = stage();
    const { origin } = await stack.addBroker();
    await tab.page.route(TOKEN, (route) => {
      const url = route.request().url().replace(stack.broker, origin);
      return route.continue({ url });
    });
    expect(await tab.token('google', 'files', 'forceRefresh: true')).toMatchObject(disabled);
    expect(await tab.token('google', 'files')).toMatchObject(disabled);
    expect(await tab.outcome(`broker.connect(${JSON.stringify(files)})`)).toMatchObject({
      name: 'IntegrationDisabledError',
    });
  });
};
