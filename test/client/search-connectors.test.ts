/** Each connector against the simulated providers, with tokens of theirs. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Config } from '../../client/src/contract.ts';
import { AuthorizationRequiredError } from '../../client/src/errors.ts';
import type { TokenOptions } from '../../client/src/flow.ts';
import { type ConnectorName, createSearch, type SourceStatus } from '../../client/src/search.ts';
import { googleCatalogue, microsoftCatalogue } from '../../functions/core/catalogue.ts';
import { integrationOffers } from '../../functions/core/offer.ts';
import { accountOf } from '../../local/providers/accounts.ts';
import { eventsOf, filesOf, messagesOf } from '../../local/providers/content.ts';
import { startGoogle } from '../../local/providers/google.ts';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { account1, createClient, setup } from '../providers/client.ts';
import { sessionIdentity } from './page.ts';

const account = accountOf(account1);
if (!account) throw new Error('no account');
const google = (name: string) => `https://www.googleapis.com/auth/${name}`;

let providers: Readonly<Record<'microsoft' | 'google', LocalProvider>>;
beforeAll(async () => {
  providers = { microsoft: await startMicrosoft(setup), google: await startGoogle(setup) };
});
afterAll(() => Promise.all(Object.values(providers).map((provider) => provider.stop())));

const config = (): Config => ({
  session: sessionIdentity,
  providers: [
    {
      provider: 'our-microsoft',
      kind: 'microsoft',
      flow: 'authorization_code',
      integrations: integrationOffers(microsoftCatalogue),
    },
    {
      provider: 'our-google',
      kind: 'google',
      flow: 'authorization_code',
      integrations: integrationOffers(googleCatalogue),
    },
  ],
  search_ai: { enabled: false, sources: {}, document_ids: false },
});

/** A broker whose user has granted these scopes, and what it was asked for. */
const brokerOf = async (kind: 'microsoft' | 'google', scopes: string) => {
  const client = createClient(providers[kind], kind === 'microsoft' ? `openid offline_access ${scopes}` : scopes);
  const { accessToken, refreshToken } = await client.connect(
    {},
    kind === 'google' ? { access_type: 'offline', prompt: 'consent' } : {},
  );
  const asked: Omit<TokenOptions, 'signal'>[] = [];
  return {
    asked,
    accessToken,
    config: async () => config(),
    getAccessToken: async ({ signal: _, ...options }: TokenOptions) => {
      asked.push(options);
      return options.forceRefresh ? (await client.refresh(refreshToken)).accessToken : accessToken;
    },
  };
};
type TestBroker = Awaited<ReturnType<typeof brokerOf>>;

const searchOf = (broker: Pick<TestBroker, 'config' | 'getAccessToken'>, ...connectors: ConnectorName[]) =>
  createSearch(broker, {
    baseUrl: 'http://127.0.0.1:9',
    session: () => 'jwt',
    connectors,
    origins: { microsoft: providers.microsoft.origin, google: providers.google.origin },
  });

const [budget] = filesOf(account);
const [, review] = eventsOf(account);
const [, invoice] = messagesOf(account);

describe('Microsoft', () => {
  test('H1 OneDrive finds by name and content, and asks for the files’ lowest level', async () => {
    const broker = await brokerOf('microsoft', 'Files.Read');
    const found = await searchOf(broker, 'onedrive').search({ query: 'travel budget' });
    expect(found.sources).toEqual({ onedrive: { state: 'ok', results: 1 } });
    expect(found.results).toEqual([
      {
        source: 'onedrive',
        id: budget?.id,
        title: budget?.name,
        snippet: budget?.text,
        link: `https://onedrive.example/${budget?.id}`,
        date: '2026-01-15T09:30:00Z',
      },
    ]);
    expect(broker.asked).toEqual([{ provider: 'our-microsoft', integration: 'files' }]);
  });

  test.each(["budget'", "zebra's", "') or (name eq 'x", 'a/b?c#d&e=f%25', '"quoted"', 'ä€𝄞', '\\'])(
    'OneDrive: %j is a word to look for, and nothing else',
    async (query) => {
      const broker = await brokerOf('microsoft', 'Files.Read');
      const { sources } = await searchOf(broker, 'onedrive').search({ query });
      expect(sources.onedrive).toMatchObject({ state: 'ok' });
    },
  );

  test('H1 Outlook compares subject and sender of the newest messages: Mail.ReadBasic has no search and no text', async () => {
    const broker = await brokerOf('microsoft', 'Mail.ReadBasic');
    const search = searchOf(broker, 'outlook');
    const found = await search.search({ query: 'invoice sender' });
    expect(found.sources).toEqual({ outlook: { state: 'ok', results: 1, partial: true } });
    expect(found.results).toEqual([
      {
        source: 'outlook',
        id: invoice?.id,
        title: `${invoice?.name} – Sender`,
        link: `https://outlook.example/${invoice?.id}`,
        date: '2026-01-15T09:30:00Z',
      },
    ]);
    expect((await search.search({ query: 'train' })).results).toEqual([]);
  });

  test('a refused token is renewed once', async () => {
    const broker = await brokerOf('microsoft', 'Files.Read');
    providers.microsoft.control.happen({ event: 'expire-tokens', account: account1 });
    const { sources } = await searchOf(broker, 'onedrive').search({ query: 'budget' });
    expect(sources.onedrive).toMatchObject({ state: 'ok', results: 1 });
    expect(broker.asked[1]).toEqual({
      provider: 'our-microsoft',
      integration: 'files',
      forceRefresh: broker.accessToken,
    });
  });

  test('a token that opens something else is refused, and that is said', async () => {
    providers.microsoft.control.happen({ event: 'revoke-access', account: account1 });
    const broker = await brokerOf('microsoft', 'Calendars.Read.Shared');
    const { sources } = await searchOf(broker, 'onedrive', 'outlook').search({ query: 'budget' });
    const refused: SourceStatus = { state: 'failed', code: 'forbidden' };
    expect(sources).toEqual({ onedrive: refused, outlook: refused });
  });
});

