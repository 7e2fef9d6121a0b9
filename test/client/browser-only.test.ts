import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createAuthorization } from '../../client/src/browser-only/authorization.ts';
import { askFor, carried, integrationsOf, missingOf, without } from '../../client/src/browser-only/offers.ts';
import { createOpener, seal } from '../../client/src/browser-only/seal.ts';
import type { ProviderOffer } from '../../client/src/contract.ts';
import { newPage } from './page.ts';

const level = (name: string, ...scopes: string[]) => ({ name, scopes });
const offer: ProviderOffer = {
  provider: 'google',
  kind: 'google',
  flow: 'implicit',
  integrations: [
    { name: 'mail', levels: [level('metadata', 'settings', 'metadata'), level('read', 'settings', 'readonly')] },
    { name: 'files', levels: [level('read', 'drive.readonly'), level('write', 'drive')] },
  ],
  client: {
    client_id: 'client-1',
    authorization_endpoint: 'https://provider.example/auth',
    issuer: 'https://provider.example',
  },
};

beforeEach(() => {
  newPage();
});

describe('what to ask for', () => {
  test('C7 a step keeps what other integrations have, and never adds up two levels of one', () => {
    expect(askFor(offer, { integrations: ['files'] }, [])).toEqual(['drive.readonly']);
    expect(askFor(offer, { integrations: ['files'] }, ['settings', 'metadata'])).toEqual([
      'drive.readonly',
      'settings',
      'metadata',
    ]);
    expect(askFor(offer, { integrations: ['mail:read'] }, ['settings', 'metadata', 'drive'])).toEqual([
      'settings',
      'readonly',
      'drive',
    ]);
    // A higher level satisfies a lower one.
    expect(askFor(offer, { integrations: ['files:read'] }, ['drive'])).toEqual(['drive']);
    expect(askFor(offer, { scopes: ['drive'] }, ['drive.readonly', 'settings', 'metadata'])).toEqual([
      'drive',
      'settings',
      'metadata',
    ]);
  });

  test('C7 scopes alone, as an error names them, keep what is granted of the level that they lead to', () => {
    expect(askFor(offer, { scopes: ['readonly'] }, ['settings', 'metadata'])).toEqual(['readonly', 'settings']);
    expect(askFor(offer, { scopes: ['settings'] }, ['readonly'])).toEqual(['settings', 'readonly']);
    expect(askFor(offer, { scopes: ['settings', 'readonly'] }, ['metadata', 'drive'])).toEqual([
      'settings',
      'readonly',
      'drive',
    ]);
  });

  test('S45 what is not offered is not asked for', () => {
    for (const integrations of [['notes'], ['files:admin'], ['files', 'notes']]) {
      expect(askFor(offer, { integrations }, [])).toBeUndefined();
      expect(missingOf(offer, { integrations }, ['drive'])).toBeUndefined();
    }
    expect(askFor(offer, { scopes: ['drive', 'other'] }, [])).toBeUndefined();
  });

  test('S57 offline_access is never asked for', () => {
    const greedy = { ...offer, integrations: [{ name: 'files', levels: [level('read', 'drive', 'offline_access')] }] };
    expect(askFor(greedy, { integrations: ['files'] }, [])).toEqual(['drive']);
  });

  test('what is missing, what is open, and what is left without an integration', () => {
    expect(missingOf(offer, { integrations: ['files', 'mail'] }, ['drive', 'settings'])).toEqual(['metadata']);
    expect(missingOf(offer, { scopes: ['drive', 'settings'] }, ['drive'])).toEqual(['settings']);
    expect(integrationsOf(offer, ['drive', 'settings', 'metadata', 'readonly'])).toEqual(['mail:read', 'files:write']);
    expect(without(offer, 'mail', ['drive', 'settings', 'metadata'])).toEqual(['drive']);
    const microsoft: ProviderOffer = {
      ...offer,
      kind: 'microsoft',
      integrations: [{ name: 'files', levels: [level('read', 'Files.Read')] }],
    };
    expect(carried(microsoft, ['Files.Read'], ['https://graph.microsoft.com/files.read', 'User.Read'])).toEqual([
      'Files.Read',
    ]);
    expect(carried(offer, ['drive'], ['Drive'])).toEqual([]);
    expect(carried(offer, ['drive'], undefined)).toEqual(['drive']);
    // More than was asked for is there all the same.
    expect(carried(offer, ['drive'], ['openid', 'settings', 'drive'])).toEqual(['drive', 'settings']);
  });
});

describe('sealed messages', () => {
  test('only the page that asked opens them, for the one flow, unaltered', async () => {
    const [asked, other] = await Promise.all([createOpener(), createOpener()]);
    const sealed = await seal('access_token=secret-1', asked.publicKey, 'flow-1');
    expect(sealed).not.toContain('secret');
    expect(await asked.open(sealed, 'flow-1')).toBe('access_token=secret-1');
    const flipped = sealed.slice(0, -6) + (sealed.at(-6) === 'A' ? 'B' : 'A') + sealed.slice(-5);
    await expect(asked.open(sealed, 'flow-2')).rejects.toThrow();
    await expect(asked.open(flipped, 'flow-1')).rejects.toThrow();
    await expect(other.open(sealed, 'flow-1')).rejects.toThrow();
    expect(await seal('access_token=secret-1', asked.publicKey, 'flow-1')).not.toBe(sealed);
  });

  test('without a key nothing is sealed, and so nothing is said', async () => {
    await expect(seal('access_token=secret-1', '', 'flow-1')).rejects.toThrow();
  });
});

