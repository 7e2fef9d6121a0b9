/**
 * The redirect of a desktop app (RFC 8252 section 7.3): a listener on a loopback address, with a port that the system
 * chooses, for as long as one flow takes.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redirect } from '../client/src/native.ts';

const PAGE = '<!doctype html><meta charset="utf-8"><title>Done</title><p>You can close this window.</p>';
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'",
  connection: 'close',
};

/** @param registered `http://127.0.0.1/callback`: host and path are kept */
export const loopback = async (registered: string, state: string): Promise<Redirect> => {
  const redirect = new URL(registered);
  const { promise: returned, resolve } = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    const url = URL.canParse(request.url ?? '', registered) ? new URL(request.url ?? '', redirect) : undefined;
    // Any page and any program of this machine can ask here: without the flow's state it is told nothing and ends nothing.
    const isOurs = url?.pathname === redirect.pathname && url.searchParams.get('state') === state;
    if (request.method !== 'GET' || !isOurs) {
      response.writeHead(404, HEADERS).end();
      return;
    }
    response.writeHead(200, HEADERS).end(PAGE, () => resolve(url.href));
  });
  // Never a name: it might stand for an address that others can reach.
  server.listen(0, redirect.hostname === '[::1]' ? '::1' : '127.0.0.1');
  await once(server, 'listening');
  redirect.port = String((server.address() as AddressInfo).port);
  return {
    // As it is registered, but for the port: providers compare, and some register no path.
    redirectUri: registered.endsWith('/') ? redirect.href : redirect.href.replace(/\/$/, ''),
    returned,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
