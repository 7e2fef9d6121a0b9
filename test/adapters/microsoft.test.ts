import { ConfidentialClientApplication } from '@azure/msal-node';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refreshAnswer } from '../../functions/adapters/error-list.ts';
import { createHttpClient } from '../../functions/adapters/http-client.ts';
import { microsoftAuthorization } from '../../functions/adapters/microsoft/authorization.ts';
import { endpointsOf, type MicrosoftConfig } from '../../functions/adapters/microsoft/config.ts';
import { microsoftErrors } from '../../functions/adapters/microsoft/errors.ts';
import { microsoftTokens } from '../../functions/adapters/microsoft/tokens.ts';
import type { TokenCall } from '../../functions/adapters/token-endpoint.ts';
import { idToken, now, type StubProvider, startStubProvider } from '../support/stub-provider.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, tokenAnswer } from './provider-answers.ts';
import { describeProvider } from './provider-contract.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const PERSON = '66666666-7777-8888-9999-000000000000';
const MFA = '{"access_token":{"capolids":{"essential":true,"values":["policy-1"]}}}';

const configAt = (origin: string): MicrosoftConfig => ({
  clientId: CLIENT_ID,
  credential: { secret: CLIENT_SECRET },
  endpoints: { issuer: `${origin}/{tenantid}/v2.0`, token: `${origin}/common/oauth2/v2.0/token` },
});
const claimsAt = (origin: string) => ({
  iss: `${origin}/${TENANT}/v2.0`,
  tid: TENANT,
  aud: CLIENT_ID,
  sub: 'pairwise',
  oid: PERSON,
  iat: now(),
  exp: now() + 3600,
});
const grantError = (number: number, suberror?: string, more: Record<string, unknown> = {}) => ({
  error: 'invalid_grant',
  error_codes: [number],
  suberror,
  ...more,
});

describeProvider({
  name: 'microsoft',
  rotation: 'tolerant',
  make: (origin, http) => microsoftTokens(configAt(origin), http),
  claims: claimsAt,
  account: (origin) => ({ issuer: `${origin}/${TENANT}/v2.0`, subject: PERSON }),
  refreshErrors: [
    [grantError(700082), { kind: 'grant_dead', detail: 'AADSTS700082' }],
    [grantError(70008), { kind: 'grant_dead', detail: 'AADSTS70008' }],
    [grantError(700084), { kind: 'grant_dead', detail: 'AADSTS700084' }],
    [grantError(50173, 'bad_token'), { kind: 'grant_dead', detail: 'AADSTS50173 bad_token' }],
    [grantError(70043, 'token_expired'), { kind: 'grant_dead', detail: 'AADSTS70043 token_expired' }],
    [grantError(65001, 'consent_required'), { kind: 'user_needed', detail: 'AADSTS65001 consent_required' }],
    [grantError(50076, 'basic_action', { claims: MFA }), { kind: 'user_needed', claims: MFA }],
    [grantError(53003, 'additional_action'), { kind: 'user_needed', detail: 'AADSTS53003 additional_action' }],
    [grantError(53000, 'message_only'), { kind: 'user_needed', detail: 'AADSTS53000 message_only' }],
    [grantError(50055, 'user_password_expired'), { kind: 'user_needed' }],
    [grantError(700011, 'client_mismatch'), { kind: 'user_needed' }],
    [grantError(1, 'a_suberror_of_tomorrow'), { kind: 'user_needed' }],
    [
      { error: 'interaction_required', error_codes: [50076], claims: MFA },
      { kind: 'user_needed', claims: MFA },
    ],
    // The number says whose matter it is, and never that a grant is dead.
    [
      { error: 'unauthorized_client', error_codes: [7000112] },
      { kind: 'organization_forbids', code: 'unauthorized_client', detail: 'AADSTS7000112' },
    ],
    [{ error: 'unauthorized_client', error_codes: [700016] }, { kind: 'organization_forbids' }],
    [{ error: 'unauthorized_client' }, { kind: 'refused', needsOps: true }],
    [grantError(50105), { kind: 'organization_forbids' }],
    [grantError(53003), { kind: 'organization_forbids' }],
    [grantError(53003, 'message_only'), { kind: 'organization_forbids' }],
    [grantError(90094, 'consent_required'), { kind: 'organization_forbids', ofScopes: true }],
    [grantError(50057), { kind: 'organization_forbids', detail: 'AADSTS50057' }],
    [grantError(50076), { kind: 'user_needed' }],
    [grantError(65001), { kind: 'user_needed', ofScopes: true }],
    [
      { error: 'access_denied', error_codes: [530032] },
      { kind: 'organization_forbids', detail: 'AADSTS530032' },
    ],
    [
      { error: 'invalid_request', error_codes: [9002327] },
      { kind: 'refused', needsOps: true, code: 'invalid_request', detail: 'AADSTS9002327' },
    ],
    [
      { error: 'invalid_request', error_codes: [50011] },
      { kind: 'refused', needsOps: true },
    ],
    [
      { error: 'invalid_request', error_codes: ['9002327'] },
      { kind: 'refused', needsOps: true, detail: 'AADSTS9002327' },
    ],
    [
      { error: 'invalid_request', error_description: 'AADSTS9002327: canary-text-of-the-provider' },
      { kind: 'refused', needsOps: true, detail: 'AADSTS9002327' },
    ],
    [
      { error: 'invalid_request', error_codes: [900144] },
      { kind: 'refused', needsOps: false, unlisted: true },
    ],
    [
      { error: 'invalid_scope', error_codes: [70011] },
      { kind: 'refused', needsOps: false, ofScopes: true },
    ],
    [
      { error: 'invalid_client', error_codes: [7000222] },
      { kind: 'refused', needsOps: true, detail: 'AADSTS7000222' },
    ],
    [
      { error: 'invalid_request', error_codes: ['<b>'], suberror: 'Free text.' },
      { kind: 'refused', needsOps: false },
    ],
  ],
});

