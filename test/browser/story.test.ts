import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProviderName } from '../../local/environment.ts';
import { type Account, accountOf } from '../../local/providers/accounts.ts';
import { eventsOf, filesOf, type Item, messagesOf, notesOf } from '../../local/providers/content.ts';
import { ACCOUNTS, type DemoPage, type Stage, skipReason, startStage } from './stage.ts';
import { type Exchange, historyOf, secretsIn, verifiersIn } from './traffic.ts';

const reason = skipReason();
const suite = reason === undefined ? describe : describe.skip;

const ACCOUNT = ACCOUNTS['user-1'];
const drive = 'https://www.googleapis.com/auth/drive.readonly';
const EVERYTHING = 'Connect files, calendar and mail';

interface Story {
  readonly provider: ProviderName;
  readonly title: string;
  readonly connect: string;
  readonly reads: Readonly<Record<string, (account: Account) => Item[]>>;
  readonly revocation: RegExp;
}
const all = { files: filesOf, calendar: eventsOf, mail: messagesOf };
const ended = /Access at \w+ has ended too/;
const stories: readonly Story[] = [
  {
    provider: 'microsoft',
    title: 'Microsoft',
    connect: EVERYTHING,
    reads: all,
    revocation: /The stored token is removed\. Microsoft may still list this app/,
  },
  { provider: 'google', title: 'Google', connect: EVERYTHING, reads: all, revocation: ended },
  { provider: 'notes', title: 'Notes', connect: 'Connect notes', reads: { notes: notesOf }, revocation: ended },
];

