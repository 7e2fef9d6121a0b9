/** A small HTTP server on loopback: whole answers, strict forms, and ways to break an answer on purpose. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Break the connection instead of answering, or in the middle of the body. */
  readonly cut?: 'reset' | 'truncated';
}

const noStore = { 'cache-control': 'no-store' };

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...noStore, ...headers },
  body: JSON.stringify(value),
});

/**
 * A page as the providers send theirs: alone in its browsing context group, in no frame. (No `form-action`: browsers
 * apply it to the redirects that follow a form, and consent ends in one.)
 */
export const html = (status: number, body: string): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    ...noStore,
  },
  body,
});

export const redirect = (location: string): Answer => ({ status: 302, headers: { location, ...noStore }, body: '' });

/** Appends to a URL's query; `undefined` members are left out. */
export const withQuery = (url: string, parameters: Readonly<Record<string, string | undefined>>): string => {
  const to = new URL(url);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) to.searchParams.append(name, value);
  return to.href;
};

/** The same, in the fragment: no server sees it. */
export const withFragment = (url: string, parameters: Readonly<Record<string, string | undefined>>): string => {
  const to = new URL(withQuery('about:blank', parameters));
  return `${url}#${to.search.slice(1)}`;
};

export const send = (response: ServerResponse, answer: Answer): void => {
  if (answer.cut === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.byteLength });
  if (answer.cut === 'truncated') {
    response.write(body.subarray(0, body.byteLength / 2), () => response.socket?.destroy());
    return;
  }
  response.end(body);
};

/** The body is no form, or too long. */
export class UnreadableBody extends Error {}

const BODY_LIMIT = 64 * 1024;

export const readText = async (request: IncomingMessage, limit = BODY_LIMIT): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > limit) throw new UnreadableBody('The body is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const mediaType = (request: IncomingMessage) => request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();

export const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  if (mediaType(request) !== 'application/x-www-form-urlencoded') {
    throw new UnreadableBody('The body must be application/x-www-form-urlencoded.');
  }
  return new URLSearchParams(await readText(request));
};

export const readJson = async (request: IncomingMessage, limit = BODY_LIMIT): Promise<object> => {
  if (mediaType(request) !== 'application/json') throw new UnreadableBody('The body must be application/json.');
  const text = await readText(request, limit);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through to the refusal.
  }
  throw new UnreadableBody('The body must be a JSON object.');
};

/** The first parameter that occurs twice (RFC 6749 section 3.1 forbids it). */
export const repeated = (parameters: URLSearchParams): string | undefined =>
  [...parameters.keys()].find((name, index, names) => names.indexOf(name) !== index);

/** Whether a browser sent this from a page of another site: no form of these pages does. */
export const isForeign = (request: IncomingMessage): boolean => {
  const site = request.headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
};

/** What such a form gets. */
export const foreignPage = json(403, { error: 'foreign_page' });

export interface Listener {
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 before `handlerFor` is called, so that the handler can know its own origin. Only requests that
 * name this server as 127.0.0.1 or localhost reach the handler (no DNS rebinding into the control endpoint).
 */
export const listen = async (
  port: number,
  handlerFor: (origin: string) => (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>,
): Promise<Listener> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  const origin = `http://127.0.0.1:${actual}`;
  const hosts = [`127.0.0.1:${actual}`, `localhost:${actual}`];
  const handle = handlerFor(origin);
  server.on('request', (request, response) => {
    const url = URL.parse(request.url ?? '/', origin);
    if (url === null || !hosts.includes(request.headers.host ?? '')) {
      send(response, json(421, { error: 'misdirected_request' }));
      return;
    }
    handle(request, response, url).catch((error) => {
      // The client may be gone: then nobody is left to answer.
      if (response.headersSent || response.destroyed) response.socket?.destroy();
      else if (error instanceof UnreadableBody)
        send(response, json(400, { error: 'invalid_request', error_description: error.message }));
      else {
        console.error(error);
        send(response, json(500, { error: 'server_error' }));
      }
    });
  });
  return {
    origin,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
