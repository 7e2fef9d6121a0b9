/** Calls to Google over HTTP and JSON: what is repeated, what a failure means, and what is not believed. */
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectionPlace } from '../../functions/adapters/firestore/documents.ts';
import { openFirestoreRest } from '../../functions/adapters/firestore/rest/client.ts';
import { restConnections } from '../../functions/adapters/firestore/rest/connections.ts';
import type { AccessTokens } from '../../functions/adapters/google-access-token.ts';
import { createGoogleApi, type GoogleApi, standInTokens } from '../../functions/adapters/google-api.ts';
import { restKeys } from '../../functions/adapters/kms-rest.ts';
import { IntegrityError, Unavailable } from '../../functions/core/errors.ts';
import type { ConnectionStore, Stored } from '../../functions/core/ports.ts';
import { type Scripted, type StubProvider, startStubProvider } from '../support/stub-provider.ts';

let stub: StubProvider;
let given: string[];
let refused: string[];
const tokens: AccessTokens = {
  get: async () => {
    const token = `token-${given.length + 1}`;
    given.push(token);
    return token;
  },
  forget: (token) => void refused.push(token),
};
let api: GoogleApi;
beforeEach(async () => {
  stub = await startStubProvider();
  given = [];
  refused = [];
  api = createGoogleApi({ upstream: 'database', origin: stub.origin, tokens });
});
afterEach(() => stub.close());

const failed = (status: number, name: string): Scripted => ({
  status,
  json: { error: { code: status, message: 'canary', status: name } },
});
const streamFailed = (status: number, name: string): Scripted => ({
  status,
  json: [{ error: { code: status, message: 'canary', status: name } }],
});
const page = (status: number): Scripted => ({ status, text: '<html>canary' });
const failureOf = async (call: Promise<unknown>): Promise<Error & { code?: number }> => {
  const failure = await call.then(
    () => new Error('it did not fail'),
    (error) => error,
  );
  return failure;
};
const read = () => api.post('/v1/it:read', { a: 1 }, { reads: true });
const change = () => api.post('/v1/it:change', { a: 1 }, { reads: false });

test('JSON goes out with the token, and comes back parsed, on one connection', async () => {
  stub.answer({ json: { b: 2 } }, { json: [] });
  expect(await read()).toEqual({ b: 2 });
  expect(await change()).toEqual([]);
  expect(stub.requests[0]).toMatchObject({
    method: 'POST',
    path: '/v1/it:read',
    body: '{"a":1}',
    headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
  });
  expect(stub.connections).toBe(1);
});

const passing: [string, Scripted][] = [
  ['UNAVAILABLE', failed(503, 'UNAVAILABLE')],
  ['UNAVAILABLE in a stream', streamFailed(503, 'UNAVAILABLE')],
  ['a page instead of an answer', page(502)],
  ['half an answer', { text: '{"b":' }],
  ['a kept connection that dies', 'reset'],
  ['noise', 'noise'],
];

describe('once more', () => {
  test.each(passing)('%s: a call that reads is repeated once', async (_, disturbance) => {
    stub.answer({ json: {} }, disturbance, { json: { b: 2 } });
    await read();
    expect(await read()).toEqual({ b: 2 });
    stub.answer(disturbance, disturbance, { json: { b: 3 } });
    await expect(read()).rejects.toThrow();
    expect(stub.requests).toHaveLength(5);
  });

  test.each(passing)('%s: a call that writes is not, and may have been applied', async (_, disturbance) => {
    stub.answer({ json: {} }, disturbance);
    await change();
    const failure = await failureOf(change());
    expect(stub.requests).toHaveLength(2);
    // The API's own word is judged by who knows the call.
    if (failure.name !== 'RpcError') expect(failure).toMatchObject({ name: 'Unavailable', applied: 'unknown' });
    else expect(failure.code).toBe(14);
  });

  test('a token that is refused is forgotten, and the call is made with another: nothing was done', async () => {
    stub.answer(failed(401, 'UNAUTHENTICATED'), { json: { b: 2 } });
    expect(await change()).toEqual({ b: 2 });
    expect(refused).toEqual(['token-1']);
    expect(stub.requests[1]?.headers.authorization).toBe('Bearer token-2');
  });

  test('no connection at all: tried twice, and certainly not applied', async () => {
    await stub.close();
    await expect(change()).rejects.toMatchObject({ name: 'Unavailable', message: 'database: connect', applied: 'no' });
    expect(given).toHaveLength(2);
  });

  test.each([
    ['RESOURCE_EXHAUSTED', 429],
    ['PERMISSION_DENIED', 403],
    ['ABORTED', 409],
  ])('%s is not repeated here', async (name, status) => {
    stub.answer(failed(status, name));
    await expect(read()).rejects.toMatchObject({ name: 'RpcError' });
    expect(stub.requests).toHaveLength(1);
  });
});

