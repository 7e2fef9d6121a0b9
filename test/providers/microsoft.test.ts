import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { PERSONAL_TENANT } from '../../local/providers/accounts.ts';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import {
  account1,
  account2,
  account3,
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

const identity = 'openid profile offline_access';
const tenant1 = '00000000-0000-4000-8000-000000000001';
const clock = createClock();
let microsoft: LocalProvider;

beforeAll(async () => {
  microsoft = await startMicrosoft({ ...setup, now: clock.now });
});
afterAll(() => microsoft.stop());

const forget = (...accounts: string[]) => {
  for (const account of accounts) microsoft.control.happen({ event: 'revoke-access', account });
};
const words = (value: unknown) => String(value).split(' ').sort();

describe('tenants and metadata', () => {
  const discover = async (tenant: string) => {
    const response = await fetch(`${microsoft.origin}/${tenant}/v2.0/.well-known/openid-configuration`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  test('S15 metadata has an issuer template and names no code_challenge_methods', async () => {
    const { body } = await discover('common');
    expect(body.issuer).toBe(`${microsoft.origin}/{tenantid}/v2.0`);
    expect(body.token_endpoint).toBe(microsoft.endpoints.token);
    expect(body).not.toHaveProperty('code_challenge_methods_supported');
    expect(body).not.toHaveProperty('revocation_endpoint');
    expect((await discover(tenant1)).body).toMatchObject({
      issuer: `${microsoft.origin}/${tenant1}/v2.0`,
      token_endpoint: `${microsoft.origin}/${tenant1}/oauth2/v2.0/token`,
    });
    const instances = await fetch(`${microsoft.origin}/common/discovery/instance?api-version=1.1`);
    expect(await instances.json()).toMatchObject({ tenant_discovery_endpoint: microsoft.endpoints.discovery });
  });

  test('an unknown tenant is refused everywhere', async () => {
    for (const tenant of ['nobody', '00000000-0000-4000-8000-00000000dead']) {
      expect((await discover(tenant)).status).toBe(400);
      const authorization = createClient(microsoft, identity).authorizationUrl().replace('/common/', `/${tenant}/`);
      const response = await fetch(authorization, { redirect: 'manual' });
      expect(response.status).toBe(400);
      expect((await post(`${microsoft.origin}/${tenant}/oauth2/v2.0/token`, {})).body.error_codes).toEqual([90002]);
    }
  });

  test('a tenant segment decides who may sign in', async () => {
    const page = async (tenant: string) => {
      const url = createClient(microsoft, identity).authorizationUrl().replace('/common/', `/${tenant}/`);
      const text = await (await fetch(url)).text();
      return [account1, account2, account3].filter((account) => text.includes(account));
    };
    expect(await page('common')).toEqual([account1, account2, account3]);
    expect(await page('organizations')).toEqual([account1, account2]);
    expect(await page(tenant1)).toEqual([account1]);
  });

  test('signing out is a page', async () => {
    const response = await fetch(microsoft.endpoints.logout ?? '');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('signed out');
  });
});

describe('authorization', () => {
  test('a bad redirect URI gets a page, other errors go back to the client with AADSTS text', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const bad = await fetch(it.authorizationUrl({ redirect_uri: 'http://127.0.0.1:9/other' }), { redirect: 'manual' });
    expect(bad.status).toBe(400);
    expect(bad.headers.get('location')).toBeNull();
    const errors: [Record<string, string>, string][] = [
      [{ scope: 'openid Files.Unknown' }, 'invalid_scope'],
      [{ scope: 'https://graph.microsoft.com/.default Files.Read' }, 'invalid_scope'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ prompt: 'none' }, 'login_required'],
      [{ claims: '{' }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
    ];
    for (const [parameters, error] of errors) {
      const response = await fetch(it.authorizationUrl(parameters), { redirect: 'manual' });
      const back = new URL(response.headers.get('location') ?? '').searchParams;
      expect(back.get('error')).toBe(error);
      expect(back.get('state')).toBe('state-1');
    }
  });

  test('answers code, state and session_state, client_info when asked, and no iss', async () => {
    const answer = await createClient(microsoft, identity, { client_info: '1' }).authorize();
    expect(answer.get('code')).toContain('CANARY-CODE-');
    expect(answer.has('session_state')).toBe(true);
    expect(answer.has('iss')).toBe(false);
    expect(JSON.parse(Buffer.from(answer.get('client_info') ?? '', 'base64url').toString())).toEqual({
      uid: '00000000-0000-4000-8000-0000000000a1',
      utid: tenant1,
    });
  });

  test('consent is for all or nothing', async () => {
    forget(account1);
    const it = createClient(microsoft, `${identity} Files.Read Mail.ReadBasic`);
    const answer = await it.connect({ withhold: ['Mail.ReadBasic'] });
    expect(words(answer.body.scope)).toEqual(['Files.Read', 'Mail.ReadBasic', 'openid', 'profile']);
    expect((await it.authorize({ deny: true })).get('error')).toBe('access_denied');
  });
});

describe('code exchange', () => {
  test('a code works once, for its redirect URI, its verifier and ten minutes', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const code = (await it.authorize()).get('code');
    expect((await it.exchange(code, { code_verifier: 'x'.repeat(43) })).body.error_codes).toEqual([501481]);
    expect((await it.exchange(code, { redirect_uri: `${redirectUri}/` })).body.error_codes).toEqual([500112]);
    expect((await it.exchange(code)).status).toBe(200);
    expect((await it.exchange(code)).body).toMatchObject({ error: 'invalid_grant', error_codes: [54005] });
    const late = (await it.authorize()).get('code');
    clock.advance(601);
    expect((await it.exchange(late)).body.error_codes).toEqual([70008]);
  });

  test('client authentication: missing, wrong and expired secrets have their own numbers', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const missing = await post(microsoft.endpoints.token, { ...form, client_id: client.id });
    expect(missing).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [7000218] } });
    const wrong = await it.token({ ...form, client_secret: 'wrong' });
    expect(wrong).toMatchObject({ status: 401, body: { error_codes: [7000215] } });
    microsoft.control.change({ clientSecretExpired: true });
    const expired = await it.refresh(refreshToken);
    microsoft.control.change({ clientSecretExpired: false });
    expect(expired).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [7000222] } });
    expect((await it.token({ ...form, client_id: 'other' })).body.error_codes).toEqual([700016]);
  });

  test('S36 the id_token names tenant and object, carries the nonce, and no email_verified', async () => {
    const answer = await createClient(microsoft, `${identity} email`).connect({ account: account2 });
    const keys = (await (await fetch(microsoft.endpoints.jwks)).json()) as JSONWebKeySet;
    const tenant2 = '00000000-0000-4000-8000-000000000002';
    const { payload } = await jwtVerify(String(answer.body.id_token), createLocalJWKSet(keys), {
      issuer: `${microsoft.origin}/${tenant2}/v2.0`,
      audience: client.id,
      currentDate: new Date(clock.now()),
    });
    expect(payload).toMatchObject({ tid: tenant2, nonce: 'nonce-1', preferred_username: account2, ver: '2.0' });
    expect(payload).not.toHaveProperty('email_verified');
    expect(payload.sub).not.toBe(payload.oid);
    const personal = await createClient(microsoft, identity).connect({ account: account3 });
    expect(claimsOf(personal.body.id_token).tid).toBe(PERSONAL_TENANT);
  });

  test('a refresh token comes with offline_access only, client_info when asked', async () => {
    const without = await createClient(microsoft, 'openid Files.Read').connect();
    expect(without.body).not.toHaveProperty('refresh_token');
    expect(without.body).not.toHaveProperty('client_info');
    const it = createClient(microsoft, `${identity} Files.Read`);
    const answer = await it.exchange((await it.authorize()).get('code'), { client_info: '1' });
    expect(answer.refreshToken).toContain('CANARY-REFRESH-');
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
    expect(answer.body).toHaveProperty('client_info');
  });
});

