/** What every provider's adapter must do, whichever library is behind it. Run once per kind of provider. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHttpClient, type HttpClient } from '../../functions/adapters/http-client.ts';
import type { CodeExchanger, ProviderAccount, RefreshAnswer, Refresher } from '../../functions/core/ports.ts';
import { idToken, now, type StubProvider, startStubProvider } from '../support/stub-provider.ts';
import { CANARIES, CLIENT_ID, commonErrors, REDIRECT_URI, refusal, tokenAnswer, unusable } from './provider-answers.ts';

export interface ProviderKind {
  readonly name: string;
  readonly rotation: Refresher['rotation'];
  /** An adapter whose endpoints are at `origin`. */
  make(origin: string, http: HttpClient): CodeExchanger & Refresher;
  /** Readies the stub, such as by a metadata document. */
  prepare?(stub: StubProvider): void;
  /** Claims of an id_token that fits. */
  claims(origin: string): Record<string, unknown>;
  account(origin: string): ProviderAccount;
  /** The provider's own error answers, beside the common ones. */
  readonly refreshErrors: readonly (readonly [answer: Record<string, unknown>, expected: Partial<RefreshAnswer>])[];
}

export const describeProvider = (kind: ProviderKind): void => {
  describe(`${kind.name}: the contract of a provider's adapter`, () => {
    let stub: StubProvider;
    let output: string[];

    const http = (options: { deadlineMs?: number } = {}) =>
      createHttpClient({ developmentOrigins: [stub.origin], ...options });
    const adapter = (client = http()) => kind.make(stub.origin, client);
    const refresh = (client?: HttpClient) =>
      adapter(client).refresh({ refreshToken: CANARIES.refreshToken, scopes: ['a', 'b'] });
    const exchange = (client?: HttpClient, nonce = 'nonce-1') =>
      adapter(client).exchange({
        code: CANARIES.code,
        codeVerifier: CANARIES.codeVerifier,
        nonce,
        redirectUri: REDIRECT_URI,
        scopes: ['a', 'b'],
      });
    const grant = (claims: Record<string, unknown> = {}, members: Record<string, unknown> = {}) =>
      tokenAnswer({
        refresh_token: CANARIES.rotated,
        id_token: idToken({ ...kind.claims(stub.origin), nonce: 'nonce-1', ...claims }),
        ...members,
      });
    const posts = () => stub.requests.filter(({ method }) => method === 'POST');

    beforeEach(async () => {
      stub = await startStubProvider();
      kind.prepare?.(stub);
      output = [];
      for (const stream of [process.stdout, process.stderr]) {
        jest.spyOn(stream, 'write').mockImplementation((chunk) => {
          output.push(String(chunk));
          return true;
        });
      }
      for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
        jest.spyOn(console, method).mockImplementation((...parts) => void output.push(String(parts)));
      }
    });

    afterEach(async () => {
      jest.restoreAllMocks();
      await stub.close();
      // After every single test: no secret in a URL, no word in any output.
      for (const { path } of stub.requests) {
        for (const canary of Object.values(CANARIES)) expect(path).not.toContain(canary);
      }
      expect(output).toEqual([]);
    });

    test('states how the provider treats a used refresh token', () => {
      expect(adapter().rotation).toBe(kind.rotation);
    });

    test('exchanges a code with its verifier, and names the account', async () => {
      stub.answer(grant());
      expect(await exchange()).toEqual({
        kind: 'tokens',
        tokens: {
          accessToken: CANARIES.accessToken,
          expiresIn: 3599,
          scopes: ['a', 'b'],
          refreshToken: CANARIES.rotated,
        },
        account: kind.account(stub.origin),
      });
      expect(posts()).toHaveLength(1);
      const form = Object.fromEntries(new URLSearchParams(posts()[0]?.body));
      expect(form).toMatchObject({
        grant_type: 'authorization_code',
        code: CANARIES.code,
        code_verifier: CANARIES.codeVerifier,
        redirect_uri: REDIRECT_URI,
      });
    });

    test('an exchange may give no refresh token', async () => {
      stub.answer(grant({}, { refresh_token: undefined }));
      const answer = await exchange();
      expect(answer).toMatchObject({ kind: 'tokens', tokens: { accessToken: CANARIES.accessToken } });
      expect(answer).not.toHaveProperty('tokens.refreshToken');
    });

    test('refreshes, and keeps a rotated token', async () => {
      stub.answer(tokenAnswer({ refresh_token: CANARIES.rotated }));
      expect(await refresh()).toEqual({
        kind: 'tokens',
        tokens: {
          accessToken: CANARIES.accessToken,
          expiresIn: 3599,
          scopes: ['a', 'b'],
          refreshToken: CANARIES.rotated,
        },
      });
      const form = Object.fromEntries(new URLSearchParams(posts()[0]?.body));
      expect(form).toMatchObject({ grant_type: 'refresh_token', refresh_token: CANARIES.refreshToken });
    });

    test('refreshes without a rotated token', async () => {
      stub.answer(tokenAnswer());
      const answer = await refresh();
      expect(answer.kind).toBe('tokens');
      expect(answer).not.toHaveProperty('tokens.refreshToken');
    });

    test('a broken id_token beside good tokens does not lose a rotated one', async () => {
      stub.answer(tokenAnswer({ refresh_token: CANARIES.rotated, id_token: 'broken' }));
      expect(await refresh()).toMatchObject({ kind: 'tokens', tokens: { refreshToken: CANARIES.rotated } });
    });

    test('tolerates a missing expires_in and scope', async () => {
      stub.answer(tokenAnswer({ expires_in: undefined, scope: undefined }));
      expect(await refresh()).toEqual({ kind: 'tokens', tokens: { accessToken: CANARIES.accessToken } });
    });

    test('reads an expires_in that is text, and scopes separated by commas', async () => {
      stub.answer(tokenAnswer({ expires_in: '300', scope: 'a,b, c' }));
      expect(await refresh()).toMatchObject({ tokens: { expiresIn: 300, scopes: ['a', 'b', 'c'] } });
    });

    test('tokens of refreshes under way at once are not mixed up', async () => {
      const one = adapter();
      stub.answer(tokenAnswer({ access_token: 'first' }), tokenAnswer({ access_token: 'second' }));
      const answers = await Promise.all(
        ['one', 'two'].map((refreshToken) => one.refresh({ refreshToken, scopes: ['a'] })),
      );
      const order = posts().map(({ body }) => new URLSearchParams(body).get('refresh_token'));
      const expected = order[0] === 'one' ? ['first', 'second'] : ['second', 'first'];
      expect(answers.map((answer) => answer.kind === 'tokens' && answer.tokens.accessToken)).toEqual(expected);
    });

    test.each([...commonErrors, ...kind.refreshErrors])(
      'a refresh that is answered %j means %j',
      async (json, expected) => {
        stub.answer(refusal(400, json));
        const answer = await refresh();
        expect(answer).toMatchObject(expected);
        expect(JSON.stringify(answer)).not.toContain(CANARIES.providerText);
        expect(posts()).toHaveLength(1);
      },
    );

    test('an exchange that is answered invalid_grant means that the code does not fit', async () => {
      stub.answer(refusal(400, { error: 'invalid_grant' }));
      expect(await exchange()).toEqual({ kind: 'code_refused', code: 'invalid_grant' });
    });

    test('an exchange with a wrong client secret needs ops', async () => {
      stub.answer(refusal(401, { error: 'invalid_client' }));
      expect(await exchange()).toEqual({ kind: 'refused', needsOps: true, code: 'invalid_client' });
    });

    test('429 is a refusal that passes', async () => {
      stub.answer({ status: 429, headers: { 'retry-after': '7' }, text: 'slow' });
      expect(await refresh()).toEqual({ kind: 'refused', needsOps: false, code: 'http_429', retryAfter: 7 });
    });

    test('a Retry-After that is a date is told in seconds', async () => {
      const date = new Date(Date.now() + 30_000).toUTCString();
      stub.answer({ status: 429, headers: { 'retry-after': date }, json: {} });
      const answer = await refresh();
      expect(answer).toHaveProperty('retryAfter', expect.any(Number));
      expect((answer as { retryAfter: number }).retryAfter).toBeGreaterThan(20);
    });

    test.each([500, 503])('%i is no answer, whatever its body says', async (status) => {
      stub.answer(refusal(status, { error: 'invalid_grant' }, { 'retry-after': '3' }));
      const noAnswer = { kind: 'no_answer', sent: true, code: `http_${status}`, retryAfter: 3 };
      // A dead grant is not believed there, and counts as a refusal.
      expect(await refresh()).toEqual({ ...noAnswer, unlisted: true, decided: true });
      stub.answer(refusal(status, { error: 'out_of_memory' }, { 'retry-after': '3' }));
      expect(await refresh()).toEqual(noAnswer);
      expect(posts()).toHaveLength(2);
    });

    test.each([200, 201, 401, 403, 422])('an error is one by its code, with status %i too', async (status) => {
      stub.answer(refusal(status, { error: 'invalid_grant' }));
      expect(await refresh()).toEqual({ kind: 'grant_dead', code: 'invalid_grant' });
      stub.answer(refusal(status, { error: 'a_new_error' }));
      expect(await refresh()).toEqual({ kind: 'refused', needsOps: false, unlisted: true, code: 'a_new_error' });
    });

    test('429 is load, whatever its body says', async () => {
      stub.answer(refusal(429, { error: 'invalid_grant' }));
      expect(await refresh()).toEqual({ kind: 'refused', needsOps: false, code: 'http_429' });
    });

    test('a deadline that passes is no answer to a request that was sent', async () => {
      stub.answer('hang');
      expect(await refresh(http({ deadlineMs: 300 }))).toEqual({ kind: 'no_answer', sent: true, code: 'timeout' });
      expect(posts()).toHaveLength(1);
    });

    test('a connection that ends after the request is no answer to a request that was sent', async () => {
      stub.answer('reset');
      expect(await refresh()).toEqual({ kind: 'no_answer', sent: true, code: 'reset' });
      expect(posts()).toHaveLength(1);
    });

    test('a refused connection is no answer to a request that was not sent', async () => {
      const origin = stub.origin;
      const one = adapter(createHttpClient({ developmentOrigins: [origin] }));
      await stub.close();
      const request = { refreshToken: CANARIES.refreshToken, scopes: ['a'] };
      expect(await one.refresh(request)).toEqual({ kind: 'no_answer', sent: false, code: 'connect' });
    });

    test.each(unusable.map(([name, answer, code, more = {}]) => [name, answer, code, more] as const))(
      'S48 %s is no usable answer to a refresh',
      async (_name, answer, code, more) => {
        stub.answer(answer);
        expect(await refresh()).toEqual({ kind: 'unusable', code, ...more });
        expect(posts()).toHaveLength(1);
      },
    );

    test.each(unusable.map(([name, answer, code, more = {}]) => [name, answer, code, more] as const))(
      'S48 %s is no usable answer to an exchange',
      async (_name, answer, code, more) => {
        stub.answer(answer);
        expect(await exchange()).toEqual({ kind: 'unusable', code, ...more });
        expect(posts()).toHaveLength(1);
      },
    );

    test('S35 plain HTTP is refused without a socket, unless the origin is a development one', async () => {
      const fault = { kind: 'refused', needsOps: true, code: 'address' };
      expect(await refresh(createHttpClient())).toEqual(fault);
      expect(await exchange(createHttpClient({ developmentOrigins: ['http://127.0.0.1:1'] }))).toEqual(fault);
      expect(stub.connections).toBe(0);
    });

    test('S35 a private address is refused without a socket over TLS too', async () => {
      const answer = await kind
        .make(stub.origin.replace('http:', 'https:'), createHttpClient())
        .refresh({ refreshToken: CANARIES.refreshToken, scopes: ['a'] });
      expect(answer).toEqual({ kind: 'refused', needsOps: true, code: 'address' });
      expect(stub.connections).toBe(0);
    });

    test('S06 a foreign nonce is a code that does not fit', async () => {
      stub.answer(grant(), grant({ nonce: undefined }));
      expect(await exchange(http(), 'another')).toEqual({
        kind: 'code_refused',
        code: 'id_token_nonce',
        refreshToken: CANARIES.rotated,
      });
      expect(await exchange()).toEqual({
        kind: 'code_refused',
        code: 'id_token_nonce',
        refreshToken: CANARIES.rotated,
      });
    });

    test.each([
      ['another issuer', { iss: 'https://issuer.example' }, 'id_token_iss'],
      ['issuers as a list', { iss: ['https://issuer.example'] }, 'id_token_iss'],
      ['another audience', { aud: 'client-2' }, 'id_token_aud'],
      ['another authorized party', { aud: [CLIENT_ID, 'client-2'], azp: 'client-2' }, 'id_token_azp'],
      ['no expiry', { exp: undefined }, 'id_token_exp'],
      ['an expiry that is past', { exp: now() - 120 }, 'id_token_exp'],
      ['a time of issue to come', { iat: now() + 120 }, 'id_token_iat'],
    ])('S30 an id_token with %s is not usable', async (_name, claims, code) => {
      stub.answer(grant(claims));
      expect(await exchange()).toEqual({ kind: 'unusable', code, refreshToken: CANARIES.rotated });
    });

    test('an exchange without an id_token is not usable', async () => {
      stub.answer(grant({}, { id_token: undefined }));
      expect(await exchange()).toEqual({ kind: 'unusable', code: 'id_token_missing', refreshToken: CANARIES.rotated });
    });
  });
};
