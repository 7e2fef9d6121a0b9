import { describe, expect, test } from '@jest/globals';
import { readIdToken } from '../../functions/adapters/id-token.ts';
import { idToken } from '../support/stub-provider.ts';

const NOW = 1_800_000_000;
const expected = {
  clientId: 'client-1',
  nonce: 'n',
  issuedBy: (issuer: string) => issuer === 'https://issuer.example',
};
const claims = { iss: 'https://issuer.example', aud: 'client-1', sub: 'one', nonce: 'n', iat: NOW, exp: NOW + 300 };
const read = (more: Record<string, unknown> = {}, header?: object) =>
  readIdToken(idToken({ ...claims, ...more }, header), expected, NOW);

describe('id_token', () => {
  test('what fits is read', () => {
    expect(read()).toEqual({ kind: 'claims', issuer: claims.iss, subject: 'one', claims });
    expect(read({ aud: ['client-1'] })).toHaveProperty('kind', 'claims');
    expect(read({ aud: ['client-1', 'other'], azp: 'client-1' })).toHaveProperty('kind', 'claims');
  });

  test('S32 exp, nbf and iat have a tolerance of a minute', () => {
    for (const fits of [{ exp: NOW - 59 }, { nbf: NOW + 59 }, { iat: NOW + 59 }]) {
      expect(read(fits)).toHaveProperty('kind', 'claims');
    }
    expect(read({ exp: NOW - 61 })).toEqual({ kind: 'unusable', code: 'id_token_exp' });
    expect(read({ nbf: NOW + 61 })).toEqual({ kind: 'unusable', code: 'id_token_nbf' });
    expect(read({ iat: NOW + 61 })).toEqual({ kind: 'unusable', code: 'id_token_iat' });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a list of issuers', { iss: [claims.iss] }, 'id_token_iss'],
    ['a longer issuer', { iss: `${claims.iss}.evil.example` }, 'id_token_iss'],
    ['no issuer', { iss: undefined }, 'id_token_iss'],
    ['another audience', { aud: ['other'] }, 'id_token_aud'],
    ['no audience', { aud: undefined }, 'id_token_aud'],
    ['several audiences and no authorized party', { aud: ['client-1', 'other'] }, 'id_token_azp'],
    ['another authorized party', { azp: 'other' }, 'id_token_azp'],
    ['an expiry as text', { exp: String(NOW + 300) }, 'id_token_exp'],
    ['no time of issue', { iat: undefined }, 'id_token_iat'],
    ['no subject', { sub: '' }, 'id_token_sub'],
  ])('S30 %s is refused', (_name, more, code) => {
    expect(read(more)).toEqual({ kind: 'unusable', code });
  });

  test('a missing or foreign nonce is a code that does not fit', () => {
    expect(read({ nonce: undefined })).toEqual({ kind: 'code_refused', code: 'id_token_nonce' });
    expect(read({ nonce: ['n'] })).toEqual({ kind: 'code_refused', code: 'id_token_nonce' });
  });

  test('S29 what is no signed JWT is refused', () => {
    const malformed = { kind: 'unusable', code: 'id_token_malformed' };
    expect(read({}, { alg: 'none' })).toEqual(malformed);
    const good = idToken(claims);
    for (const text of ['x', 'a.b.c', good.replace(/\.[^.]*$/, ''), `${good}.more`, `..${good}`]) {
      expect(readIdToken(text, expected, NOW)).toEqual(malformed);
    }
    expect(readIdToken(undefined, expected, NOW)).toEqual({ kind: 'unusable', code: 'id_token_missing' });
    expect(readIdToken(42, expected, NOW)).toEqual({ kind: 'unusable', code: 'id_token_missing' });
  });
});