describe('client assertions', () => {
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const exchange = (audience: string) => ({ issuer: 'https://accounts.google.com', subject: '1234', audience });

  test('signed by the client itself: issuer, subject and audience must be right', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const sign = (claims: Record<string, string>) =>
      new SignJWT({ iss: client.id, sub: client.id, aud: microsoft.endpoints.token, ...claims })
        .setProtectedHeader({ alg: 'ES256' })
        .setExpirationTime(Math.floor(clock.now() / 1000) + 60)
        .sign(privateKey);
    const { refreshToken } = await createClient(microsoft, identity).connect();
    const call = (assertion: string, more: Record<string, string> = {}) =>
      post(microsoft.endpoints.token, {
        client_id: client.id,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_assertion_type: type,
        client_assertion: assertion,
        ...more,
      });
    expect((await call(await sign({}))).status).toBe(200);
    for (const wrong of [{ iss: 'other' }, { sub: 'other' }, { aud: 'https://other.example' }]) {
      expect(await call(await sign(wrong))).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    }
    expect((await call('no.jwt')).status).toBe(401);
    expect((await call(await sign({}), { client_assertion_type: 'other' })).status).toBe(401);
    expect((await call(await sign({}), { client_secret: client.secret })).body.error).toBe('invalid_request');
  });

  test('a federated credential is verified with the issuer’s keys', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const rule = exchange('api://AzureADTokenExchange');
    const federated = await startMicrosoft({
      ...setup,
      federatedCredential: { ...rule, keys: { keys: [await exportJWK(publicKey)] } },
    });
    try {
      const { refreshToken } = await createClient(federated, identity).connect();
      const other = await generateKeyPair('RS256');
      const call = async (key: typeof privateKey, audience: string) =>
        post(federated.endpoints.token, {
          client_id: client.id,
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          client_assertion_type: type,
          client_assertion: await new SignJWT({})
            .setProtectedHeader({ alg: 'RS256' })
            .setIssuer(rule.issuer)
            .setSubject(rule.subject)
            .setAudience(audience)
            .setExpirationTime('1m')
            .sign(key),
        });
      expect((await call(privateKey, rule.audience)).status).toBe(200);
      expect((await call(privateKey, 'other')).status).toBe(401);
      expect((await call(other.privateKey, rule.audience)).status).toBe(401);
    } finally {
      await federated.stop();
    }
  });
});

