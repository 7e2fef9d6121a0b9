/**
 * Stands for the load balancer: reads the routes that terraform makes its URL map of, and does with a request what the map says.
 * A path that is in no route gets its 404 here, and reaches nothing.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { InfraManifest } from '../../tools/infra.ts';

/** As `path_template_match` has it: `*` is one segment that is not empty. */
const fits = (pattern: string, path: string): boolean => {
  const segments = path.split('/');
  const wanted = pattern.split('/');
  return (
    wanted.length === segments.length &&
    wanted.every((each, index) => (each === '*' ? segments[index] !== '' : each === segments[index]))
  );
};

export const functionFor = (routes: InfraManifest['routes'], url: string): string | undefined => {
  const [path = ''] = url.split('?');
  return routes.find((route) => fits(route.path, path))?.function;
};

/** 203.0.113.0/24 is for documentation (RFC 5737). */
const OWN_ADDRESS = '203.0.113.7';

export interface Balancer {
  /** Requests by function; `none`: answered here. */
  readonly counts: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** @param originOf where a function listens; asked at each request */
export const startBalancer = async (
  port: number,
  routes: InfraManifest['routes'],
  originOf: (name: string) => string | undefined,
): Promise<Balancer> => {
  const counts = new Map<string, number>();
  const handle = (incoming: IncomingMessage, answer: ServerResponse) => {
    const name = functionFor(routes, incoming.url ?? '') ?? 'none';
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const origin = originOf(name);
    if (origin === undefined) {
      answer.writeHead(404, { 'content-type': 'text/plain' }).end('fault filter abort');
      return;
    }
    const { headers, method } = incoming;
    // https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header: appended, whatever a client sent.
    const came = [headers['x-forwarded-for'], incoming.socket.remoteAddress, OWN_ADDRESS].filter(Boolean).join(',');
    const outgoing = request(new URL(incoming.url ?? '', origin), {
      method: method ?? 'GET',
      headers: { ...headers, 'x-forwarded-for': came, 'x-forwarded-proto': 'https', via: '1.1 google' },
    });
    outgoing.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    incoming.pipe(outgoing);
  };
  const server: Server = createServer(handle).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    counts,
    stop: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
};
