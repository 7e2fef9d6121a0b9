/** An asymmetric key for signing, EC P-256 with SHA-256, with versions: none of them is primary, each signs by its own name. */
import { createECDH, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { Failure, status } from '../rpc.ts';

export const ALGORITHM = 'EC_SIGN_P256_SHA256';

interface Version {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly pem: string;
  enabled: boolean;
}

export class SigningKey {
  readonly name: string;
  readonly #versions: Version[] = [];

  constructor(name: string) {
    this.name = name;
    this.addVersion();
  }

  /** @returns the new version's name */
  addVersion(): string {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const name = `${this.name}/cryptoKeyVersions/${this.#versions.length + 1}`;
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    this.#versions.push({ name, privateKey, pem, enabled: true });
    return name;
  }

  versions(): readonly Pick<Version, 'name' | 'enabled'>[] {
    return this.#versions;
  }

  setEnabled(name: string, enabled: boolean): void {
    this.#version(name).enabled = enabled;
  }

  /** @returns a signature in DER */
  sign(name: string, digest: Buffer): Buffer {
    return signDigest(digest, this.#enabled(name).privateKey);
  }

  pem(name: string): string {
    return this.#enabled(name).pem;
  }

  #version(name: string): Version {
    const version = this.#versions.find((each) => each.name === name);
    if (!version) throw new Failure(status.NOT_FOUND, `CryptoKeyVersion ${name} not found.`);
    return version;
  }

  #enabled(name: string): Version {
    const version = this.#version(name);
    if (version.enabled) return version;
    throw new Failure(status.FAILED_PRECONDITION, `${name} is not enabled, current state is: DISABLED.`);
  }
}

/** The order of P-256 (SEC 2, section 2.4.2). */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * ECDSA (FIPS 186-5 section 6.4.1) over a digest as it is, as Cloud KMS does: Node's own `sign` would hash it once more. For
 * a stand-in only: its arithmetic takes a time that depends on the key.
 */
const signDigest = (digest: Buffer, key: KeyObject): Buffer => {
  const secret = numberOf(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'));
  for (;;) {
    const k = numberOf(randomBytes(32));
    if (k === 0n || k >= N) continue;
    const point = createECDH('prime256v1');
    point.setPrivateKey(bytesOf(k));
    const r = numberOf(point.getPublicKey().subarray(1, 33)) % N;
    const s = (inverse(k) * (numberOf(digest) + r * secret)) % N;
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s));
  }
};

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
const bytesOf = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

/** Modulo N, which is prime: Fermat. */
const inverse = (value: bigint): bigint => {
  let [result, base] = [1n, value % N];
  for (let exponent = N - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % N;
    base = (base * base) % N;
  }
  return result;
};

const sequence = (...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
};

/** The shortest form that is not negative. */
const integer = (value: bigint): Buffer => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const content = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, content.length]), content]);
};
