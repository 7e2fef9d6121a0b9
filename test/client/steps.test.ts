/** An error says what to ask for; `connect(error.request)` leads to the token, and takes nothing away (C7). */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { browserOnly } from '../../client/src/browser-only.ts';
import type { Config, ProviderOffer, Wanted } from '../../client/src/contract.ts';
import { BrokerError, BrokerUnavailableError } from '../../client/src/errors.ts';
import type { Flow } from '../../client/src/flow.ts';
import { createNativeBroker } from '../../client/src/native.ts';
import { googleCatalogue, microsoftCatalogue } from '../../functions/core/catalogue.ts';
import { integrationOffers } from '../../functions/core/offer.ts';
import { newPage, sessionIdentity } from './page.ts';

const offerOf = (kind: 'google' | 'microsoft', flow: ProviderOffer['flow']): ProviderOffer => ({
  provider: kind,
  kind,
  flow,
  integrations: integrationOffers(kind === 'google' ? googleCatalogue : microsoftCatalogue).map(({ name, levels }) => ({
    name,
    levels: levels.map((level) => ({ ...level, scopes: [...level.scopes] })),
  })),
  client: {
    client_id: 'app-1',
    authorization_endpoint: 'https://provider.example/auth',
    token_endpoint: 'https://provider.example/token',
    redirect_uri: 'com.example.app:/callback',
  },
});
const configOf = (...providers: ProviderOffer[]): Config => ({
  session: sessionIdentity,
  providers,
  search_ai: { enabled: false, sources: {}, document_ids: false },
});

interface Asking {
  /** @returns the scopes of the authorization request */
  connect(request: Wanted & { readonly provider: string; readonly claims?: string | undefined }): Promise<string[]>;
  token(integration: string, more?: { readonly claims?: string }): Promise<string>;
}

/** Grants what it is asked for; Microsoft names all that the user has ever consented to. */
const createProvider = (kind: ProviderOffer['kind']) => {
  const consented = new Set<string>();
  return (scope: string) => {
    for (const each of scope.split(' ')) consented.add(each);
    const answered = kind === 'microsoft' ? [...consented].join(' ') : scope;
    return { access_token: `token for ${scope}`, token_type: 'Bearer', expires_in: '3600', scope: answered };
  };
};

const state = { user: 'user-1', isDown: false, asked: 0, code: undefined as BrokerError | undefined };

const browserFlow = (offer: ProviderOffer) => {
  const refused = async (): Promise<never> => {
    throw state.code ?? new Error('not the code flow');
  };
  const code: Flow = {
    begin: refused,
    finish: refused,
    token: refused,
    connections: refused,
    remove: refused,
    forget() {},
  };
  const offers = [offer];
  const flow = browserOnly(
    {
      baseUrl: 'https://broker.example',
      returnTo: 'https://product.example/bridge.html',
      user: async () => state.user,
      config: async () => {
        state.asked += 1;
        if (state.isDown) throw new BrokerUnavailableError({ code: 'unreachable' });
        return configOf(...offers);
      },
      changed() {},
    },
    code,
  );
  return { flow, offers };
};

const inBrowser = (offer: ProviderOffer): Asking & { readonly url: () => URL } => {
  const { flow } = browserFlow(offer);
  const grant = createProvider(offer.kind);
  let url = new URL('https://provider.example');
  let answer: Record<string, string> = {};
  jest.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json(answer));
  return {
    url: () => url,
    async connect(request) {
      const begun = await flow.begin(request);
      url = new URL(begun.authorization_url);
      const scope = url.searchParams.get('scope') ?? '';
      answer = grant(scope);
      const back = {
        state: url.searchParams.get('state') ?? '',
        ...(offer.flow === 'implicit' ? answer : { code: 'c' }),
      };
      await flow.finish(offer.provider, begun.flow, new URLSearchParams(back));
      return scope.split(' ');
    },
    token: (integration, more) => flow.token({ provider: offer.provider, integration, ...more }),
  };
};

const inApp = (offer: ProviderOffer): Asking => {
  const items = new Map<string, string>();
  const grant = createProvider(offer.kind);
  let scope = '';
  jest
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async (input) =>
      Response.json(String(input).includes('/v1/config') ? configOf(offer) : { ...grant(scope), refresh_token: 'r' }),
    );
  const app = createNativeBroker({
    baseUrl: 'https://broker.example',
    session: () => 'jwt',
    user: () => 'user-1',
    platform: 'ios',
    openBrowser: async (url, redirectUri) => {
      const { searchParams } = new URL(url);
      scope = searchParams.get('scope') ?? '';
      return `${redirectUri}?code=c&state=${searchParams.get('state')}`;
    },
    storage: {
      get: async (key) => items.get(key),
      set: async (key, value) => items.set(key, value),
      delete: async (key) => items.delete(key),
    },
  });
  return {
    async connect(request) {
      await app.connect(request);
      return scope.split(' ');
    },
    token: (integration) => app.getAccessToken({ provider: offer.provider, integration }),
  };
};

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error,
  );

