import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { policyRef } from '../../functions/adapters/firestore/client.ts';
import { problemCatalogue } from '../../functions/http/problems.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { followCallback } from '../support/broker.ts';
import { consent } from '../support/consent.ts';
import { ACCOUNTS, type Stage, skipReason, startStage } from './stage.ts';

const reason = skipReason();
const suite = reason === undefined ? describe : describe.skip;
const ACCOUNT = ACCOUNTS['user-1'];
const SIX_MINUTES = 6 * 60_000;
const TOKEN = '**/v1/connections/google/token';

suite(`what can go wrong, in Chromium${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  }, 60_000);
  afterEach(() => stage.reset());
  afterAll(() => stage?.stop());

  const google = () => stage.stack.providers.google.control;
  const exchanges = () => google().read().counts.tokenCalls.authorization_code ?? 0;

  test('S02 a flow that was begun in one browser cannot be finished in another', async () => {
    const before = exchanges();
    const here = await stage.enter('user-1');
    await here.button('google', 'Connect files').click();
    await here.page.getByText('Choose an account').waitFor();
    const callback = await consent(here.page.url(), { account: ACCOUNT });

    // Another browser of the same user, which has no flow.
    const there = await stage.enter('user-1');
    await there.page.goto(callback);
    await there
      .card('google')
      .getByText(/was begun in another browser or tab/)
      .waitFor();
    expect(there.page.url()).toBe(`${stage.stack.demo.origin}/`);

    // One that puts a flow of its own in the place: the broker refuses.
    await there.button('google', 'Connect files').click();
    await there.page.getByText('Choose an account').waitFor();
    const flowId = (await followCallback(stage.stack, new URL(callback))).get('flow_id');
    await there.page.goto(stage.stack.demo.origin);
    await there.page.evaluate(
      `sessionStorage.setItem('broker-flow:${flowId}', sessionStorage.getItem(Object.keys(sessionStorage)[0]))`,
    );
    await there.page.goto(callback);
    await there
      .card('google')
      .getByText(/is over, or was begun in another browser/)
      .waitFor();
    expect(exchanges()).toBe(before);
    expect(await stage.stack.stored()).not.toContain('user-1');

    // None of it hurts the browser that began.
    await here.page.goto(callback);
    await here.card('google').getByText('Google is connected.').waitFor();
  });

  test('S03 a flow that one user began cannot be finished by another', async () => {
    const before = exchanges();
    const demo = await stage.enter('user-1');
    await demo.button('google', 'Connect files').click();
    await demo.page.getByText('Choose an account').waitFor();
    const other = await demo.page.context().newPage();
    await other.goto(stage.stack.demo.origin);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('button', { name: 'Sign in as user-2 of org-2' }).click();
    await other.getByText('user-2 of org-2', { exact: true }).waitFor();

    await demo.consent(ACCOUNT);
    await demo
      .card('google')
      .getByText(/Somebody else began this authorization/)
      .waitFor();
    await demo.state('google', 'none');
    expect(exchanges()).toBe(before);
    expect(await stage.stack.stored()).not.toMatch(/user-[12]/);
  });

  test.each(['microsoft', 'google', 'notes'] as const)('S10 %s: cancelled at the consent page', async (provider) => {
    const demo = await stage.enter('user-1');
    await demo.button(provider, provider === 'notes' ? 'Connect notes' : 'Connect files').click();
    await demo.consent(ACCOUNT, { deny: true });
    await demo
      .card(provider)
      .getByText(/^You cancelled at \w+\. Nothing has changed\.$/)
      .waitFor();
    await demo.state(provider, 'none');
  });

  test('a session that is over asks to sign in again, also on the way back from the provider', async () => {
    const demo = await stage.open();
    await demo.page.clock.install();
    await demo.signIn('user-1');
    await demo.button('google', 'Connect files').click();
    await demo.page.getByText('Choose an account').waitFor();
    await demo.page.context().clearCookies({ name: 'demo-session' });
    await demo.consent(ACCOUNT);
    await demo.page.getByText('Sign in again to go on with Google.').waitFor();
    await demo.page.getByRole('button', { name: 'Sign in as user-1' }).click();
    await demo.card('google').getByText('Google is connected.').waitFor();

    await demo.page.context().clearCookies({ name: 'demo-session' });
    await demo.page.clock.fastForward(SIX_MINUTES);
    await demo.page.locator('#google-files-read').click();
    await demo.page.getByText('Your session is over. Sign in again.').waitFor();
    await demo.page.getByRole('button', { name: 'Sign in as user-1' }).click();
    expect(await demo.read('google', 'files')).toHaveLength(3);
  });

  test('a session that became another user’s in another tab is over', async () => {
    const demo = await stage.open();
    await demo.page.clock.install();
    await demo.signIn('user-1');
    const other = await demo.page.context().newPage();
    await other.goto(stage.stack.demo.origin);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('button', { name: 'Sign in as user-2' }).click();
    await other.getByText('user-2 of org-2', { exact: true }).waitFor();
    await demo.page.clock.fastForward(SIX_MINUTES);
    await demo.button('google', 'Connect files').click();
    await demo.page.getByText('Your session is over. Sign in again.').waitFor();
  });

  test('S45 an integration that the organization has switched off says so', async () => {
    const database = databaseOf(stage.stack.environment);
    const policy = policyRef(database, 'org-1');
    try {
      await policy.set({
        providers: { google: { flow: 'authorization_code', integrations: { mail: { enabled: false } } } },
      });
      const demo = await stage.enter('user-1');
      await demo.button('google', 'Connect mail').click();
      await demo
        .card('google')
        .getByText(/organization has switched this integration off/)
        .waitFor();
      await demo.connect('google', 'Connect files', ACCOUNT);
    } finally {
      await policy.delete();
      await database.terminate();
    }
  });

  test('refused is not unavailable: an outage offers to try again, and nothing is lost', async () => {
    const demo = await stage.enter('user-1');
    await demo.connect('google', 'Connect files', ACCOUNT);
    google().change({ outage: { at: 'token', as: '503' } });
    expect(await demo.read('google', 'files')).toEqual([]);
    expect(await demo.notice('google').textContent()).toBe('This is temporarily unavailable. Nothing has changed.');
    const again = demo.page.locator('#google-notice-step');
    expect(await again.textContent()).toMatch(/^Try again in \d+ s$/);
    expect(await again.getAttribute('aria-disabled')).toBe('true');
    google().change({ outage: null });
    await demo.button('google', 'Try again').click();
    await demo.page.locator('#google-files .items li').first().waitFor();
    expect(await demo.notice('google').isVisible()).toBe(false);

    // The API itself does not answer.
    google().change({ outage: { at: 'all', as: '503' } });
    await demo.read('google', 'files');
    expect(await demo.notice('google').textContent()).toMatch(/^Google itself does not answer/);
    // Disconnecting does not wait for the provider, and says what it could not do.
    await demo.button('google', 'Disconnect').click();
    await demo.state('google', 'none');
    expect(await demo.notice('google').textContent()).toMatch(/the stored token is removed.*did not confirm/);
    const link = demo.card('google').getByRole('link', { name: 'Open your account page' });
    expect(await link.getAttribute('href')).toBe(stage.stack.providers.google.endpoints.manage);
  });

  test('every problem of the broker has a sentence, and what may pass can be tried again', async () => {
    const demo = await stage.enter('user-1');
    await demo.connect('google', 'Connect files', ACCOUNT);
    /** What the page says when the token operation answers this. */
    const say = async (code: string, status: number, members: object = {}): Promise<string> => {
      const headers = {
        'Access-Control-Allow-Origin': stage.stack.demo.origin,
        'Access-Control-Expose-Headers': 'Retry-After',
        'Content-Type': 'application/problem+json',
        ...(status === 429 || status === 503 ? { 'Retry-After': '7' } : {}),
      };
      const body = JSON.stringify({ type: 'about:blank', status, code, correlation_id: 'id-1', ...members });
      await demo.page.route(TOKEN, (route) => route.fulfill({ status, headers, body }));
      await demo.read('google', 'files');
      await demo.page.unroute(TOKEN);
      const text = (await demo.notice('google').textContent()) ?? '';
      expect([code, text]).toEqual([code, expect.stringMatching(/^[A-Z][^_]{20,}\.$/)]);
      return text;
    };
    const step = demo.page.locator('#google-notice-step');

    for (const [code, [status]] of Object.entries(problemCatalogue)) {
      if (code === 'login_required' || code === 'authorization_required') continue;
      const text = await say(code, status);
      if (code === 'integration_disabled') expect(text).toMatch(/organization has switched this integration off/);
      if (code === 'internal_error') expect(text).toContain('id-1');
      if (status === 429 || status === 503) expect(await step.textContent()).toBe('Try again in 7 s');
    }
    for (const why of ['no_connection', 'scope_not_granted', 'grant_dead', 'user_needed', 'integrity_error']) {
      await say('authorization_required', 409, { reason: why });
      expect(await step.textContent()).toBe('Authorize');
    }
  }, 60_000);

  test('S07, S23 every error of the callback has a sentence, and none of its text is shown', async () => {
    const document = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'));
    const errors: string[] = document.components.schemas.CallbackError.enum;
    const demo = await stage.enter('user-1');
    const sentences = new Set<string>();
    for (const error of [...errors, 'constructor', '<img src=x onerror=alert(1)>']) {
      await demo.page.goto('about:blank');
      const fragment = new URLSearchParams({ error, provider: 'google', flow_id: 'x' });
      await demo.page.goto(`${stage.stack.demo.origin}/#${fragment}`);
      await demo.card('google').getByText('Nothing has changed.').waitFor();
      const text = (await demo.notice('google').textContent()) ?? '';
      expect(text).toContain('Google');
      expect(text).not.toMatch(/_|constructor|<img/);
      sentences.add(text);
    }
    // The last two are said like `provider_error`.
    expect(sentences.size).toBe(errors.length);
  });
});
