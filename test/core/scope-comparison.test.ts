/** One module compares scopes for the functions, the SDK and the pages: the same question gets the same answer from each. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askFor, carried, missingOf, integrationsOf as opens } from '../../client/src/browser-only/offers.ts';
import type { ProviderOffer } from '../../client/src/contract.ts';
import { type Catalogue, googleCatalogue, microsoftCatalogue } from '../../functions/core/catalogue.ts';
import { offer } from '../../functions/core/offer.ts';
import { allowedCatalogue } from '../../functions/core/policy.ts';
import type { Policy } from '../../functions/core/policy-form.ts';
import type { ProviderProfile } from '../../functions/core/provider.ts';
import {
  choose,
  grantedOf,
  hasExclusivePair,
  integrationsOf,
  missingAfter,
  offeredOf,
  scopesOf,
  toKeep,
  without,
} from '../../functions/core/scopes.ts';

const google = (name: string) => `https://www.googleapis.com/auth/${name}`;
const oidcCatalogue: Catalogue = {
  kind: 'oidc',
  integrations: {
    notes: { read: ['notes.read'], write: ['notes.read', 'notes.write'] },
    people: { read: ['profile', 'constructor'] },
  },
  wider: { 'notes.read': ['notes.all'], 'notes.write': ['notes.all'] },
};
const CATALOGUES = { microsoft: microsoftCatalogue, google: googleCatalogue, oidc: oidcCatalogue };
const offerOf = (catalogue: Catalogue): ProviderOffer => ({
  provider: 'any',
  flow: 'implicit',
  ...(offeredOf(catalogue) as Pick<ProviderOffer, 'kind' | 'integrations' | 'wider_scopes'>),
});

const GRAPH = [
  '',
  'https://graph.microsoft.com/',
  'https://graph.microsoft.com//',
  'HTTPS://Graph.Microsoft.com/',
  'https://graph.microsoft.us/',
  'https://dod-graph.microsoft.us/',
  'https://microsoftgraph.chinacloudapi.cn/',
  '00000003-0000-0000-c000-000000000000/',
];

describe('one scope in several spellings', () => {
  test.each(GRAPH)('Microsoft: %j before a Graph scope, in any case', (prefix) => {
    const answered = [`${prefix}Files.Read`, 'openid', `${prefix}mail.READBASIC`, 'profile', `${prefix}User.Read`];
    expect(grantedOf(microsoftCatalogue, answered)).toEqual(['Files.Read', 'Mail.ReadBasic', 'User.Read']);
    expect(integrationsOf(microsoftCatalogue, answered)).toEqual(['mail:read', 'files:read']);
    // A caller may spell as the provider does; what is asked for has one spelling.
    expect(scopesOf(microsoftCatalogue, { scopes: [`${prefix}files.read`, `${prefix}Files.Read`] })).toEqual([
      'Files.Read',
    ]);
    expect(scopesOf(microsoftCatalogue, { scopes: [`${prefix}.default`] })).toBeUndefined();
  });

  test.each([
    'https://outlook.office.com/Files.Read',
    'https://graph.microsoft.com.evil.example/Files.Read',
    'https://evil.example/https://graph.microsoft.com/Files.Read',
    'http://graph.microsoft.com/Files.Read',
    'Files.Read/',
  ])('another resource is another scope: %s', (scope) => {
    expect(integrationsOf(microsoftCatalogue, [scope])).toEqual([]);
    expect(choose(microsoftCatalogue, { integrations: ['files'] }, [scope])).toEqual({
      use: [],
      missing: ['Files.Read'],
    });
  });

  test('Google: the aliases of email and profile are identity scopes, and everything else is exact', () => {
    const answered = [
      'email',
      google('userinfo.email'),
      'profile',
      google('userinfo.profile'),
      'openid',
      google('drive'),
    ];
    expect(grantedOf(googleCatalogue, answered)).toEqual([google('drive')]);
    expect(integrationsOf(googleCatalogue, [google('Drive'), `${google('drive')}/`, 'drive'])).toEqual([]);
  });

  test('elsewhere scopes are exact, and a scope that an integration names is not an identity scope', () => {
    expect(grantedOf(oidcCatalogue, ['openid', 'profile', 'constructor', 'Notes.Read'])).toEqual([
      'profile',
      'constructor',
      'Notes.Read',
    ]);
    expect(integrationsOf(oidcCatalogue, ['profile', 'constructor', 'Notes.Read'])).toEqual(['people:read']);
  });
});

describe('a wider scope serves a narrower wish', () => {
  test.each([
    [microsoftCatalogue, 'files', 'Files.ReadWrite'],
    [microsoftCatalogue, 'files', 'Files.Read.All'],
    [microsoftCatalogue, 'files:write', 'Files.ReadWrite.All'],
    [microsoftCatalogue, 'mail', 'Mail.Read'],
    [microsoftCatalogue, 'mail', 'Mail.ReadWrite'],
    [microsoftCatalogue, 'calendar', 'Calendars.Read'],
    [microsoftCatalogue, 'calendar', 'Calendars.ReadWrite'],
    [microsoftCatalogue, 'calendar:write', 'Calendars.ReadWrite.Shared'],
    [googleCatalogue, 'files', google('drive')],
    [googleCatalogue, 'calendar', google('calendar')],
    [oidcCatalogue, 'notes:write', 'notes.all'],
  ])('%# %s is served, and the scope that was granted is used', (catalogue, integration, scope) => {
    const wanted = { integrations: [integration] };
    expect(choose(catalogue, wanted, [scope])).toEqual({ use: [scope], missing: [] });
    expect(missingAfter(catalogue, scopesOf(catalogue, wanted) ?? [], [scope])).toEqual([]);
  });

  test.each([
    [microsoftCatalogue, 'files:write', 'Files.Read.All'],
    [microsoftCatalogue, 'mail', 'Mail.Send'],
    [microsoftCatalogue, 'calendar', 'Calendars.ReadBasic'],
    [googleCatalogue, 'files', google('drive.file')],
    [googleCatalogue, 'files', google('drive.metadata.readonly')],
    [oidcCatalogue, 'notes', 'notes'],
  ])('%# and nothing else is: %s', (catalogue, integration, scope) => {
    expect(choose(catalogue, { integrations: [integration] }, [scope])?.use).toEqual([]);
  });

  test('C4 what includes gmail.readonly reads mail, and never meets gmail.metadata', () => {
    for (const scope of [google('gmail.modify'), 'https://mail.google.com/']) {
      const granted = [google('gmail.settings.basic'), scope];
      expect(integrationsOf(googleCatalogue, granted)).toEqual(['mail:read']);
      expect(hasExclusivePair(googleCatalogue, [google('gmail.metadata'), scope])).toBe(true);
      expect(integrationsOf(googleCatalogue, [...granted.slice(1)])).toEqual([]);
      // Nobody asks for the wider one: for the scope that it stood in for.
      expect(toKeep(googleCatalogue, granted)).toEqual([google('gmail.settings.basic'), google('gmail.readonly')]);
      expect(without(googleCatalogue, 'mail', [...granted, google('drive')])).toEqual([google('drive')]);
    }
  });

  test('the narrowest that was granted is used', () => {
    const granted = ['Files.ReadWrite.All', 'Files.Read.All', 'Files.ReadWrite'];
    expect(choose(microsoftCatalogue, { scopes: ['Files.Read'] }, granted)?.use).toEqual(['Files.ReadWrite']);
    expect(choose(microsoftCatalogue, { scopes: ['Files.Read'] }, [...granted, 'files.read'])?.use).toEqual([
      'Files.Read',
    ]);
  });
});

describe('a personal Microsoft account has no Calendars.Read.Shared', () => {
  const asked = ['Calendars.Read.Shared', 'Calendars.ReadWrite'];

  test('Calendars.ReadWrite alone opens reading and writing, and nothing is missing', () => {
    expect(integrationsOf(microsoftCatalogue, ['Calendars.ReadWrite'])).toEqual(['calendar:write']);
    expect(missingAfter(microsoftCatalogue, asked, ['Calendars.ReadWrite'])).toEqual([]);
    for (const integration of ['calendar', 'calendar:read', 'calendar:write']) {
      expect(choose(microsoftCatalogue, { integrations: [integration] }, ['Calendars.ReadWrite'])).toEqual({
        use: ['Calendars.ReadWrite'],
        missing: [],
      });
    }
  });

  test('where nothing came, the scope that such an account has is missing, and is asked for next', () => {
    expect(missingAfter(microsoftCatalogue, ['Calendars.Read.Shared'], [])).toEqual(['Calendars.Read']);
    const wanted = { integrations: ['calendar'] };
    expect(scopesOf(microsoftCatalogue, wanted)).toEqual(['Calendars.Read.Shared']);
    expect(scopesOf(microsoftCatalogue, wanted, ['Calendars.Read.Shared'])).toEqual(['Calendars.Read']);
    expect(askFor(offerOf(microsoftCatalogue), wanted, [], ['Calendars.Read.Shared'])).toEqual(['Calendars.Read']);
    expect(missingAfter(microsoftCatalogue, ['Calendars.Read'], ['Calendars.Read'])).toEqual([]);
  });
});

describe('what the organization switched off', () => {
  const profileOf = (kind: 'microsoft' | 'google'): ProviderProfile => ({
    name: kind,
    kind,
    flows: ['authorization_code', 'implicit'],
    catalogue: CATALOGUES[kind],
    stepwise: 'provider_adds',
  });
  const readOnly = (kind: string, integration: string): Policy => ({
    providers: { [kind]: { flow: 'implicit', integrations: { [integration]: { read_only: true } } } },
  });

  test.each([
    ['microsoft', 'files', 'Files.ReadWrite', 'Files.Read'],
    ['microsoft', 'files', 'Files.ReadWrite.All', 'Files.Read'],
    ['microsoft', 'calendar', 'Calendars.ReadWrite', 'Calendars.Read.Shared'],
    ['microsoft', 'mail', 'Mail.ReadWrite', 'Mail.ReadBasic'],
    ['google', 'files', google('drive'), google('drive.readonly')],
  ] as const)('S45 a scope that writes serves no read-only integration: %s %s', (kind, integration, scope, needed) => {
    const catalogue = allowedCatalogue(readOnly(kind, integration), profileOf(kind));
    expect(choose(catalogue, { integrations: [integration] }, [scope])).toEqual({ use: [], missing: [needed] });
  });

  test('S45 a front end is told of no scope that opens it', async () => {
    const told = async (policy: Policy) => {
      const { providers } = await offer(
        {
          policies: { policy: async () => ({ policy, readAt: 0 }) },
          providers: [
            {
              profile: profileOf('microsoft'),
              clients: {
                browser: async () => ({ clientId: 'client-1', authorizationEndpoint: 'https://provider.example/' }),
                native: async () => undefined,
              },
            },
          ],
          observe: () => {},
        },
        'org-1',
      );
      return providers[0]?.wider['Files.Read'];
    };
    expect(await told(readOnly('microsoft', 'mail'))).toEqual([
      'Files.ReadWrite',
      'Files.Read.All',
      'Files.ReadWrite.All',
    ]);
    expect(await told(readOnly('microsoft', 'files'))).toEqual(['Files.Read.All']);
  });
});

describe('the functions and the SDK agree', () => {
  const respelled = (kind: keyof typeof CATALOGUES, scope: string) =>
    kind === 'microsoft'
      ? fc
          .tuple(fc.constantFrom(...GRAPH), fc.constantFrom('toLowerCase', 'toUpperCase', 'toString'))
          .map(([prefix, change]) => prefix + scope[change as 'toString']())
      : fc.constant(scope);

  test.each(Object.keys(CATALOGUES) as (keyof typeof CATALOGUES)[])(
    'on any grant of %s, in any spelling and order',
    (kind) => {
      const catalogue = CATALOGUES[kind];
      const offered = offerOf(catalogue);
      const all = [
        ...Object.values(catalogue.integrations).flatMap((levels) => Object.values(levels).flat()),
        ...Object.values(catalogue.wider ?? {}).flat(),
        'openid',
        'email',
        'Something.Else',
      ];
      const references = Object.entries(catalogue.integrations).flatMap(([name, levels]) => [
        name,
        ...Object.keys(levels).map((level) => `${name}:${level}`),
      ]);
      fc.assert(
        fc.property(
          fc.subarray(all).chain((granted) =>
            fc.tuple(
              fc.constant(granted),
              fc
                .tuple(...granted.map((scope) => respelled(kind, scope)))
                .chain((spelled) => fc.shuffledSubarray(spelled, { minLength: spelled.length })),
            ),
          ),
          fc.subarray(references, { minLength: 1 }),
          ([granted, answered], integrations) => {
            const wanted = { integrations };
            const stored = grantedOf(catalogue, answered);
            // One spelling, whatever came; and a record that was stored as it came compares the same.
            const known = (scopes: readonly string[]) =>
              new Set(scopes.filter((scope) => all.slice(0, -1).includes(scope)));
            expect(known(stored)).toEqual(known(grantedOf(catalogue, granted)));
            expect(integrationsOf(catalogue, answered)).toEqual(integrationsOf(catalogue, stored));
            const chosen = choose(catalogue, wanted, stored);
            expect(choose(catalogue, wanted, answered)).toEqual(chosen);
            // The SDK: the same integrations, the same as missing.
            const kept = carried(offered, [], answered);
            expect(opens(offered, kept)).toEqual(integrationsOf(catalogue, stored));
            expect(missingOf(offered, wanted, kept)).toEqual(chosen?.missing);
            // A refresh asks for nothing that the grant does not have.
            expect(chosen?.use.filter((scope) => !stored.includes(scope))).toEqual([]);
            // Asking for what the SDK would ask for opens what was wanted, and keeps what was open.
            const asked = askFor(offered, wanted, kept) ?? [];
            expect(missingOf(offered, wanted, asked)).toEqual([]);
          },
        ),
        { numRuns: 300, seed: 12 },
      );
    },
  );
});