beforeEach(() => {
  newPage();
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  Object.assign(state, { user: 'user-1', isDown: false, asked: 0, code: undefined });
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe.each<[string, (offer: ProviderOffer) => Asking, 'google' | 'microsoft', ProviderOffer['flow']]>([
  ['implicit', inBrowser, 'google', 'implicit'],
  ['implicit', inBrowser, 'microsoft', 'implicit'],
  ['code in the browser', inBrowser, 'microsoft', 'browser_code'],
  ['an app', inApp, 'google', 'native'],
  ['an app', inApp, 'microsoft', 'native'],
])('%s', (_, start, kind, flow) => {
  const [low, high, shared] =
    kind === 'google'
      ? ['mail:metadata', 'mail:read', 'https://www.googleapis.com/auth/gmail.settings.basic']
      : ['calendar:read', 'calendar:write', 'Calendars.Read.Shared'];

  test(`C7 at ${kind} an error leads from ${low} to ${high}, once, and what was granted stays`, async () => {
    const { connect, token } = start(offerOf(kind, flow));
    await connect({ provider: kind, integrations: [low, 'files'] });
    const error = await errorOf(token(high));
    expect(error).toMatchObject({ name: 'AuthorizationRequiredError', reason: 'scope_not_granted' });
    expect(error.request.scopes).toHaveLength(1);
    const asked = await connect(error.request);
    expect(asked).toContain(shared);
    for (const integration of [high, low.split(':')[0] ?? '', 'files']) {
      expect(await token(integration)).toContain('token for');
    }
    // Two of Gmail's never meet.
    expect(asked.filter((scope) => /gmail.(metadata|readonly)/.test(scope)).length).toBeLessThan(2);
  });
});

describe('browser-only', () => {
  test('C7 what Microsoft names beyond the request is known', async () => {
    const { connect, token } = inBrowser(offerOf('microsoft', 'browser_code'));
    await connect({ provider: 'microsoft', integrations: ['files:write'] });
    await connect({ provider: 'microsoft', scopes: ['Files.Read'] });
    expect(await token('files:write')).toBe('token for Files.Read');
  });

  test('S50 a claims challenge ends the token, and goes into the next authorization', async () => {
    const { connect, token, url } = inBrowser(offerOf('microsoft', 'browser_code'));
    await connect({ provider: 'microsoft', integrations: ['files'] });
    const challenge = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
    const claims = Buffer.from(challenge).toString('base64url');
    const error = await errorOf(token('files', { claims }));
    expect(error).toMatchObject({ reason: 'user_needed', claims, request: { integrations: ['files'], claims } });
    expect(await errorOf(token('files'))).toMatchObject({ reason: 'grant_dead' });
    await connect(error.request);
    expect(url().searchParams.get('claims')).toBe(challenge);
    expect(await token('files')).toContain('Files.Read');
  });
});

describe('browser-only, without the broker', () => {
  const google = offerOf('google', 'implicit');
  const MINUTE = 60_000;

  const connected = async () => {
    const { flow, offers } = browserFlow(google);
    const begun = await flow.begin({ provider: 'google', integrations: ['files'] });
    const state = new URL(begun.authorization_url).searchParams.get('state') ?? '';
    const back = { state, access_token: 'token-1', token_type: 'bearer', expires_in: '86400' };
    await flow.finish('google', begun.flow, new URLSearchParams(back));
    return { flow, offers };
  };
  const files = { provider: 'google', integration: 'files' };

  test('B2 a token that is there is handed out while the broker is away, also after a reload; for an hour', async () => {
    const { flow } = await connected();
    state.isDown = true;
    jest.advanceTimersByTime(6 * MINUTE);
    expect(await flow.token(files)).toBe('token-1');
    const { flow: reloaded } = browserFlow(google);
    expect(await reloaded.token(files)).toBe('token-1');
    // It is asked now and then, not for every token.
    const before = state.asked;
    expect(await reloaded.token(files)).toBe('token-1');
    expect(state.asked).toBe(before);
    // A click goes by today's policy, or not at all.
    await expect(flow.begin({ provider: 'google', integrations: ['files'] })).rejects.toMatchObject({
      code: 'unreachable',
    });
    jest.advanceTimersByTime(55 * MINUTE);
    await expect(flow.token(files)).rejects.toMatchObject({ code: 'unreachable' });
    state.isDown = false;
    expect(await flow.token(files)).toBe('token-1');
  });

  test('B2 what another provider answers through the broker does not make it ask again', async () => {
    const { flow } = await connected();
    const before = state.asked;
    state.code = new BrokerUnavailableError({ code: 'temporarily_unavailable' });
    await expect(flow.token({ provider: 'microsoft', integration: 'files' })).rejects.toBe(state.code);
    state.isDown = true;
    expect(await flow.token(files)).toBe('token-1');
    expect(state.asked).toBe(before);
  });

  test('B1 a refusal of the code flow asks at once', async () => {
    const { flow, offers } = browserFlow({ ...google, provider: 'other' });
    await flow.token(files).catch(() => {});
    offers.push(google);
    state.code = new BrokerError({ code: 'browser_only_flow' });
    await expect(flow.token(files)).rejects.toMatchObject({ reason: 'no_connection' });
    expect(state.asked).toBe(2);
  });

  test('the next user, and whoever signs out, goes by nothing of the last one’s', async () => {
    const { flow } = await connected();
    state.isDown = true;
    state.user = 'user-2';
    await expect(flow.token(files)).rejects.toMatchObject({ code: 'unreachable' });
    state.user = 'user-1';
    expect(await flow.token(files)).toBe('token-1');
    flow.forget('*');
    await expect(flow.token(files)).rejects.toMatchObject({ code: 'unreachable' });
    expect(JSON.stringify(sessionStorage)).toBe('{}');
  });
});
