/**
 * The three tokens of a consent flow (functions/core/flow.ts) as jose makes them: the state a JWS (ES256), the flow and
 * the ticket JWEs (ECDH-ES on P-256, A256GCM). Each has its own `typ`, so that none passes for another (RFC 8725 3.11).
 * Keys are JWK Sets; the first key signs or seals, any of them verifies or opens: put the new one first to rotate, and
 * take the old one out when its last token is over. A key that does not fit is refused when the functions are made.
 */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, jwtVerify, SignJWT } from 'jose';
import type {
  Flow,
  FlowOpener,
  FlowPurpose,
  FlowSealer,
  FlowState,
  StateSigner,
  StateVerifier,
  Ticket,
  TicketSealer,
} from '../core/flow.ts';
import type { SignInFlow, SignInOpener, SignInSealer } from '../core/sign-in.ts';

/** RFC 7517: EC keys on P-256, each with a `kid`. */
export interface KeyList {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

interface Key {
  readonly kid: string;
  readonly key: KeyObject;
}

/** A longer one could take a state over 512 characters. */
const MAX_KID = 24;
const FLOW = 'flow+jwe';
const TICKET = 'ticket+jwe';
const SIGN_IN = 'sign-in+jwe';
const stateType = (purpose: FlowPurpose): string => `${purpose}-state+jwt`;

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

const importKeys = (list: KeyList, kind: 'public' | 'private'): readonly [Key, ...Key[]] => {
  const [first, ...others] = list.keys.map((jwk): Key => {
    const { kid, kty, crv, d } = jwk;
    if (kty !== 'EC' || crv !== 'P-256') throw new Error('A flow key is not an EC key on P-256.');
    if (!isText(kid) || kid === '' || kid.length > MAX_KID)
      throw new Error(`A flow key needs a "kid" of at most ${MAX_KID} characters.`);
    // A public key list with a private key in it is a leak: nobody goes on with it.
    if ((d === undefined) !== (kind === 'public')) throw new Error(`Flow key "${kid}" is not a ${kind} key.`);
    const input = { key: jwk as JsonWebKey, format: 'jwk' } as const;
    return { kid, key: kind === 'public' ? createPublicKey(input) : createPrivateKey(input) };
  });
  if (!first) throw new Error(`There is no ${kind} flow key.`);
  if (new Set(list.keys.map(({ kid }) => kid)).size !== list.keys.length)
    throw new Error('Two flow keys share a "kid".');
  return [first, ...others];
};

/** For jose: the key that the token names. */
const keyNamedIn =
  (keys: readonly Key[]) =>
  async ({ kid }: { readonly kid?: string }): Promise<KeyObject> => {
    const found = keys.find((key) => key.kid === kid);
    if (!found) throw new Error('no such key');
    return found.key;
  };

/** Whatever is wrong with a token, it is no token. */
const orUndefined = async <T>(open: () => Promise<T | undefined>): Promise<T | undefined> => {
  try {
    return await open();
  } catch {
    return undefined;
  }
};

// --- State --------------------------------------------------------------------------------------------------------

export const createStateSigner = (signingKeys: KeyList): StateSigner => {
  const [{ kid, key }] = importKeys(signingKeys, 'private');
  return {
    signState: ({ purpose, flowId, provider, expiresAt, returnTo, binding, issuer }) =>
      new SignJWT({ jti: flowId, exp: expiresAt, p: provider, r: returnTo, b: binding, ...(issuer && { i: issuer }) })
        .setProtectedHeader({ alg: 'ES256', kid, typ: stateType(purpose) })
        .sign(key),
  };
};

/** @param now milliseconds since the epoch */
export const createStateVerifier = (publicKeys: KeyList, now: () => number = Date.now): StateVerifier => {
  const keys = importKeys(publicKeys, 'public');
  return {
    verifyState: (token, purpose, lateBy = 0) =>
      orUndefined(async (): Promise<FlowState | undefined> => {
        const { payload } = await jwtVerify(token, keyNamedIn(keys), {
          algorithms: ['ES256'],
          typ: stateType(purpose),
          requiredClaims: ['exp'],
          clockTolerance: lateBy,
          currentDate: new Date(now()),
        });
        const { jti: flowId, exp: expiresAt, p: provider, r: returnTo, b: binding, i: issuer } = payload;
        if (!isText(flowId) || expiresAt === undefined || !isText(provider)) return undefined;
        if (!isText(returnTo) || !isText(binding) || !(issuer === undefined || isText(issuer))) return undefined;
        return { purpose, flowId, provider, expiresAt, returnTo, binding, ...(issuer !== undefined && { issuer }) };
      }),
  };
};

// --- Flow and ticket ----------------------------------------------------------------------------------------------

const seal = ({ kid, key }: Key, typ: string, content: object): Promise<string> =>
  new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid, typ })
    .encrypt(key);

