/**
 * Answers of token endpoints as real servers send them, over a socket, through exchange and refresh of every kind of
 * provider. Both readers agree; no refresh token that came is dropped; a whole answer gives a strict lease back.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHttpClient, type HttpClient } from '../../../functions/adapters/http-client.ts';
import type { CodeExchanger, ExchangeAnswer, RefreshAnswer, Refresher } from '../../../functions/core/ports.ts';
import { type Answer, send } from '../../../local/providers/web.ts';
import { CANARIES, REDIRECT_URI } from '../provider-answers.ts';
import { type Specimen, zoo } from './answers.ts';
import { type Kind, kinds, NONCE } from './kinds.ts';
import { completed, refreshed } from './world.ts';

let next: Answer;
let asked: (string | string[] | undefined)[] = [];
const server = createServer((request, response) => {
  asked.push(request.headers['accept-encoding']);
  request.resume().once('end', () => send(response, next));
});
let endpoint: string;
let http: HttpClient;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  endpoint = `${origin}/token`;
  http = createHttpClient({ developmentOrigins: [origin], deadlineMs: 5_000 });
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const doExchange = (adapter: CodeExchanger) =>
  adapter.exchange({
    code: CANARIES.code,
    codeVerifier: CANARIES.codeVerifier,
    nonce: NONCE,
    redirectUri: REDIRECT_URI,
    scopes: ['a', 'b'],
  });
const doRefresh = (adapter: Refresher) => adapter.refresh({ refreshToken: CANARIES.refreshToken, scopes: ['a', 'b'] });

/** What an answer to a refresh says of a code. */
const ofCode = (answer: RefreshAnswer): object => {
  const { kind } = answer;
  if (kind === 'tokens') return { kind, tokens: answer.tokens };
  const { code, refreshToken } = answer;
  const isAboutGrant = kind === 'grant_dead' || kind === 'user_needed';
  return { kind: isAboutGrant ? 'code_refused' : kind, code, ...(refreshToken === undefined ? {} : { refreshToken }) };
};
const asCode = (answer: ExchangeAnswer): object =>
  answer.kind === 'tokens'
    ? { kind: answer.kind, tokens: answer.tokens }
    : {
        kind: answer.kind,
        code: answer.code,
        ...(answer.refreshToken === undefined ? {} : { refreshToken: answer.refreshToken }),
      };
const cameIn = (answer: RefreshAnswer): string | undefined =>
  answer.kind === 'tokens' ? answer.tokens.refreshToken : answer.refreshToken;

/** Words of a provider, and secrets. */
const expectSilence = (told: string) => {
  for (const canary of Object.values(CANARIES)) expect(told).not.toContain(canary);
  expect(told).not.toContain('canary');
};

test('there are at least 90 answers', () => {
  expect(zoo.length).toBeGreaterThanOrEqual(90);
  expect(new Set(zoo.map(({ name }) => name)).size).toBe(zoo.length);
});

describe.each(kinds)('S48 $name', (kind: Kind) => {
  const adapter = () => kind.make(endpoint, http);

  test.each(zoo)('$name', async ({ answer, refresh: expected, came, whole }: Specimen) => {
    asked = [];
    next = answer(kind.members());
    const read = await doRefresh(adapter());
    expect(read).toMatchObject(expected);
    expect(cameIn(read)).toBe(came ? CANARIES.rotated : undefined);
    expect(asCode(await doExchange(adapter()))).toEqual(ofCode(read));

    const kept = await refreshed(adapter());
    const isDead = expected.kind === 'grant_dead' && !came;
    expect(kept.token).toBe(came ? CANARIES.rotated : isDead ? undefined : CANARIES.refreshToken);
    expect(kept.isLeaseBack).toBe(whole || came);
    expectSilence(kept.told);

    const made = await completed(adapter());
    expect([made.token, ...made.revoked].filter((token) => token !== undefined)).toEqual(
      came ? [CANARIES.rotated] : [],
    );
    expectSilence(made.told);
    expect(new Set(asked)).toEqual(new Set(['identity']));
  });

  test('a refused token is not revoked where that may end more', async () => {
    next = { status: 200, headers: {}, body: JSON.stringify({ ...kind.members(), token_type: 'mac' }) };
    expect((await completed(adapter(), 'grant')).revoked).toEqual([]);
    expect((await completed(adapter(), 'session')).revoked).toEqual([]);
  });

  test.each([null, ''])('an id_token that is %j is as if there were none', async (id_token) => {
    next = { status: 200, headers: {}, body: JSON.stringify({ ...kind.members(), id_token }) };
    expect(await doRefresh(adapter())).toMatchObject({ kind: 'tokens' });
    expect(await doExchange(adapter())).toMatchObject(
      kind.name === 'oauth2' ? { kind: 'tokens' } : { kind: 'unusable', code: 'id_token_missing' },
    );
  });
});

