/**
 * The envelope: a random data key per connection life, wrapped by the key service, seals the refresh token with
 * AES-256-GCM. Both layers are bound to their place by additional authenticated data, so that a ciphertext that was
 * moved (to another tenant, user, provider, life or revision) does not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ConnectionKey } from './connection.ts';
import { IntegrityError } from './errors.ts';

/** Part of the bound data: a future format cannot be mistaken for this one. */
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

export const newDataKey = (): Uint8Array => randomBytes(32);

/** What a wrapped data key is bound to. A JSON array: no two places have the same text. */
export const dataKeyPlace = (key: ConnectionKey, generation: string): Uint8Array =>
  Buffer.from(JSON.stringify(['data-key', FORMAT, key.tenant, key.user, key.provider, generation]));

/** What a sealed refresh token is bound to. */
export const tokenPlace = (key: ConnectionKey, generation: string, revision: number): Uint8Array =>
  Buffer.from(JSON.stringify(['refresh-token', FORMAT, key.tenant, key.user, key.provider, generation, revision]));

/** @returns 12 bytes random nonce, ciphertext, 16 bytes tag (NIST SP 800-38D). */
export const seal = (dataKey: Uint8Array, plaintext: string, place: Uint8Array): Uint8Array => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, dataKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(place);
  return Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
};

/** Throws `IntegrityError` when a bit, the length, the key or the place is not the sealed one. */
export const open = (dataKey: Uint8Array, sealed: Uint8Array, place: Uint8Array): string => {
  try {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new RangeError('too short');
    const decipher = createDecipheriv(ALGORITHM, dataKey, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(place);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plaintext = [decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return Buffer.concat(plaintext).toString('utf8');
  } catch (cause) {
    throw new IntegrityError('a sealed token does not open', { cause });
  }
};
