import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ConnectionKey } from '../../functions/core/connection.ts';
import { dataKeyPlace, decrypt, encrypt, newDataKey, open, seal, tokenPlace } from '../../functions/core/envelope.ts';
import { IntegrityError } from '../../functions/core/errors.ts';

const vectors: { tests: Record<'tcId' | 'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag' | 'result', string>[] } =
  JSON.parse(readFileSync(new URL('../vectors/aes-256-gcm.json', import.meta.url), 'utf8'));
const hex = (text: string) => Buffer.from(text, 'hex');

describe('S52 AES-256-GCM against the Wycheproof vectors', () => {
  test('there are valid and invalid ones', () => {
    expect(vectors.tests.filter(({ result }) => result === 'valid')).toHaveLength(39);
    expect(vectors.tests.filter(({ result }) => result === 'invalid')).toHaveLength(27);
  });

  test.each(vectors.tests.map((each) => [each.tcId, each] as const))('S52 vector %s', (_, vector) => {
    const [key, iv, aad, msg, ct, tag] = [vector.key, vector.iv, vector.aad, vector.msg, vector.ct, vector.tag].map(
      hex,
    );
    if (!key || !iv || !aad || !msg || !ct || !tag) throw new Error('incomplete vector');
    const sealed = Buffer.concat([iv, ct, tag]);
    if (vector.result === 'valid') {
      expect(decrypt(key, sealed, aad)).toEqual(msg);
      expect(Buffer.from(encrypt(key, iv, msg, aad))).toEqual(sealed);
    } else {
      expect(() => decrypt(key, sealed, aad)).toThrow(IntegrityError);
    }
  });

  test('S52 the tag length is enforced: no shortened tag opens', () => {
    const key = newDataKey();
    const aad = Buffer.from('place');
    const sealed = seal(key, 'token', aad);
    for (let cut = 1; cut <= 16; cut++) expect(() => open(key, sealed.subarray(0, -cut), aad)).toThrow(IntegrityError);
  });
});

describe('S41 a sealed token opens in its own place only', () => {
  const home: ConnectionKey = { tenant: 'org-1', user: 'user-1', provider: 'google' };
  const key = newDataKey();
  const sealed = seal(key, 'refresh token', tokenPlace(home, 'life', 3));

  test('S41 at home it opens', () => {
    expect(open(key, sealed, tokenPlace(home, 'life', 3))).toBe('refresh token');
  });

  test.each([
    ['tenant', tokenPlace({ ...home, tenant: 'org-2' }, 'life', 3)],
    ['user', tokenPlace({ ...home, user: 'user-2' }, 'life', 3)],
    ['provider', tokenPlace({ ...home, provider: 'microsoft' }, 'life', 3)],
    ['life', tokenPlace(home, 'other life', 3)],
    ['revision', tokenPlace(home, 'life', 4)],
    ['kind', dataKeyPlace(home, 'life')],
  ])('S41 moved to another %s it does not', (_, place) => {
    expect(() => open(key, sealed, place)).toThrow(IntegrityError);
  });

  test('S41 any flipped bit is seen', () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Uint8Array.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => open(key, altered, tokenPlace(home, 'life', 3))).toThrow(IntegrityError);
    }
  });

  test('the parts of a place cannot be shifted into each other', () => {
    const one = tokenPlace({ tenant: 'a', user: 'b","c', provider: 'p' }, 'life', 1);
    const other = tokenPlace({ tenant: 'a","b', user: 'c', provider: 'p' }, 'life', 1);
    expect(Buffer.from(one).equals(other)).toBe(false);
  });

  test('two seals of one token share no nonce', () => {
    const nonces = Array.from({ length: 64 }, () => Buffer.from(seal(key, 'x', key)).toString('hex', 0, 12));
    expect(new Set(nonces).size).toBe(64);
  });
});
