/** What tries to pass for a session (RFC 8725 section 2, rows S29 and S30): made with a key of its own, which ends with the run. */
import type { JsonWebKey } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { Unavailable } from '../core/errors.ts';
import type { Attempt } from '../core/probe.ts';
import { withClaim } from './claim.ts';
import { importedKey } from './jwk.ts';
import type { Get } from './jwks.ts';
import type { SessionRules } from './session.ts';

export interface ForgedSessions
  extends Pick<SessionRules, 'issuer' | 'audience' | 'audienceClaim' | 'claims' | 'tenant' | 'tenants'> {
  /** Where the sessions' public keys are. */
  readonly keysUrl: string;
}

const OWN_KEY_ID = 'probe';
const MINUTES = 5 * 60;

/** Throws `Unavailable` where the public keys cannot be had: two of the attempts are made with them. */
export const createForgery =
  ({ keysUrl, ...rules }: ForgedSessions, get: Get) =>
  async (caller: string): Promise<readonly Attempt[]> => {
    const published = await firstKey(keysUrl, get);
    const own = await generateKeyPair('ES256');
    const payload = goodClaims(rules, Math.floor(Date.now() / 1000));
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

/** Everything as it should be: the signature alone is wrong. */
const goodClaims = (rules: Omit<ForgedSessions, 'keysUrl'>, now: number): JWTPayload => {
  const { issuer, audience, audienceClaim = 'aud', claims, tenant, tenants } = rules;
  const organization = tenant ?? tenants?.[0] ?? 'probe';
  const named: [string, string][] = [
    ['iss', issuer.replaceAll('{tenant}', () => organization)],
    [audienceClaim, audience],
    [claims.user, 'probe'],
    ...(tenant === undefined ? [[claims.tenant, organization] as [string, string]] : []),
  ];
  const times = { iat: now, exp: now + MINUTES };
  return named.reduce<Record<string, unknown>>((all, [claim, value]) => withClaim(all, claim, value), times);
};

const firstKey = async (url: string, get: Get): Promise<{ kid: string; pem: string }> => {
  try {
    const { keys } = JSON.parse((await get(url)).body.toString()) as { keys: (JsonWebKey & { kid?: string })[] };
    const [first] = keys.flatMap((jwk) => {
      const key = importedKey({ ...jwk });
      return key ? [{ kid: jwk.kid ?? '', pem: key.export({ type: 'spki', format: 'pem' }).toString() }] : [];
    });
    if (!first) throw new TypeError('no key');
    return first;
  } catch (cause) {
    throw new Unavailable('identity_provider', 'no_keys', { cause });
  }
};
