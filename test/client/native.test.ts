import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { ProviderOffer } from '../../client/src/contract.ts';
import { begin, checkIdToken, codeFrom } from '../../client/src/native/authorization.ts';
import { verdictOf } from '../../client/src/native/provider.ts';
import { createNativeBroker } from '../../client/src/native.ts';
import { refreshAnswer } from '../../functions/adapters/error-list.ts';
import { googleErrors } from '../../functions/adapters/google/errors.ts';
import { microsoftErrors } from '../../functions/adapters/microsoft/errors.ts';
import { oidcErrors } from '../../functions/adapters/oidc/errors.ts';
import type { TokenCall } from '../../functions/adapters/token-endpoint.ts';

const offer: ProviderOffer = {
  provider: 'notes',
  kind: 'oidc',
  flow: 'native',
  integrations: [{ name: 'notes', levels: [{ name: 'read', scopes: ['notes.read'] }] }],
  client: {
    client_id: 'app-1',
    issuer: 'https://id.example',
    authorization_endpoint: 'https://id.example/auth',
    token_endpoint: 'https://id.example/token',
    revocation_endpoint: 'https://id.example/revoke',
    redirect_uri: 'com.example.app:/callback',
  },
};
const idToken = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

afterEach(() => {
  jest.restoreAllMocks();
});

describe('what comes back', () => {
  const to = { redirectUri: 'com.example.app:/callback', state: 'state-1' };
  const back = (query: string, place = 'com.example.app:/callback') => `${place}?${query}`;

  test.each([
    ['another state', back('code=c&state=other'), 'invalid_state'],
    ['no state', back('code=c'), 'invalid_state'],
    ['another place', back('code=c&state=state-1', 'com.example.app:/other'), 'invalid_state'],
    ['another scheme', back('code=c&state=state-1', 'com.evil.app:/callback'), 'invalid_state'],
    ['a parameter twice', back('code=c&code=d&state=state-1'), 'invalid_state'],
    ['another issuer', back('code=c&state=state-1&iss=https://evil.example'), 'issuer_mismatch'],
    ['no consent', back('error=access_denied&state=state-1'), 'access_denied'],
    ["the provider's own words", back('error=%3Cscript%3E&state=state-1'), 'provider_error'],
    ['nothing', back('state=state-1'), 'provider_error'],
  ])('S55 %s is refused', async (_, url, code) => {
    const { pending } = await begin(offer, to, ['notes.read'], undefined);
    expect(() => codeFrom(offer, pending, url)).toThrow(expect.objectContaining({ code }));
    expect(codeFrom(offer, pending, back('code=c&state=state-1&iss=https://id.example'))).toBe('c');
  });

  test('S06 S31 PKCE always; where an id_token was asked for, its nonce and audience are this flow’s', async () => {
    const { url, pending } = await begin(offer, to, ['notes.read'], undefined);
    const { searchParams } = new URL(url);
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    expect(url).not.toContain(pending.verifier);
    const { nonce } = pending;
    expect(searchParams.get('nonce')).toBe(nonce);
    checkIdToken(offer, pending, idToken({ nonce, aud: 'app-1' }));
    for (const claims of [{ aud: 'app-1' }, { nonce: 'other', aud: 'app-1' }, { nonce, aud: 'web-1' }]) {
      expect(() => checkIdToken(offer, pending, idToken(claims))).toThrow();
    }
    const google = await begin({ ...offer, kind: 'google' }, to, ['drive'], undefined);
    expect(new URL(google.url).searchParams.has('nonce')).toBe(false);
  });
});

