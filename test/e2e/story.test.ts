import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findEmulator, startEmulator } from '../../local/firestore/emulator.ts';
import { connect, startFlow, startTestStack, type TestStack } from '../support/broker.ts';

const PROVIDERS = [
  {
    provider: 'google',
    integration: 'files',
    scopes: ['https://www.googleapis.com/auth/drive.readonly'],
    resource: '/drive/v3/files',
  },
  { provider: 'microsoft', integration: 'files', scopes: ['Files.Read'], resource: '/v1.0/me/drive/root/children' },
  { provider: 'notes', integration: 'notes', scopes: ['notes.read'], resource: '/me/notes' },
] as const;

const story = (start: () => Promise<TestStack>) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await start();
  }, 90_000);
  afterAll(() => stack?.stop());

  describe.each(PROVIDERS)('$provider', ({ provider, integration, scopes, resource }) => {
    test('A1 the authorization URL asks for exactly what is needed', async () => {
      const { authorizationUrl } = await startFlow(stack, provider, {
        token: await stack.session('user-9'),
        integrations: [integration],
      });
      const query = authorizationUrl.searchParams;
      const asked = (query.get('scope') ?? '').split(' ');
      expect(asked.filter((scope) => !['openid', 'profile', 'offline_access'].includes(scope))).toEqual(scopes);
      expect(asked).toContain('openid');
      expect(query.get('code_challenge_method')).toBe('S256');
      expect(query.get('state')?.length).toBeLessThan(512);
    });

    test('A2-A6, D2: connect, get a token, use it, another session too, disconnect', async () => {
      const token = await stack.session();
      expect((await stack.call('GET', '/v1/connections', { token })).body).toEqual({ connections: [] });
      expect(
        await stack.call('POST', `/v1/connections/${provider}/token`, { token, body: { integration } }),
      ).toMatchObject({
        status: 409,
        body: { code: 'authorization_required', reason: 'no_connection', provider, missing_scopes: scopes },
      });

      const connected = await connect(stack, provider, { token, integrations: [integration] });
      expect(connected).toMatchObject({ status: 200, body: { scopes, missing_scopes: [], account_replaced: false } });

      for (const session of [token, await stack.session()]) {
        const fresh = await stack.call('POST', `/v1/connections/${provider}/token`, {
          token: session,
          body: { integration },
        });
        expect(fresh.status).toBe(200);
        expect(fresh.body.scope.split(' ')).toEqual(expect.arrayContaining([...scopes]));
        const { origin } = stack.providers[provider];
        const content = await fetch(origin + resource, {
          headers: { authorization: `Bearer ${fresh.body.access_token}` },
        });
        expect(content.status).toBe(200);
      }
      expect((await stack.call('GET', '/v1/connections', { token })).body.connections).toMatchObject([
        { provider, state: 'active', integrations: [`${integration}:read`], scopes },
      ]);

      const removed = await stack.call('DELETE', `/v1/connections/${provider}`, { token });
      expect(removed).toMatchObject({
        status: 200,
        body: { provider, revocation: provider === 'microsoft' ? 'impossible' : 'revoked' },
      });
      expect('manage_url' in removed.body).toBe(provider === 'microsoft');
      expect((await stack.call('DELETE', `/v1/connections/${provider}`, { token })).status).toBe(204);
      expect((await stack.call('GET', '/v1/connections', { token })).body).toEqual({ connections: [] });
    });
  });

  test('E5 deleting the account removes every connection, and nothing of the user is left', async () => {
    const token = await stack.session('user-7');
    for (const { provider, integration } of PROVIDERS)
      await connect(stack, provider, { token, integrations: [integration] });
    expect(await stack.stored()).toContain('user-7');
    const gone = await stack.call('DELETE', '/v1/account', { token });
    expect(gone.status).toBe(200);
    expect(gone.body.removed).toHaveLength(3);
    expect(await stack.stored()).not.toContain('user-7');
    expect((await stack.call('DELETE', '/v1/account', { token })).status).toBe(204);
  });
};

describe('on the stand-in for Firestore', () => story(() => startTestStack()));

const found = findEmulator();
if (found) {
  describe('on the official Firestore emulator', () =>
    story(async () => {
      const emulator = await startEmulator();
      const stack = await startTestStack({ firestore: emulator.address });
      return { ...stack, stop: () => stack.stop().finally(() => emulator.stop()) };
    }));
} else {
  test.skip('on the official Firestore emulator: skipped, it was not found on this machine', () => {});
}
