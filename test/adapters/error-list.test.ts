/** What an entry of PROVIDERS says of its provider's codes, and what is refused at start. */
import { describe, expect, test } from '@jest/globals';
import { exchangeFault, refreshAnswer } from '../../functions/adapters/error-list.ts';
import { googleErrors } from '../../functions/adapters/google/errors.ts';
import { microsoftErrors } from '../../functions/adapters/microsoft/errors.ts';
import { oidcErrors } from '../../functions/adapters/oidc/errors.ts';
import type { TokenCall } from '../../functions/adapters/token-endpoint.ts';
import { parseProviders } from '../../functions/config/providers.ts';

const lists = { microsoft: microsoftErrors(), google: googleErrors, oidc: oidcErrors } as const;
const kinds = Object.keys(lists) as (keyof typeof lists)[];
const callWith = (status: number, members: Record<string, unknown>) =>
  ({ answer: { kind: 'error', status, members, code: String(members.error) } }) as unknown as TokenCall;

const entry = (errors: unknown) =>
  JSON.stringify({ google: { kind: 'google', client_id: 'client', ...(errors === undefined ? {} : { errors }) } });
const configured = (errors: unknown) => parseProviders(entry(errors)).get('google')?.errors;

describe('codes that an entry of PROVIDERS names', () => {
  test.each(kinds)('mean at %s what the entry says, and the others what they meant', (kind) => {
    const errors = configured({
      dead_grant: ['unauthorized_client', 'invalid_request'],
      user_needed: ['invalid_grant'],
      organization_forbids: ['invalid_client'],
      operator_must_act: ['access_denied'],
    });
    const meaning = (error: string) => refreshAnswer(lists[kind], callWith(400, { error }), errors);
    expect(meaning('unauthorized_client')).toMatchObject({ kind: 'grant_dead' });
    expect(meaning('invalid_request')).toMatchObject({ kind: 'grant_dead' });
    expect(meaning('invalid_grant')).toMatchObject({ kind: 'user_needed' });
    expect(meaning('invalid_client')).toMatchObject({ kind: 'organization_forbids' });
    expect(meaning('access_denied')).toMatchObject({ kind: 'refused', needsOps: true });
    expect(meaning('login_required')).toMatchObject({ kind: 'user_needed' });
    expect(meaning('a_new_error')).toMatchObject({ kind: 'refused', needsOps: false, unlisted: true });
  });

  test.each([200, 400, 403, 429, 500, 503])('are read with status %i', (status) => {
    const errors = configured({ dead_grant: ['unauthorized_client'] });
    const { kind } = refreshAnswer(lists.oidc, callWith(status, { error: 'unauthorized_client' }), errors);
    expect(kind).toBe('grant_dead');
  });

  test('may be spelt in any way; free text is never logged', () => {
    const errors = configured({ dead_grant: ['E-1024.Gone'] });
    const answer = (error: string) => refreshAnswer(lists.oidc, callWith(400, { error }), errors);
    expect(answer('E-1024.Gone')).toEqual({ kind: 'grant_dead', code: 'E-1024.Gone' });
    expect(answer('E 1024, other words')).toMatchObject({ kind: 'refused', unlisted: true, code: 'unknown_error' });
  });

  test('may be finer than `error`, or numbers of Entra', () => {
    const errors = configured({ dead_grant: ['AADSTS50057', 'invalid_grant/user_disabled'] });
    const disabled = { error: 'invalid_grant', error_codes: [50057] };
    expect(refreshAnswer(lists.microsoft, callWith(400, disabled), errors)).toMatchObject({ kind: 'grant_dead' });
    const text = { error: 'invalid_grant', error_description: 'User disabled' };
    expect(refreshAnswer(lists.oidc, callWith(400, text), errors)).toMatchObject({ kind: 'grant_dead' });
    expect(refreshAnswer(lists.oidc, callWith(400, text))).toMatchObject({ kind: 'organization_forbids' });
  });

  test('mean the same at an exchange: what is dead or wants the user is a code that does not fit', () => {
    const errors = configured({
      dead_grant: ['gone'],
      organization_forbids: ['blocked'],
      operator_must_act: ['broken'],
    });
    const fault = (error: string) => exchangeFault(lists.oidc, callWith(400, { error }), errors);
    expect(fault('gone')).toMatchObject({ kind: 'code_refused' });
    expect(fault('blocked')).toMatchObject({ kind: 'organization_forbids' });
    expect(fault('not_allowed')).toMatchObject({ kind: 'organization_forbids' });
    expect(fault('broken')).toMatchObject({ kind: 'refused', needsOps: true });
    expect(fault('a_new_error')).toMatchObject({ kind: 'refused', unlisted: true });
  });
});

describe('an entry of PROVIDERS', () => {
  test('without errors has none', () => {
    expect(configured(undefined)).toBeUndefined();
    expect(configured({})).toEqual(new Map());
  });

  test.each([
    ['no object', [], /^google\.errors is no object/],
    ['an unknown class', { dead: ['x'] }, /^google\.errors\.dead is unknown: use dead_grant, user_needed/],
    ['no list', { dead_grant: 'x' }, /^google\.errors\.dead_grant must be a list of error codes/],
    ['an empty list', { dead_grant: [] }, /^google\.errors\.dead_grant must be a list/],
    ['a text that is no code', { user_needed: ['Token was revoked'] }, /^google\.errors\.user_needed must be a list/],
    ['a number', { user_needed: [190] }, /^google\.errors\.user_needed must be a list/],
    [
      'one code in two classes',
      { dead_grant: ['a', 'b'], user_needed: ['b'] },
      /^google\.errors has one code in dead_grant and in user_needed/,
    ],
  ])('is refused with %s', (_name, errors, message) => {
    expect(() => parseProviders(entry(errors))).toThrow(message);
  });

  test('may have it at every kind of provider', () => {
    const errors = { dead_grant: ['gone'] };
    const integrations = { notes: { read: ['a'] } };
    const providers = parseProviders(
      JSON.stringify({
        microsoft: { kind: 'microsoft', client_id: 'c', errors },
        google: { kind: 'google', client_id: 'c', errors },
        one: { kind: 'oidc', client_id: 'c', issuer: 'https://id.example', integrations, errors },
        two: {
          kind: 'oauth2',
          client_id: 'c',
          issuer: 'https://id.example',
          pkce: 'S256',
          endpoints: { authorization: 'https://id.example/a', token: 'https://id.example/t' },
          integrations,
          errors,
        },
      }),
    );
    for (const provider of providers.values()) expect(provider.errors).toEqual(new Map([['gone', 'dead_grant']]));
  });
});

test.each(kinds)('%s has no code in two classes, and no AADSTS number that ends a connection', (kind) => {
  const { classes } = lists[kind];
  const all = Object.values(classes).flat();
  expect(all.filter((code, index) => all.indexOf(code) !== index)).toEqual([]);
  expect(classes.dead_grant?.filter((code) => code.startsWith('AADSTS'))).toEqual([]);
});