test.each([
  ['microsoft', microsoftErrors()],
  ['google', googleErrors],
  ['oidc', oidcErrors],
] as const)("A7 an error of %s means what it means to the broker's adapter", (kind, errors) => {
  const meant = (error: string, finer: string | undefined, verdict: string | undefined) => {
    const members = { error, ...(finer && { [kind === 'microsoft' ? 'suberror' : 'error_subtype']: finer }) };
    const call = { answer: { kind: 'error', status: 400, members, code: error } } as unknown as TokenCall;
    const { kind: broker } = refreshAnswer(errors, call);
    expect([members, verdictOf(kind, members)]).toEqual([members, verdict]);
    expect([members, broker]).toEqual([members, verdict ?? 'refused']);
  };
  meant('invalid_grant', undefined, 'grant_dead');
  for (const finer of ['bad_token', 'token_expired'])
    if (kind === 'microsoft') meant('invalid_grant', finer, 'grant_dead');
  if (kind !== 'oidc') for (const finer of ['basic_action', 'x']) meant('invalid_grant', finer, 'user_needed');
  for (const error of ['interaction_required', 'login_required', 'consent_required', 'mfa_required']) {
    meant(error, undefined, 'user_needed');
  }
  meant('access_denied', undefined, 'organization_forbids');
  if (kind === 'google') meant('admin_policy_enforced', undefined, 'organization_forbids');
  for (const error of ['invalid_client', 'a_new_error']) meant(error, undefined, undefined);
});

