/** The hosts' own behaviour, where they really run: a process of its own with NODE_ENV=production. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { securityHeaders } from '../../functions/http/answer.ts';
import { exchange } from '../support/raw.ts';
import { type Ask, ask, isProblem, type Reply } from './support.ts';

const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const framework = `${modules}@google-cloud/functions-framework/`;
const main = `${framework}build/src/main.js`;
const ownServer = fileURLToPath(new URL('functions/own-server.ts', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ask: (what: Ask) => Promise<Reply>;
  /** Everything on stdout and stderr so far. */
  readonly output: () => string;
  /** Waits for it to be there. */
  readonly logged: (text: string) => Promise<void>;
}

const started: ChildProcess[] = [];
const start = async (target: string, program = main): Promise<Running> => {
  const source = fileURLToPath(new URL(`functions/${target}.ts`, import.meta.url));
  const child = spawn(process.execPath, [program, `--source=${source}`, `--target=${target}`, '--port=0'], {
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const found = /^port (\d+)$/m.exec(output)?.[1];
        if (found) resolve(Number(found));
      });
    }
    child.once('exit', (code) => reject(new Error(`exit ${code}: ${output}`)));
  });
  const logged = async (text: string) => {
    for (const end = Date.now() + 2_000; !output.includes(text) && Date.now() < end; ) await sleep(10);
    expect(output).toContain(text);
  };
  return { child, port, ask: (what) => ask(port, what), output: () => output, logged };
};
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const folders: string[] = [];
/** Another copy of the framework, started by a link, as on a platform that brings its own. */
const foreignFramework = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'framework-'));
  folders.push(folder);
  cpSync(framework, join(folder, 'functions-framework'), { recursive: true });
  symlinkSync(modules, join(folder, 'node_modules'));
  symlinkSync(join(folder, 'functions-framework/build/src/main.js'), join(folder, 'start'));
  return join(folder, 'start');
};

const CANARY = 'canary-51fd';
const TOKEN = '/v1/connections/google/token';
const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
const post = (body: string | Buffer, more: Record<string, string> = {}): Ask => ({
  method: 'POST',
  path: TOKEN,
  headers: { ...headers, ...more },
  body,
});

test('the reason for all of it: the framework as it comes logs a malformed body', async () => {
  const { ask, logged, child } = await start('plain');
  const reply = await ask(post(`{"x": ${CANARY}`));
  expect(reply.status).toBe(400);
  expect(reply.headers['content-type']).toContain('text/html');
  await logged(CANARY);
  expect((await ask(post(`"${'x'.repeat(20_000)}"`, { 'content-type': 'text/plain' }))).text).toBe('reached');
  child.kill('SIGKILL');
});

