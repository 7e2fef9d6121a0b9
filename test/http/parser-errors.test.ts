/** What Node's parser refuses, where time or the place of an error matters; the cases by bytes are in framework.test.ts. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { securityHeaders } from '../../functions/http/answer.ts';
import { answerParserErrors } from '../../functions/http/parser-errors.ts';

const close: (() => void)[] = [];
afterEach(() => {
  for (const each of close.splice(0)) each();
});

/** @returns everything that comes back, until the other side closes */
const exchange = async (listener: RequestListener, ...sent: readonly string[]): Promise<string> => {
  const limits = { headersTimeout: 200, requestTimeout: 200, connectionsCheckingInterval: 50 };
  const server = createServer(limits, listener);
  answerParserErrors(server, () => {});
  close.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.setTimeout(5_000, () => socket.destroy(new Error('no answer in time')));
  const received: Buffer[] = [];
  const done = (async () => {
    for await (const chunk of socket) received.push(chunk);
  })().catch((error) => {
    if (error.code !== 'ECONNRESET') throw error;
  });
  for (const [index, text] of sent.entries()) {
    if (index > 0) await once(socket, 'readable');
    socket.write(text);
  }
  await done;
  return Buffer.concat(received).toString();
};

test('S22 a request that does not arrive whole in time is 408 with all headers', async () => {
  const text = await exchange(() => {}, 'GET / HTTP/1.1\r\nHost: x\r\nX: ');
  expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(text).toContain('"code":"request_timeout"');
  for (const [name, value] of Object.entries(securityHeaders)) expect(text).toContain(`\r\n${name}: ${value}\r\n`);
});

test('an error in the midst of an answer adds nothing to it, and ends the connection', async () => {
  const listener: RequestListener = (_req, res) => void res.writeHead(200, { 'Content-Length': 100 }).write('half');
  const text = await exchange(listener, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'nonsense\r\n\r\n');
  expect(text).toMatch(/half$/);
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
});