describe('renewal on the device', () => {
  /** Connected, with a provider that answers refreshes as told; `spent` are the refresh tokens it was sent. */
  const connected = async (answers: ((n: number) => Response)[] = []) => {
    /** One after the other; the last one goes on. */
    const offers = [offer];
    const items = new Map<string, string>();
    const state = {
      isLocked: false,
      user: 'user-1',
      spent: [] as string[],
      revoked: [] as string[],
      log: [] as string[],
    };
    const tokens = (n: number) =>
      Response.json({
        access_token: `access-${n}`,
        token_type: 'Bearer',
        expires_in: 3600,
        refresh_token: `refresh-${n}`,
      });
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const url = String(input);
      if (url.includes('/v1/config')) {
        return Response.json({ providers: [offers.length > 1 ? offers.shift() : offers[0]], search_ai: {} });
      }
      const form = init?.body as URLSearchParams;
      if (url.endsWith('/revoke')) state.revoked.push(form.get('token') ?? '');
      if (form.get('grant_type') !== 'refresh_token') return tokens(0);
      state.spent.push(form.get('refresh_token') ?? '');
      return (answers.shift() ?? tokens)(state.spent.length);
    });
    const app = createNativeBroker({
      baseUrl: 'https://broker.example',
      session: () => 'jwt',
      user: () => state.user,
      platform: 'ios',
      openBrowser: async (url, redirectUri) => `${redirectUri}?code=c&state=${new URL(url).searchParams.get('state')}`,
      storage: {
        get: async (key) => items.get(key),
        set: async (key, value) => {
          if (state.isLocked) throw new Error('locked');
          state.log.push(/refresh-\d/.exec(value)?.[0] ?? 'none');
          items.set(key, value);
        },
        delete: async (key) => items.delete(key),
      },
    });
    // The id_token is not asked about here: this provider gives none.
    await app.connect({ provider: 'notes', integrations: ['notes'] });
    const renew = () => app.getAccessToken({ provider: 'notes', integration: 'notes', forceRefresh: true });
    return { app, state, items, renew, offers };
  };

  test('A4 callers at once spend one refresh token, and the next one is stored before its access token is used', async () => {
    const { app, state, renew } = await connected();
    const used = await Promise.all(
      [renew(), renew(), renew()].map((each) => each.then((token) => [token, state.log.at(-1)])),
    );
    expect(used).toEqual(Array(3).fill(['access-1', 'refresh-1']));
    expect(state.spent).toEqual(['refresh-0']);
    // With a claims challenge it is another request: after the first, never beside it.
    await Promise.all([renew(), app.getAccessToken({ provider: 'notes', integration: 'notes', claims: 'e30' })]);
    expect(state.spent).toEqual(['refresh-0', 'refresh-1', 'refresh-2']);
  });

  test('A4 where the storage is locked no token is handed out, and the spent one is never sent again', async () => {
    const { state, items, renew } = await connected();
    state.isLocked = true;
    await expect(renew()).rejects.toThrow('locked');
    await expect(renew()).rejects.toThrow('locked');
    state.isLocked = false;
    expect(await renew()).toBe('access-2');
    expect(state.spent).toEqual(['refresh-0', 'refresh-1']);
    expect([...items.values()].join()).toContain('refresh-2');
  });

  test.each([
    ['no answer', () => Response.error()],
    ['503', () => new Response('{}', { status: 503, headers: { 'Retry-After': '7' } })],
    ['invalid_client', () => Response.json({ error: 'invalid_client' }, { status: 401 })],
    ['a page', () => new Response('<html>')],
  ])('A7 %s changes nothing', async (_, answer) => {
    const { state, renew } = await connected([answer]);
    await expect(renew()).rejects.toMatchObject({ name: 'BrokerUnavailableError' });
    await renew();
    expect(state.spent).toEqual(['refresh-0', 'refresh-0']);
  });

  test('A7 a dead grant asks for the user, once the provider says so, and is kept in mind without a token', async () => {
    const { app, items, renew } = await connected([() => Response.json({ error: 'invalid_grant' }, { status: 400 })]);
    await expect(renew()).rejects.toMatchObject({ reason: 'grant_dead', request: { integrations: ['notes'] } });
    expect([...items.values()].join()).not.toContain('refresh-');
    expect(await app.connections()).toMatchObject([{ provider: 'notes', state: 'authorize_again' }]);
  });

  test('A7 without the provider’s endpoints nothing is sent anywhere, and the next look at them is enough', async () => {
    const { app, state, renew, offers } = await connected();
    const { client, ...unknown } = offer;
    const again = { provider: 'notes', integrations: ['notes'] };
    offers.splice(0, 1, unknown, unknown, offer);
    await expect(app.connect(again)).rejects.toMatchObject({ name: 'BrokerUnavailableError' });
    const { length } = jest.mocked(fetch).mock.calls;
    await expect(renew()).rejects.toMatchObject({ name: 'BrokerUnavailableError' });
    // The configuration was asked for, once, and nobody else.
    expect(
      jest
        .mocked(fetch)
        .mock.calls.slice(length)
        .map(([url]) => String(url)),
    ).toEqual(['https://broker.example/v1/config?platform=ios']);
    expect(await renew()).toBe('access-1');
    offers.splice(0, 9, unknown);
    await expect(app.connect(again)).rejects.toMatchObject({ name: 'BrokerUnavailableError' });
    expect(await app.disconnect({ provider: 'notes' })).toMatchObject({ revocation: 'failed' });
    expect(state.revoked).toEqual([]);
    const { redirect_uri: _, ...own } = client ?? { client_id: '', authorization_endpoint: '' };
    offers.splice(0, 1, { ...offer, client: own });
    await expect(app.connect(again)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('SDK'),
    });
  });

  test('disconnecting at Google revokes nothing: that would end the connections of others with the same account', async () => {
    const { app, state, offers, items } = await connected();
    offers.splice(0, 1, { ...offer, kind: 'google' });
    await app.config();
    expect(await app.disconnect({ provider: 'notes' })).toMatchObject({ revocation: 'impossible' });
    expect(state.revoked).toEqual([]);
    expect([...items.values()].join()).not.toContain('refresh-');
  });

  test('I2 the next user, and whoever signs out, leaves nothing behind; disconnecting removes whatever the provider says', async () => {
    const first = await connected();
    first.state.user = 'user-2';
    expect(await first.app.connections()).toEqual([]);
    expect([...first.items]).toEqual([]);
    const second = await connected();
    const late = second.renew();
    await second.app.signOut();
    await late.catch(() => {});
    expect([...second.items]).toEqual([]);
    const third = await connected();
    expect(await third.app.disconnect({ provider: 'notes' })).toMatchObject({ provider: 'notes' });
    expect(third.state.revoked).toEqual(['refresh-0']);
    expect(await third.app.connections()).toEqual([]);
  });
});
