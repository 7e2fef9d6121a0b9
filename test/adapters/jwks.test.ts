import { describe, expect, test } from '@jest/globals';
import { createSessionVerifier } from '../../functions/adapters/session.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import { earlyKeyEndpoint, type IssuerKey, jwkOf, key1, key2, keyEndpoint, NOW, token } from './tokens.ts';

const MINUTE = 60_000;

/** The whole verification, so that 401 (`undefined`) and 503 (`Unavailable`) are what the front end would get. */
const setUp = (...keys: IssuerKey[]) => verifying(keyEndpoint(...keys));

const verifying = ({ state, keySet }: ReturnType<typeof keyEndpoint>) => {
  const rules = { issuer: 'i', audience: 'a', claims: { user: 'sub', tenant: 'org', roles: 'roles' } };
  const verify = createSessionVerifier(rules, keySet, () => state.time);
  const session = (key: IssuerKey, header = {}) => {
    const seconds = Math.floor(state.time / 1000);
    return verify(token({ iss: 'i', aud: 'a', sub: 'user-1', org: 'org-1', exp: seconds + 300 }, header, key));
  };
  const outcome = (key: IssuerKey, header = {}) =>
    session(key, header).then(
      (identity) => (identity ? 200 : 401),
      (error) => (error instanceof Unavailable && error.upstream === 'identity_provider' ? 503 : 500),
    );
  return { state, session, outcome };
};

describe('S34 fetching', () => {
  test('keys are fetched once for ten minutes, and once for callers that overlap', async () => {
    const { state, outcome } = setUp(key1);
    expect(await Promise.all([outcome(key1), outcome(key1), outcome(key1)])).toEqual([200, 200, 200]);
    expect(state.fetches).toBe(1);
    state.time += 10 * MINUTE;
    expect(await outcome(key1)).toBe(200);
    expect(state.fetches).toBe(1);
    state.time += 1;
    expect(await Promise.all([outcome(key1), outcome(key1)])).toEqual([200, 200]);
    expect(state.fetches).toBe(2);
  });

  test('a token that cannot be good asks nobody', async () => {
    const { state, outcome } = setUp(key1);
    expect(await outcome(key1, { alg: 'none' })).toBe(401);
    expect(await outcome(key1, { alg: 'HS256' })).toBe(401);
    expect(await outcome(key1, { jku: 'https://evil.example' })).toBe(401);
    expect(await outcome(key1, { typ: 'at+jwt' })).toBe(401);
    expect(state.fetches).toBe(0);
  });

  test('S34 100 unknown kids make at most one fetch a minute', async () => {
    const { state, outcome } = setUp(key1);
    expect(await outcome(key1)).toBe(200);
    for (let i = 0; i < 100; i += 1) expect(await outcome(key2, { kid: `unknown-${i}` })).toBe(401);
    expect(state.fetches).toBe(1);
    state.time += MINUTE;
    const at = (i: number) => outcome(key2, { kid: `unknown-${i}` });
    expect(new Set(await Promise.all(Array.from({ length: 100 }, (_, i) => at(i))))).toEqual(new Set([401]));
    expect(state.fetches).toBe(2);
    expect(await outcome(key1)).toBe(200);
  });

  test('S34 100 unknown kids at the very start make one fetch', async () => {
    const { state, outcome } = setUp(key1);
    await Promise.all(Array.from({ length: 100 }, (_, i) => outcome(key2, { kid: `unknown-${i}` })));
    expect(state.fetches).toBe(1);
  });

  test('a new key is found when the minute is over', async () => {
    const { state, outcome } = setUp(key1);
    await outcome(key1);
    state.keys = [key1, key2];
    expect(await outcome(key2)).toBe(401);
    state.time += MINUTE;
    expect(await outcome(key2)).toBe(200);
    expect(state.fetches).toBe(2);
  });

  test('a key that was taken out is no longer good after the next fetch', async () => {
    const { state, outcome } = setUp(key1, key2);
    expect(await outcome(key2)).toBe(200);
    state.keys = [key1];
    state.time += 10 * MINUTE + 1;
    expect(await outcome(key2)).toBe(401);
  });
});

