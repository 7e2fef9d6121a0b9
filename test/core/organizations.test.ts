import { describe, expect, test } from '@jest/globals';
import { createHttpClient } from '../../functions/adapters/http-client.ts';
import { directoryOf } from '../../functions/config/compose.ts';
import { parseOrganizations } from '../../functions/config/organizations.ts';
import { parseProviders } from '../../functions/config/providers.ts';
import { organizationOf, type ProviderIdentity, rolesOf, userOf } from '../../functions/core/organizations.ts';
import { signInProvidersOf } from '../../functions/providers/sign-in.ts';

const TENANT = '00000000-0000-4000-8000-000000000001';
const given = (more: object = {}) => ({
  'org-1': { google_domains: ['org-1.example'], microsoft_tenants: [TENANT], first_sign_in: 'create', ...more },
});
const parse = (value: unknown) => parseOrganizations(JSON.stringify(value));
const organizations = parse({
  ...given({ admins: ['1'] }),
  'org-2': { google_domains: ['org-2.example'], first_sign_in: 'create' },
});

describe('S49 SIGN_IN_ORGANIZATIONS', () => {
  test.each<[string, unknown]>([
    ['names no organization', {}],
    ['no object', []],
    ['no first_sign_in', { 'org-1': { google_domains: ['org-1.example'] } }],
    ['another first_sign_in', given({ first_sign_in: 'anybody' })],
    ['nowhere to sign in from', given({ google_domains: [], microsoft_tenants: [] })],
    ['a domain in capitals', given({ google_domains: ['ORG-1.example'] })],
    ['a domain of another script', given({ google_domains: ['оrg-1.example'] })],
    ['a wildcard', given({ google_domains: ['*.example'] })],
    ['a top-level domain', given({ google_domains: ['example'] })],
    ['a directory that is no id', given({ microsoft_tenants: ['common'] })],
    ['everybody with a personal account', given({ microsoft_tenants: ['9188040d-6c67-4c5b-b112-36a304b66dad'] })],
    ['a domain of two', { ...given(), 'org-2': { google_domains: ['org-1.example'], first_sign_in: 'create' } }],
    ['an organization named .', { '.': given()['org-1'] }],
    ['an organization named ..', { '..': given()['org-1'] }],
    ['an unknown member', given({ emails: ['org-1.example'] })],
    ['an administrator that is no id', given({ admins: [1] })],
  ])('%s', (_name, value) => {
    expect(() => parse(value)).toThrow();
  });

  test('an organization whose directory decides needs one', () => {
    const strict = parse(given({ first_sign_in: 'directory_only' }));
    const open = () => ({ status: async () => 'active' as const, holders: async () => [] });
    expect(() => directoryOf({ directoryDatabase: undefined, organizations: strict }, open)).toThrow(
      /DIRECTORY_DATABASE/,
    );
    expect(() => directoryOf({ directoryDatabase: 'd', organizations: strict }, open)).not.toThrow();
    expect(() => directoryOf({ directoryDatabase: undefined, organizations }, open)).not.toThrow();
  });
});

describe('S49 the clients that sign users in', () => {
  const http = createHttpClient();
  const of = (google: object, environment: Record<string, string>) =>
    signInProvidersOf(
      parseProviders(JSON.stringify({ google: { kind: 'google', client_id: 'shared', ...google } })),
      http,
      environment,
    );
  const clientOf = (google: object, environment: Record<string, string>) =>
    new URL(
      of(google, environment)
        .get('google')
        ?.signInUrl({ state: 's', nonce: 'n', codeChallenge: 'c', redirectUri: 'https://b.example/cb' }) ?? '',
    ).searchParams.get('client_id');

  test('none without sign_in; the same client; or one of its own, with a secret of its own', () => {
    expect(of({}, {}).size).toBe(0);
    expect(clientOf({ sign_in: {} }, { CLIENT_SECRET_GOOGLE: 'x' })).toBe('shared');
    expect(clientOf({ sign_in: { client_id: 'own' } }, { SIGN_IN_CLIENT_SECRET_GOOGLE: 'x' })).toBe('own');
    expect(() => of({ sign_in: {} }, {})).toThrow(/CLIENT_SECRET_GOOGLE is missing/);
    expect(() => of({ sign_in: { client_id: 'own' } }, { CLIENT_SECRET_GOOGLE: 'x' })).toThrow(
      /SIGN_IN_CLIENT_SECRET_GOOGLE is missing/,
    );
    expect(() => of({ sign_in: { secret: 'x' } }, { CLIENT_SECRET_GOOGLE: 'x' })).toThrow(/sign_in.secret is unknown/);
  });

  test('other providers sign nobody in', () => {
    const notes = { kind: 'oidc', issuer: 'https://i.example', client_id: 'c', integrations: {}, sign_in: {} };
    expect(() => parseProviders(JSON.stringify({ notes }))).toThrow(/sign_in is for Google and Microsoft/);
  });
});

describe('who belongs where', () => {
  const google: ProviderIdentity = {
    kind: 'google',
    subject: '1',
    home: 'org-1.example',
    email: 'a@b.example',
    emailVerified: true,
  };

  test('S38 an id is made of nothing that changes', () => {
    expect(userOf(google)).toBe('1');
    expect(userOf({ kind: 'microsoft', home: TENANT, subject: 'o' })).toBe(`${TENANT}.o`);
  });

  test('S36 S37 a tenant of one provider is no domain of the other', () => {
    const of = (identity: ProviderIdentity, wanted?: string) => {
      const found = organizationOf(organizations, identity, wanted);
      return typeof found === 'string' ? found : found.tenant;
    };
    expect(of(google)).toBe('org-1');
    expect(of(google, 'org-2')).toBe('domain_not_allowed');
    expect(of({ ...google, home: TENANT })).toBe('domain_not_allowed');
    expect(of({ kind: 'microsoft', subject: 'o', home: 'org-1.example' })).toBe('tenant_not_allowed');
    expect(of({ kind: 'microsoft', subject: 'o', home: TENANT })).toBe('org-1');
    const { home: _, ...personal } = google;
    expect(of(personal)).toBe('domain_not_allowed');
  });

  test('roles are those of the configuration', () => {
    const [one, two] = organizations;
    expect(one && rolesOf(one, '1', 'admin')).toEqual(['admin']);
    expect(one && rolesOf(one, '2', 'admin')).toEqual([]);
    expect(two && rolesOf(two, '1', 'admin')).toEqual([]);
  });
});