describe('an app registration of one directory', () => {
  const errors = microsoftErrors({ authority: `https://login.microsoftonline.com/${TENANT}` });
  const answered = (members: Record<string, unknown>) =>
    refreshAnswer(errors, {
      answer: { kind: 'error', status: 400, members, code: String(members.error) },
    } as unknown as TokenCall);

  test.each([700016, 7000112, 650056])("AADSTS%d is the operator's matter there", (number) => {
    expect(answered({ error: 'unauthorized_client', error_codes: [number] })).toMatchObject({ needsOps: true });
  });
  test('what its own administrator forbids stays that', () => {
    expect(answered(grantError(50105))).toMatchObject({ kind: 'organization_forbids' });
  });
});

describe('microsoft', () => {
  let stub: StubProvider;
  const http = () => createHttpClient({ developmentOrigins: [stub.origin] });
  const form = () => Object.fromEntries(new URLSearchParams(stub.requests[0]?.body));
  const refresh = (config: MicrosoftConfig, claims?: string) =>
    microsoftTokens(config, http()).refresh({
      refreshToken: 'one',
      scopes: ['Files.Read'],
      ...(claims === undefined ? {} : { claims }),
    });

  beforeEach(async () => {
    stub = await startStubProvider();
  });
  afterEach(() => stub.close());

  test('a claims challenge goes out with the client capability, and an answered one comes back', async () => {
    stub.answer({ status: 400, json: grantError(50076, 'basic_action', { claims: MFA }) });
    const challenge = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';
    expect(await refresh(configAt(stub.origin), challenge)).toEqual({
      kind: 'user_needed',
      code: 'invalid_grant',
      detail: 'AADSTS50076 basic_action',
      claims: MFA,
    });
    expect(JSON.parse(form().claims ?? '')).toMatchObject({
      access_token: { nbf: { essential: true, value: '1700000000' }, xms_cc: { values: ['cp1'] } },
    });
  });

  test.each(['not JSON', '[]', JSON.stringify({ long: 'x'.repeat(2048) })])(
    'claims that are no JSON object of 2 KiB are dropped (%#)',
    async (claims) => {
      stub.answer({ status: 400, json: { error: 'interaction_required', claims } });
      expect(await refresh(configAt(stub.origin))).toEqual({ kind: 'user_needed', code: 'interaction_required' });
    },
  );

  test('a challenge that cannot be merged sends nothing', async () => {
    expect(await refresh(configAt(stub.origin), 'not JSON')).toMatchObject({ kind: 'refused', code: 'not_sent' });
    expect(stub.requests).toHaveLength(0);
  });

  test('asks for the scopes, an identity and a refresh token; discovers nothing', async () => {
    stub.answer(tokenAnswer());
    await refresh(configAt(stub.origin));
    expect(stub.requests).toHaveLength(1);
    expect(stub.requests[0]?.path).toBe('/common/oauth2/v2.0/token');
    expect(form().scope?.split(' ').sort()).toEqual(['Files.Read', 'offline_access', 'openid', 'profile']);
    expect(form().client_secret).toBe(CLIENT_SECRET);
  });

  test('a federated credential is asked for anew with each call and takes the place of the secret', async () => {
    let count = 0;
    const assertion = async () => `assertion-${++count}`;
    const config = { ...configAt(stub.origin), credential: { assertion } };
    stub.answer(tokenAnswer(), tokenAnswer());
    await refresh(config);
    await refresh(config);
    expect(form()).toMatchObject({
      client_assertion: 'assertion-1',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    expect(form()).not.toHaveProperty('client_secret');
    expect(new URLSearchParams(stub.requests[1]?.body).get('client_assertion')).toBe('assertion-2');
  });

  test('a federated credential that cannot be had means that nothing was sent', async () => {
    const assertion = async () => Promise.reject(new Error('metadata server'));
    const answer = await refresh({ ...configAt(stub.origin), credential: { assertion } });
    expect(answer).toEqual({ kind: 'no_answer', sent: false, code: 'client_assertion' });
    expect(stub.connections).toBe(0);
  });

  test.each([
    ['a tenant that is no GUID', { tid: 'evil.example', iss: (origin: string) => `${origin}/evil.example/v2.0` }],
    ['another tenant than the issuer names', { tid: PERSON, iss: (origin: string) => `${origin}/${TENANT}/v2.0` }],
    ['no tenant', { tid: undefined, iss: (origin: string) => `${origin}/{tenantid}/v2.0` }],
    ['an issuer that only begins alike', { tid: TENANT, iss: (origin: string) => `${origin}/${TENANT}/v2.0/more` }],
  ])('S30 S36 an id_token with %s is not usable', async (_name, { tid, iss }) => {
    const token = idToken({ ...claimsAt(stub.origin), tid, iss: iss(stub.origin), nonce: 'n' });
    stub.answer(tokenAnswer({ id_token: token }));
    const answer = await microsoftTokens(configAt(stub.origin), http()).exchange({
      code: 'c',
      codeVerifier: 'v',
      nonce: 'n',
      redirectUri: REDIRECT_URI,
      scopes: [],
    });
    expect(answer).toEqual({ kind: 'unusable', code: 'id_token_iss' });
  });

  test("S38 without the account's own id there is no account", async () => {
    stub.answer(tokenAnswer({ id_token: idToken({ ...claimsAt(stub.origin), oid: undefined, nonce: 'n' }) }));
    const request = { code: 'c', codeVerifier: 'v', nonce: 'n', redirectUri: REDIRECT_URI, scopes: [] };
    expect(await microsoftTokens(configAt(stub.origin), http()).exchange(request)).toEqual({
      kind: 'unusable',
      code: 'not_accepted',
    });
  });

  test('what only the library dislikes does not spend a code', async () => {
    const token = idToken({ ...claimsAt(stub.origin), nonce: 'n' });
    const disliked = { scope: 5, client_info: 'no JSON', suberror: 'none', error_description: 'all is well' };
    stub.answer(tokenAnswer({ id_token: token }), tokenAnswer({ id_token: token, ...disliked }));
    const request = { code: 'c', codeVerifier: 'v', nonce: 'n', redirectUri: REDIRECT_URI, scopes: [] };
    const adapter = microsoftTokens(configAt(stub.origin), http());
    expect(await adapter.exchange(request)).toHaveProperty('kind', 'tokens');
    expect(await adapter.exchange(request)).toHaveProperty('kind', 'tokens');
  });

  test('the issuer of a directory named by its id admits no other directory', () => {
    const credential = { secret: CLIENT_SECRET };
    const of = (authority: string) => endpointsOf({ clientId: CLIENT_ID, credential, authority });
    expect(of(`https://login.microsoftonline.com/${TENANT}`)).toEqual({
      issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      authorization: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize`,
      token: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
      jwks: `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
      admin_consent: `https://login.microsoftonline.com/${TENANT}/v2.0/adminconsent`,
    });
    expect(of('https://login.microsoftonline.us/organizations').issuer).toBe(
      'https://login.microsoftonline.us/{tenantid}/v2.0',
    );
    expect(() => of('http://login.microsoftonline.com/common')).toThrow(TypeError);
  });

  /** Correlation, library name, and account hints for MSAL's own cache: nothing that a flow needs. */
  const MSAL_ONLY = [
    'client-request-id',
    'x-client-SKU',
    'x-client-VER',
    'x-client-OS',
    'x-client-CPU',
    'client_info',
    'clidata',
  ];

  test.each([undefined, '{"access_token":{"nbf":{"essential":true,"value":"1"}},"id_token":{"auth_time":{}}}'])(
    'S06 the authorization URL is the one that MSAL would build (claims %s)',
    async (claims) => {
      const config = { clientId: CLIENT_ID, credential: { secret: CLIENT_SECRET } };
      const request = { state: 'state-1', nonce: 'nonce-1', redirectUri: REDIRECT_URI, codeChallenge: 'challenge-1' };
      const scopes = ['Files.Read', 'Mail.ReadBasic'];
      const more = claims === undefined ? {} : { claims };
      const own = new URL(
        await microsoftAuthorization(config).authorizationUrl({ ...request, scopes, exactScopes: false, ...more }),
      );
      const msal = new URL(
        await new ConfidentialClientApplication({
          auth: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, clientCapabilities: ['cp1'] },
        }).getAuthCodeUrl({ ...request, scopes, codeChallengeMethod: 'S256', ...more }),
      );
      const wanted = Object.fromEntries([...msal.searchParams].filter(([name]) => !MSAL_ONLY.includes(name)));
      const built = Object.fromEntries(own.searchParams);
      expect(own.origin + own.pathname).toBe(msal.origin + msal.pathname);
      expect({ ...built, claims: '' }).toEqual({ ...wanted, claims: '' });
      // MSAL asks for three claims more in the id_token, for its cache as well.
      const theirs = JSON.parse(wanted.claims ?? '');
      for (const name of ['signin_state', 'login_hint', 'tenant_region_sub_scope']) delete theirs.id_token[name];
      expect({ id_token: {}, ...JSON.parse(built.claims ?? '') }).toEqual(theirs);
    },
  );

  test('no issuer is expected in the authorization response', async () => {
    expect(await microsoftAuthorization(configAt(stub.origin)).responseIssuer()).toBeUndefined();
  });
});
