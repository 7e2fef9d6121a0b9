import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { joseSignature } from '../../functions/adapters/ecdsa.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const input = Buffer.from('input');
const der = () => sign('sha256', input, privateKey);

const integer = (...bytes: number[]) => [0x02, bytes.length, ...bytes];
const sequence = (...parts: number[][]) => Uint8Array.from([0x30, parts.flat().length, ...parts.flat()]);

describe('signatures from ASN.1 to JOSE', () => {
  test('what was a good signature still is, whatever the lengths of its numbers', () => {
    // One in 256 has a number that is a byte shorter.
    const lengths = new Set<number>();
    for (let round = 0; round < 1_000; round++) {
      const signature = der();
      lengths.add(signature.length);
      const jose = joseSignature(signature);
      expect(jose).toHaveLength(64);
      expect(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, jose ?? Buffer.alloc(0))).toBe(
        true,
      );
    }
    expect(lengths.size).toBeGreaterThan(2);
  });

  test('small numbers are padded on the left', () => {
    const jose = joseSignature(sequence(integer(1), integer(0x00, 0x80))) ?? new Uint8Array();
    expect([...jose].flatMap((byte, at) => (byte ? [[at, byte]] : []))).toEqual([
      [31, 1],
      [63, 0x80],
    ]);
  });

  const long = [0x01, ...Array<number>(32).fill(0)];
  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['no sequence', Uint8Array.from([0x31, 6, ...integer(1), ...integer(1)])],
    ['a length that is not its own', Uint8Array.from([0x30, 7, ...integer(1), ...integer(1)])],
    ['a long form of the length', Uint8Array.from([0x30, 0x81, 6, ...integer(1), ...integer(1)])],
    ['one number', sequence(integer(1))],
    ['three numbers', sequence(integer(1), integer(1), integer(1))],
    ['an empty number', sequence(integer(), integer(1))],
    ['a negative number', sequence(integer(0x80), integer(1))],
    ['a number with a zero too many', sequence(integer(0, 1), integer(1))],
    ['a number of 33 bytes', sequence(integer(...long), integer(1))],
    ['a number that is cut off', Uint8Array.from([0x30, 4, 0x02, 1, 1, 0x02])],
    ['text in the place of a number', Uint8Array.from([0x30, 6, ...integer(1), 0x0c, 1, 1])],
  ])('%s is no signature', (_name, bytes) => {
    expect(joseSignature(bytes)).toBeUndefined();
  });
});
