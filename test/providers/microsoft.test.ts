import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { PERSONAL_TENANT } from '../../local/providers/accounts.ts';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import {
  account1,
  account2,
  account3,
  claimsOf,
  client,
  createClient,
  createClock,
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
      [{ response_type: 'id_token' }, 'unsupported_response_type'],
      [{ prompt: 'none' }, 'login_required'],
      [{ claims: '{' }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
    ];
    for (const [parameters, error] of errors) {
      const response = await fetch(it.authorizationUrl(parameters), { redirect: 'manual' });
      const back = new URL(response.headers.get('location') ?? '').searchParams;
      expect(back.get('error')).toBe(error);
      expect(back.get('error_description')).toMatch(/^AADSTS\d+: /);
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
