import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { AuthorizationRequiredError } from '../../client/src/errors.ts';
import { createCall, type Session } from '../../client/src/session.ts';

const session: Session = { session: async () => 'jwt' };
const answer = (status: number, body: object, headers: Record<string, string> = {}) =>
  jest.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(JSON.stringify(body), { status, headers }));

afterEach(() => {
  jest.restoreAllMocks();
});

describe('calls of the broker', () => {
  test('a bearer session sends no cookie, and a cookie session what proves the page', async () => {
    const fetch = answer(200, {});
    await createCall('https://broker.example', session)('POST', '/x', { a: 1 });
    expect(fetch.mock.calls[0]).toMatchObject([
      'https://broker.example/v1/x',
      { method: 'POST', credentials: 'omit', body: '{"a":1}', headers: { Authorization: 'Bearer jwt' } },
    ]);
    await createCall('', { session: 'cookie', user: () => 'user-1' })('DELETE', '/x').catch(() => {});
    const [url, init] = fetch.mock.calls[1] ?? [];
    expect(url).toBe('/v1/x');
    expect(init).toMatchObject({
      credentials: 'same-origin',
      headers: { 'Broker-Request': '1', 'Content-Type': 'application/json' },
    });
    expect(JSON.stringify(init)).not.toContain('Authorization');
  });

  test.each([
    [401, 'login_required', 'SessionRequiredError'],
    [403, 'integration_disabled', 'IntegrationDisabledError'],
    [403, 'session_mismatch', 'BrokerError'],
    [409, 'authorization_required', 'AuthorizationRequiredError'],
    [429, 'rate_limited', 'BrokerUnavailableError'],
    [500, 'internal_error', 'BrokerError'],
    [502, 'provider_error', 'BrokerError'],
    [503, 'temporarily_unavailable', 'BrokerUnavailableError'],
  ])('%i %s is a %s', async (status, code, name) => {
    answer(status, { code, detail: 'Words.', correlation_id: 'c-1' }, { 'Retry-After': '7' });
    const call = createCall('https://broker.example', session)('POST', '/x', { integration: 'files' });
    const error = { name, code, message: 'Words.', correlationId: 'c-1' };
    await expect(call).rejects.toMatchObject(name === 'BrokerUnavailableError' ? { ...error, retryAfter: 7 } : error);
  });

  test('"authorize" says what to ask for', async () => {
    const missing_scopes = ['Files.Read'];
    const problem = { code: 'authorization_required', provider: 'microsoft', claims: 'e30' };
    const ask = async (more: object, body: object) => {
      answer(409, { ...problem, ...more });
      const call = createCall('', session)<AuthorizationRequiredError>('POST', '/x', body);
      const error = await call.catch((thrown: AuthorizationRequiredError) => thrown);
      return [error.reason, error.request];
    };
    expect(await ask({ reason: 'scope_not_granted', missing_scopes }, { integration: 'files' })).toEqual([
      'scope_not_granted',
      { provider: 'microsoft', scopes: missing_scopes, claims: 'e30' },
    ]);
    expect(await ask({ reason: 'grant_dead' }, { integration: 'files' })).toEqual([
      'grant_dead',
      { provider: 'microsoft', integrations: ['files'], claims: 'e30' },
    ]);
    expect(await ask({ reason: 'user_needed' }, { scopes: ['Files.Read'] })).toEqual([
      'user_needed',
      { provider: 'microsoft', scopes: ['Files.Read'], claims: 'e30' },
    ]);
  });

  test('no answer, and one that is no JSON, may pass', async () => {
    const call = () => createCall('', session)('GET', '/x');
    jest.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new TypeError('network'));
    await expect(call()).rejects.toMatchObject({ name: 'BrokerUnavailableError', code: 'unreachable' });
    jest.spyOn(globalThis, 'fetch').mockResolvedValueOnce(new Response('<html>', { status: 502 }));
    await expect(call()).rejects.toMatchObject({ code: 'unreachable' });
  });
});
