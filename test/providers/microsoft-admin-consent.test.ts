/** The simulated Microsoft's admin consent, as its documentation describes it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startMicrosoft } from '../../local/providers/microsoft.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { consent } from '../support/consent.ts';

const PAGE = 'https://app.example/admin';
const SCOPES = ['https://graph.microsoft.com/Files.Read', 'https://graph.microsoft.com/Mail.ReadBasic'];
const ACCOUNT = 'account-1@org-1.example';
let microsoft: LocalProvider;
beforeAll(async () => {
  microsoft = await startMicrosoft({
    client: { id: 'client', secret: 'secret' },
    redirectUris: ['https://broker.example/callback'],
    browserRedirectUris: [PAGE],
    browserOrigins: [],
  });
});
afterAll(() => microsoft?.stop());

const url = (changes: Record<string, string> = {}, endpoint = microsoft.endpoints.adminConsent ?? '') => {
  const to = new URL(endpoint);
  const parameters = { client_id: 'client', redirect_uri: PAGE, state: 's', scope: SCOPES.join(' '), ...changes };
  to.search = new URLSearchParams(parameters).toString();
  return to.href;
};

test('an administrator allows the app for everybody: back with the directory, and nobody is asked again', async () => {
  const back = new URL(await consent(url(), { account: ACCOUNT }));
  expect(back.origin + back.pathname).toBe(PAGE);
  expect(Object.fromEntries(back.searchParams)).toMatchObject({
    admin_consent: 'True',
    tenant: '00000000-0000-4000-8000-000000000001',
    state: 's',
  });
  const authorization = new URL(microsoft.endpoints.authorization);
  authorization.search = new URLSearchParams({
    client_id: 'client',
    redirect_uri: 'https://broker.example/callback',
    response_type: 'code',
    scope: 'Files.Read',
  }).toString();
  // The account page leads back at once: `deny` would be answered on a consent page, and there is none.
  const page = await (await fetch(authorization)).text();
  const transaction = /name="transaction" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const chosen = await fetch(`${microsoft.origin}/consent`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ transaction, account: ACCOUNT }),
  });
  expect(chosen.status).toBe(302);
});

test('declined: back with an error, and nothing is allowed', async () => {
  const back = new URL(await consent(url(), { deny: true })).searchParams;
  expect(back.get('error')).toBe('access_denied');
  expect(back.get('state')).toBe('s');
  expect(back.has('admin_consent')).toBe(false);
});

test.each<[string, () => string]>([
  ['another redirect URI', () => url({ redirect_uri: 'https://elsewhere.example/' })],
  ['another client', () => url({ client_id: 'x' })],
  ['an unknown scope', () => url({ scope: 'https://graph.microsoft.com/Everything' })],
  ['no directory', () => url({}, `${microsoft.origin}/common/v2.0/adminconsent`)],
])('%s: a page, never a redirect', async (_, bad) => {
  const response = await fetch(bad(), { redirect: 'manual' });
  expect(response.status).toBe(400);
  expect(response.headers.get('location')).toBeNull();
});
