import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSessionVerifier } from '../../functions/adapters/session.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import {
  earlyKeyEndpoint,
  ed,
  type IssuerKey,
  jwkOf,
  key1,
  key2,
  key3,
  keyEndpoint,
  NOW,
  rsa,
  token,
} from './tokens.ts';

const MINUTE = 60_000;

/** The whole verification, so that 401 (`undefined`) and 503 (`Unavailable`) are what the front end would get. */
const setUp = (...keys: IssuerKey[]) => verifying(keyEndpoint(...keys));

const verifying = ({ state, keySet }: ReturnType<typeof keyEndpoint>) => {
  const rules = { issuer: 'i', audience: 'a', claims: { user: 'sub', tenant: 'org', roles: 'roles' } };
  const verify = createSessionVerifier(rules, keySet, () => state.time);
  const session = (key: IssuerKey, header = {}, claims: object = {}) => {
    const seconds = Math.floor(state.time / 1000);
    const good = { iss: 'i', aud: 'a', sub: 'user-1', org: 'org-1', exp: seconds + 300 };
    return verify(token({ ...good, ...claims }, header, key));
  };
  const outcome = (key: IssuerKey, header = {}, claims: object = {}) =>
    session(key, header, claims).then(
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

  test('S34 100 unknown kids a minute make at most four fetches, and are 503 while nobody has looked', async () => {
    const { state, outcome } = setUp(key1);
    expect(await outcome(key1)).toBe(200);
    const begun: number[] = [];
    const answers: number[] = [];
    for (let second = 0; second < 300; second += 1) {
      const { fetches } = state;
      answers.push(await outcome(key2, { kid: `unknown-${second}` }));
      if (state.fetches > fetches) begun.push(second);
      expect(await outcome(key1)).toBe(200);
      state.time += 1_000;
    }
    expect(new Set(answers)).toEqual(new Set([401, 503]));
    // Only who was looked for is told that there is no such key.
    expect(answers.flatMap((status, second) => (status === 401 ? [second] : []))).toEqual(begun);
    for (const from of begun) expect(begun.filter((at) => at >= from && at < from + 60).length).toBeLessThanOrEqual(4);
    // Spread: a rotated key never waits long, however many garbage ids come.
    for (const [index, at] of begun.entries()) expect(at - (begun[index - 1] ?? 0)).toBeLessThanOrEqual(20);
  });

  test('S34 the law of four a minute holds for every mixture of outages, floods and waits', async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 30_000 }),
      down: fc.boolean(),
      known: fc.boolean(),
      rotate: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, early) => {
        const { state, outcome } = verifying(early ? earlyKeyEndpoint(false, key1) : keyEndpoint(key1));
        const begun: number[] = [];
        for (const [index, { wait, down, known, rotate }] of steps.entries()) {
          state.time += wait;
          state.down = down;
          if (rotate) state.keys = [key1, key2];
          const { fetches } = state;
          const status = await outcome(known ? key1 : key2, known || rotate ? {} : { kid: `unknown-${index}` });
          for (let n = fetches; n < state.fetches; n += 1) begun.push(state.time);
          // A key that is published is never refused.
          if (known || rotate) expect([200, 503]).toContain(status);
          else expect([401, 503]).toContain(status);
        }
        for (const from of begun) {
          expect(begun.filter((at) => at >= from && at < from + MINUTE).length).toBeLessThanOrEqual(4);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('S34 100 unknown kids at the very start make one fetch', async () => {
    const { state, outcome } = setUp(key1);
    await Promise.all(Array.from({ length: 100 }, (_, i) => outcome(key2, { kid: `unknown-${i}` })));
    expect(state.fetches).toBe(1);
  });

  test('S34 a session that is signed with a key of this moment is good at once', async () => {
    const { state, outcome } = setUp(key1);
    await outcome(key1);
    state.keys = [key1, key2];
    expect(await outcome(key2)).toBe(200);
    expect(state.fetches).toBe(2);
  });

  test('S34 after a flood of unknown kids it is 503 with the time to wait, never 401, and good within 20 seconds', async () => {
    const { state, session, outcome } = setUp(key1);
    await outcome(key1);
    expect(await outcome(key2, { kid: 'garbage' })).toBe(401);
    state.keys = [key1, key2];
    expect(await outcome(key2)).toBe(503);
    state.time += 5_000;
    await expect(session(key2)).rejects.toMatchObject({ upstream: 'identity_provider', retryAfter: 15 });
    state.time += 15_000;
    expect(await outcome(key2)).toBe(200);
  });

  test('S34 garbage that no signature would make good uses nothing up', async () => {
    const { state, outcome } = setUp(key1);
    await outcome(key1);
    const seconds = Math.floor(state.time / 1000);
    const good = { iss: 'i', aud: 'a', sub: 'user-1', org: 'org-1', exp: seconds + 300 };
    for (const broken of [{ iss: 'other' }, { iss: undefined }, { exp: seconds - 61 }, { exp: 'soon' }]) {
      expect(await outcome(key2, {}, { ...good, ...broken })).toBe(401);
    }
    expect(state.fetches).toBe(1);
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
    expect(await outcome(key2)).toBe(503);
    expect(await outcome(key2)).toBe(503);
    expect(await outcome(key1)).toBe(200);
    expect(state.fetches).toBe(2);
    state.time += 5_000;
    await expect(session(key2)).rejects.toMatchObject({ retryAfter: 15 });
    state.down = false;
    state.time += 15_000;
    expect(await outcome(key2)).toBe(401);
    state.keys = [key1, key2];
    state.time += 20_000;
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

/** A key set of every kind of key that cannot be used, beside one that can. */
describe('S27 S34 keys that cannot be used', () => {
  const good = jwkOf(key1);
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
  const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
  const keys: [string, string, object | null | string][] = [
    ['RSA of 1024 bits', 'RS256', { ...short, kid: 'x' }],
    ['a curve of another algorithm', 'ES256', { ...curve('P-384'), kid: 'x' }],
    ['a curve that JWK has not', 'ES256', { ...curve('secp256k1'), kid: 'x', crv: 'P-256' }],
    ['a curve that nobody has', 'ES256', { ...good, kid: 'x', crv: 'P-999' }],
    ['an unknown kty', 'ES256', { ...good, kid: 'x', kty: 'AKP' }],
    ['no kty', 'ES256', { kid: 'x' }],
    ['a point that is not on its curve', 'ES256', { ...good, kid: 'x', x: good.y, y: good.x }],
    ['x that is no base64url', 'ES256', { ...good, kid: 'x', x: '!' }],
    ['x that is no text', 'ES256', { ...good, kid: 'x', x: 1 }],
    ['no y', 'ES256', { ...good, kid: 'x', y: undefined }],
    ['a modulus of one byte', 'RS256', { kty: 'RSA', n: 'AQ', e: 'AQAB', kid: 'x' }],
    ['no exponent', 'RS256', { ...jwkOf(rsa), kid: 'x', e: undefined }],
    ['for encryption', 'ES256', { ...good, kid: 'x', use: 'enc' }],
    ['use that is no text', 'ES256', { ...good, kid: 'x', use: ['sig'] }],
    ['for another operation', 'ES256', { ...good, kid: 'x', key_ops: ['sign'] }],
    ['operations that are no list', 'ES256', { ...good, kid: 'x', key_ops: 'verify' }],
    ['of another algorithm', 'RS256', { ...jwkOf(rsa), kid: 'x', alg: 'RSA-OAEP' }],
    ['symmetric', 'ES256', { kty: 'oct', kid: 'x', k: 'c2VjcmV0' }],
    ['private', 'ES256', { ...key2.privateKey.export({ format: 'jwk' }), kid: 'x' }],
    ['X25519', 'EdDSA', { kty: 'OKP', crv: 'X25519', x: jwkOf(ed).x, kid: 'x' }],
  ];

  test.each(keys)('S27 %s: 401 for a token that names it, and the others work', async (_name, alg, jwk) => {
    const { state, outcome } = setUp();
    state.answer = JSON.stringify({ keys: [jwk, null, 1, 'key', [], good, jwk] });
    expect(await outcome(key1)).toBe(200);
    const signers = { ES256: [key1, key2], RS256: [rsa], EdDSA: [ed] }[alg] ?? [];
    for (const key of signers) expect(await outcome(key, { alg, kid: 'x' })).toBe(401);
    // It is known, and cannot be used: nobody has to ask the issuer again.
    expect(state.fetches).toBe(1);
  });

  test('S27 any set of odd keys leaves the good one usable, and no token makes 500', async () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(...keys.map(([, , jwk]) => jwk)),
      fc.dictionary(
        fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'use', 'alg', 'd', 'key_ops'),
        fc.jsonValue(),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(odd, { maxLength: 5 }), fc.array(odd, { maxLength: 5 }), async (before, after) => {
        const { state, outcome } = setUp();
        state.answer = JSON.stringify({ keys: [...before, good, ...after] });
        expect(await outcome(key1)).toBe(200);
        expect([401, 503]).toContain(await outcome(key2, { kid: 'x' }));
      }),
      { numRuns: 60 },
    );
  });
});

describe('several keys that fit', () => {
  test('of two keys with one id each is tried', async () => {
    const { state, outcome } = setUp();
    const twin = { ...jwkOf(key2), kid: 'key-1' };
    state.answer = JSON.stringify({ keys: [jwkOf(key1), twin] });
    expect(await outcome(key1)).toBe(200);
    expect(await outcome({ ...key2, kid: 'key-1' })).toBe(200);
    expect(await outcome({ ...key3, kid: 'key-1' })).toBe(401);
  });

  test('a token without kid is good by any published key that fits its algorithm', async () => {
    const { state, outcome } = setUp(key1, rsa, key2);
    const bare = { kid: undefined };
    expect(await outcome(key1, bare)).toBe(200);
    expect(await outcome(key2, bare)).toBe(200);
    expect(await outcome(rsa, { ...bare, alg: 'RS256' })).toBe(200);
    expect(state.fetches).toBe(1);
  });

  test('S34 a token without kid may be signed with a key that is not known yet', async () => {
    const { state, outcome } = setUp(key1);
    const bare = { kid: undefined };
    expect(await outcome(key1, bare)).toBe(200);
    expect(await outcome(key2, bare)).toBe(401);
    state.keys = [key1, key2];
    expect(await outcome(key2, bare)).toBe(503);
    state.time += 20_000;
    expect(await outcome(key2, bare)).toBe(200);
  });

  test('no more than eight keys are tried', async () => {
    const { state, outcome } = setUp();
    const others = Array.from({ length: 8 }, () => ({ ...jwkOf(key1), kid: undefined }));
    state.answer = JSON.stringify({ keys: [...others, jwkOf(key2)] });
    expect(await outcome(key2, { kid: undefined })).toBe(401);
    expect(await outcome(key2)).toBe(200);
  });
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