describe('refresh tokens', () => {
  test('are tolerant: a refresh answers a new one, and the old one still works', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const first = await it.connect();
    const second = await it.refresh(first.refreshToken);
    expect(second.refreshToken).toContain('CANARY-REFRESH-');
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect((await it.refresh(first.refreshToken)).status).toBe(200);
    expect((await it.refresh(second.refreshToken)).status).toBe(200);
    expect(microsoft.control.read().counts.reuseAlarms).toBe(0);
  });

  test('rotation strict: a spent one ends the whole family, and rings', async () => {
    microsoft.control.change({ rotation: 'strict' });
    const it = createClient(microsoft, `${identity} Files.Read`);
    const [first, bystander] = [await it.connect(), await it.connect()];
    const before = microsoft.control.read().counts.reuseAlarms;
    const second = await it.refresh(first.refreshToken);
    expect(second.status).toBe(200);
    expect((await it.refresh(first.refreshToken)).body.error).toBe('invalid_grant');
    expect((await it.refresh(second.refreshToken)).body.error).toBe('invalid_grant');
    expect(microsoft.control.read().counts.reuseAlarms).toBe(before + 1);
    expect((await it.refresh(bystander.refreshToken)).status).toBe(200);
    microsoft.control.change({ rotation: 'tolerant' });
  });

  test('rotation strict with grace: a spent one works until the grace is over', async () => {
    microsoft.control.change({ rotation: 'strict', graceSeconds: 30 });
    const it = createClient(microsoft, `${identity} Files.Read`);
    const first = await it.connect();
    await it.refresh(first.refreshToken);
    clock.advance(29);
    const within = await it.refresh(first.refreshToken);
    clock.advance(2);
    const beyond = await it.refresh(first.refreshToken);
    microsoft.control.change({ rotation: 'tolerant', graceSeconds: 0 });
    expect([within.status, beyond.status]).toEqual([200, 400]);
  });

  test('rotation stable: no new one', async () => {
    microsoft.control.change({ rotation: 'stable' });
    const it = createClient(microsoft, `${identity} Files.Read`);
    const answer = await it.refresh((await it.connect()).refreshToken);
    microsoft.control.change({ rotation: 'tolerant' });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('refresh_token');
  });

  test('die unused after ninety days; each answer says so in Entra’s shape', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    clock.advance(90 * 24 * 3600 + 1);
    const correlation = '11111111-2222-4333-8444-555555555555';
    const { status, body } = await it.refresh(refreshToken, { 'client-request-id': correlation });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [700082], correlation_id: correlation });
    expect(body.error_description).toMatch(/^AADSTS700082: /);
    expect(body.timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
    expect(body.trace_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(body).not.toHaveProperty('suberror');
    expect((await it.refresh('1.invented')).body.error).toBe('invalid_grant');
  });
});

