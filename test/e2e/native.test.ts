/** A desktop app's own flow, end to end: the broker says what is switched on, and nothing of a token reaches it. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createNativeBroker } from '../../client/src/native.ts';
import { loopback } from '../../local/native-loopback.ts';
import { memoryStorage, nativeSample } from '../../local/native-sample.ts';
import { DESKTOP_SECRET } from '../../local/stack.ts';
import { CODE_FLOW, followCallback, leaks, startFlow, startTestStack, type TestStack } from '../support/broker.ts';
import { consent } from '../support/consent.ts';

let stack: TestStack;
/** What went to the broker, as text. */
const traffic: string[] = [];
beforeAll(async () => {
  stack = await startTestStack({ environment: CODE_FLOW });
  const real = globalThis.fetch;
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).origin === stack.broker) {
      const headers = JSON.stringify([...request.headers]);
      traffic.push(`${request.method} ${request.url} ${headers} ${await request.clone().text()}`);
    }
    return real(input, init);
  });
});
afterAll(async () => {
  jest.restoreAllMocks();
  await stack.stop();
});

const PROVIDERS = [
  ['microsoft', 'files', '/v1.0/me/drive/root/children', 'files:read', 'impossible'],
  // One token of Google's would end the account's whole grant to this app, on every device.
  ['google', 'files', '/drive/v3/files', 'files:read', 'impossible'],
  ['notes', 'notes', '/me/notes', 'notes:read', 'revoked'],
] as const;

const BRIEFLY = PROVIDERS.map(([provider, integration]) => [provider, integration] as const);

/** Goes through the provider's pages, and then where the provider sends the browser. */
const openBrowser = async (url: string): Promise<undefined> => {
  const back = await consent(url);
  expect((await fetch(back.replace(/([?&]state=)[^&]*/, '$1other'))).status).toBe(404);
  const page = await fetch(back);
  expect([page.status, page.headers.get('referrer-policy')]).toEqual([200, 'no-referrer']);
};

test.each(PROVIDERS)(
  'I1 S55 the sample at %s: connects, reads, renews, disconnects; the broker is asked for its configuration only',
  async (provider, integration, path, integrations, revocation) => {
    traffic.length = 0;
    const token = await stack.session('user-1', `org-native-${provider}`);
    const storage = memoryStorage();
    const lines: string[] = [];
    const stored: string[] = [];
    const before = stack.providers[provider].control.issued().length;
    await nativeSample({
      baseUrl: stack.broker,
      session: () => token,
      user: () => 'org-1 user-1',
      storage: {
        ...storage,
        set: async (key, value) => stored.push(value) && storage.set(key, value),
      },
      openBrowser,
      provider,
      integration,
      resource: stack.providers[provider].origin + path,
      print: (line) => lines.push(line.replace(`${provider}: `, '')),
    });
    expect(lines).toEqual([
      `connected, ${integrations}`,
      expect.stringMatching(/^200, [1-9]\d* items$/),
      'renewed',
      expect.stringMatching(/^200, [1-9]\d* items$/),
      `disconnected, ${revocation}`,
      'no_connection',
    ]);
    // I2: refresh tokens in the secure storage, and there alone; nothing is left in it.
    expect(leaks(stack, stored.join())).toContain('refresh_token');
    expect(leaks(stack, stored.join())).not.toContain('access_token');
    expect([...storage.items.values()].join()).not.toContain('CANARY');
    expect(stack.providers[provider].control.issued().length).toBeGreaterThan(before);
    // Everything that was said to the broker, and that it is not nothing.
    expect(traffic.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      `GET ${stack.broker}/v1/config?platform=desktop`,
    ]);
    expect(leaks(stack, traffic.join())).toEqual([]);
    expect((await stack.call('GET', '/v1/connections', { token })).body).toEqual({ connections: [] });
  },
);

test.each(BRIEFLY)(
  "S05 S55 a code and a state of an app's flow at %s are worth nothing at the broker",
  async (provider, integration) => {
    const token = await stack.session('user-1', `org-refused-${provider}`);
    const abort = new AbortController();
    const { promise: back, resolve } = Promise.withResolvers<URL>();
    const app = createNativeBroker({
      baseUrl: stack.broker,
      session: () => token,
      user: () => 'user-1',
      platform: 'desktop',
      storage: memoryStorage(),
      redirect: loopback,
      clientSecrets: { google: DESKTOP_SECRET },
      openBrowser: async (url) => {
        resolve(new URL(await consent(url)));
        return undefined;
      },
    });
    const connecting = app.connect({ provider, integrations: [integration], signal: abort.signal }).catch(() => {});
    const answer = (await back).searchParams;
    abort.abort();
    await connecting;
    const callback = (parameters: URLSearchParams) => stack.call('GET', `/v1/callback/${provider}?${parameters}`);
    const refused = await callback(answer);
    expect([refused.status, refused.headers.get('location')]).toEqual([400, null]);
    const complete = (ticket: string, flow: string) =>
      stack.call('POST', `/v1/connections/${provider}/complete`, { token, body: { ticket, flow } });
    expect((await complete(answer.get('code') ?? '', answer.get('state') ?? '')).status).toBe(400);

    // Put into a flow of the web that the same user has begun: the provider knows another client's code.
    const web = await startFlow(stack, provider, { token, integrations: [integration] });
    web.callbackUrl.searchParams.set('code', answer.get('code') ?? '');
    const ticket = (await followCallback(stack, web.callbackUrl)).get('ticket') ?? '';
    expect(await complete(ticket, web.flow)).toMatchObject({ body: { code: 'code_exchange_failed' } });
    expect((await stack.call('GET', '/v1/connections', { token })).body).toEqual({ connections: [] });
  },
);

test.each(BRIEFLY)("S55 at %s neither client may use the other's redirect URI", async (provider, integration) => {
  const token = await stack.session('user-1', 'org-1');
  const { body } = await stack.call('GET', '/v1/config?platform=desktop', { token });
  const { client } = body.providers.find((each: { provider: string }) => each.provider === provider);
  const returnTo = await stack.call('POST', `/v1/connections/${provider}/authorize`, {
    token,
    body: { integrations: [integration], return_to: client.redirect_uri },
  });
  expect(returnTo).toMatchObject({ status: 400, body: { code: 'invalid_return_to' } });
  const web = await startFlow(stack, provider, { token, integrations: [integration] });
  for (const [name, value] of [
    ['client_id', client.client_id],
    ['redirect_uri', client.redirect_uri],
  ]) {
    const url = new URL(web.authorizationUrl);
    url.searchParams.set(name, value);
    await expect(consent(url.href)).rejects.toThrow(/refused: 400/);
  }
});
