import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createIdTokenVerifier } from '../../functions/adapters/id-token-verifier.ts';
import { Unavailable } from '../../functions/core/errors.ts';
import { confused, jwkOf, key1, keyEndpoint, localKeys, NOW, now, rsa, token } from './tokens.ts';

const expected = {
  clientId: 'client-1',
  nonce: 'n',
  issuedBy: (issuer: string) => issuer === 'https://issuer.example',
};
const claims = { iss: 'https://issuer.example', aud: 'client-1', sub: 'one', nonce: 'n', iat: NOW, exp: NOW + 300 };
const verify = createIdTokenVerifier(localKeys(rsa, key1), now);
const RS256 = { alg: 'RS256', typ: 'JWT' };
const read = (more: object = {}, header: object = {}, key = rsa) =>
  verify(token({ ...claims, ...more }, { ...RS256, ...header }, key), expected);
const refused = (code: string) => ({ kind: 'id_token_refused', code });

describe('an id_token that decides who somebody is', () => {
  test('is read when everything fits', async () => {
    expect(await read()).toEqual({ kind: 'claims', issuer: claims.iss, subject: 'one', claims });
    expect(await read({ aud: ['client-1'] }, { typ: undefined })).toHaveProperty('kind', 'claims');
  });

  test('S29 alg none, and HS256 with the public key', async () => {
    const good = token(claims, RS256, rsa);
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${good.split('.')[1]}.`;
    for (const forged of [none, ...confused(claims, rsa), token(claims, { alg: 'ES256', typ: 'JWT' }, key1)]) {
      expect(await verify(forged, expected)).toEqual(refused('id_token_header'));
    }
  });

  test('S29 a token that brings its key or its rules along', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const own = { kid: 'rsa-1', privateKey, publicKey };
    expect(await read({}, {}, own)).toEqual(refused('id_token_signature'));
    for (const header of [
      { jwk: jwkOf(own) },
      { jku: 'https://e.example' },
      { x5u: 'https://e.example' },
      { x5c: [] },
    ]) {
      expect(await read({}, header, own)).toEqual(refused('id_token_header'));
    }
    expect(await read({}, { crit: ['b64'], b64: false })).toEqual(refused('id_token_header'));
  });

  test('S29 a signature or claims that were altered', async () => {
    const [header = '', payload = '', signature = ''] = token(claims, RS256, rsa).split('.');
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'other' })).toString('base64url');
    for (const forged of [
      `${header}.${other}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      'x',
      '',
    ]) {
      expect(await verify(forged, expected)).toHaveProperty('kind', 'id_token_refused');
    }
    expect(await verify(undefined, expected)).toEqual(refused('id_token_missing'));
    expect(await verify({ token: 1 }, expected)).toEqual(refused('id_token_missing'));
  });

  test.each(['at+jwt', 'logout+jwt', 'secevent+jwt', 'dpop+jwt', 'application/at+jwt'])(
    'S33 a %s is none',
    async (typ) => {
      expect(await read({}, { typ })).toEqual(refused('id_token_header'));
    },
  );

  test('S33 a logout token without its type has no nonce', async () => {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    expect(await read({ nonce: undefined, events })).toEqual(refused('id_token_nonce'));
  });

  test('S30 S31 S32 its claims are those of this flow, now', async () => {
    expect(await read({ nonce: 'other' })).toEqual(refused('id_token_nonce'));
    expect(await read({ nonce: undefined })).toEqual(refused('id_token_nonce'));
    expect(await read({ aud: 'other' })).toEqual(refused('id_token_aud'));
    expect(await read({ iss: ['https://issuer.example'] })).toEqual(refused('id_token_iss'));
    for (const fits of [{ exp: NOW - 59 }, { nbf: NOW + 59 }, { iat: NOW + 59 }]) {
      expect(await read(fits)).toHaveProperty('kind', 'claims');
    }
    expect(await read({ exp: NOW - 61 })).toEqual(refused('id_token_exp'));
    expect(await read({ iat: NOW + 61 })).toEqual(refused('id_token_iat'));
  });

  test('S34 without keys nobody is refused: they are unavailable', async () => {
    const { state, keySet } = keyEndpoint(rsa);
    state.down = true;
    const unable = createIdTokenVerifier(keySet, now);
    await expect(unable(token(claims, RS256, rsa), expected)).rejects.toBeInstanceOf(Unavailable);
    state.down = false;
    state.time += 60_000;
    expect(await unable(token(claims, RS256, rsa), expected)).toHaveProperty('kind', 'claims');
    const unknown = (n: number) => unable(token(claims, { ...RS256, kid: `unknown-${n}` }, rsa), expected);
    expect(await unknown(0)).toEqual(refused('id_token_signature'));
    for (let n = 1; n < 100; n++) await expect(unknown(n)).rejects.toBeInstanceOf(Unavailable);
    expect(state.fetches).toBe(3);
  });
});
