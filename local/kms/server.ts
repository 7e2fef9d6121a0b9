/**
 * A strict in-process stand-in for Cloud KMS, on the wire: a symmetric key and a signing key, each with several versions.
 * The official client runs against it with `{ apiEndpoint, port, sslCreds: credentials.createInsecure() }`.
 */
import { createRequire } from 'node:module';
import { Faults } from '../rpc.ts';
import { type Serving, serve } from '../serve.ts';
import { Key } from './key.ts';
import { type Corruption, createService } from './service.ts';
import { SigningKey } from './signing-key.ts';
import { createSigningService } from './signing-service.ts';

export interface KmsStandIn extends Serving {
  /** `projects/.../cryptoKeys/...` */
  readonly keyName: string;
  /** What the service would answer, without a call: for a great many data keys. */
  encrypt(plaintext: Buffer, aad: Buffer): Buffer;
  /** Adds a version and makes it the primary one; the old ones still decrypt. @returns the new version's name */
  rotate(): string;
  /** What is asked of a disabled version fails with FAILED_PRECONDITION. */
  setEnabled(versionName: string, enabled: boolean): void;
  readonly signingKey: SigningKey;
  readonly faults: Faults;
  /** Spoils the next answers. @returns takes back what is left of it */
  corrupt(how: Corruption, times?: number): () => void;
}

const KEY_RING = 'projects/local/locations/europe-west1/keyRings/token-broker';
const KEY_NAME = `${KEY_RING}/cryptoKeys/connections`;

const requireHere = createRequire(import.meta.url);

/** @param port 0 or absent: a free one */
export const startKms = async ({ port = 0 }: { port?: number } = {}): Promise<KmsStandIn> => {
  const key = new Key(KEY_NAME);
  const signingKey = new SigningKey(`${KEY_RING}/cryptoKeys/sessions`);
  const faults = new Faults();
  const corruptions: { readonly how: Corruption; left: number }[] = [];
  const corruption = (...fitting: Corruption[]): Corruption | undefined => {
    const next = corruptions.find(({ how, left }) => left > 0 && fitting.includes(how));
    if (next) next.left--;
    return next?.how;
  };
  const serving = await serve(
    requireHere('@google-cloud/kms/build/protos/protos.json'),
    'google.cloud.kms.v1.KeyManagementService',
    { ...createService(key, corruption), ...createSigningService(signingKey, corruption) },
    faults,
    port,
  );
  return {
    ...serving,
    keyName: KEY_NAME,
    encrypt: (plaintext, aad) => key.encrypt(plaintext, aad).ciphertext,
    rotate: () => key.rotate(),
    setEnabled: (versionName, enabled) => key.setEnabled(versionName, enabled),
    signingKey,
    faults,
    corrupt: (how, times = 1) => {
      const entry = { how, left: times };
      corruptions.push(entry);
      return () => {
        entry.left = 0;
      };
    },
  };
};