describe('S57 what comes back', () => {
  const begin = async (given: ProviderOffer = offer, scopes: readonly string[] = ['drive']) => {
    const authorization = createAuthorization('https://product.example/bridge');
    const begun = await authorization.begin(given, 'user-1', scopes, undefined);
    const url = new URL(begun.authorization_url);
    const kept = JSON.parse(begun.flow);
    const finish = (members: Record<string, string>) =>
      authorization.finish(given, kept, new URLSearchParams({ state: kept.state, ...members }));
    return { url, kept, finish };
  };
  const token = { access_token: 'token-1', token_type: 'bearer', expires_in: '60' };

  test('implicit: state, issuer and token type are checked', async () => {
    const { url, finish } = await begin();
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'token',
      client_id: 'client-1',
      redirect_uri: 'https://product.example/bridge',
      scope: 'drive',
    });
    // A provider may refuse a nonce where no id_token is asked for.
    expect(url.searchParams.has('nonce')).toBe(false);
    expect(await finish(token)).toEqual({ token: 'token-1', seconds: 60, scope: undefined });
    await expect(finish({ ...token, state: 'other' })).rejects.toMatchObject({ code: 'invalid_state' });
    await expect(finish({ ...token, iss: 'https://evil.example' })).rejects.toMatchObject({ code: 'issuer_mismatch' });
    await expect(finish({ ...token, token_type: 'mac' })).rejects.toMatchObject({ code: 'provider_error' });
    await expect(finish({})).rejects.toMatchObject({ code: 'provider_error' });
  });

  test('S31 where an id_token comes, its nonce is this flow’s', async () => {
    const { url, kept, finish } = await begin(offer, ['openid', 'drive']);
    expect(url.searchParams.get('nonce')).toBe(kept.nonce);
    const idToken = (nonce: unknown) => `e30.${Buffer.from(JSON.stringify({ nonce })).toString('base64url')}.x`;
    expect(await finish({ ...token, id_token: idToken(kept.nonce) })).toMatchObject({ token: 'token-1' });
    for (const nonce of ['other', undefined]) {
      await expect(finish({ ...token, id_token: idToken(nonce) })).rejects.toMatchObject({ code: 'invalid_state' });
    }
  });

  test('S06 a code is asked for with a challenge, and its verifier is in no URL', async () => {
    const { url, kept } = await begin({ ...offer, kind: 'microsoft', flow: 'browser_code' });
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      response_mode: 'fragment',
      code_challenge_method: 'S256',
    });
    expect(kept.verifier).toHaveLength(43);
    expect(url.href).not.toContain(kept.verifier);
  });

  test('what cannot be read is an error of the SDK: an id_token, a sealed message', async () => {
    const { finish } = await begin();
    await expect(finish({ ...token, id_token: 'x.%.y' })).rejects.toMatchObject({ code: 'invalid_state' });
    await expect(finish({ sealed: 'AAAA.BBBB', state: '' })).rejects.toMatchObject({ code: 'invalid_state' });
  });

  test('where the broker could not look the provider up, it is to be tried again', async () => {
    const { client: _, ...unknown } = offer;
    await expect(begin(unknown)).rejects.toMatchObject({ name: 'BrokerUnavailableError' });
  });

  describe('redeeming a code', () => {
    const seen: string[] = [];
    const answers: Record<string, (response: ServerResponse) => void> = {
      '/redirect': (response) => response.writeHead(307, { Location: '/elsewhere' }).end(),
      '/page': (response) => response.end('<html>'),
      '/list': (response) => response.end('[1]'),
      '/nothing': () => {},
      '/refusal': (response) => response.writeHead(400).end('{"error":"invalid_grant"}'),
    };
    const server = createServer(({ url = '' }, response) => {
      seen.push(url);
      (answers[url] ?? answers['/page'])?.(response);
    });
    let origin = '';
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    test.each([
      ['a redirect', '/redirect', 'BrokerUnavailableError'],
      ['a page', '/page', 'BrokerUnavailableError'],
      ['JSON that is no object', '/list', 'BrokerUnavailableError'],
      ['silence', '/nothing', 'BrokerUnavailableError'],
      ['a refusal', '/refusal', 'BrokerError'],
    ])('S06 %s ends it, in time, and the code goes nowhere else', async (_, path, name) => {
      const { timeout } = AbortSignal;
      const patience = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(200));
      const endpoints = { authorization_endpoint: 'https://provider.example/auth', token_endpoint: origin + path };
      const { finish } = await begin({ ...offer, flow: 'browser_code', client: { client_id: 'c', ...endpoints } });
      seen.length = 0;
      await expect(finish({ code: 'code-1' })).rejects.toMatchObject({ name });
      expect(seen).toEqual([path]);
      expect(patience).toHaveBeenCalledWith(30_000);
    });
  });
});
