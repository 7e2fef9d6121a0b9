/** Answers that are streams of server-sent events, on both hosts. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventStream, type ServerSentEvent, securityHeaders } from '../../functions/http/answer.ts';
import { errorEvent } from '../../functions/http/event-stream.ts';
import { sessionOperation } from '../../functions/http/operation.ts';
import { problem } from '../../functions/http/problems.ts';
import { eventsIn } from '../support/events.ts';
import { bearer, json, ORIGIN, user1 } from './fixture.ts';
import { HOSTS, type Host, host, isProblem } from './support.ts';

const ANSWERS = '/v1/answers';
const CANARY = 'canary-77aa';
const sessions = { origins: [ORIGIN], verify: async () => user1 };
async function* none(): AsyncGenerator<ServerSentEvent> {}
const question = (query = 'q') => ({ query, results: [{ source: 'host', id: '1', title: '' }] });

describe.each(HOSTS)('streams, %s', (by) => {
  let server: Host;
  /** What happened to the stream that was begun last. */
  let happened: string[] = [];
  let go = () => {};
  const streams: Record<string, (gone: AbortSignal) => AsyncIterable<ServerSentEvent>> = {
    async *three() {
      for (const number of [1, 2, 3]) yield { event: 'text', data: { text: `line\n${number}` } };
    },
    async *waiting(gone) {
      gone.addEventListener('abort', () => happened.push('aborted'));
      try {
        yield { event: 'text', data: { text: 'first' } };
        await new Promise<void>((resolve) => {
          go = resolve;
          gone.addEventListener('abort', () => resolve());
        });
        yield { event: 'text', data: { text: 'last' } };
        happened.push('asked on');
      } finally {
        happened.push('closed');
      }
    },
    async *large() {
      try {
        for (let each = 0; each < 4000; each++) {
          happened = [String(each)];
          yield { event: 'text', data: { text: 'x'.repeat(10_000) } };
        }
      } finally {
        happened.push('closed');
      }
    },
    async *broken() {
      yield { event: 'text', data: { text: 'first' } };
      throw new Error(CANARY);
    },
    async *failing() {
      yield errorEvent(problem('model_busy', { retryAfter: 7 }));
    },
  };

  beforeAll(async () => {
    const operation = sessionOperation('answer', sessions, async ({ body, whenGone }) => {
      happened = [];
      return eventStream((streams[body.query] ?? none)(whenGone()));
    });
    const other = sessionOperation('token', sessions, async () => problem('forbidden'));
    server = await host(() => [operation, other], undefined, undefined, 1, by);
  });
  afterAll(() => server.close());

  const headers = { ...bearer, ...json, origin: ORIGIN };
  const ask = (query: string) =>
    server.ask({ method: 'POST', path: ANSWERS, headers, body: JSON.stringify(question(query)) });
  const open = async (query: string) => {
    const options = { host: '127.0.0.1', port: server.port, method: 'POST', path: ANSWERS, headers, agent: false };
    const request = httpRequest(options);
    request.on('error', () => {});
    request.end(JSON.stringify(question(query)));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { request, response };
  };
  const until = async (condition: () => boolean) => {
    for (let waited = 0; waited < 5_000 && !condition(); waited += 10) await sleep(10);
    expect(condition()).toBe(true);
  };

  test('are written event by event, with the headers of every answer', async () => {
    const reply = await ask('three');
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': ORIGIN,
      'x-correlation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    for (const [name, value] of Object.entries(securityHeaders)) expect(reply.headers[name.toLowerCase()]).toBe(value);
    expect(reply.headers['content-length']).toBeUndefined();
    expect(eventsIn(reply.text)).toEqual(
      [1, 2, 3].map((number) => ({ event: 'text', data: { text: `line\n${number}` } })),
    );
  });

  test('reach the client as they are made, and count as in flight until they end', async () => {
    const { response } = await open('waiting');
    const [first] = await once(response, 'data');
    expect(String(first)).toContain('first');
    expect((await ask('three')).json).toMatchObject({ code: 'temporarily_unavailable' });
    go();
    const rest: string[] = [];
    for await (const chunk of response) rest.push(String(chunk));
    expect(rest.join('')).toContain('last');
    expect(happened).toEqual(['asked on', 'closed']);
    expect((await ask('three')).status).toBe(200);
  });

  test('end with the client: what makes them is told at once, and is not asked on', async () => {
    const { request, response } = await open('waiting');
    await once(response, 'data');
    request.destroy();
    await until(() => happened.includes('closed'));
    expect(happened).toEqual(['aborted', 'closed']);
    expect((await ask('three')).status).toBe(200);
  });

  test('wait for a client that reads slowly', async () => {
    const { request, response } = await open('large');
    await sleep(300);
    const made = Number(happened[0]);
    await sleep(100);
    expect(Number(happened[0])).toBe(made);
    expect(made).toBeLessThan(3000);
    let read = 0;
    for await (const chunk of response) {
      read += chunk.length;
      if (read > 20_000_000) break;
    }
    expect(Number(happened[0])).toBeGreaterThan(made);
    request.destroy();
    await until(() => happened.includes('closed'));
  });

  test.each([
    ['broken', 'internal_error', 500, undefined],
    ['failing', 'model_busy', 503, 7],
  ])('%s ones end with a problem, and its text is nowhere', async (query, code, status, wait) => {
    const reply = await ask(query);
    const last = eventsIn(reply.text).at(-1);
    expect(last).toMatchObject({ event: 'error', data: { code, status } });
    expect(last?.data.retry_after).toBe(wait);
    expect(isProblem(last?.data)).toBe(true);
    expect(last?.data.correlation_id).toBe(reply.headers['x-correlation-id']);
    expect(server.log.some((line) => line.correlation_id === last?.data.correlation_id)).toBe(true);
    expect(reply.text + JSON.stringify(server.log)).not.toContain(CANARY);
  });

  test('S25 their requests may have 128 KiB, and not a byte more, inflated or not; others keep to 16', async () => {
    const body = (size: number) => {
      const text = JSON.stringify(question('three'));
      return text + ' '.repeat(size - text.length);
    };
    const send = (text: string | Buffer, more = {}, path = ANSWERS) =>
      server.ask({ method: 'POST', path, headers: { ...headers, ...more }, body: text });
    const gzip = { 'content-encoding': 'gzip' };
    const LIMIT = 131_072;
    expect((await send(body(LIMIT))).status).toBe(200);
    expect((await send(gzipSync(body(LIMIT)), gzip)).status).toBe(200);
    for (const reply of [
      await send(body(LIMIT + 1)),
      await send(body(LIMIT + 1), { 'transfer-encoding': 'chunked' }),
      await send(gzipSync(body(LIMIT + 1)), gzip),
      await send(body(16_385), {}, '/v1/connections/google/token'),
    ]) {
      expect(reply).toMatchObject({ status: 413, json: { code: 'payload_too_large' } });
    }
  });
});
