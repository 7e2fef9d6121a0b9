import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { CompactEncrypt, importJWK, SignJWT } from 'jose';
import {
  createFlowOpener,
  createFlowSealer,
  createStateSigner,
  createStateVerifier,
  createTicketSealer,
  type KeyList,
} from '../../functions/adapters/flow-tokens.ts';
import { digest, type Flow, type FlowPurpose, type FlowState, randomId } from '../../functions/core/flow.ts';
import { generateKeys } from '../../local/keys.ts';

const NOW = 1_800_000_000;
const now = () => NOW * 1000;

const named = ({ keys }: KeyList, kid: string): KeyList => ({ keys: keys.map((key) => ({ ...key, kid })) });
const together = (...lists: KeyList[]): KeyList => ({ keys: lists.flatMap(({ keys }) => keys) });

const keys = generateKeys();
const next = generateKeys();
const oldState = {
  signing: keys.stateSigningKeys,
  verification: keys.stateVerificationKeys,
};
const newState = {
  signing: named(next.stateSigningKeys, 'state-2'),
  verification: named(next.stateVerificationKeys, 'state-2'),
};
const oldCompletion = { open: keys.completionPrivateKeys, seal: keys.completionPublicKeys };
const newCompletion = {
  open: named(next.completionPrivateKeys, 'completion-2'),
  seal: named(next.completionPublicKeys, 'completion-2'),
};

const state: FlowState = {
  purpose: 'connect',
  flowId: randomId(),
  provider: 'google',
  expiresAt: NOW + 600,
  returnTo: digest('http://localhost:8081/'),
  binding: digest('flow'),
  issuer: digest('https://accounts.google.com'),
};
const flow: Flow = {
  flowId: state.flowId,
  provider: 'google',
  tenant: 'org-1',
  user: 'user-1',
  redirectUri: 'http://127.0.0.1:8080/v1/callback/google',
  codeVerifier: randomId(32),
  nonce: randomId(),
  scopes: ['https://www.googleapis.com/auth/drive.readonly'],
  startedAt: NOW * 1000,
};
const ticket = { code: '4/0AVM', state: 'a.b.c', expiresAt: NOW + 60 };

const signer = createStateSigner(oldState.signing);
const verifier = createStateVerifier(oldState.verification, now);
const flows = createFlowSealer(oldCompletion.seal);
const tickets = createTicketSealer(oldCompletion.seal);
const opener = createFlowOpener(oldCompletion.open, now);

const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

/** Every token that differs from a good one in one character of one segment, or in its segments. */
const tampered = (token: string): string[] => {
  const segments = token.split('.');
  const altered = segments.flatMap((segment, at) =>
    [0, Math.floor(segment.length / 2), segment.length - 1].map((position) => {
      const other = segment[position] === 'A' ? 'Q' : 'A';
      const change = segment.slice(0, position) + other + segment.slice(position + 1);
      return segments.with(at, change).join('.');
    }),
  );
  const emptied = segments.flatMap((segment, at) => (segment === '' ? [] : [segments.with(at, '').join('.')]));
  return [...altered, ...emptied, `${token}.`, `.${token}`, segments.slice(1).join('.'), `${token}A`, ` ${token}`];
};
const nothing = ['', '.', '..', '....', 'x', 'null', '{}', 'a.b.c', 'a.b.c.d.e', 'x'.repeat(9_000)];