test('a redirect is not followed', async () => {
  stub.answer({ status: 307, headers: { location: '/elsewhere' }, json: {} });
  await expect(change()).rejects.toMatchObject({ name: 'Unavailable', message: 'database: http_307' });
  expect(stub.requests).toHaveLength(1);
});

test('without a token nothing is sent, and only ops can help', async () => {
  const none: AccessTokens = { ...tokens, get: () => Promise.reject(new Error('canary')) };
  const without = createGoogleApi({ upstream: 'key_service', origin: stub.origin, tokens: none });
  const failure = await failureOf(without.post('/', {}, { reads: true }));
  expect(failure).toBeInstanceOf(Unavailable);
  expect(failure).toMatchObject({ message: 'key_service: credentials', needsOps: true, applied: 'no' });
  expect(stub.requests).toHaveLength(0);
});

test('an answer that never comes costs five seconds, and the request is ended; a token that never comes, too', async () => {
  let closed: Promise<void> | undefined;
  stub.onConnection((socket: Socket) => {
    closed = new Promise((resolve) => socket.once('close', () => resolve()));
  });
  stub.answer('hang');
  const stuck: AccessTokens = { ...tokens, get: () => new Promise(() => {}) };
  const withoutToken = createGoogleApi({ upstream: 'database', origin: stub.origin, tokens: stuck });
  const begun = performance.now();
  const failures = await Promise.all([failureOf(read()), failureOf(withoutToken.post('/', {}, { reads: true }))]);
  expect(failures).toMatchObject([
    { message: 'database: timeout', applied: 'unknown' },
    { message: 'database: timeout' },
  ]);
  expect(performance.now() - begun).toBeLessThan(6_000);
  await closed;
  expect(stub.requests).toHaveLength(1);
}, 15_000);

test('S42 what a failure says is a code: no text of the answer, no token', async () => {
  stub.answer(page(400), failed(403, 'PERMISSION_DENIED'));
  for (const failure of [await failureOf(change()), await failureOf(change())]) {
    expect(`${failure.stack}${String(failure.cause)}${JSON.stringify(failure)}`).not.toMatch(/canary|token-\d/);
  }
});

