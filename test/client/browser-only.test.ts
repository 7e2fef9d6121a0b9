import { beforeEach, describe, expect, test } from '@jest/globals';
import { createAuthorization } from '../../client/src/browser-only/authorization.ts';
import { askFor, integrationsOf, missingOf, spelled, without } from '../../client/src/browser-only/offers.ts';
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
    expect(spelled(microsoft, 'https://graph.microsoft.com/files.read')).toBe('Files.Read');
    expect(spelled(microsoft, 'User.Read')).toBe('User.Read');
    expect(spelled(offer, 'Drive')).toBe('Drive');
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
});
