/** A token endpoint that writes the bytes of one answer, and counts what it is asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ZooAnswer } from './answers.ts';

export interface ZooServer {
  readonly origin: string;
  /** `Accept-Encoding` of each request for tokens. */
  readonly encodings: (string | undefined)[];
  /** Tokens that were revoked. */
  readonly revoked: string[];
  answer: ZooAnswer | undefined;
  /** A metadata document (OpenID Connect Discovery 1.0). */
  metadata: unknown;
  close(): Promise<void>;
}

export const startZooServer = async (): Promise<ZooServer> => {
  const state: { answer: ZooAnswer | undefined; metadata: unknown } = { answer: undefined, metadata: undefined };
  const encodings: (string | undefined)[] = [];
  const revoked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(state.metadata));
      return;
    }
    if (request.url === '/revoke') {
      revoked.push(new URLSearchParams(body).get('token') ?? '');
      response.writeHead(200).end();
      return;
    }
    encodings.push(request.headers['accept-encoding']?.toString());
    const { answer } = state;
    if (!answer) {
      response.writeHead(404).end();
      return;
    }
    const location = answer.status >= 300 && answer.status < 400 ? { location: '/elsewhere' } : {};
    response.writeHead(answer.status, { ...location, ...answer.headers });
    if (answer.cut) response.write(answer.body, () => request.socket.destroy());
    else response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    encodings,
    revoked,
    get answer() {
      return state.answer;
    },
    set answer(answer) {
      state.answer = answer;
    },
    get metadata() {
      return state.metadata;
    },
    set metadata(metadata) {
      state.metadata = metadata;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
