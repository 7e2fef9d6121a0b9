/**
 * An implicit flow in a popup: the bridge page finds the token in its fragment, and no message may carry one. So the
 * page that asked puts a public key into `state`, and what the bridge says on the channel is encrypted to it: ECDH on
 * P-256 with new keys on both sides, HKDF-SHA-256, AES-256-GCM.
 */
import { fromBase64Url, toBase64Url, utf8 } from '../encoding.ts';

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;
const { subtle } = crypto;

const newKeys = async () => {
  const { privateKey, publicKey } = await subtle.generateKey(CURVE, false, ['deriveBits']);
  return { privateKey, publicKey: toBase64Url(new Uint8Array(await subtle.exportKey('raw', publicKey))) };
};

/** One key per flow: both sides' keys are used once, so a fixed nonce is never used twice with one key. */
const sharedKey = async (own: CryptoKey, theirs: string, flowId: string): Promise<CryptoKey> => {
  const publicKey = await subtle.importKey('raw', fromBase64Url(theirs), CURVE, false, []);
  const secret = await subtle.deriveBits({ name: 'ECDH', public: publicKey }, own, 256);
  const material = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(flowId) };
  return subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
};

const cipher = { name: 'AES-GCM', iv: new Uint8Array(12) };

/** For the bridge. @param theirs the public key in `state` */
export const seal = async (text: string, theirs: string, flowId: string): Promise<string> => {
  const { privateKey, publicKey } = await newKeys();
  const sealed = await subtle.encrypt(cipher, await sharedKey(privateKey, theirs, flowId), utf8(text));
  return `${publicKey}.${toBase64Url(new Uint8Array(sealed))}`;
};

export interface Opener {
  readonly publicKey: string;
  open(sealed: string, flowId: string): Promise<string>;
}

/** For the page that asks; its private key never leaves this page's memory. */
export const createOpener = async (): Promise<Opener> => {
  const { privateKey, publicKey } = await newKeys();
  return {
    publicKey,
    open: async (sealed, flowId) => {
      const [theirs = '', text = ''] = sealed.split('.');
      const key = await sharedKey(privateKey, theirs, flowId);
      return new TextDecoder().decode(await subtle.decrypt(cipher, key, fromBase64Url(text)));
    },
  };
};
