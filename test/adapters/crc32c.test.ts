import { describe, expect, test } from '@jest/globals';
import { crc32c } from '../../functions/adapters/crc32c.ts';

/** RFC 3720 appendix B.4 (least significant byte first there), and the customary check value of "123456789". */
const published: [string, Uint8Array, number][] = [
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes incrementing', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['32 bytes decrementing', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  [
    'an iSCSI read command',
    Buffer.from(
      '01c00000000000000000000000000000140000000000040000000014000000182800000000000000020000000000' + '0000',
      'hex',
    ),
    0xd9963a56,
  ],
  ['"123456789"', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(), 0],
];

describe('CRC32C', () => {
  test.each(published)('of %s is the published value', (_, bytes, value) => {
    expect(crc32c(bytes)).toBe(value);
  });
});
