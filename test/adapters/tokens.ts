/** Tokens as an issuer makes them, and as nobody should. Signed with node's own crypto, so that anything can be wrong. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { expect } from '@jest/globals';
import { publishedKeys } from '../../functions/adapters/jwk.ts';
import { createKeySet, fixedKeySet, type Get } from '../../functions/adapters/jwks.ts';

export const NOW = 1_800_000_000;
export const now = () => NOW * 1000;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export interface IssuerKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const ec = (kid: string): IssuerKey => ({ kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) });
export const key1 = ec('key-1');
export const key2 = ec('key-2');
export const key3 = ec('key-3');
export const rsa: IssuerKey = { kid: 'rsa-1', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
export const ed: IssuerKey = { kid: 'ed-1', ...generateKeyPairSync('ed25519') };

export const jwkOf = ({ kid, publicKey }: IssuerKey) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' });
export const jwks = (...keys: IssuerKey[]) => ({ keys: keys.map(jwkOf) });

const signature = (alg: string, input: string, key: KeyObject): string => {
  const bytes = Buffer.from(input);
  switch (alg) {
    case 'ES256':
      return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    case 'RS256':
      return sign('sha256', bytes, key).toString('base64url');
    case 'PS256':
      return sign('sha256', bytes, { key, padding: 6, saltLength: 32 }).toString('base64url');
    case 'EdDSA':
      return sign(null, bytes, key).toString('base64url');
    default:
      return '';
  }
};

/** `undefined` members are left out. */
export const token = (
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
  key: IssuerKey = key1,
): string => {
  const full = { alg: 'ES256', kid: key.kid, ...header };
  const input = `${part(full)}.${part(claims)}`;
  return `${input}.${signature(String(full.alg), input, key.privateKey)}`;
};

/** HS256 with the public key's text as the secret: what a verifier takes that trusts the header's `alg`. */
export const confused = (claims: Record<string, unknown>, key: IssuerKey = key1): string[] => {
  const input = `${part({ alg: 'HS256', kid: key.kid, typ: 'JWT' })}.${part(claims)}`;
  const secrets = [
    key.publicKey.export({ format: 'pem', type: 'spki' }),
    JSON.stringify(jwkOf(key)),
    key.publicKey.export({ format: 'der', type: 'spki' }),
  ];
  return secrets.map((secret) => `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`);
};

export const localKeySet = (set: unknown) => {
  const keys = publishedKeys(set);
  if (!keys) throw new TypeError('no key set');
  return fixedKeySet(keys);
};
export const localKeys = (...keys: IssuerKey[]) => localKeySet(jwks(...keys));

/** A key endpoint with switches and a count, and the clock of whoever asks it. */
export const keyEndpoint = (...keys: IssuerKey[]) => {
  const { state, ask } = endpoint(keys);
  return { state, keySet: ask() };
};

/** The same, for whoever asks `early`. */
export const earlyKeyEndpoint = (down: boolean, ...keys: IssuerKey[]) => {
  const { state, ask } = endpoint(keys);
  state.down = down;
  return { state, keySet: ask(true) };
};

const endpoint = (keys: IssuerKey[]) => {
  const state = { keys, down: false, fetches: 0, time: NOW * 1000, answer: undefined as string | undefined };
  const get: Get = async (url) => {
    expect(url).toBe('https://issuer.example/jwks');
    state.fetches += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (state.down) throw new Error('connect');
    return { status: 200, body: Buffer.from(state.answer ?? JSON.stringify(jwks(...state.keys))) };
  };
  const ask = (early = false) =>
    createKeySet({ url: 'https://issuer.example/jwks', get, now: () => state.time, early });
  return { state, ask };
};
