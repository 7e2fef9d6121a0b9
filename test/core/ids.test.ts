/** Any text may be an id, two texts are never one, and no name is an object's own member. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connectionPlace, organizationId } from '../../functions/adapters/firestore/documents.ts';
import { directoryOrganizations } from '../../functions/config/directory.ts';
import { parseProviders } from '../../functions/config/providers.ts';
import { isSubject, userKey } from '../../functions/core/identity.ts';

const odd = [
  '__x__',
  'a/b',
  '\u0000',
  ' a',
  'a',
  'a ',
  'A',
  'é',
  'e\u0301',
  '\u212b',
  'Å',
  'constructor',
  '__proto__',
  '%2e',
  '...',
  '名'.repeat(256),
];
const id = fc
  .oneof(
    fc.constantFrom(...odd),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }),
    fc.string({
      unit: fc.constantFrom('\u0000', '/', '.', '_', '%', '名', '😀', 'é', '"', '\\'),
      minLength: 1,
      maxLength: 128,
    }),
  )
  .filter(isSubject);

test('S40 every id is the name of a document that the database takes, and two are never one', () => {
  fc.assert(
    fc.property(id, id, (one, other) => {
      for (const tenant of [one, other]) {
        const name = organizationId(tenant);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(1_500);
        expect(name).not.toMatch(/\/|^\.{1,2}$|^__.*__$/);
      }
      expect(organizationId(one) === organizationId(other)).toBe(one === other);
      const places = [
        connectionPlace({ tenant: one, user: other, provider: 'p' }),
        connectionPlace({ tenant: other, user: one, provider: 'p' }),
      ].map(String);
      expect(places[0] === places[1]).toBe(one === other);
      expect(userKey('i', { tenant: one, user: other }) === userKey('i', { tenant: other, user: one })).toBe(
        one === other,
      );
    }),
    { numRuns: 500 },
  );
});

test('an organization keeps the readable name that it has', () => {
  expect(organizationId('org-1')).toBe('org-org-1');
  expect(organizationId('Bücher & Co')).toBe('org-B%C3%BCcher%20%26%20Co');
  expect(organizationId('名'.repeat(256))).toMatch(/^long-[\w-]{43}$/);
});

test.each(['', '.', '..', '\ud800', 'a\udc00', 'x'.repeat(257), 1, null, undefined, ['a'], {}])(
  '%j is no id',
  (value) => {
    expect(isSubject(value)).toBe(false);
  },
);
test.each(odd)('%j is one', (value) => {
  expect(isSubject(value)).toBe(true);
});

describe('S49 names that every object has', () => {
  const provider = {
    kind: 'oidc',
    issuer: 'https://i.example',
    client_id: 'c',
    integrations: { notes: { read: ['r'] } },
  };
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])('%s is no provider', (name) => {
    expect(() => parseProviders(`{"${name}":${JSON.stringify(provider)}}`)).toThrow(/name/);
  });
  test('nor an integration, nor a level', () => {
    for (const integrations of ['{"constructor":{"read":["r"]}}', '{"notes":{"constructor":["r"]}}']) {
      const text = JSON.stringify({ notes: { ...provider, integrations: 0 } }).replace(
        '"integrations":0',
        `"integrations":${integrations}`,
      );
      expect(() => parseProviders(text)).toThrow(/has a name that is not short/);
    }
  });
  test.each(['.', '..'])('%s is no organization with a directory', (name) => {
    const { parse } = directoryOrganizations;
    expect(() => parse(JSON.stringify({ [name]: { administrator: 'a@b.example' } }))).toThrow(/organization id/);
    expect(parse(JSON.stringify({ [`${name}x`]: { administrator: 'a@b.example' } })).size).toBe(1);
  });
});
