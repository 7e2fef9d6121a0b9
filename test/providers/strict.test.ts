import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { type Account, accountOf } from '../../local/providers/accounts.ts';
import { notesOf } from '../../local/providers/content.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { startStrict } from '../../local/providers/strict.ts';
import { consent, createBrowser } from '../support/consent.ts';
import {
  account1,
  account2,
  basic,
  callApi,
  claimsOf,
  client,
  createClient,
  createClock,
  pageOrigin,
  post,
  redirectUri,
  setup,
} from './client.ts';

const scope = 'openid offline_access notes.read';
const consentAnew = { prompt: 'consent' };
const clock = createClock();
let strict: LocalProvider;

beforeAll(async () => {
  strict = await startStrict({ ...setup, now: clock.now });
});
afterAll(() => strict.stop());

const alarms = () => strict.control.read().counts.reuseAlarms;

describe('red baseline', () => {
  test('one refresh token used twice at once: one answer is good, and the connection is lost all the same', async () => {
    const it = createClient(strict, scope, consentAnew);
    const { refreshToken } = await it.connect();
    const before = alarms();
    const answers = await Promise.all([it.refresh(refreshToken), it.refresh(refreshToken)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    const winner = answers.find(({ status }) => status === 200);
    const loser = answers.find(({ status }) => status === 400);
    expect(loser?.body.error).toBe('invalid_grant');
    expect(winner?.refreshToken).toContain('CANARY-REFRESH-');
    // The winner's token is dead as well: the second use ended the grant.
    expect((await it.refresh(winner?.refreshToken ?? '')).body.error).toBe('invalid_grant');
    expect((await callApi(strict, '/me/notes', winner?.accessToken ?? '')).status).toBe(401);
    expect(alarms()).toBe(before + 1);
  });
});

describe('protocol', () => {
  test('metadata: S256, iss in responses, revocation; and an id_token that verifies', async () => {
    const metadata = (await (await fetch(strict.endpoints.discovery)).json()) as Record<string, unknown>;
    expect(metadata).toMatchObject({
      issuer: strict.endpoints.issuer,
      authorization_endpoint: strict.endpoints.authorization,
      token_endpoint: strict.endpoints.token,
      jwks_uri: strict.endpoints.jwks,
      revocation_endpoint: strict.endpoints.revocation,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
    const { body } = await createClient(strict, scope, consentAnew).connect({ account: account2 });
    const keys = (await (await fetch(strict.endpoints.jwks)).json()) as JSONWebKeySet;
    const { payload } = await jwtVerify(String(body.id_token), createLocalJWKSet(keys), {
      issuer: strict.endpoints.issuer,
      audience: client.id,
    });
    expect(payload).toMatchObject({ nonce: 'nonce-1', sub: '100000000000000000002' });
    expect(payload.jti).toContain('CANARY-ID-');
  });

  test('S07 the authorization response carries iss, errors too', async () => {
    const it = createClient(strict, scope, consentAnew);
    expect((await it.authorize()).get('iss')).toBe(strict.endpoints.issuer);
    const denied = await it.authorize({ deny: true });
    expect(Object.fromEntries(denied)).toMatchObject({ error: 'access_denied', state: 'state-1', iss: strict.origin });
  });

  test('PKCE is required', async () => {
    const url = new URL(createClient(strict, scope).authorizationUrl());
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const response = await fetch(url, { redirect: 'manual' });
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
    const it = createClient(strict, scope, consentAnew);
    const code = (await it.authorize()).get('code');
    expect((await it.exchange(code, { code_verifier: 'x'.repeat(43) })).body.error).toBe('invalid_grant');
  });

  test('an unknown redirect URI gets a page', async () => {
    const url = createClient(strict, scope).authorizationUrl({ redirect_uri: `${redirectUri}/` });
    const response = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
    expect(response.status).toBe(400);
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(await response.text()).toContain('invalid_redirect_uri');
  });

  test('without prompt=consent there is no offline access', async () => {
    expect((await createClient(strict, scope).connect()).body).not.toHaveProperty('refresh_token');
  });

  test('each flow begins with the account page, in the same browser too', async () => {
    const it = createClient(strict, scope, consentAnew);
    const browser = createBrowser();
    for (const [account, sub] of [
      [account1, '100000000000000000001'],
      [account2, '100000000000000000002'],
    ] as const) {
      const callback = new URL(await consent(it.authorizationUrl(), { account }, browser));
      const { body } = await it.exchange(callback.searchParams.get('code'));
      expect(claimsOf(body.id_token).sub).toBe(sub);
    }
  });

  test('consent is granular', async () => {
    const it = createClient(strict, `${scope} notes.write`, consentAnew);
    const answer = await it.connect({ withhold: ['notes.write'] });
    expect(answer.body.scope).toBe(scope);
    expect((await it.connect()).body.scope).toBe(`${scope} notes.write`);
    strict.control.change({ withheldScopes: ['notes.read'] });
    const partial = await it.connect();
    strict.control.change({ withheldScopes: [] });
    expect(partial.body.scope).toBe('openid offline_access notes.write');
  });
});

describe('rotation', () => {
  test('strict, one after the other: a spent token ends the family', async () => {
    const it = createClient(strict, scope, consentAnew);
    const first = await it.connect();
    const second = await it.refresh(first.refreshToken);
    const third = await it.refresh(second.refreshToken);
    expect(third.status).toBe(200);
    expect((await it.refresh(first.refreshToken)).body.error).toBe('invalid_grant');
    expect((await it.refresh(third.refreshToken)).body.error).toBe('invalid_grant');
  });

  test('grace: a spent token works until the grace is over', async () => {
    strict.control.change({ graceSeconds: 30 });
    const it = createClient(strict, scope, consentAnew);
    const { refreshToken } = await it.connect();
    const before = alarms();
    const statuses = [(await it.refresh(refreshToken)).status];
    clock.advance(29);
    statuses.push((await it.refresh(refreshToken)).status);
    clock.advance(2);
    statuses.push((await it.refresh(refreshToken)).status);
    strict.control.change({ graceSeconds: 0 });
    expect(statuses).toEqual([200, 200, 400]);
    expect(alarms()).toBe(before + 1);
  });

  test('tolerant and stable', async () => {
    const it = createClient(strict, scope, consentAnew);
    const { refreshToken } = await it.connect();
    strict.control.change({ rotation: 'tolerant' });
    const [one, two] = [await it.refresh(refreshToken), await it.refresh(refreshToken)];
    strict.control.change({ rotation: 'stable' });
    const three = await it.refresh(one.refreshToken);
    strict.control.change({ rotation: 'strict' });
    expect([one.status, two.status, three.status]).toEqual([200, 200, 200]);
    expect(one.refreshToken).not.toBe(refreshToken);
    expect(three.refreshToken).toBe(one.refreshToken);
  });
});

describe('endings', () => {
  test('S47 revoking a refresh token ends its grant, and needs the client', async () => {
    const it = createClient(strict, scope, consentAnew);
    const { refreshToken, accessToken } = await it.connect();
    const before = strict.control.read().counts.revocations;
    const url = strict.endpoints.revocation ?? '';
    expect((await post(url, { token: refreshToken }, basic('wrong'))).status).toBe(401);
    expect((await post(url, { token: refreshToken }, basic())).status).toBe(200);
    expect((await it.refresh(refreshToken)).body.error).toBe('invalid_grant');
    expect((await callApi(strict, '/me/notes', accessToken)).status).toBe(401);
    expect(strict.control.read().counts.revocations).toBe(before + 2);
  });

  test('access taken back on the account page ends the account’s grants, and nobody else’s', async () => {
    const it = createClient(strict, scope, consentAnew);
    const [one, other] = [await it.connect(), await it.connect({ account: account2 })];
    expect(await (await fetch(strict.endpoints.manage)).text()).toContain(account1);
    await post(`${strict.origin}/account/remove`, { account: account1 });
    expect(await (await fetch(strict.endpoints.manage)).text()).not.toContain(account1);
    expect((await it.refresh(one.refreshToken)).body.error).toBe('invalid_grant');
    expect((await it.refresh(other.refreshToken)).status).toBe(200);
  });

  test('tokens expire by the injected clock, and when they are told to', async () => {
    const it = createClient(strict, scope, consentAnew);
    const { refreshToken, accessToken } = await it.connect();
    clock.advance(3500);
    expect((await callApi(strict, '/me/notes', accessToken)).status).toBe(200);
    clock.advance(100);
    expect((await callApi(strict, '/me/notes', accessToken)).status).toBe(401);
    const renewed = await it.refresh(refreshToken);
    strict.control.happen({ event: 'expire-tokens', account: account1 });
    expect((await callApi(strict, '/me/notes', renewed.accessToken)).status).toBe(401);
    strict.control.happen({ event: 'expire-tokens', account: account1, tokens: 'refresh' });
    expect((await it.refresh(renewed.refreshToken)).body.error).toBe('invalid_grant');
  });

  test('mfaRequired: interaction_required without spending the token, until the user authorizes again', async () => {
    const it = createClient(strict, scope, consentAnew);
    const { refreshToken } = await it.connect();
    strict.control.change({ mfaRequired: true });
    const refused = await it.refresh(refreshToken);
    const accepted = await it.refresh((await it.connect()).refreshToken);
    strict.control.change({ mfaRequired: false });
    expect(refused).toMatchObject({ status: 400, body: { error: 'interaction_required' } });
    expect(accepted.status).toBe(200);
    expect((await it.refresh(refreshToken)).status).toBe(200);
  });

  test('a code used twice ends its grant', async () => {
    const it = createClient(strict, scope, consentAnew);
    const code = (await it.authorize()).get('code');
    const { refreshToken } = await it.exchange(code);
    expect((await it.exchange(code)).body.error).toBe('invalid_grant');
    expect((await it.refresh(refreshToken)).body.error).toBe('invalid_grant');
  });
});

describe('resource', () => {
  test('wants its scope, and CORS is for registered origins', async () => {
    const reader = await createClient(strict, scope).connect();
    const notes = await callApi(strict, '/me/notes', reader.accessToken);
    expect(JSON.stringify(notes.body)).toContain(notesOf(accountOf(account1) as Account)[0]?.name);
    expect(notes.headers.get('access-control-allow-origin')).toBe(pageOrigin);
    const stranger = await callApi(strict, '/me/notes', reader.accessToken, 'http://localhost:1');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    const nobody = await createClient(strict, 'openid').connect();
    expect((await callApi(strict, '/me/notes', nobody.accessToken)).status).toBe(403);
    expect((await callApi(strict, '/me/notes', 'invented')).status).toBe(401);
  });
});