test('oauth2: an id_token that nobody can judge is left alone', async () => {
  const kind = kinds.find(({ name }) => name === 'oauth2') as Kind;
  next = { status: 200, headers: {}, body: JSON.stringify({ ...kind.members(), id_token: 'e30.e30.c2ln' }) };
  expect(await doExchange(kind.make(endpoint, http))).toMatchObject({ kind: 'tokens' });
});

describe.each(kinds)('any answer, to $name', (kind: Kind) => {
  const always = (given: { status: number; headers: Record<string, string>; body: Buffer }) =>
    kind.make('http://127.0.0.1:9/token', { allows: () => true, request: async () => given });

  const odd = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      '',
      ' ',
      'null',
      0,
      -1,
      '0',
      true,
      false,
      [],
      {},
      'Bearer',
      'MAC',
      'a b',
      ['a'],
      '***',
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const names = [
    'access_token',
    'token_type',
    'expires_in',
    'scope',
    'refresh_token',
    'error',
    'data',
    'code',
    'status',
  ];
  const mutations = fc.dictionary(fc.constantFrom(...names, 'errors', 'suberror', 'error_codes', 'claims'), odd);
  const statuses = fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 408, 429, 500, 502, 503, 504);

  test('is read alike by exchange and refresh, and its refresh token is not dropped', async () => {
    await fc.assert(
      fc.asyncProperty(mutations, statuses, fc.boolean(), async (changes, status, isList) => {
        const members: Record<string, unknown> = { ...kind.members(), ...changes };
        const body = Buffer.from(JSON.stringify(isList ? [members] : members));
        const one = always({ status, headers: {}, body });
        const read = await doRefresh(one);
        expect(asCode(await doExchange(one))).toEqual(ofCode(read));
        if (members.refresh_token === CANARIES.rotated) expect(cameIn(read)).toBe(CANARIES.rotated);
      }),
      { numRuns: 150 },
    );
  });

  test('of bytes makes neither throw', async () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat({ max: 2_000 }).map((end) => Buffer.from(JSON.stringify(kind.members())).subarray(0, end)),
    );
    const types = fc.constantFrom(
      '',
      'application/json',
      'text/html',
      'application/json; charset=utf-16',
      'x; charset=""',
    );
    await fc.assert(
      fc.asyncProperty(bodies, types, statuses, async (bytes, type, status) => {
        const one = always({ status, headers: { 'content-type': type }, body: Buffer.from(bytes) });
        const read = await doRefresh(one);
        expect(asCode(await doExchange(one))).toEqual(ofCode(read));
      }),
      { numRuns: 100 },
    );
  });
});

test('a bomb of 20 MiB is what it claims to be', () => {
  const bomb = zoo.find(({ name }) => name === 'gzip_bomb')?.answer({}).body as Buffer;
  expect(bomb.length).toBeLessThan(64 * 1024);
  expect(gunzipSync(bomb).length).toBeGreaterThan(20 * 1024 * 1024);
});
