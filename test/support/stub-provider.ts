/** A provider on loopback that answers what a test tells it to, once each, and remembers what it was asked. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Scripted =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly text?: string;
    }
  /** Takes the request and never answers. */
  | 'hang'
  /** Takes the request and ends the connection. */
  | 'reset'
  /** Answers something that is no HTTP. */
  | 'noise';

export interface Recorded {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface StubProvider {
  readonly origin: string;
  readonly requests: readonly Recorded[];
  /** Sockets that were ever opened to it. */
  readonly connections: number;
  /** Queues answers; a request without one is answered 500 and fails the test by that. */
  answer(...answers: Scripted[]): void;
  /** A standing answer for one path (a metadata document). */
  always(path: string, answer: Scripted | (() => Scripted)): void;
  /** Called with each socket that is opened to it. */
  onConnection(listener: (socket: Socket) => void): void;
  close(): Promise<void>;
}

export const startStubProvider = async (): Promise<StubProvider> => {
  const queue: Scripted[] = [];
  const standing = new Map<string, Scripted | (() => Scripted)>();
  const requests: Recorded[] = [];
  let connections = 0;

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url ?? '';
    requests.push({
      method: request.method ?? '',
      path,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    const fixed = standing.get(path);
    const scripted = (typeof fixed === 'function' ? fixed() : fixed) ?? queue.shift() ?? { status: 500, json: {} };
    if (scripted === 'hang') return;
    if (scripted === 'reset') request.socket.resetAndDestroy();
    else if (scripted === 'noise') request.socket.end('not at all HTTP\r\n\r\n');
    else {
      const text = scripted.text ?? JSON.stringify(scripted.json);
      const type = scripted.text === undefined ? 'application/json' : 'text/html';
      response.writeHead(scripted.status ?? 200, { 'content-type': type, ...scripted.headers }).end(text);
    }
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    answer: (...answers) => void queue.push(...answers),
    always: (path, answer) => void standing.set(path, answer),
    onConnection: (listener) => void server.on('connection', listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** An id_token whose signature nobody looks at: it comes from the token endpoint. */
export const idToken = (claims: Readonly<Record<string, unknown>>, header: object = { alg: 'RS256' }): string =>
  [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
    .concat('.c2ln');

/** Seconds since the epoch. */
export const now = (): number => Math.floor(Date.now() / 1000);