describe('Google', () => {
  const all = ['drive.readonly', 'calendar.readonly', 'gmail.readonly'].map(google).join(' ');

  test('H1 Drive, Gmail and Calendar find by name and content', async () => {
    const broker = await brokerOf('google', all);
    const found = await searchOf(broker, 'drive', 'gmail', 'calendar').search({ query: 'travel budget' });
    expect(found.sources).toEqual({
      drive: { state: 'ok', results: 1 },
      gmail: { state: 'ok', results: 1 },
      calendar: { state: 'ok', results: 1, partial: true },
    });
    const by = (source: string) => found.results.find((result) => result.source === source);
    expect(by('drive')).toEqual({
      source: 'drive',
      id: budget?.id,
      title: budget?.name,
      snippet: budget?.text,
      link: `https://drive.example/${budget?.id}`,
      date: '2026-01-15T09:30:00Z',
    });
    expect(by('gmail')).toEqual({
      source: 'gmail',
      id: invoice?.id,
      title: `${invoice?.name} – Sender`,
      // As it was written, not as it was made fit for HTML.
      snippet: invoice?.text,
      link: `https://mail.google.com/mail/#all/${invoice?.id}`,
      date: '2026-01-15T09:30:00.000Z',
    });
    expect(invoice?.text).toContain("'");
    expect(by('calendar')).toMatchObject({
      id: review?.id,
      title: review?.name,
      link: `https://calendar.example/${review?.id}`,
    });
    expect(by('calendar')?.snippet).toContain(review?.text);
    // Searching mail takes the level above headers.
    expect(broker.asked.map((each) => 'integration' in each && each.integration)).toEqual(
      expect.arrayContaining(['files', 'mail:read', 'calendar']),
    );
  });

  test.each(["zebra's", "\\' or name contains 'x", '\\', "a' and trashed = true and fullText contains 'b", '"quoted"'])(
    'Drive: %j is a word to look for, and nothing else',
    async (query) => {
      const broker = await brokerOf('google', all);
      const { sources } = await searchOf(broker, 'drive').search({ query });
      expect(sources.drive).toEqual({ state: 'ok', results: 0 });
    },
  );

  test('nothing found is no failure', async () => {
    const broker = await brokerOf('google', all);
    const { results, sources } = await searchOf(broker, 'drive', 'gmail', 'calendar').search({ query: 'nowhere' });
    expect(results).toEqual([]);
    expect(Object.values(sources).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  });

  test('C4 who granted headers alone is told what searching mail takes: the level, for a click', async () => {
    const broker = await brokerOf('google', google('gmail.metadata'));
    const refusing = {
      ...broker,
      getAccessToken: async (options: TokenOptions) => {
        const problem = {
          code: 'authorization_required',
          reason: 'scope_not_granted',
          provider: 'our-google',
          missing_scopes: [google('gmail.readonly')],
        } as const;
        throw new AuthorizationRequiredError(problem, 'integration' in options ? options : {});
      },
    };
    const { sources } = await searchOf(refusing, 'gmail').search({ query: 'invoice' });
    expect(sources.gmail).toEqual({
      state: 'not_authorized',
      reason: 'scope_not_granted',
      missingScopes: [google('gmail.readonly')],
      request: { provider: 'our-google', integrations: ['mail:read'] },
    });
    // And where a token is given out that Gmail does not search with, that is named too.
    const anyway = await searchOf(broker, 'gmail').search({ query: 'invoice' });
    expect(anyway.sources.gmail).toEqual({ state: 'failed', code: 'forbidden' });
  });

  test('an outage is named, and so is a provider that cannot be reached', async () => {
    const broker = await brokerOf('google', all);
    providers.google.control.change({ outage: { at: 'all', as: '503' } });
    const down = await searchOf(broker, 'drive').search({ query: 'budget' });
    providers.google.control.change({ outage: { at: 'all', as: 'reset' } });
    const gone = await searchOf(broker, 'drive').search({ query: 'budget' });
    providers.google.control.change({ outage: null });
    expect(down.sources.drive).toEqual({ state: 'failed', code: 'temporarily_unavailable' });
    expect(gone.sources.drive).toEqual({ state: 'failed', code: 'unreachable' });
  });

  test('what the organization has switched off is not asked for at all', async () => {
    const broker = await brokerOf('google', all);
    const [, offer] = config().providers;
    if (!offer) throw new Error('no offer');
    const files = offer.integrations.filter(({ name }) => name === 'files');
    const mail = { name: 'mail', levels: [{ name: 'metadata', scopes: [google('gmail.metadata')] }] };
    const limited: Config = { ...config(), providers: [{ ...offer, integrations: [...files, mail] }] };
    const search = searchOf({ ...broker, config: async () => limited }, 'onedrive', 'drive', 'gmail', 'calendar');
    const fetched = jest.spyOn(globalThis, 'fetch');
    const { sources } = await search.search({ query: 'budget' });
    const disabled = { state: 'disabled' };
    expect(sources).toMatchObject({ onedrive: disabled, drive: { state: 'ok' }, gmail: disabled, calendar: disabled });
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(broker.asked).toHaveLength(1);
    fetched.mockRestore();
  });
});