describe.each([
  ['framework', main],
  ['own server', ownServer],
])('hardened, %s', (_host, program) => {
  let running: Running;
  beforeAll(async () => {
    running = await start('stray', program);
  });

  const bad: [string, Ask, number, string][] = [
    ['S28 malformed JSON', post(`{"x": ${CANARY}`), 400, 'invalid_request'],
    ['S28 JSON that is text', post(CANARY), 400, 'invalid_request'],
    [
      'S28 another charset',
      post(CANARY, { 'content-type': `application/json; charset=${CANARY}` }),
      415,
      'unsupported_media_type',
    ],
    [
      'S28 a form',
      post(`a=${CANARY}`, { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'unsupported_media_type',
    ],
    ['S28 an unknown encoding', post(CANARY, { 'content-encoding': CANARY }), 415, 'unsupported_media_type'],
    ['S28 a broken encoding', post(CANARY, { 'content-encoding': 'gzip' }), 400, 'invalid_request'],
    ['S25 more than 16 KiB', post(CANARY.repeat(2_000)), 413, 'payload_too_large'],
    [
      'S25 more than 16 KiB when inflated',
      post(gzipSync(CANARY.repeat(100_000)), { 'content-encoding': 'gzip' }),
      413,
      'payload_too_large',
    ],
    ['S28 a badly escaped path', { path: `/v1/%E0%A4%A?${CANARY}` }, 400, 'invalid_request'],
    ['S22 an unknown path', { path: `/${CANARY}` }, 404, 'not_found'],
    ['S27 an error outside of the operation', { path: '/v1/connections', headers }, 500, 'internal_error'],
    [
      'S27 a rejection that nobody waits for',
      { ...post('{"return_to":"x","scopes":["x"]}'), path: '/v1/connections/google/authorize' },
      500,
      'internal_error',
    ],
  ];
  test.each(bad)('%s: a problem with all headers, nothing of it in the log', async (_name, what, status, code) => {
    const reply = await running.ask(what);
    expect(reply).toMatchObject({ status, json: { code } });
    expect(isProblem(reply.json)).toBe(true);
    for (const [name, value] of Object.entries(securityHeaders)) expect(reply.headers[name.toLowerCase()]).toBe(value);
    await running.logged(reply.json.correlation_id);
    expect(reply.text + JSON.stringify(reply.headers) + running.output()).not.toContain('canary');
  });

  test('S22 what the framework answers by itself carries the headers', async () => {
    for (const path of ['/favicon.ico', '/robots.txt']) {
      const reply = await running.ask({ path });
      expect(reply.status).toBe(404);
      for (const [name, value] of Object.entries(securityHeaders))
        expect(reply.headers[name.toLowerCase()]).toBe(value);
    }
  });

  const TARGET = '/v1/nothing';
  const HOST = 'Host: broker.example';
  const unparsed: [string, string, number, string][] = [
    [
      'headers of 20 KiB',
      `GET ${TARGET} HTTP/1.1\r\n${HOST}\r\nX: ${CANARY.repeat(1_700)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['a URL of 20 KiB', `GET /${CANARY.repeat(1_700)} HTTP/1.1\r\n${HOST}\r\n\r\n`, 431, 'headers_too_large'],
    ['no request line', `${CANARY}\r\n\r\n`, 400, 'invalid_request'],
    ['another protocol', `\u0016\u0003\u0001${CANARY}\r\n\r\n`, 400, 'invalid_request'],
    ['a method that nobody knows', `CANARY ${TARGET} HTTP/1.1\r\n${HOST}\r\n\r\n`, 400, 'invalid_request'],
    ['a version that nobody knows', `GET ${TARGET} HTTP/9.9\r\n${HOST}\r\n\r\n`, 400, 'invalid_request'],
    ['a header without a name', `GET ${TARGET} HTTP/1.1\r\n${HOST}\r\n: ${CANARY}\r\n\r\n`, 400, 'invalid_request'],
    ['a control character', `GET ${TARGET} HTTP/1.1\r\n${HOST}\r\nX: ${CANARY}\u0000\r\n\r\n`, 400, 'invalid_request'],
    [
      'two lengths',
      `POST ${TOKEN} HTTP/1.1\r\n${HOST}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
      400,
      'invalid_request',
    ],
    [
      'a length and chunks',
      `POST ${TOKEN} HTTP/1.1\r\n${HOST}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'invalid_request',
    ],
    [
      'a malformed chunk',
      `POST ${TOKEN} HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n${CANARY}\r\n`,
      400,
      'invalid_request',
    ],
    ['no Host', `GET ${TARGET} HTTP/1.1\r\nConnection: close\r\n\r\n`, 400, 'invalid_request'],
    [
      'an unknown expectation',
      `GET ${TARGET} HTTP/1.1\r\n${HOST}\r\nExpect: ${CANARY}\r\nConnection: close\r\n\r\n`,
      404,
      'not_found',
    ],
  ];
  test.each(unparsed)(
    "S22 %s: a problem with all headers in the place of Node's answer",
    async (_, sent, status, code) => {
      const { head, headers, text } = await exchange(running.port, sent);
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z]`));
      const body = JSON.parse(text);
      expect(isProblem(body)).toBe(true);
      expect(body).toMatchObject({ status, code });
      for (const [name, value] of Object.entries(securityHeaders)) {
        expect([name, headers.get(name.toLowerCase())]).toEqual([name, value]);
      }
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
      expect(headers.get('connection')).toBe('close');
      expect(headers.get('x-correlation-id')).toBe(body.correlation_id);
      if (status !== 404) await running.logged(body.correlation_id);
      expect(head + text + running.output()).not.toMatch(/canary/i);
    },
  );

  test('an error after the answer ends nothing, and its text is not logged', async () => {
    expect((await running.ask({ method: 'DELETE', path: '/v1/connections/google', headers })).status).toBe(204);
    await sleep(150);
    expect((await running.ask(post('{}'))).status).toBe(200);
    await running.logged('Timeout');
    expect(running.output()).not.toContain('canary');
  });

  test('every line of the log is one JSON object', () => {
    const lines = running
      .output()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('port '));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ severity: expect.any(String) });
  });

  test('SIGTERM: the request in flight is finished, then the process ends', async () => {
    // One in which no stray error has left work behind that never ends: that is waited for, as long as the platform waits.
    const { child, ask, logged, output } = await start('stray', program);
    const exit = once(child, 'exit');
    const agent = new Agent({ keepAlive: true });
    const inFlight = ask({ method: 'DELETE', path: '/v1/account', headers, agent });
    await logged('"event":"started"');
    child.kill('SIGTERM');
    await sleep(50);
    await expect(ask(post('{}'))).rejects.toThrow('ECONNREFUSED');
    expect((await inFlight).status).toBe(204);
    const answered = Date.now();
    expect(await exit).toEqual([0, null]);
    // The client kept its connection open.
    expect(Date.now() - answered).toBeLessThan(2_000);
    agent.destroy();
    expect(output()).not.toContain('canary');
  });
});

test.each([
  ['a foreign copy of the framework', foreignFramework],
  ['the own server', () => ownServer],
])(
  'an uncaught error, in %s: requests in flight are finished, its text is not logged, the process ends',
  async (_host, program) => {
    const { child, ask, output, logged } = await start('stray', program());
    const exit = once(child, 'exit');
    const body = '{"ticket":"x","flow":"y"}';
    expect((await ask({ ...post(body), path: '/v1/connections/google/complete' })).status).toBe(204);
    expect(await exit).toEqual([16, null]);
    await logged('"event":"uncaught_error"');
    expect(output()).not.toContain('canary');
  },
);