describe('answers of the database that are not believed', () => {
  const key = { tenant: 'org-1', user: 'user-1', provider: 'google' };
  const name = `projects/p/databases/(default)/documents/${connectionPlace(key).join('/')}`;
  const T = '2026-01-02T03:04:05.678901Z';
  const fields = { connected_at: { timestampValue: T }, updated_at: { timestampValue: T } };
  const document = { name, fields, createTime: T, updateTime: T };
  let connections: ConnectionStore;
  beforeEach(() => {
    const options = { project: 'p', databaseId: '(default)', firestoreEmulator: new URL(stub.origin).host };
    connections = restConnections(openFirestoreRest(options, standInTokens));
  });
  const readOne = async (): Promise<Stored> => {
    stub.answer({ json: [{ found: document, readTime: T }] });
    return (await connections.read(key)) as Stored;
  };

  test('times: milliseconds for the core, all digits for the precondition', async () => {
    const stored = await readOne();
    expect(stored.readAt).toBe(Date.parse('2026-01-02T03:04:05.678Z'));
    stub.answer({ json: { writeResults: [{ updateTime: T }], commitTime: T } });
    await connections.update(stored, { revision: 2 });
    const [write] = JSON.parse(stub.requests.at(-1)?.body ?? '').writes;
    expect(write.currentDocument).toEqual({ updateTime: T });
    expect(write.updateMask.fieldPaths).toEqual(['revision']);
    expect(write.updateTransforms).toEqual([{ fieldPath: 'updated_at', setToServerValue: 'REQUEST_TIME' }]);
  });

  test.each([
    ['nothing', []],
    ['no list', {}],
    ['no read time', [{ missing: name }]],
    ['a read time that is none', [{ missing: name, readTime: 'now' }]],
    ['another document', [{ found: { ...document, name: `${name}x` }, readTime: T }]],
    ['another absent one', [{ missing: `${name}x`, readTime: T }]],
    [
      'two',
      [
        { missing: name, readTime: T },
        { missing: name, readTime: T },
      ],
    ],
    ['no update time', [{ found: { name, fields }, readTime: T }]],
    ['a value of no type', [{ found: { ...document, fields: { a: {} } }, readTime: T }]],
    ['a type that is not used', [{ found: { ...document, fields: { a: { geoPointValue: {} } } }, readTime: T }]],
  ])('%s', async (_, json) => {
    stub.answer({ json });
    await expect(connections.read(key)).rejects.toMatchObject({ message: 'database: malformed' });
  });

  test.each([
    ['no results', {}],
    ['no update time', { writeResults: [{}] }],
  ])('a commit with %s may have been applied', async (_, json) => {
    const stored = await readOne();
    stub.answer({ json });
    await expect(connections.update(stored, { revision: 2 })).rejects.toMatchObject({
      message: 'database: malformed',
      applied: 'unknown',
    });
  });

  test.each([404, 400, 409])('a page with status %i is no conflict', async (status) => {
    const stored = await readOne();
    stub.answer(page(status));
    await expect(connections.update(stored, { revision: 2 })).rejects.toMatchObject({
      message: `database: http_${status}`,
      applied: 'unknown',
    });
  });

  test.each([
    ['FAILED_PRECONDITION', 400],
    ['NOT_FOUND', 404],
  ])('%s is one', async (status, code) => {
    const stored = await readOne();
    stub.answer(failed(code, status));
    expect(await connections.update(stored, { revision: 2 })).toBe('conflict');
  });

  test.each([
    ['ABORTED', 409, { applied: 'no', needsOps: false }],
    ['UNAVAILABLE', 503, { applied: 'unknown', needsOps: false }],
    ['PERMISSION_DENIED', 403, { needsOps: true }],
    ['INVALID_ARGUMENT', 400, { needsOps: true }],
  ])('%s is neither a conflict nor a success', async (status, code, expected) => {
    const stored = await readOne();
    stub.answer(failed(code, status));
    await expect(connections.update(stored, { revision: 2 })).rejects.toMatchObject({
      name: 'Unavailable',
      ...expected,
    });
  });
});

describe('answers of the key service that are not believed', () => {
  const unwrap = () =>
    restKeys({ kmsKey: 'projects/p/key', kmsEmulator: new URL(stub.origin).host }, standInTokens).unwrap(
      Buffer.from('wrapped'),
      Buffer.from('place'),
    );

  test('a page with status 400 says nothing about the data key', async () => {
    stub.answer(page(400), page(400));
    await expect(unwrap()).rejects.toMatchObject({ name: 'Unavailable', message: 'key_service: http_400' });
  });

  test('INVALID_ARGUMENT does', async () => {
    stub.answer(failed(400, 'INVALID_ARGUMENT'));
    await expect(unwrap()).rejects.toBeInstanceOf(IntegrityError);
  });

  test.each([[{}], [[]], [null], [{ plaintext: 3 }]])('no key: %j', async (json) => {
    stub.answer({ json });
    await expect(unwrap()).rejects.toMatchObject({ name: 'Unavailable', message: 'key_service: malformed' });
  });
});
