/** A symmetric key with versions: AES-256-GCM under the newest, decryption under any that is enabled. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Failure, invalid, status } from '../rpc.ts';

interface Version {
  readonly name: string;
  readonly secret: Buffer;
  enabled: boolean;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Key {
  readonly name: string;
  readonly #versions: Version[] = [];

  constructor(name: string) {
    this.name = name;
    this.rotate();
  }

  /** @returns the name of the new primary version */
  rotate(): string {
    const name = `${this.name}/cryptoKeyVersions/${this.#versions.length + 1}`;
    this.#versions.push({ name, secret: randomBytes(32), enabled: true });
    return name;
  }

  setEnabled(versionName: string, enabled: boolean): void {
    const version = this.#versions.find(({ name }) => name === versionName);
    if (!version) throw new Error(`No key version ${versionName}`);
    version.enabled = enabled;
  }

  /** @returns the ciphertext: number of the version, nonce, encrypted text, tag */
  encrypt(plaintext: Buffer, aad: Buffer): { versionName: string; ciphertext: Buffer } {
    const { name, secret } = this.#enabled(this.#versions.length);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
    const number = Buffer.alloc(4);
    number.writeUInt32BE(this.#versions.length);
    const ciphertext = [number, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
    return { versionName: name, ciphertext: Buffer.concat(ciphertext) };
  }

  decrypt(ciphertext: Buffer, aad: Buffer): { plaintext: Buffer; usedPrimary: boolean } {
    const refused = () => invalid("Decryption failed: verify that 'name' refers to the correct CryptoKey.");
    if (ciphertext.length < 4 + NONCE_BYTES + TAG_BYTES) throw refused();
    const number = ciphertext.readUInt32BE();
    if (number < 1 || number > this.#versions.length) throw refused();
    const { secret } = this.#enabled(number);
    const nonce = ciphertext.subarray(4, 4 + NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES })
      .setAAD(aad)
      .setAuthTag(ciphertext.subarray(-TAG_BYTES));
    try {
      const plaintext = [decipher.update(ciphertext.subarray(4 + NONCE_BYTES, -TAG_BYTES)), decipher.final()];
      return { plaintext: Buffer.concat(plaintext), usedPrimary: number === this.#versions.length };
    } catch {
      throw refused();
    }
  }

  #enabled(number: number): Version {
    const version = this.#versions[number - 1] as Version;
    if (version.enabled) return version;
    throw new Failure(status.FAILED_PRECONDITION, `${version.name} is not enabled, current state is: DISABLED.`);
  }
}
