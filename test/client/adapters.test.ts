import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createFetch } from '../../client/src/fetch.ts';
import type { TokenOptions } from '../../client/src/flow.ts';
import { gapiToken } from '../../client/src/gapi.ts';
import { graphAuthentication } from '../../client/src/graph.ts';
import { kiotaAccessTokens } from '../../client/src/kiota.ts';

const GRAPH = 'https://graph.microsoft.com';
const createBroker = () => {
  const asked: TokenOptions[] = [];
  const broker = {
    getAccessToken: async (options: TokenOptions) => {
      const { signal: _, ...rest } = options;
      asked.push(rest);
      return `token-${asked.length}`;
    },
  };
  return { asked, broker };
};

/** Answers in turn. @returns what was sent */
const answers = (...responses: Response[]) => {
  const sent: Request[] = [];
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    sent.push(input as Request);
    return responses.shift() ?? new Response();
  });
  return sent;
};

afterEach(() => {
  jest.restoreAllMocks();
});

describe('fetch', () => {
  const wanted = { provider: 'microsoft', integration: 'files', origins: [GRAPH] };

  test('S50 a claims challenge is handed on once, in the contract’s spelling, with the same body', async () => {
    const { asked, broker } = createBroker();
    const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1???>>>"}}}').toString('base64');
    expect(claims).toMatch(/[+/]/);
    const challenge = { 'WWW-Authenticate': `Bearer realm="", error="insufficient_claims", claims="${claims}"` };
    const sent = answers(new Response('', { status: 401, headers: challenge }), new Response('', { status: 401 }));
    const init = { method: 'POST', body: 'content', headers: { 'X-Own': '1', Authorization: 'other' } };
    const response = await createFetch(broker, wanted)(`${GRAPH}/v1.0/me`, init);
    expect(response.status).toBe(401);
    expect(asked).toEqual([
      { provider: 'microsoft', integration: 'files' },
      {
        provider: 'microsoft',
        integration: 'files',
        forceRefresh: 'token-1',
        claims: claims.replaceAll('+', '-').replaceAll('/', '_'),
      },
    ]);
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(await Promise.all(sent.map((request) => request.text()))).toEqual(['content', 'content']);
    expect(sent.map(({ redirect }) => redirect)).toEqual(['error', 'error']);
    expect(sent[0]?.headers.get('x-own')).toBe('1');
  });

  test.each([
    ['in other case, with spaces (RFC 9110 section 11.2)', 'Bearer error="insufficient_claims", Claims = "ab+/"'],
    ['after a challenge of another scheme', 'Negotiate, Bearer realm="",claims="ab+/", error="insufficient_claims"'],
    ['after a description that has the word', 'Bearer error_description="other claims=none", claims="ab+/"'],
  ])('S50 a claims challenge is read %s', async (_, header) => {
    const { asked, broker } = createBroker();
    answers(new Response('', { status: 401, headers: { 'WWW-Authenticate': header } }));
    await createFetch(broker, wanted)(`${GRAPH}/v1.0/me`);
    expect(asked[1]).toMatchObject({ claims: 'ab-_' });
  });

  test.each([
    'https://graph.microsoft.com.evil.example/',
    'https://evil.example/?https://graph.microsoft.com/',
    'http://graph.microsoft.com/',
    'https://graph.microsoft.com@evil.example/',
    'https://graph.microsoft.com:8443/',
  ])('no token is asked for, and nothing sent, to %s', async (url) => {
    const { asked, broker } = createBroker();
    const sent = answers();
    await expect(createFetch(broker, wanted)(url)).rejects.toMatchObject({ name: 'TypeError' });
    expect([asked, sent]).toEqual([[], []]);
  });
});

describe('clients that people already use', () => {
  test('Microsoft Graph’s asks for its integration, or for the scopes of a call', async () => {
    const { asked, broker } = createBroker();
    const provider = graphAuthentication(broker, { integration: 'calendar' });
    expect(await provider.getAccessToken()).toBe('token-1');
    await provider.getAccessToken({ scopes: ['Files.Read'] });
    await provider.getAccessToken({ scopes: [] });
    const calendar = { provider: 'microsoft', integration: 'calendar' };
    expect(asked).toEqual([calendar, { provider: 'microsoft', scopes: ['Files.Read'] }, calendar]);
  });

  test('Kiota’s: a token goes to the allowed hosts over https, and to no other; its claims are handed on', async () => {
    const { asked, broker } = createBroker();
    const hosts = (list: string[]) => ({
      getAllowedHosts: () => list,
      // Like Kiota's: an empty list allows all.
      isUrlHostValid: (url: string) => list.length === 0 || list.includes(new URL(url).hostname),
    });
    const only = kiotaAccessTokens(broker, { integration: 'files' }, hosts(['graph.microsoft.com']));
    expect(await only.getAuthorizationToken(`${GRAPH}/v1.0/me`)).toBe('token-1');
    await only.getAuthorizationToken(`${GRAPH}/v1.0/me`, { claims: 'ab+/' });
    expect(asked).toEqual([
      { provider: 'microsoft', integration: 'files' },
      { provider: 'microsoft', integration: 'files', claims: 'ab-_' },
    ]);
    for (const url of ['https://evil.example/', 'http://graph.microsoft.com/', '/v1.0/me', undefined]) {
      expect(await only.getAuthorizationToken(url)).toBe('');
    }
    const open = kiotaAccessTokens(broker, { integration: 'files' }, hosts([]));
    expect(await open.getAuthorizationToken(`${GRAPH}/v1.0/me`)).toBe('');
    expect(asked).toHaveLength(2);
  });

  test('gapi’s gets a token before each call, and loses it when anything changes', async () => {
    const { asked, broker } = createBroker();
    const held: unknown[] = [];
    let change = () => {};
    const on = (_event: 'change', listener: () => void) => {
      change = listener;
      return () => {};
    };
    const authorize = gapiToken(
      { ...broker, on },
      { integration: 'calendar' },
      { setToken: (token) => void held.push(token) },
    );
    await authorize();
    change();
    expect(held).toEqual([{ access_token: 'token-1' }, null]);
    expect(asked).toEqual([{ provider: 'google', integration: 'calendar' }]);
  });
});