describe('state', () => {
  test('comes back as it was signed, with or without an issuer', async () => {
    expect(await verifier.verifyState(await signer.signState(state), 'connect')).toEqual(state);
    const { issuer: _none, ...without } = state;
    expect(await verifier.verifyState(await signer.signState(without), 'connect')).toEqual(without);
  });

  test('says its key and its kind, and nothing of who or where', async () => {
    const token = await signer.signState(state);
    expect(headerOf(token)).toEqual({ alg: 'ES256', kid: 'state-1', typ: 'connect-state+jwt' });
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    expect(Object.keys(JSON.parse(payload)).sort()).toEqual(['b', 'exp', 'i', 'jti', 'p', 'r']);
    expect(payload).not.toMatch(/localhost|user-1|org-1/);
  });

  test('stays under 512 characters with the longest provider, key id and return URL', async () => {
    const longest = createStateSigner(named(oldState.signing, 'k'.repeat(24)));
    const returnTo = digest(`https://app.example/${'x'.repeat(5_000)}`);
    const token = await longest.signState({ ...state, provider: 'p'.repeat(32), returnTo });
    expect(token.length).toBeLessThan(512);
    expect(() => createStateSigner(named(oldState.signing, 'k'.repeat(25)))).toThrow(/kid/);
  });

  test('S01 is over at its second, by the clock that is given', async () => {
    const token = await signer.signState(state);
    const at = (milliseconds: number) =>
      createStateVerifier(oldState.verification, () => milliseconds).verifyState(token, 'connect');
    expect(await at((NOW + 600) * 1000 - 1)).toEqual(state);
    expect(await at((NOW + 600) * 1000)).toBeUndefined();
  });

  test('S05 one for another purpose does not verify', async () => {
    const signIn = 'sign-in' as FlowPurpose;
    const token = await signer.signState({ ...state, purpose: signIn });
    expect(await verifier.verifyState(token, 'connect')).toBeUndefined();
    expect(await verifier.verifyState(await signer.signState(state), signIn)).toBeUndefined();
    expect(await verifier.verifyState(token, signIn)).toMatchObject({ purpose: signIn });
  });

  test('S01 anything that was changed, in any segment, does not verify', async () => {
    for (const token of [...tampered(await signer.signState(state)), ...nothing]) {
      expect(await verifier.verifyState(token, 'connect')).toBeUndefined();
    }
  });

  test('S29 no other algorithm, key or claim does', async () => {
    const [jwk] = oldState.signing.keys;
    const key = await importJWK({ ...jwk, kty: 'EC' }, 'ES256');
    const claims = { jti: 'f', exp: NOW + 1, p: 'google', r: 'r', b: 'b' };
    const header = { alg: 'ES256', kid: 'state-1', typ: 'connect-state+jwt' };
    const sign = (payload: object, more: object = {}) =>
      new SignJWT({ ...payload }).setProtectedHeader({ ...header, ...more }).sign(key);
    expect(await verifier.verifyState(await sign(claims), 'connect')).toBeDefined();
    for (const name of Object.keys(claims)) {
      const less = Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
      expect(await verifier.verifyState(await sign(less), 'connect')).toBeUndefined();
      expect(await verifier.verifyState(await sign({ ...claims, [name]: ['x'] }), 'connect')).toBeUndefined();
    }
    expect(await verifier.verifyState(await sign({ ...claims, i: 1 }), 'connect')).toBeUndefined();
    for (const more of [{ typ: 'JWT' }, { typ: undefined }, { kid: undefined }, { kid: 'other' }]) {
      expect(await verifier.verifyState(await sign(claims, more), 'connect')).toBeUndefined();
    }
    const [head, payload] = (await sign(claims)).split('.');
    const none = Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url');
    expect(head).toBeDefined();
    expect(await verifier.verifyState(`${none}.${payload}.`, 'connect')).toBeUndefined();
    const stranger = createStateSigner(named(next.stateSigningKeys, 'state-1'));
    expect(await verifier.verifyState(await stranger.signState(state), 'connect')).toBeUndefined();
  });

  test('keys rotate: the first signs, any of them verifies, one that was taken out does not', async () => {
    const before = await signer.signState(state);
    const after = await createStateSigner(together(newState.signing, oldState.signing)).signState(state);
    expect(headerOf(after).kid).toBe('state-2');
    const both = createStateVerifier(together(newState.verification, oldState.verification), now);
    expect(await both.verifyState(before, 'connect')).toEqual(state);
    expect(await both.verifyState(after, 'connect')).toEqual(state);
    const only = createStateVerifier(newState.verification, now);
    expect(await only.verifyState(before, 'connect')).toBeUndefined();
  });
});

