import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Operation } from '../../functions/http/operation.ts';
import { problem } from '../../functions/http/problems.ts';
import { bearer, type Fixture, fixture, json, TOKEN } from './fixture.ts';
import { HOSTS, host } from './support.ts';

describe.each(HOSTS)('bodies, %s', (by) => {
  let server: Fixture;
  beforeAll(async () => {
    server = await fixture(undefined, undefined, by);
  });
  afterAll(() => server.close());

  const nested = (depth: number) => '{"integration":'.repeat(depth) + '1'.concat('}'.repeat(depth));
  const CANARY = 'canary-3f9c';
  const notJson = /^The body is not JSON/;
  const dangerous = /^The body has a member or a depth/;
  const bad: [string, string, RegExp][] = [
    ['malformed', `{"integration": ${CANARY}`, notJson],
    ['not an object', '"mail"', /^The body is not an object\.$/],
    ['null', 'null', /^The body is not an object\.$/],
    ['a list', '[]', /^The body is not an object\.$/],
    ['an unknown field', `{"integration":"mail","${CANARY}":1}`, /^The body has a member that is not known\.$/],
    [
      'a value that does not fit',
      `{"scopes":["ok","${CANARY} "]}`,
      /^\/scopes\/1 does not fit its schema \(pattern\)\.$/,
    ],
    ['both of two', '{"integration":"mail","scopes":["a"]}', /^Give integration or scopes, not both\.$/],
    ['__proto__', '{"__proto__":{"integration":"mail"}}', dangerous],
    ['__proto__, escaped', '{"\\u005f_proto__":1}', dangerous],
    ['constructor, deep', '{"scopes":[{"constructor":{"prototype":1}}]}', dangerous],
    ['nine levels', nested(9), dangerous],
    ['many levels', '['.repeat(16_000), notJson],
    ['many levels, closed', '['.repeat(8_000) + ']'.repeat(8_000), dangerous],
    ['bad UTF-8', '{"integration":"\xff"}', notJson],
  ];
  test.each(bad)('S25 %s is 400 invalid_request', async (_name, body, detail) => {
    const reply = await server.askToken({ ...bearer, ...json }, Buffer.from(body, 'latin1'));
    expect(reply).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(reply.json.detail).toMatch(detail);
    expect(reply.text).not.toContain(CANARY);
    expect(JSON.stringify(server.log)).not.toContain(CANARY);
    expect(server.calls).toEqual([]);
  });

  test('S25 eight levels are a matter of the schema alone', async () => {
    expect((await server.askToken({ ...bearer, ...json }, nested(8))).json.detail).toBe(
      '/integration does not fit its schema (type).',
    );
  });

  test('a body that is needed and absent is 400', async () => {
    const reply = await server.ask({ method: 'POST', path: '/v1/connections/google/authorize', headers: bearer });
    expect(reply).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  });

  test('S25 16 KiB pass, one byte more is 413, inflated or not, whatever the length says', async () => {
    const body = (size: number) => `{"integration":"mail"${' '.repeat(size - 22)}}`;
    const fits = body(16_384);
    const larger = body(16_385);
    expect(Buffer.byteLength(fits)).toBe(16_384);
    const gzip = { ...bearer, ...json, 'content-encoding': 'gzip' };
    expect((await server.askToken({ ...bearer, ...json }, fits)).status).toBe(200);
    expect((await server.askToken(gzip, gzipSync(fits))).status).toBe(200);
    for (const reply of [
      await server.askToken({ ...bearer, ...json }, larger),
      await server.askToken({ ...bearer, ...json, 'transfer-encoding': 'chunked' }, larger),
      await server.askToken(gzip, gzipSync(larger)),
      await server.askToken(gzip, gzipSync(Buffer.alloc(4 * 1024 * 1024))),
    ]) {
      expect(reply).toMatchObject({ status: 413, json: { code: 'payload_too_large' } });
    }
    expect(server.calls).toEqual([]);
  });

  test('S25 no more than 16 KiB is ever held', async () => {
    const held: number[] = [];
    const operation: Operation = {
      id: 'token',
      admit: async ({ rawBody }) => {
        held.push(rawBody?.length ?? 0);
        return { refusal: problem('forbidden') };
      },
    };
    const watching = await host(() => [operation], undefined, undefined, undefined, by);
    for (const size of [16_384, 16_385, 1_000_000]) {
      await watching.ask({ method: 'POST', path: TOKEN, headers: json, body: Buffer.alloc(size) });
    }
    expect(held).toEqual([16_384, 0, 0]);
    await watching.close();
  });

  test.each([
    [{}],
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'application/cloudevents+json' }],
    [{ 'content-type': 'application/json; charset=latin1' }],
    [{ 'content-type': 'application/json, application/json' }],
    [{ ...json, 'content-encoding': 'compress' }],
  ])('a body sent as %j is 415', async (headers: Record<string, string>) => {
    const reply = await server.askToken({ ...bearer, ...headers }, '{}');
    expect(reply).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });

  test.each(['application/json', 'application/json;charset=utf-8', 'Application/JSON; charset="UTF-8"'])(
    'a body sent as %s is read',
    async (type) => {
      expect((await server.askToken({ ...bearer, 'content-type': type }, '{"integration":"mail"}')).status).toBe(200);
      expect(server.calls).toMatchObject([{ body: { integration: 'mail' } }]);
    },
  );

  test('a broken content encoding is 400', async () => {
    const reply = await server.askToken({ ...bearer, ...json, 'content-encoding': 'gzip' }, '{}');
    expect(reply).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  });

  test('content of an operation that takes none is not looked at', async () => {
    const reply = await server.ask({ method: 'DELETE', path: '/v1/account', headers: bearer, body: '{' });
    expect(reply.status).toBe(204);
  });
});
