/** What tries to pass for a session (RFC 8725 section 2, rows S29 and S30): made with a key of its own, which ends with the run. */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { Unavailable } from '../core/errors.ts';
import type { Attempt } from '../core/probe.ts';
import type { Get } from './jwks.ts';

export interface ForgedSessions {
  readonly issuer: string;
  readonly audience: string;
  readonly claims: { readonly user: string; readonly tenant: string };
  /** Where the sessions' public keys are. */
  readonly keysUrl: string;
}

const OWN_KEY_ID = 'probe';
const MINUTES = 5 * 60;

/** Throws `Unavailable` where the public keys cannot be had: two of the attempts are made with them. */
export const createForgery =
  ({ issuer, audience, claims, keysUrl }: ForgedSessions, get: Get) =>
  async (caller: string): Promise<readonly Attempt[]> => {
    const published = await firstKey(keysUrl, get);
    const own = await generateKeyPair('ES256');
    const now = Math.floor(Date.now() / 1000);
    const payload: JWTPayload = {
      iss: issuer,
      aud: audience,
      [claims.user]: 'probe',
      [claims.tenant]: 'probe',
      iat: now,
      exp: now + MINUTES,
    };
    const sign = (header: object, changes: JWTPayload = {}) =>
      new SignJWT({ ...payload, ...changes }).setProtectedHeader({ alg: 'ES256', ...header }).sign(own.privateKey);
    const asSecret = new TextEncoder().encode(published.pem);
    const { kid } = published;
    return [
      { name: 'no_session' },
      { name: 'not_a_token', token: 'probe' },
      { name: 'unknown_key', token: await sign({ kid: OWN_KEY_ID }) },
      { name: 'known_key_id', token: await sign({ kid }) },
      { name: 'embedded_key', token: await sign({ kid: OWN_KEY_ID, jwk: await exportJWK(own.publicKey) }) },
      { name: 'linked_key', token: await sign({ kid: OWN_KEY_ID, jku: `${new URL(keysUrl).origin}/probe` }) },
      { name: 'foreign_issuer', token: await sign({ kid }, { iss: 'https://issuer.invalid' }) },
      { name: 'unsigned', token: new UnsecuredJWT(payload).encode() },
      {
        name: 'public_key_as_secret',
        token: await new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid }).sign(asSecret),
      },
      { name: 'genuine_token_of_another_issuer', token: caller },
    ];
  };

const firstKey = async (url: string, get: Get): Promise<{ kid: string; pem: string }> => {
  try {
    const { keys } = JSON.parse((await get(url)).body.toString()) as { keys: (JsonWebKey & { kid?: string })[] };
    const [key] = keys;
    if (!key) throw new TypeError('no key');
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
    return { kid: key.kid ?? '', pem };
  } catch (cause) {
    throw new Unavailable('identity_provider', 'no_keys', { cause });
  }
};
