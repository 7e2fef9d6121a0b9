import { describe, expect, test } from '@jest/globals';
import { decodeClaims, encodeClaims } from '../../functions/core/claims.ts';

describe('S50 a claims challenge', () => {
  test('S50 is base64url of a JSON object', () => {
    const challenge = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';
    expect(decodeClaims(encodeClaims(challenge))).toBe(challenge);
    expect(decodeClaims(`${Buffer.from(challenge).toString('base64url')}==`)).toBe(challenge);
  });
  test.each([
    ['no base64url', '{"a":1}'],
    ['base64 with other characters', 'a+b/'],
    ['no JSON', encodeClaims('{')],
    ['an array', encodeClaims('[]')],
    ['null', encodeClaims('null')],
    ['text', encodeClaims('"a"')],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')],
    ['nothing', ''],
    ['more than 2 KiB', encodeClaims(JSON.stringify({ a: 'x'.repeat(2048) }))],
  ])('S50 %s is none', (_, encoded) => {
    expect(decodeClaims(encoded)).toBeUndefined();
  });
});
