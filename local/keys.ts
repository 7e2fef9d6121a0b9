/** Development keys, made anew at each start and kept nowhere. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyList } from '../functions/adapters/flow-tokens.ts';

export interface DevelopmentKeys {
  /** Signs states (`authorize`). */
  readonly stateSigningKeys: KeyList;
  /** Verify states (`callback`, `complete`). */
  readonly stateVerificationKeys: KeyList;
  /** Open flows and tickets (`complete`). */
  readonly completionPrivateKeys: KeyList;
  /** Seal flows and tickets (`authorize`, `callback`). */
  readonly completionPublicKeys: KeyList;
  /** Seal and open the cookie of a sign-in under way (`signin`). */
  readonly signInKeys: KeyList;
  /** Hashes provider accounts and tombstones: 256 bits, base64url. */
  readonly accountHashKey: string;
}

const keyPair = (kid: string): { readonly privateKeys: KeyList; readonly publicKeys: KeyList } => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privateKeys: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid }] },
    publicKeys: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] },
  };
};

export const generateKeys = (): DevelopmentKeys => {
  const state = keyPair('state-1');
  const completion = keyPair('completion-1');
  return {
    stateSigningKeys: state.privateKeys,
    stateVerificationKeys: state.publicKeys,
    completionPrivateKeys: completion.privateKeys,
    completionPublicKeys: completion.publicKeys,
    signInKeys: keyPair('sign-in-1').privateKeys,
    accountHashKey: randomBytes(32).toString('base64url'),
  };
};