describe('scopes', () => {
  test('a token carries all that is consented, whatever was asked', async () => {
    forget(account1);
    const files = await createClient(microsoft, `${identity} Files.Read`).connect();
    const mail = createClient(microsoft, `${identity} Mail.ReadBasic`);
    expect(words((await mail.connect()).body.scope)).toEqual(['Files.Read', 'Mail.ReadBasic', 'openid', 'profile']);
    // The older refresh token has grown too: it is bound to user and client, not to its scopes.
    const asked = await mail.refresh(files.refreshToken, { scope: `${identity} mail.readbasic` });
    expect(words(asked.body.scope)).toEqual(['Files.Read', 'Mail.ReadBasic', 'openid', 'profile']);
    const prefixed = await mail.refresh(files.refreshToken, { scope: 'https://graph.microsoft.com/Files.Read' });
    expect(words(prefixed.body.scope)).toEqual([
      'https://graph.microsoft.com/Files.Read',
      'https://graph.microsoft.com/Mail.ReadBasic',
    ]);
  });

  test('a scope never consented: invalid_grant with consent_required, and the grant lives', async () => {
    forget(account1);
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    const refused = await it.refresh(refreshToken, { scope: `${identity} Calendars.ReadWrite` });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', suberror: 'consent_required', error_codes: [65001] },
    });
    expect((await it.refresh(refreshToken, { scope: 'Files.Read' })).status).toBe(200);
  });
});

describe('endings', () => {
  test('the user’s own change of password changes nothing; an administrator’s reset ends it', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const [one, other] = [await it.connect(), await it.connect({ account: account2 })];
    microsoft.control.happen({ event: 'change-password', account: account1 });
    expect((await it.refresh(one.refreshToken)).status).toBe(200);
    microsoft.control.happen({ event: 'admin-reset', account: account1 });
    const refused = await it.refresh(one.refreshToken);
    expect(refused.body).toMatchObject({ error: 'invalid_grant', error_codes: [50173] });
    expect(refused.body).not.toHaveProperty('suberror');
    expect((await it.refresh(other.refreshToken)).status).toBe(200);
  });

  test('removing consent on the account page: consent_required, until the user consents again', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken, accessToken } = await it.connect();
    await post(`${microsoft.origin}/account/remove`, { account: account1 });
    expect((await it.refresh(refreshToken)).body).toMatchObject({ suberror: 'consent_required', error_codes: [65001] });
    // Access tokens are not taken back.
    expect((await callApi(microsoft, '/v1.0/me/drive/root/children', accessToken)).status).toBe(200);
    await it.connect();
    expect((await it.refresh(refreshToken)).status).toBe(200);
  });

  test('revoked sessions end every refresh token of the user', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    microsoft.control.happen({ event: 'revoke-sessions', account: account1 });
    expect((await it.refresh(refreshToken)).body.error_codes).toEqual([50173]);
  });

  test('there is no revocation endpoint', async () => {
    expect(microsoft.endpoints).not.toHaveProperty('revocation');
    expect((await post(`${microsoft.origin}/common/oauth2/v2.0/revoke`, { token: 'x' })).status).toBe(404);
  });

  test('mfaRequired: basic_action with a claims challenge, until the user authorizes again', async () => {
    const it = createClient(microsoft, `${identity} Files.Read`);
    const { refreshToken } = await it.connect();
    microsoft.control.change({ mfaRequired: true });
    const refused = await it.refresh(refreshToken);
    const again = await it.connect({}, { claims: String(refused.body.claims) });
    const accepted = await it.refresh(again.refreshToken);
    microsoft.control.change({ mfaRequired: false });
    expect(refused.body).toMatchObject({ error: 'invalid_grant', suberror: 'basic_action', error_codes: [50076] });
    expect(JSON.parse(String(refused.body.claims))).toHaveProperty('access_token.capolids');
    expect(accepted.status).toBe(200);
  });
});

