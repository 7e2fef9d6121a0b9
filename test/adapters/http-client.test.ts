import { createServer as createTlsHttpServer } from 'node:https';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHttpClient, type HttpClientOptions } from '../../functions/adapters/http-client.ts';
import { selfSigned } from '../support/self-signed.ts';
import { type StubProvider, startStubProvider } from '../support/stub-provider.ts';

let cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(cleanUp.map((each) => each()));
  cleanUp = [];
});

/** Starts a server that does what HTTP servers do not. */
const listen = async (server: Server): Promise<string> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const rawServer = (onConnection: (socket: Socket) => void) => listen(createServer(onConnection));

const get = (url: string, options: HttpClientOptions = {}) =>
  createHttpClient({ developmentOrigins: [new URL(url).origin], ...options }).request({ method: 'GET', url });

describe('http-client', () => {
  let stub: StubProvider;
  beforeEach(async () => {
    stub = await startStubProvider();
    cleanUp.push(() => stub.close());
  });

  test('sends method, headers and body, and answers status, headers and bytes', async () => {
    stub.answer({ status: 201, headers: { 'x-more': 'yes' }, json: { a: 1 } });
    const client = createHttpClient({ developmentOrigins: [stub.origin] });
    const answer = await client.request({
      method: 'POST',
      url: `${stub.origin}/path?query=1`,
      headers: { 'content-type': 'text/plain' },
      body: 'the body',
    });
    expect(answer).toMatchObject({ status: 201, headers: { 'x-more': 'yes' } });
    expect(answer.body).toEqual(Buffer.from('{"a":1}'));
    expect(stub.requests[0]).toMatchObject({ method: 'POST', path: '/path?query=1', body: 'the body' });
    expect(stub.requests[0]?.headers).toMatchObject({ 'content-type': 'text/plain', 'content-length': '8' });
  });

  test('S35 a redirect is an answer, and is not followed', async () => {
    stub.answer({ status: 302, headers: { location: '/elsewhere' }, json: {} });
    expect((await get(stub.origin)).status).toBe(302);
    expect(stub.requests).toHaveLength(1);
  });

  test('S48 an answer of 64 KiB passes, one byte more does not', async () => {
    stub.answer({ text: 'x'.repeat(65_536) }, { text: 'x'.repeat(65_537) });
    expect((await get(stub.origin)).body).toHaveLength(65_536);
    await expect(get(stub.origin)).rejects.toMatchObject({ code: 'too_large', sent: true });
  });

  describe('connections', () => {
    test('are kept for the next request', async () => {
      const client = createHttpClient({ developmentOrigins: [stub.origin] });
      stub.answer({ json: {} }, { json: {} });
      await client.request({ method: 'GET', url: stub.origin });
      await client.request({ method: 'GET', url: stub.origin });
      expect(stub.connections).toBe(1);
    });

    test('do not gather listeners', async () => {
      const client = createHttpClient({ developmentOrigins: [stub.origin] });
      const connect = jest.spyOn(Socket.prototype, 'connect');
      for (let request = 0; request < 15; request++) {
        stub.answer({ json: {} });
        await client.request({ method: 'GET', url: stub.origin });
      }
      expect(connect).toHaveBeenCalledTimes(1);
      const [socket] = connect.mock.contexts as Socket[];
      for (const event of socket?.eventNames() ?? []) expect(socket?.listenerCount(event)).toBeLessThan(5);
    });

    test('are not kept longer than a frozen process may have missed their end', async () => {
      let elapsed = 0;
      jest.spyOn(performance, 'now').mockImplementation(() => elapsed);
      const client = createHttpClient({ developmentOrigins: [stub.origin] });
      stub.answer({ json: {} }, { json: {} }, { json: {} });
      await client.request({ method: 'GET', url: stub.origin });
      elapsed += 3_999;
      await client.request({ method: 'GET', url: stub.origin });
      expect(stub.connections).toBe(1);
      elapsed += 4_000;
      await client.request({ method: 'GET', url: stub.origin });
      expect(stub.connections).toBe(2);
    });

    test('one that was kept and dies counts as sent, and nothing is sent again', async () => {
      const client = createHttpClient({ developmentOrigins: [stub.origin] });
      stub.answer({ json: {} }, 'reset');
      await client.request({ method: 'GET', url: stub.origin });
      await expect(client.request({ method: 'GET', url: stub.origin })).rejects.toMatchObject({
        code: 'reset',
        sent: true,
      });
      expect(stub.requests).toHaveLength(2);
      expect(stub.connections).toBe(1);
    });
  });

  describe('what was sent', () => {
    test('nothing, where the connection is refused', async () => {
      await stub.close();
      await expect(get(stub.origin)).rejects.toMatchObject({ code: 'connect', sent: false });
    });

    test('nothing, where the name does not resolve', async () => {
      const resolve = () => Promise.reject(Object.assign(new Error('ENOTFOUND'), { syscall: 'getaddrinfo' }));
      const client = createHttpClient({ resolve });
      await expect(client.request({ method: 'GET', url: 'https://name.example' })).rejects.toMatchObject({
        code: 'dns',
        sent: false,
      });
    });

    test('nothing, where the name takes too long to resolve', async () => {
      const client = createHttpClient({ resolve: () => new Promise(() => undefined), deadlineMs: 50 });
      await expect(client.request({ method: 'GET', url: 'https://name.example' })).rejects.toMatchObject({
        code: 'timeout',
        sent: false,
      });
    });

    test('all of it, where the answer is cut off', async () => {
      const host = await rawServer((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this')),
      );
      await expect(get(`http://${host}`)).rejects.toMatchObject({ code: 'reset', sent: true });
    });

    test('all of it, where the deadline passes amid the answer', async () => {
      const host = await rawServer((socket) =>
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this')),
      );
      await expect(get(`http://${host}`, { deadlineMs: 100 })).rejects.toMatchObject({ code: 'timeout', sent: true });
    });

    test('all of it, where the answer is no HTTP', async () => {
      stub.answer('noise');
      await expect(get(stub.origin)).rejects.toMatchObject({ code: 'not_http', sent: true });
    });

    test('a request may shorten the deadline, not extend it', async () => {
      const client = createHttpClient({ developmentOrigins: [stub.origin], deadlineMs: 100 });
      for (const deadlineMs of [50, 60_000]) {
        stub.answer('hang');
        const began = performance.now();
        await expect(client.request({ method: 'GET', url: stub.origin, deadlineMs })).rejects.toMatchObject({
          code: 'timeout',
        });
        expect(performance.now() - began).toBeLessThan(5_000);
      }
    });
  });

  describe('TLS', () => {
    const defaults = tls.getCACertificates('default');
    afterEach(() => tls.setDefaultCACertificates(defaults));

    const secureServer = async (trusted: boolean) => {
      const own = selfSigned();
      if (trusted) tls.setDefaultCACertificates([own.cert]);
      const seen = { connections: 0, requests: 0 };
      const server = createTlsHttpServer(own, (request, response) => {
        seen.requests += 1;
        if (request.url === '/reset') request.socket.destroy();
        else response.end('{}');
      });
      server.on('secureConnection', () => {
        seen.connections += 1;
      });
      return { seen, origin: `https://${await listen(server)}` };
    };

    test('requests go through, and connections are kept', async () => {
      const { seen, origin } = await secureServer(true);
      const client = createHttpClient({ developmentOrigins: [origin] });
      expect((await client.request({ method: 'GET', url: origin })).status).toBe(200);
      expect((await client.request({ method: 'GET', url: origin })).status).toBe(200);
      expect(seen).toEqual({ connections: 1, requests: 2 });
    });

    test('a connection that ends after the handshake may have carried the request', async () => {
      const { origin } = await secureServer(true);
      await expect(get(`${origin}/reset`)).rejects.toMatchObject({ code: 'reset', sent: true });
    });

    test('an unknown certificate: nothing was sent', async () => {
      const { seen, origin } = await secureServer(false);
      await expect(get(origin)).rejects.toMatchObject({ code: 'tls', sent: false });
      expect(seen.requests).toBe(0);
    });

    test('no handshake at all: nothing was sent', async () => {
      const host = await rawServer((socket) => socket.end('not TLS'));
      await expect(get(`https://${host}`)).rejects.toMatchObject({ code: 'tls', sent: false });
    });

    test('a handshake that does not end: nothing was sent', async () => {
      const host = await rawServer(() => undefined);
      await expect(get(`https://${host}`, { deadlineMs: 100 })).rejects.toMatchObject({ code: 'timeout', sent: false });
    });
  });

  test('a failure says nothing but its code', async () => {
    await stub.close();
    const error = await get(`${stub.origin}/?token=canary`).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(`${(error as Error).stack}`).not.toContain('canary');
    expect(error).not.toHaveProperty('cause');
  });
});
