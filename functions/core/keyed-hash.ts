import { createHmac } from 'node:crypto';

/**
 * HMAC-SHA-256, base64url. What must be recognised again and must not be read: a provider account, a deleted user. The
 * first part names the use, so that equal parts of two uses have different hashes.
 */
export const keyedHash = (key: Uint8Array, use: 'account' | 'tombstone', ...parts: readonly string[]): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([use, ...parts]))
    .digest('base64url');

/** The name under which an account's deletion is remembered. */
export const tombstoneOf = (hashKey: Uint8Array, { tenant, user }: { tenant: string; user: string }): string =>
  keyedHash(hashKey, 'tombstone', tenant, user);
