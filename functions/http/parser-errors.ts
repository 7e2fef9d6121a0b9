/**
 * Node answers some requests by itself, before any function sees them: those that its parser refuses (malformed, headers too
 * large, too slow), those without Host, those with an unknown Expect. Here they get a problem with all headers (S22).
 */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Observe } from '../core/ports.ts';
import { messageOf } from './answer.ts';
import { describeError } from './failures.ts';
import { type ProblemCode, problem } from './problems.ts';

/** Node's codes; https://nodejs.org/api/http.html#event-clienterror answers the same statuses, without a body. */
const CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** RFC 9112 section 3.2: a request of HTTP/1.1 without Host is answered 400. */
export const lacksHost = ({ httpVersion, headers }: IncomingMessage): boolean =>
  httpVersion === '1.1' && headers.host === undefined;

/** Of a connection on which nothing more is understood. */
const textOf = (code: ProblemCode, correlationId: string): string => {
  const answer = problem(code);
  const { headers, text = '' } = messageOf(answer, correlationId);
  const all = { ...headers, 'Content-Length': String(Buffer.byteLength(text)), Connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${lines.join('')}\r\n${text}`;
};

/** Once for each server. Both hosts look at `lacksHost` themselves from then on. */
export const answerParserErrors = (server: Server, observe: Observe): void => {
  const unfinished = new WeakMap<Socket, Set<ServerResponse>>();
  server.prependListener('request', ({ socket }, res) => {
    const responses = unfinished.get(socket) ?? new Set();
    unfinished.set(socket, responses.add(res));
    res.once('close', () => responses.delete(res));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // A second answer in the midst of another one would be taken for a part of it.
    const isAnswering = [...(unfinished.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) return void socket.destroy();
    const correlationId = randomUUID();
    observe({ ...describeError(error), event: 'request_refused', severity: 'INFO', correlation_id: correlationId });
    socket.end(textOf(CODES[error.code ?? ''] ?? 'invalid_request', correlationId), () => socket.destroy());
  });
  // RFC 9110 section 10.1.1: an expectation that is not known may be ignored; Node's own 417 has no headers.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  // Node's own 400 has no headers either.
  Object.assign(server, { requireHostHeader: false });
};
