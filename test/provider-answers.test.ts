/** docs/provider-answers.md says what codes mean: the code that reads answers has to agree, row by row. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type ErrorList, refreshAnswer } from '../functions/adapters/error-list.ts';
import { googleErrors } from '../functions/adapters/google/errors.ts';
import { microsoftErrors } from '../functions/adapters/microsoft/errors.ts';
import { oidcErrors } from '../functions/adapters/oidc/errors.ts';
import type { TokenCall } from '../functions/adapters/token-endpoint.ts';
import type { Members } from '../shared/token-answer.ts';

const page = readFileSync(new URL('../docs/provider-answers.md', import.meta.url), 'utf8');
const section = page.slice(page.indexOf('## Token endpoints'), page.indexOf('## Rotation and revocation'));
const rows = section
  .split('\n')
  .filter((line) => /^\| .*`/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, provider = '', kind = '', code = '', meaning = '', , source = '']) => ({
    provider,
    kind,
    code: code.replaceAll('`', ''),
    meaning,
    source,
  }));

const LISTS: Readonly<Record<string, ErrorList>> = {
  // A multi-tenant registration: the usual one.
  microsoft: microsoftErrors({ authority: 'https://login.microsoftonline.com/organizations' }),
  google: googleErrors,
  oidc: oidcErrors,
  oauth2: oidcErrors,
};

/** As the provider sends it. */
const membersOf = (kind: string, code: string): Members => {
  const [error = '', finer] = code.split('/');
  if (/^AADSTS/.test(code)) return { error: 'unauthorized_client', error_codes: [Number(code.slice('AADSTS'.length))] };
  if (finer === undefined) return { error };
  if (kind === 'microsoft') return { error, suberror: finer };
  if (kind === 'google') return { error, error_subtype: finer };
  return { error, error_description: 'User disabled' };
};

const meaningOf = (kind: string, code: string): string => {
  const members = membersOf(kind, code);
  const answer: TokenCall['answer'] = { kind: 'error', status: 400, members, code: String(members.error) };
  const send = () => Promise.reject(new Error('nothing is sent'));
  const read = refreshAnswer(LISTS[kind] ?? oidcErrors, { send, answer });
  switch (read.kind) {
    case 'grant_dead':
      return 'dead_grant';
    case 'refused':
      if ('unlisted' in read && read.unlisted) return 'unlisted';
      return read.needsOps ? 'operator_must_act' : 'passing';
    default:
      return read.kind;
  }
};

test('the table has rows of every kind and every meaning', () => {
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(Object.keys(LISTS)));
  const meanings = ['dead_grant', 'user_needed', 'organization_forbids', 'operator_must_act', 'passing', 'unlisted'];
  expect(new Set(rows.map(({ meaning }) => meaning))).toEqual(new Set(meanings));
  expect(rows.filter(({ source }) => source === '')).toEqual([]);
});

test.each(rows)('$provider: $code means $meaning', ({ kind, code, meaning }) => {
  expect(meaningOf(kind, code)).toBe(meaning);
});