describe('flow and ticket', () => {
  test('open as they were sealed', async () => {
    expect(await opener.openFlow(await flows.sealFlow(flow))).toEqual(flow);
    expect(await opener.openTicket(await tickets.sealTicket(ticket))).toEqual(ticket);
  });

  test('show their key and kind alone; two of the same differ', async () => {
    const token = await flows.sealFlow(flow);
    const { epk, ...header } = headerOf(token);
    expect(header).toEqual({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'completion-1', typ: 'flow+jwe' });
    expect(epk).toMatchObject({ kty: 'EC', crv: 'P-256' });
    expect(await flows.sealFlow(flow)).not.toBe(token);
    expect(headerOf(await tickets.sealTicket(ticket)).typ).toBe('ticket+jwe');
  });

  test('S05 a ticket is no flow, and a flow no ticket', async () => {
    expect(await opener.openFlow(await tickets.sealTicket(ticket))).toBeUndefined();
    expect(await opener.openTicket(await flows.sealFlow(flow))).toBeUndefined();
    // Neither is one with the content of both.
    const both = { ...flow, ...ticket };
    expect(await opener.openTicket(await flows.sealFlow(both))).toBeUndefined();
    expect(await opener.openFlow(await tickets.sealTicket(both))).toBeUndefined();
  });

  test('S01 a ticket is over at its second', async () => {
    const token = await tickets.sealTicket(ticket);
    const at = (milliseconds: number) => createFlowOpener(oldCompletion.open, () => milliseconds).openTicket(token);
    expect(await at((NOW + 60) * 1000 - 1)).toEqual(ticket);
    expect(await at((NOW + 60) * 1000)).toBeUndefined();
  });

  test('S01 anything that was changed, in any segment, does not open', async () => {
    for (const token of [...tampered(await flows.sealFlow(flow)), ...nothing]) {
      expect(await opener.openFlow(token)).toBeUndefined();
    }
    for (const token of [...tampered(await tickets.sealTicket(ticket)), ...nothing]) {
      expect(await opener.openTicket(token)).toBeUndefined();
    }
  });

  test('a sealed content that is none does not open', async () => {
    const seal = (content: object) => flows.sealFlow(content as Flow);
    for (const name of Object.keys(flow)) {
      expect(await opener.openFlow(await seal({ ...flow, [name]: undefined }))).toBeUndefined();
      expect(await opener.openFlow(await seal({ ...flow, [name]: { toString: 1 } }))).toBeUndefined();
    }
    expect(await opener.openFlow(await seal({ ...flow, scopes: [1] }))).toBeUndefined();
    for (const content of [[], null, 'flow', 1])
      expect(await opener.openFlow(await seal(content as object))).toBeUndefined();
  });

  test('no other algorithm and nothing compressed is opened', async () => {
    const [jwk] = oldCompletion.seal.keys;
    const key = await importJWK({ ...jwk, kty: 'EC' }, 'ECDH-ES');
    const plain = new TextEncoder().encode(JSON.stringify(flow));
    const header = { alg: 'ECDH-ES', enc: 'A256GCM', kid: 'completion-1', typ: 'flow+jwe' };
    const seal = (more: object, content = plain) =>
      new CompactEncrypt(content).setProtectedHeader({ ...header, ...more }).encrypt(key);
    expect(await opener.openFlow(await seal({}))).toEqual(flow);
    for (const more of [
      { alg: 'ECDH-ES+A256KW' },
      { enc: 'A128GCM' },
      { enc: 'A256CBC-HS512' },
      { typ: undefined },
      { kid: 'x' },
    ]) {
      expect(await opener.openFlow(await seal(more))).toBeUndefined();
    }
    expect(await opener.openFlow(await seal({ zip: 'DEF' }))).toBeUndefined();
    expect(await opener.openFlow(await seal({}, deflateRawSync(plain)))).toBeUndefined();
  });

  test('keys rotate: the first seals, any of them opens, one that was taken out does not', async () => {
    const before = await flows.sealFlow(flow);
    const after = await createFlowSealer(together(newCompletion.seal, oldCompletion.seal)).sealFlow(flow);
    expect(headerOf(after).kid).toBe('completion-2');
    const both = createFlowOpener(together(newCompletion.open, oldCompletion.open), now);
    expect(await both.openFlow(before)).toEqual(flow);
    expect(await both.openFlow(after)).toEqual(flow);
    expect(await createFlowOpener(newCompletion.open, now).openFlow(before)).toBeUndefined();
  });
});

describe('S49 keys that do not fit refuse to start', () => {
  const [publicKey = {}] = oldCompletion.seal.keys;
  const faults: [string, () => unknown][] = [
    ['none at all', () => createFlowOpener({ keys: [] })],
    ['a public key to sign', () => createStateSigner(oldState.verification)],
    ['a private key to verify', () => createStateVerifier(oldState.signing)],
    ['a private key to seal', () => createTicketSealer(oldCompletion.open)],
    ['a public key to open', () => createFlowOpener(oldCompletion.seal)],
    ['no kid', () => createFlowSealer({ keys: [{ ...publicKey, kid: undefined }] })],
    ['an empty kid', () => createFlowSealer({ keys: [{ ...publicKey, kid: '' }] })],
    ['one kid twice', () => createFlowSealer(together(oldCompletion.seal, oldCompletion.seal))],
    ['another curve', () => createFlowSealer({ keys: [{ ...publicKey, crv: 'P-384' }] })],
    ['another type', () => createFlowSealer({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'x' }] })],
    ['a point beside the curve', () => createFlowSealer({ keys: [{ ...publicKey, x: publicKey.y }] })],
  ];
  test.each(faults)('S49 %s', (_name, make) => {
    expect(make).toThrow();
  });
});

test('development keys are new each time', () => {
  expect(new Set([keys, next].flatMap((all) => all.stateSigningKeys.keys.map(({ d }) => d))).size).toBe(2);
  expect(Buffer.from(keys.accountHashKey, 'base64')).toHaveLength(32);
  expect(JSON.stringify([keys.stateVerificationKeys, keys.completionPublicKeys])).not.toContain('"d"');
});
