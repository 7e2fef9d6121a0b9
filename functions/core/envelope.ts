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

/** @returns 12 bytes random nonce, ciphertext, 16 bytes tag */
export const seal = (dataKey: Uint8Array, text: string, place: Uint8Array): Uint8Array =>
  encrypt(dataKey, randomBytes(NONCE_BYTES), Buffer.from(text), place);

/** Throws `IntegrityError` when a bit, the length, the key or the place is not the sealed one. */
export const open = (dataKey: Uint8Array, sealed: Uint8Array, place: Uint8Array): string =>
  decrypt(dataKey, sealed, place).toString('utf8');

/** NIST SP 800-38D. `seal` gives every call a nonce of its own; only the published vectors bring theirs. */
export const encrypt = (key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array => {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
};

/** Throws `IntegrityError`. The tag has its full length: a shorter one would be easier to guess. */
export const decrypt = (key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer => {
  try {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new RangeError('too short');
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new IntegrityError('a sealed token does not open', { cause });
  }
};
