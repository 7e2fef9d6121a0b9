/** Spellings of token answers that servers of products send, beside those of the zoo. */
import { describe, expect, test } from '@jest/globals';
import { cameAlong, errorIn, isBearer, membersOf } from '../../shared/token-answer.ts';

const TOKENS = '{"access_token":"access","refresh_token":"refresh"}';
const read = (text: string) => membersOf(Buffer.from(text));

describe('tokens', () => {
  test.each([
    ['in `result`', `{"result":${TOKENS}}`],
    ['in `response`', `{"response":${TOKENS}}`],
    ['in `token`', `{"token":${TOKENS}}`],
    ['in `tokens`', `{"tokens":${TOKENS}}`],
    ['behind while(1)', `while(1);${TOKENS}`],
    ['behind for(;;)', `for (;;);${TOKENS}`],
  ])('%s', (_, text) => {
    const members = read(text);
    expect(members).toMatchObject({ access_token: 'access' });
    expect(cameAlong(members)).toBe('refresh');
  });

  test('a refresh token alone in a wrapper is rescued', () => {
    expect(cameAlong(read('{"result":{"refresh_token":"refresh"}}'))).toBe('refresh');
  });

  test('S48 Bearer in any case, or no type; every other type is refused', () => {
    for (const type of ['Bearer', 'BEARER', ' bearer ', '', null, undefined]) {
      expect(isBearer({ token_type: type })).toBe(true);
    }
    for (const type of ['BearerToken', 'Bearer Token', 'bearer_token', 'mac', 'DPoP', 'N_A', 'bearer,mac', 5])
      expect(isBearer({ token_type: type })).toBe(false);
  });
});

describe('errors', () => {
  test.each([
    [{ error: true, error_code: 'invalid_grant' }, 'invalid_grant'],
    [{ error: 'true', code: 'invalid_grant' }, 'invalid_grant'],
    [{ error: 1, errcode: 40_029 }, '40029'],
    [{ error: true }, 'unknown_error'],
    [{ error: false, access_token: 'access' }, undefined],
  ])('%j', (members, code) => expect(errorIn(members)).toBe(code));
});
