/** The host product's own sessions: a cookie for its pages, and short-lived JWTs for the broker. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';

/** Two users in two organizations. */
export const USERS: Readonly<Record<string, { readonly tenant: string; readonly roles: readonly string[] }>> = {
  'user-1': { tenant: 'org-1', roles: ['admin'] },
  'user-2': { tenant: 'org-2', roles: [] },
};

export const SESSION_AUDIENCE = 'token-broker';
export const SERVICE_AUDIENCE = 'token-broker-service';
export const SESSION_SECONDS = 300;
const KEY_ID = 'demo-1';

/** `issuer`: the host product's origin. */
export const createSessions = async (issuer: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' };
  const sign = (audience: string, claims: Record<string, unknown>) =>
    new SignJWT({ ...claims, azp: 'demo-web' })
      .setProtectedHeader({ alg: 'ES256', kid: KEY_ID, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${SESSION_SECONDS}s`)
      .setJti(randomUUID())
      .sign(privateKey);
  return {
    keySet: { keys: [jwk] },
    /** A user's session token, good for five minutes. */
    sessionToken: (user: string, tenant: string, roles: readonly string[] = []): Promise<string> =>
      sign(SESSION_AUDIENCE, { sub: user, tenant, roles }),
    /** The backend's token, for its own tenant. */
    serviceToken: (tenant: string): Promise<string> => sign(SERVICE_AUDIENCE, { sub: 'backend', tenant }),
  };
};

export type Sessions = Awaited<ReturnType<typeof createSessions>>;
