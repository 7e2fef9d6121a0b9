/** docs/host-sessions.md as it stands: each block of settings takes the token beside it, and nothing near it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSessionVerifier } from '../../functions/adapters/session.ts';
import { sessionRulesOf } from '../../functions/config/compose.ts';
import { load } from '../../functions/config/load.ts';
import { session } from '../../functions/config/settings.ts';
import { localKeys, now, rsa, token } from './tokens.ts';

interface Host {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly taken: { readonly user: string; readonly tenant: string; readonly roles: readonly string[] };
}

const page = readFileSync(new URL('../../docs/host-sessions.md', import.meta.url), 'utf8');

const hosts: readonly Host[] = page.split(/^#{2,3} /m).flatMap((section) => {
  const [, settings] = /^```sh\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const [, example] = /^```json\n([\s\S]*?)^```$/m.exec(section) ?? [];
  if (settings === undefined || example === undefined) return [];
  const lines = settings.trim().split('\n');
  const environment = Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]));
  return [{ name: section.slice(0, section.indexOf('\n')), environment, ...JSON.parse(example) }];
});

const verifierOf = ({ environment }: Host) =>
  createSessionVerifier(sessionRulesOf(load(session, environment)), localKeys(rsa), now);

test('the page has every host that it promises', () => {
  expect(hosts.map(({ name }) => name)).toEqual([
    'Keycloak',
    'Auth0',
    'Auth0 with the RFC 9068 token profile',
    'Clerk',
    'Firebase Authentication and Identity Platform',
    'Amazon Cognito',
    'Okta',
    'Microsoft Entra ID',
    'Microsoft Entra ID with tokens of version 1',
    'A product with one organization',
  ]);
});

describe.each(hosts)('$name', (host) => {
  const { claims, header, taken, environment } = host;
  const verify = verifierOf(host);
  const of = (more: object = {}, head: object = {}) =>
    verify(token({ ...claims, ...more }, { ...header, ...head }, rsa));

  test('the token of the page is the user of the page', async () => {
    expect(await of()).toEqual(taken);
  });

  test('what differs from token to token makes no other user', async () => {
    const perToken = [
      'jti',
      'sid',
      'uti',
      'aio',
      'rh',
      'fva',
      'auth_time',
      'amr',
      'acr',
      'nonce',
      'origin_jti',
      'event_id',
    ];
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...perToken), fc.jsonValue()), async (more) => {
        const shuffled = Object.fromEntries(Object.entries({ ...claims, ...more }).toReversed());
        expect(await verify(token(shuffled, header, rsa))).toEqual(taken);
      }),
      { numRuns: 20 },
    );
  });

  test('S30 another issuer, audience or client is refused', async () => {
    expect(await of({ iss: `${claims.iss}x` })).toBeUndefined();
    expect(await of({ iss: [claims.iss] })).toBeUndefined();
    const audience = environment.SESSION_AUDIENCE_CLAIM ?? 'aud';
    expect(await of({ [audience]: 'another' })).toBeUndefined();
    expect(await of({ [audience]: undefined })).toBeUndefined();
    // Meant for somebody else, whatever its other claims say.
    expect(await of({ aud: 'another' })).toBeUndefined();
    if (audience !== 'aud') expect(await of({ aud: environment.SESSION_AUDIENCE })).toBeUndefined();
    if (environment.SESSION_AUTHORIZED_PARTIES) {
      expect(await of({ [environment.SESSION_PARTY_CLAIM ?? 'azp']: 'another' })).toBeUndefined();
      expect(await of({ azp: 'another' })).toBeUndefined();
    }
  });

  test('S33 another type of token is refused', async () => {
    expect(await of({}, { typ: 'logout+jwt' })).toBeUndefined();
    expect(await of({ events: {} })).toBeUndefined();
  });

  test('without its organization nobody is let in', async () => {
    const [, tenantClaim = environment.SESSION_TENANT_CLAIM ?? 'tenant'] = (
      environment.SESSION_TENANT_CLAIM ?? ''
    ).split('/');
    const expected = environment.SESSION_TENANT === undefined ? undefined : taken;
    for (const value of [undefined, null, {}, [], ['org-1'], '', '..', 1]) {
      expect(await of({ [tenantClaim]: value })).toEqual(expected);
    }
  });
});

describe('the settings that a host may need', () => {
  const base = {
    SESSION_ISSUER: 'https://issuer.example',
    SESSION_AUDIENCE: 'broker',
    SESSION_JWKS_URL: 'https://issuer.example/jwks',
  };
  const rules = (more: Record<string, string>) => sessionRulesOf(load(session, { ...base, ...more }));
  const good = {
    iss: 'https://issuer.example',
    aud: 'broker',
    sub: 'user-1',
    tenant: 'org-1',
    exp: now() / 1000 + 300,
  };
  const read = (more: Record<string, string>, claims: object) =>
    createSessionVerifier(rules(more), localKeys(rsa), now)(token({ ...good, ...claims }, { alg: 'RS256' }, rsa));

  test('S49 settings that would take anybody, or contradict each other, do not start', () => {
    expect(() => rules({ SESSION_ISSUER: 'https://issuer.example/{tenant}' })).toThrow(/SESSION_TENANTS is missing/);
    expect(() => rules({ SESSION_TENANT: 'a', SESSION_TENANTS: 'a b' })).toThrow(/contradict/);
    expect(() => rules({ SESSION_TENANT: '..' })).toThrow(/SESSION_TENANT/);
    expect(() => rules({ SESSION_TENANTS: '.' })).toThrow(/SESSION_TENANTS/);
    for (const pointer of ['/', '/a/', '//a', '/a~', '/a~2']) {
      expect(() => rules({ SESSION_TENANT_CLAIM: pointer })).toThrow(/SESSION_TENANT_CLAIM is not a JSON pointer/);
    }
    expect(() => rules({ SESSION_ROLES_FORM: 'object' })).toThrow(/SESSION_ROLES_FORM/);
  });

  test('S36 an issuer is good for its own organization only', async () => {
    const several = { SESSION_ISSUER: 'https://issuer.example/{tenant}/', SESSION_TENANTS: 'org-1 org-2' };
    const of = (iss: string, tenant: string) => read(several, { iss: `https://issuer.example/${iss}/`, tenant });
    expect(await of('org-1', 'org-1')).toMatchObject({ tenant: 'org-1' });
    expect(await of('org-2', 'org-2')).toMatchObject({ tenant: 'org-2' });
    expect(await of('org-1', 'org-2')).toBeUndefined();
    expect(await of('org-3', 'org-3')).toBeUndefined();
    expect(await of('{tenant}', '{tenant}')).toBeUndefined();
    expect(await of('org-1/../org-2', 'org-2')).toBeUndefined();
  });

  test('only listed organizations', async () => {
    expect(await read({ SESSION_TENANTS: 'org-2' }, {})).toBeUndefined();
    expect(await read({ SESSION_TENANTS: 'org-2 org-1' }, {})).toMatchObject({ tenant: 'org-1' });
  });

  test('a pointer goes through objects, and a name with slashes is one name', async () => {
    const tenant = (claim: string, claims: object) =>
      read({ SESSION_TENANT_CLAIM: claim }, { tenant: undefined, ...claims }).then((found) => found?.tenant);
    expect(await tenant('/a/b', { a: { b: 'org-1' } })).toBe('org-1');
    expect(await tenant('/a~1b/c~0d', { 'a/b': { 'c~d': 'org-1' } })).toBe('org-1');
    expect(await tenant('https://x.example/a', { 'https://x.example/a': 'org-1' })).toBe('org-1');
    expect(await tenant('/a/0', { a: ['org-1'] })).toBeUndefined();
    expect(await tenant('/a/length', { a: 'org-1' })).toBeUndefined();
    expect(await tenant('/constructor/name', {})).toBeUndefined();
    expect(await tenant('/__proto__/a', {})).toBeUndefined();
  });

  test('roles as members of an object are those that are given', async () => {
    const members = { SESSION_ROLES_FORM: 'members' };
    const roles = { admin: { org: 'x' }, editor: true, owner: false, nobody: null, empty: '' };
    expect((await read(members, { roles }))?.roles).toEqual(['admin', 'editor']);
    expect((await read(members, { roles: ['admin'] }))?.roles).toEqual([]);
    expect((await read({}, { roles }))?.roles).toEqual([]);
  });

  test('why a token is refused is told, and nothing of the token', async () => {
    const told: string[] = [];
    const verify = createSessionVerifier(rules({ SESSION_AUTHORIZED_PARTIES: 'web' }), localKeys(rsa), now, (rule) =>
      told.push(rule),
    );
    for (const more of [
      { iss: 'x' },
      { exp: 1 },
      { aud: 'x' },
      { azp: 'x' },
      { sub: '' },
      { tenant: '' },
      { events: {} },
    ]) {
      await verify(token({ ...good, ...more }, { alg: 'RS256' }, rsa));
    }
    await verify('x');
    await verify(`${token(good, { alg: 'RS256' }, rsa)}x`);
    expect(told).toEqual(['iss', 'exp', 'aud', 'azp', 'user', 'tenant', 'events', 'header', 'signature']);
  });
});
