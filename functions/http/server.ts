/**
 * The project's own server, for Cloud Run: `node:http` and nothing else around the same operations. It keeps what
 * `framework.ts` makes of the functions framework: bounded bodies, problems and headers on everything, stray errors that
 * end the request that caused them, and a drain on SIGTERM.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Observe } from '../core/ports.ts';
import { securityHeaders, setHeaders } from './answer.ts';
import { hostBy } from './host.ts';
import { answering, refuse, watchProcess } from './lifecycle.ts';
import type { Handler } from './operation.ts';
import { answerParserErrors, lacksHost } from './parser-errors.ts';
import { receiveBody } from './receive.ts';

let observe: Observe = () => {};
hostBy((given) => {
  observe = given;
});

const isWellEscaped = ({ url = '' }: IncomingMessage): boolean => {
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
    return true;
  } catch {
    return false;
  }
};

export const serverOf = (handler: Handler): Server => {
  const server = createServer((req, res) =>
    answering.run(res, async () => {
      setHeaders(res, securityHeaders);
      await receiveBody(req);
      if (isWellEscaped(req) && !lacksHost(req)) await handler(req, res);
      else refuse(res, 'invalid_request', observe, 'request_refused');
    }),
  );
  answerParserErrors(server, (event) => observe(event));
  return server;
};

/** Listens on all addresses, as Cloud Run wants it, until the process is told to stop. */
export const startServer = (handler: Handler, port: number): Server => {
  const server = serverOf(handler);
  return server.listen(port, () => watchProcess(server, observe));
};
