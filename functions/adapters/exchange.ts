/**
 * One HTTP exchange over kept connections: an overall deadline that ends the request itself, and a bounded answer. It follows
 * no redirect, repeats nothing and knows no proxy. `node:https` instead of `fetch`, whose first call costs several times a whole
 * request.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { PrivateAddress } from './addresses.ts';
import { decoded } from './content-encoding.ts';

/**
 * Idle connections are not reused after this time: the peer may have closed them unnoticed, because a function's CPU is
 * frozen between requests, and a request lost that way counts as sent.
 */
const MAX_IDLE_MS = 4_000;

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Milliseconds from the call to the answer's last byte. */
  readonly deadlineMs: number;
  /** Of the body as it came, and of the body as it is decoded. */
  readonly maxAnswerBytes: number;
  readonly lookup?: LookupFunction;
}

/**
 * - `address`: refused before any socket was opened: not HTTPS, a private address, credentials in the URL;
 * - `dns`, `connect`, `tls`: no connection came about;
 * - `reset`: the connection ended before the answer did;
 * - `timeout`: the deadline passed;
 * - `too_large`, `not_http`: an answer came that is of no use;
 * - `encoding`: its content encoding (RFC 9110 section 8.4) is unknown or broken.
 */
export type TransportCode =
  | 'address'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'reset'
  | 'timeout'
  | 'too_large'
  | 'not_http'
  | 'encoding';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportCode;
  /** `false` only when no byte of the request can have left this process. */
  readonly sent: boolean;
  /** What had come of the answer, decoded as far as it goes, never longer than allowed. It is not to be logged. */
  readonly received: HttpAnswer | undefined;

  constructor(code: TransportCode, sent: boolean, received?: HttpAnswer) {
    super(code);
    this.code = code;
    this.sent = sent;
    this.received = received;
    // Whoever prints the error prints no token.
    Object.defineProperty(this, 'received', { enumerable: false });
  }
}

/** Rejects with `TransportError`, and with nothing else. */
export type Exchange = (outgoing: Outgoing) => Promise<HttpAnswer>;

/** Keeps connections per origin between exchanges. */
export const createExchange = (): Exchange => {
  const upstreams = new Map<string, Upstream>();
  return async (outgoing) => {
    const { origin } = outgoing.url;
    const upstream = fresh(upstreams.get(origin), outgoing.url);
    upstreams.set(origin, upstream);
    upstream.inFlight += 1;
    try {
      return await readable(await exchange(outgoing, upstream.agent), outgoing.maxAnswerBytes);
    } finally {
      upstream.inFlight -= 1;
      upstream.lastUsed = performance.now();
    }
  };
};

/** One origin's kept connections. */
interface Upstream {
  readonly agent: HttpAgent | HttpsAgent;
  inFlight: number;
  /** Milliseconds, monotonic. */
  lastUsed: number;
}

const fresh = (present: Upstream | undefined, url: URL): Upstream => {
  if (present !== undefined) {
    if (present.inFlight > 0 || performance.now() - present.lastUsed < MAX_IDLE_MS) return present;
    present.agent.destroy();
  }
  const keep = { keepAlive: true, timeout: MAX_IDLE_MS };
  return {
    agent: url.protocol === 'https:' ? new HttpsAgent(keep) : new HttpAgent(keep),
    inFlight: 0,
    lastUsed: performance.now(),
  };
};

/** An answer, or the part of it that came before something went wrong. */
interface Came extends HttpAnswer {
  readonly fault?: TransportCode;
}

const readable = async ({ status, headers, body: raw, fault }: Came, maxBytes: number): Promise<HttpAnswer> => {
  const decodedBody = await decoded(raw, headers['content-encoding'], maxBytes);
  const answer = { status, headers, body: decodedBody.body };
  const code = fault ?? decodedBody.fault;
  if (code !== undefined) throw new TransportError(code, true, answer);
  return answer;
};

type Phase = 'connecting' | 'handshake' | 'sent';

const exchange = (
  { method, url, headers, body, deadlineMs, maxAnswerBytes, lookup }: Outgoing,
  agent: HttpAgent | HttpsAgent,
): Promise<Came> =>
  new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    let phase: Phase = 'connecting';
    const outgoing = (secure ? httpsRequest : httpRequest)(url, {
      agent,
      method,
      // Some servers compress all the same.
      headers: { accept: 'application/json', 'user-agent': 'token-broker', ...headers, 'accept-encoding': 'identity' },
      ...(lookup === undefined ? {} : { lookup }),
    });
    let came: (() => HttpAnswer) | undefined;
    const fail = (code: TransportCode) => {
      clearTimeout(deadline);
      outgoing.destroy();
      if (came) resolve({ ...came(), fault: code });
      else reject(new TransportError(code, phase === 'sent'));
    };
    const deadline = setTimeout(() => fail('timeout'), deadlineMs);

    outgoing.once('socket', (socket) => {
      if (!socket.connecting) {
        // A kept connection may take the bytes and die: whether they arrived is unknown.
        phase = 'sent';
        return;
      }
      socket.once('connect', () => {
        phase = secure ? 'handshake' : 'sent';
      });
      socket.once('secureConnect', () => {
        phase = 'sent';
      });
    });
    outgoing.on('error', (error) => fail(transportCodeOf(error, phase)));
    outgoing.once('response', (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const { statusCode: status = 0, headers } = answer;
      came = () => ({ status, headers, body: Buffer.concat(chunks) });
      answer.on('data', (chunk: Buffer) => {
        // An answer that is too long is kept as far as it may go.
        if (length < maxAnswerBytes) chunks.push(chunk.subarray(0, maxAnswerBytes - length));
        length += chunk.length;
        if (length > maxAnswerBytes) fail('too_large');
      });
      answer.on('error', () => fail('reset'));
      answer.once('end', () => {
        clearTimeout(deadline);
        resolve({ status, headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.end(body);
  });

const transportCodeOf = (error: NodeJS.ErrnoException, phase: Phase): TransportCode => {
  if (error instanceof PrivateAddress) return 'address';
  if (phase === 'connecting') return error.syscall === 'getaddrinfo' ? 'dns' : 'connect';
  if (phase === 'handshake') return 'tls';
  return error.code?.startsWith('HPE_') ? 'not_http' : 'reset';
};