describe('Graph', () => {
  const all = `${identity} Files.Read Calendars.Read.Shared Mail.ReadBasic`;

  test('answers files, events and mail without bodies', async () => {
    const { accessToken } = await createClient(microsoft, all).connect();
    const get = (path: string) => callApi(microsoft, `/v1.0/me/${path}`, accessToken);
    expect((await get('drive/root/children')).body.value).toHaveLength(3);
    expect((await get('events')).body.value).toHaveLength(2);
    const messages = (await get('messages')).body.value as Record<string, unknown>[];
    expect(messages[0]?.subject).toContain('CANARY-CONTENT-');
    for (const message of messages) {
      expect(message).not.toHaveProperty('body');
      expect(message).not.toHaveProperty('bodyPreview');
    }
    expect((await get('messages?$search="x"')).status).toBe(403);
    const day = new Date(clock.now()).toISOString();
    const later = new Date(clock.now() + 48 * 3600 * 1000).toISOString();
    const view = await get(`calendarView?startDateTime=${day}&endDateTime=${later}`);
    expect((view.body.value as unknown[]).length).toBeGreaterThanOrEqual(1);
    expect((await get('calendarView')).status).toBe(400);
  });

  test('refuses an unknown, expired or insufficient token, readably for the page', async () => {
    forget(account1);
    const { accessToken } = await createClient(microsoft, `${identity} Files.Read`).connect();
    const unknown = await callApi(microsoft, '/v1.0/me/messages', 'EwBinvented');
    expect(unknown).toMatchObject({ status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } });
    expect(unknown.headers.get('access-control-allow-origin')).toBe(pageOrigin);
    expect((await callApi(microsoft, '/v1.0/me/messages', accessToken)).body).toMatchObject({
      error: { code: 'ErrorAccessDenied' },
    });
    microsoft.control.happen({ event: 'expire-tokens' });
    expect((await callApi(microsoft, '/v1.0/me/drive/root/children', accessToken)).status).toBe(401);
  });

  test('claimsChallenge: names the claims to a cp1 client, until a token answers them', async () => {
    const capability = { xms_cc: { values: ['cp1'] } };
    const claims = (more: object = {}) => JSON.stringify({ access_token: { ...capability, ...more } });
    const path = '/v1.0/me/drive/root/children';
    const it = createClient(microsoft, all);
    const { refreshToken } = await it.connect();
    const able = await it.refresh(refreshToken, { claims: claims() });
    const unable = await it.refresh(refreshToken);
    microsoft.control.change({ claimsChallenge: true });
    const plain = await callApi(microsoft, path, unable.accessToken);
    const challenged = await callApi(microsoft, path, able.accessToken);
    const header = challenged.headers.get('www-authenticate') ?? '';
    const wanted = JSON.parse(Buffer.from(/claims="([^"]+)"/.exec(header)?.[1] ?? '', 'base64').toString());
    const renewed = await it.refresh(refreshToken, { claims: claims(wanted.access_token) });
    const passed = await callApi(microsoft, path, renewed.accessToken);
    const authorized = await it.connect({}, { claims: JSON.stringify(wanted) });
    const passedToo = await callApi(microsoft, path, authorized.accessToken);
    microsoft.control.change({ claimsChallenge: false });
    expect([plain.status, challenged.status, passed.status, passedToo.status]).toEqual([401, 401, 200, 200]);
    expect(plain.headers.get('www-authenticate')).not.toContain('claims=');
    expect(header).toContain('error="insufficient_claims"');
    expect(challenged.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect((await it.refresh(refreshToken, { claims: '[' })).body.error).toBe('invalid_request');
  });
});