suite(`the whole story in Chromium${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  }, 60_000);
  afterEach(() => stage.reset());
  afterAll(() => stage?.stop());

  const control = (provider: ProviderName) => stage.stack.providers[provider].control;
  const exchanges = async (): Promise<Exchange[]> =>
    (await Promise.all(stage.traffic.map((each) => each.exchanges()))).flat();
  /** With which status the API calls of this browser were answered, and how many tokens it asked for. */
  const count = async (demo: DemoPage, provider: ProviderName) => {
    const { tokens, api } = await demo.calls(provider);
    return { tokens: tokens.length, api: api.map(({ status }) => status) };
  };

  test.each(stories)(
    '$title: connect by redirect, read straight from the provider, disconnect',
    async ({ provider, title, connect, reads, revocation }) => {
      const demo = await stage.enter('user-1');
      await demo.connect(provider, connect, ACCOUNT);
      expect(await demo.notice(provider).textContent()).toBe(`${title} is connected.`);
      // The fragment is nowhere: not in the address bar, not in the history; the flow has left the storage.
      expect(demo.page.url()).toBe(`${stage.stack.demo.origin}/`);
      expect(await historyOf(demo.page)).not.toContain('ticket');
      expect(await demo.page.evaluate('sessionStorage.length + localStorage.length')).toBe(0);

      const account = accountOf(ACCOUNT) as Account;
      for (const [integration, itemsOf] of Object.entries(reads)) {
        expect(await demo.read(provider, integration)).toEqual(itemsOf(account).map(({ name }) => name));
      }
      const { api, tokens } = await demo.calls(provider);
      expect(tokens).toHaveLength(Object.keys(reads).length);
      expect(api.length).toBeGreaterThanOrEqual(Object.keys(reads).length);
      for (const { headers, status } of api) {
        expect([status, headers.origin]).toEqual([200, stage.stack.demo.origin]);
        expect(headers.referer).toBeUndefined();
      }

      await demo.button(provider, 'Disconnect').click();
      await demo.state(provider, 'none');
      expect(await demo.notice(provider).textContent()).toMatch(revocation);
      const link = demo.card(provider).getByRole('link', { name: 'Open your account page' });
      expect(await link.count()).toBe(provider === 'microsoft' ? 1 : 0);
    },
  );

  test('A4 an access token that runs out is replaced silently', async () => {
    const demo = await stage.enter('user-1');
    control('google').change({ accessTokenSeconds: 2 });
    await demo.connect('google', 'Connect files', ACCOUNT);
    const { authorizations } = control('google').read().counts;
    expect(await demo.read('google', 'files')).toHaveLength(3);

    // Before it ends: the provider never sees the old one again.
    await demo.page.waitForTimeout(1_200);
    control('google').change({ accessTokenSeconds: 3600 });
    expect(await demo.read('google', 'files')).toHaveLength(3);
    expect(await count(demo, 'google')).toEqual({ tokens: 2, api: [200, 200] });

    // The one in memory is kept as long as it is good.
    expect(await demo.read('google', 'files')).toHaveLength(3);
    expect(await count(demo, 'google')).toEqual({ tokens: 2, api: [200, 200, 200] });

    // The provider has ended it early: one 401, one new token, the same click.
    control('google').happen({ event: 'expire-tokens' });
    expect(await demo.read('google', 'files')).toHaveLength(3);
    expect(await count(demo, 'google')).toEqual({ tokens: 3, api: [200, 200, 200, 401, 200] });
    expect(control('google').read().counts.authorizations).toBe(authorizations);
  });

  test('a claims challenge of the API is passed on: silently where that is enough, to the user where it is not', async () => {
    const demo = await stage.enter('user-1');
    await demo.connect('microsoft', 'Connect files', ACCOUNT);
    await demo.read('microsoft', 'files');
    const { authorizations } = control('microsoft').read().counts;
    control('microsoft').change({ claimsChallenge: true });
    expect(await demo.read('microsoft', 'files')).toHaveLength(3);
    expect(await count(demo, 'microsoft')).toEqual({ tokens: 2, api: [200, 401, 200] });
    const { tokens } = await demo.calls('microsoft');
    expect(tokens.map(({ body }) => 'claims' in JSON.parse(body))).toEqual([false, true]);
    expect(control('microsoft').read().counts.authorizations).toBe(authorizations);

    control('microsoft').change({ mfaRequired: true });
    control('microsoft').happen({ event: 'expire-tokens' });
    expect(await demo.read('microsoft', 'files')).toEqual([]);
    expect(await demo.notice('microsoft').textContent()).toMatch(/^Microsoft wants to hear from you/);
    await demo.connect('microsoft', 'Authorize', ACCOUNT);
    const started = (await demo.traffic.exchanges()).findLast(
      ({ url }) => url.pathname.endsWith('/authorize') && url.search !== '',
    );
    expect(started?.url.searchParams.get('claims')).toContain('capolids');
    expect(await demo.read('microsoft', 'files')).toHaveLength(3);
  });

  test.each(stories)(
    'A7, E4 $title: access taken back on the account page there is offered to be authorized again',
    async ({ provider, title, connect, reads }) => {
      const [integration = ''] = Object.keys(reads);
      const demo = await stage.enter('user-1');
      await demo.connect(provider, connect, ACCOUNT);
      const [account] = await Promise.all([
        demo.page.waitForEvent('popup'),
        demo
          .card(provider)
          .getByRole('link', { name: `Your account page at ${title}` })
          .click(),
      ]);
      await account.getByRole('button', { name: `Remove access of ${ACCOUNT}` }).click();
      await account.getByText('No app has access.').waitFor();
      await account.close();

      expect(await demo.read(provider, integration)).toEqual([]);
      // At Microsoft the grant lives, and it is consent that is missing.
      const isDead = provider !== 'microsoft';
      await demo.state(provider, isDead ? 'authorize_again' : 'active');
      expect(await demo.notice(provider).textContent()).toMatch(
        isDead ? /no longer accepts this connection/ : /wants to hear from you/,
      );
      await demo.connect(provider, 'Authorize', ACCOUNT);
      for (const each of Object.keys(reads)) expect((await demo.read(provider, each)).length).toBeGreaterThan(0);
    },
  );

  test('C7 what was not granted is shown, and can be added; a later feature asks for more', async () => {
    const demo = await stage.enter('user-1');
    await demo.connect('google', EVERYTHING, ACCOUNT, { withhold: [drive] });
    expect(await demo.notice('google').textContent()).toBe(
      'Google is connected. You did not allow “Read your files”. You can add it at any time.',
    );
    const files = demo.page.locator('#google-files');
    expect(await files.locator('.granted').textContent()).toBe('Not allowed by you yet');
    expect(await demo.read('google', 'calendar')).toHaveLength(2);

    await demo.connect('google', 'Add files', ACCOUNT);
    expect(await files.locator('.granted').textContent()).toBe('Allowed: reading');
    expect(await demo.read('google', 'files')).toHaveLength(3);
    await demo.connect('google', 'Allow sharing files', ACCOUNT);
    expect(await files.locator('.granted').textContent()).toBe('Allowed: reading and sharing');
    await demo.card('google').getByText('What you have allowed').click();
    const allowed = await demo.card('google').locator('details li').allTextContents();
    expect(allowed).toContain('Read, change and share your fileshttps://www.googleapis.com/auth/drive');
    expect(allowed.join()).not.toContain('does not know');
  });

  test('A6 one authorization serves every browser of the user, and no other user', async () => {
    const demo = await stage.enter('user-1');
    await demo.connect('google', 'Connect files', ACCOUNT);
    const other = await stage.enter('user-1');
    const stranger = await stage.enter('user-2');
    expect(await other.read('google', 'files')).toHaveLength(3);
    await stranger.state('google', 'none');

    await stranger.connect('google', 'Connect files', ACCOUNTS['user-2']);
    const theirs = await stranger.read('google', 'files');
    expect(theirs).toEqual(filesOf(accountOf(ACCOUNTS['user-2']) as Account).map(({ name }) => name));
    expect(await demo.read('google', 'files')).not.toEqual(theirs);
    await stranger.button('google', 'Disconnect').click();
    await stranger.state('google', 'none');
    control('google').happen({ event: 'expire-tokens' });
    expect(await other.read('google', 'files')).toHaveLength(3);
  });

  test('E5 deleting the account leaves nothing', async () => {
    const demo = await stage.enter('user-1');
    for (const { provider, connect } of stories) await demo.connect(provider, connect, ACCOUNT);
    expect(await stage.stack.stored()).toContain('user-1');
    await demo.page.getByRole('button', { name: 'Delete my account' }).click();
    await demo.page.keyboard.press('Escape');
    await demo.state('notes', 'active');

    await demo.page.getByRole('button', { name: 'Delete my account' }).click();
    await demo.page.getByRole('dialog').getByRole('button', { name: 'Delete my account' }).click();
    await demo.page.getByText('Nothing is left here: the broker lists no connection of yours any more.').waitFor();
    const outcomes = await demo.page.locator('#account-result li').allTextContents();
    expect(outcomes).toHaveLength(3);
    for (const { title, revocation } of stories) {
      expect(outcomes.find((each) => each.startsWith(title))).toMatch(revocation);
    }
    for (const { provider } of stories) await demo.state(provider, 'none');
    expect(await stage.stack.stored()).not.toContain('user-1');
  });

  test('D1, D2, S24, S42, S43 no token, code or verifier is in any URL, log or document, and no content at the broker', async () => {
    const { stack, traffic } = stage;
    const issued = Object.values(stack.providers).flatMap(({ control: each }) => each.issued());
    const secrets = issued.filter(({ kind }) => kind !== 'content');
    const found = await exchanges();
    const challenges = new Set(
      found.flatMap(({ url }) => url.searchParams.get('code_challenge') ?? []).filter((each) => each !== ''),
    );
    // The scan can find what it looks for (the verifier is that of RFC 7636 appendix B).
    const known = [
      'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    ] as const;
    expect(verifiersIn(`v=${known[0]}`, new Set([known[1]]))).toEqual([known[0]]);
    expect(challenges.size).toBeGreaterThan(8);
    expect(new Set(secrets.map(({ kind }) => kind))).toEqual(
      new Set(['code', 'access_token', 'refresh_token', 'id_token']),
    );
    expect(secretsIn(found.map(({ answer }) => answer).join(), issued)).toContain('content');

    const isCallback = (url: URL) => url.origin === stack.broker && url.pathname.startsWith('/v1/callback/');
    const urls = [...found.map(({ url }) => url.href), ...traffic.flatMap(({ visited }) => visited)];
    const referrers = found.flatMap(({ headers }) => headers.referer ?? []);
    // The one place for a code is the callback's own URL (RFC 6749 section 4.1.2).
    const places = [...urls.filter((url) => !isCallback(new URL(url, stack.broker))), ...referrers];
    expect(secretsIn(places.join('\n'), issued)).toEqual([]);
    const inCallbacks = secretsIn(urls.filter((url) => isCallback(new URL(url, stack.broker))).join('\n'), issued);
    expect(new Set(inCallbacks)).toEqual(new Set(['code']));
    const locations = found.flatMap(({ answerHeaders }) => answerHeaders.location ?? []);
    expect(
      secretsIn(
        locations.join('\n'),
        issued.filter(({ kind }) => kind !== 'code'),
      ),
    ).toEqual([]);

    const withBroker = found.filter(({ url }) => url.origin === stack.broker);
    const isToken = ({ url }: Exchange) => url.pathname.endsWith('/token');
    const sent = withBroker.map(({ body, headers }) => body + JSON.stringify(headers)).join('\n');
    const answered = withBroker
      .filter((each) => !isToken(each))
      .map(({ answer }) => answer)
      .join('\n');
    const tokenAnswers = withBroker
      .filter(isToken)
      .map(({ answer }) => answer)
      .join('\n');
    expect(secretsIn(sent, issued)).toEqual([]);
    expect(['"missing_scopes"', '"removed"'].filter((member) => !answered.includes(member))).toEqual([]);
    expect(secretsIn(answered, issued)).toEqual([]);
    expect(new Set(secretsIn(tokenAnswers, issued))).toEqual(new Set(['access_token']));

    const kept = [await stack.stored(), ...stack.logs].join('\n');
    expect(secretsIn(kept, issued)).toEqual([]);
    expect(verifiersIn([kept, sent, ...places].join('\n'), challenges)).toEqual([]);
    for (const line of stack.logs) expect(line).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
  });
});
