/** Every caller of the HTTP client gets a decoded, bounded body: metadata and keys too. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decoded } from '../../functions/adapters/content-encoding.ts';
import { createHttpClient, type HttpClient } from '../../functions/adapters/http-client.ts';
import { createKeySet } from '../../functions/adapters/jwks.ts';
import { oidcDiscovery } from '../../functions/adapters/oidc/discovery.ts';
import { type Answer, send } from '../../local/providers/web.ts';

let next: Answer;
let asked: (string | string[] | undefined)[] = [];
const server = createServer((request, response) => {
  asked.push(request.headers['accept-encoding']);
  send(response, next);
});
let origin: string;
let http: HttpClient;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  http = createHttpClient({ developmentOrigins: [origin], deadlineMs: 5_000 });
});
beforeEach(() => {
  asked = [];
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test.each([
  [201, 'gzip', (text: string) => gzipSync(text)],
  [200, 'br', (text: string) => brotliCompressSync(text)],
  [203, '', (text: string) => Buffer.from(`\uFEFF${text}`)],
])('S35 metadata with status %i and the coding "%s" is read, and checked as ever', async (status, coding, pack) => {
  const config = { name: 'odd', issuer: origin, clientId: 'client', credential: 'public' as const };
  const metadata = {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    code_challenge_methods_supported: ['S256'],
  };
  const answer = (members: object): Answer => ({
    status,
    headers: { 'content-encoding': coding },
    body: pack(JSON.stringify(members)),
  });
  next = answer(metadata);
  expect(await oidcDiscovery(config, http).discover()).toMatchObject({ kind: 'metadata', metadata });
  next = answer({ ...metadata, issuer: 'https://another.example' });
  expect(await oidcDiscovery(config, http).discover()).toMatchObject({ kind: 'refused', code: 'issuer_mismatch' });
  expect(asked).toEqual(['identity', 'identity']);
});

test('S34 keys behind a byte order mark, in deflate, are keys', async () => {
  next = {
    status: 200,
    headers: { 'content-encoding': 'deflate' },
    body: deflateRawSync('\uFEFF{"keys":[]}'),
  };
  const set = createKeySet({ url: `${origin}/keys`, get: (url) => http.request({ method: 'GET', url }) });
  const header = { alg: 'RS256', kid: 'none-of-these' };
  // Without keys that could be read, the answer would be `Unavailable`.
  await expect(set.verified(header, async () => 'verified')).rejects.toMatchObject({
    code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  });
});

test('what unpacks beyond the bound is cut off there, and no step may exceed it', async () => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024, 0x20));
  const once = await decoded(bomb, 'gzip', 1024);
  expect([once.fault, once.body.length]).toEqual(['too_large', 1024]);
  const twice = await decoded(gzipSync(bomb), 'gzip, gzip', 64 * 1024);
  expect([twice.fault, twice.body.length]).toEqual(['too_large', 64 * 1024]);
  expect((await decoded(Buffer.from('{}'), 'gzip, gzip, gzip, gzip', 1024)).fault).toBe('encoding');
  expect((await decoded(Buffer.from([1, 2, 3]), 'compress', 1024)).fault).toBe('encoding');
});

test('an answer that cannot be decoded was sent for: nobody repeats it', async () => {
  next = { status: 200, headers: { 'content-encoding': 'x-unknown' }, body: Buffer.from([1, 2, 3]) };
  await expect(http.request({ method: 'GET', url: `${origin}/x` })).rejects.toMatchObject({
    code: 'encoding',
    sent: true,
  });
});