const open = async (keys: readonly Key[], typ: string, token: string): Promise<Record<string, unknown> | undefined> => {
  const { plaintext, protectedHeader } = await compactDecrypt(token, keyNamedIn(keys), {
    keyManagementAlgorithms: ['ECDH-ES'],
    contentEncryptionAlgorithms: ['A256GCM'],
    // Compressed content is refused: nothing here is ever compressed, and length would tell of secrets.
    maxDecompressedLength: 0,
  });
  if (protectedHeader.typ !== typ) return undefined;
  const content: unknown = JSON.parse(new TextDecoder().decode(plaintext));
  return typeof content === 'object' && content !== null ? { ...content } : undefined;
};

export const createFlowSealer = (publicKeys: KeyList): FlowSealer => {
  const [key] = importKeys(publicKeys, 'public');
  return { sealFlow: (flow) => seal(key, FLOW, flow) };
};

export const createTicketSealer = (publicKeys: KeyList): TicketSealer => {
  const [key] = importKeys(publicKeys, 'public');
  return { sealTicket: (ticket) => seal(key, TICKET, ticket) };
};

const flowOf = (content: Record<string, unknown>): Flow | undefined => {
  const { flowId, provider, tenant, user, redirectUri, codeVerifier, nonce, scopes, startedAt } = content;
  if (!isText(flowId) || !isText(provider) || !isText(tenant) || !isText(user) || !isText(redirectUri))
    return undefined;
  if (!isText(codeVerifier) || !isText(nonce) || !isTexts(scopes) || typeof startedAt !== 'number') return undefined;
  return { flowId, provider, tenant, user, redirectUri, codeVerifier, nonce, scopes, startedAt };
};

const ticketOf = ({ code, state, expiresAt }: Record<string, unknown>, now: number): Ticket | undefined => {
  if (!isText(code) || !isText(state) || typeof expiresAt !== 'number') return undefined;
  return expiresAt * 1000 > now ? { code, state, expiresAt } : undefined;
};

/** @param now milliseconds since the epoch */
export const createFlowOpener = (privateKeys: KeyList, now: () => number = Date.now): FlowOpener => {
  const keys = importKeys(privateKeys, 'private');
  return {
    openFlow: (token) =>
      orUndefined(async () => {
        const content = await open(keys, FLOW, token);
        return content && flowOf(content);
      }),
    openTicket: (token) =>
      orUndefined(async () => {
        const content = await open(keys, TICKET, token);
        return content && ticketOf(content, now());
      }),
  };
};

// --- Sign-in ------------------------------------------------------------------------------------------------------

const signInOf = (content: Record<string, unknown>): SignInFlow | undefined => {
  const { flowId, provider, redirectUri, codeVerifier, nonce, returnTo, challenge, tenant, expiresAt } = content;
  if (!isText(flowId) || !isText(provider) || !isText(redirectUri) || !isText(codeVerifier)) return undefined;
  if (!isText(nonce) || !isText(returnTo) || typeof expiresAt !== 'number') return undefined;
  return {
    ...{ flowId, provider, redirectUri, codeVerifier, nonce, returnTo, expiresAt },
    ...(isText(challenge) ? { challenge } : {}),
    ...(isText(tenant) ? { tenant } : {}),
  };
};

/** One function seals and opens: it needs the private keys only. */
export const createSignInTokens = (privateKeys: KeyList): SignInSealer & SignInOpener => {
  const keys = importKeys(privateKeys, 'private');
  const [{ kid, key }] = keys;
  const sealing = { kid, key: createPublicKey(key) };
  return {
    sealSignIn: (flow) => seal(sealing, SIGN_IN, flow),
    openSignIn: (token) =>
      orUndefined(async () => {
        const content = await open(keys, SIGN_IN, token);
        return content && signInOf(content);
      }),
  };
};