describe('S34 fetching early', () => {
  test('the first token and the start share one fetch', async () => {
    const { state, outcome } = verifying(earlyKeyEndpoint(false, key1));
    expect(await Promise.all([outcome(key1), outcome(key1)])).toEqual([200, 200]);
    expect(state.fetches).toBe(1);
  });

  test('an early fetch that failed does not make the first token wait five seconds', async () => {
    const { state, outcome } = verifying(earlyKeyEndpoint(true, key1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    state.down = false;
    expect(await outcome(key1)).toBe(200);
    expect(state.fetches).toBe(2);
  });
});

describe('S34 the endpoint is down', () => {
  test('S34 without any key: 503, tried again after five seconds', async () => {
    const { state, session, outcome } = setUp(key1);
    state.down = true;
    expect(await Promise.all([outcome(key1), outcome(key1)])).toEqual([503, 503]);
    expect(await outcome(key1)).toBe(503);
    expect(state.fetches).toBe(1);
    await expect(session(key1)).rejects.toMatchObject({ upstream: 'identity_provider', retryAfter: 5 });
    state.down = false;
    state.time += 4_999;
    expect(await outcome(key1)).toBe(503);
    state.time += 1;
    expect(await outcome(key1)).toBe(200);
    expect(state.fetches).toBe(2);
  });

  test('S34 kept keys go on being used for a day, and are asked for once a minute', async () => {
    const { state, outcome } = setUp(key1);
    await outcome(key1);
    state.down = true;
    state.time += 11 * MINUTE;
    for (let i = 0; i < 10; i += 1) expect(await outcome(key1)).toBe(200);
    expect(state.fetches).toBe(2);
    state.time = NOW * 1000 + 24 * 60 * MINUTE;
    expect(await outcome(key1)).toBe(200);
    state.time += 1;
    expect(await outcome(key1)).toBe(503);
    state.down = false;
    state.time += MINUTE;
    expect(await outcome(key1)).toBe(200);
  });

  test('S34 an unknown kid is 503 while nobody can look, and 401 while the last look was good', async () => {
    const { state, session, outcome } = setUp(key1);
    await outcome(key1);
    state.down = true;
    expect(await outcome(key2)).toBe(401);
    state.time += MINUTE;
    expect(await outcome(key2)).toBe(503);
    expect(await outcome(key2)).toBe(503);
    expect(await outcome(key1)).toBe(200);
    expect(state.fetches).toBe(2);
    state.time += 20_000;
    await expect(session(key2)).rejects.toMatchObject({ retryAfter: 40 });
    state.down = false;
    state.keys = [key1, key2];
    state.time += 40_000;
    expect(await outcome(key2)).toBe(200);
  });

  test.each(['', 'null', '[]', '{}', '{"keys":1}', '<html>', '{"keys":[null]'])(
    'the answer %j is none',
    async (answer) => {
      const { state, outcome } = setUp(key1);
      await outcome(key1);
      state.answer = answer;
      state.time += 11 * MINUTE;
      expect(await outcome(key1)).toBe(200);
      expect(await outcome(key2)).toBe(503);
    },
  );
});

test('S29 symmetric and private keys in the set are not used', async () => {
  const { state, outcome } = setUp(key1);
  const { privateKey } = key2;
  state.answer = JSON.stringify({
    keys: [
      { kty: 'oct', kid: 'secret', k: 'c2VjcmV0' },
      { ...privateKey.export({ format: 'jwk' }), kid: 'key-2' },
      null,
      'key',
      jwkOf(key1),
    ],
  });
  expect(await outcome(key1)).toBe(200);
  expect(await outcome(key2)).toBe(401);
  expect(await outcome(key1, { kid: 'secret' })).toBe(401);
});
