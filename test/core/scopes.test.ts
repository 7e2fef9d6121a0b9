import { describe, expect, test } from '@jest/globals';
import { googleCatalogue, microsoftCatalogue } from '../../functions/core/catalogue.ts';
import { choose, compatibleWith, hasExclusivePair, integrationsOf, scopesOf } from '../../functions/core/scopes.ts';

const google = (name: string) => `https://www.googleapis.com/auth/${name}`;

describe('the catalogue asks for what the integrations need and for nothing else', () => {
  test.each([
    ['C1 Microsoft mail', microsoftCatalogue, 'mail', ['Mail.ReadBasic']],
    ['C2 Microsoft calendar, reading', microsoftCatalogue, 'calendar', ['Calendars.Read.Shared']],
    [
      'C2 Microsoft calendar, writing',
      microsoftCatalogue,
      'calendar:write',
      ['Calendars.Read.Shared', 'Calendars.ReadWrite'],
    ],
    ['C3 Microsoft files, reading', microsoftCatalogue, 'files', ['Files.Read']],
    ['C3 Microsoft files, writing', microsoftCatalogue, 'files:write', ['Files.ReadWrite']],
    ['C4 Google mail, headers', googleCatalogue, 'mail', [google('gmail.settings.basic'), google('gmail.metadata')]],
    [
      'C4 Google mail, search',
      googleCatalogue,
      'mail:read',
      [google('gmail.settings.basic'), google('gmail.readonly')],
    ],
    ['C5 Google files, reading', googleCatalogue, 'files', [google('drive.readonly')]],
    ['C5 Google files, sharing', googleCatalogue, 'files:write', [google('drive')]],
    ['C6 Google calendar, reading', googleCatalogue, 'calendar', [google('calendar.readonly')]],
    ['C6 Google calendar, sharing', googleCatalogue, 'calendar:write', [google('calendar')]],
  ])('%s', (_, catalogue, integration, scopes) => {
    expect(scopesOf(catalogue, { integrations: [integration] })).toEqual(scopes);
  });

  test('what it does not know is not asked for', () => {
    expect(scopesOf(googleCatalogue, { integrations: ['files', 'photos'] })).toBeUndefined();
    expect(scopesOf(googleCatalogue, { integrations: ['files:admin'] })).toBeUndefined();
    expect(scopesOf(googleCatalogue, { integrations: ['constructor'] })).toBeUndefined();
    expect(scopesOf(microsoftCatalogue, { scopes: ['Files.Read', '.default'] })).toBeUndefined();
  });
});

describe('C4 metadata and readonly never meet in one grant', () => {
  const both = [google('gmail.metadata'), google('gmail.readonly')];
  test('they are told apart', () => {
    expect(hasExclusivePair(googleCatalogue, both)).toBe(true);
    expect(hasExclusivePair(googleCatalogue, [google('gmail.readonly'), google('drive')])).toBe(false);
  });
  test('a step from one to the other leaves the first behind, and nothing else', () => {
    const granted = [google('gmail.settings.basic'), google('gmail.metadata'), google('drive.readonly')];
    expect(compatibleWith(googleCatalogue, [google('gmail.readonly')], granted)).toEqual([
      google('gmail.settings.basic'),
      google('drive.readonly'),
    ]);
  });
});

describe('what is granted against what is wanted', () => {
  test('a higher level satisfies a lower one, with the scopes that are granted', () => {
    expect(choose(microsoftCatalogue, { integrations: ['files'] }, ['Files.ReadWrite'])).toEqual({
      use: ['Files.ReadWrite'],
      missing: [],
    });
  });
  test('C7 a lower level does not satisfy a higher one: what is missing is named', () => {
    expect(choose(microsoftCatalogue, { integrations: ['calendar:write'] }, ['Calendars.Read.Shared'])).toEqual({
      use: [],
      missing: ['Calendars.ReadWrite'],
    });
  });
  test('scopes are compared one by one', () => {
    expect(choose(microsoftCatalogue, { scopes: ['Files.Read', 'Mail.ReadBasic'] }, ['Files.Read'])).toEqual({
      use: ['Files.Read'],
      missing: ['Mail.ReadBasic'],
    });
  });
  test('integrations are named with their highest level', () => {
    expect(
      integrationsOf(googleCatalogue, [google('drive.readonly'), google('drive'), google('gmail.metadata')]),
    ).toEqual(['files:write']);
  });
});
