/**
 * All functions behind one port, as a process of its own: each is the handler that is deployed, hosted by the functions
 * framework with its own body parsing, and routed by the contract's table. Its environment is what the functions get.
 */
import { createServer, type Server } from 'node:http';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { routes } from '../functions/http/generated/routes.ts';
import { createObserve } from '../functions/http/log.ts';
import { answerParserErrors } from '../functions/http/parser-errors.ts';
import { matchesPath, targetOf } from '../functions/http/routing.ts';

const hosts = new Map<string, Server>();
for (const name of new Set(Object.values(routes).map((route) => route.function))) {
  const entry = await import(`../functions/${name}/index.ts`);
  http(name, entry[name]);
  hosts.set(name, getTestServer(name));
}

/** What no route names is answered by any function: its 404 has all headers. */
const hostOf = (path: string): Server | undefined => {
  const route = Object.values(routes).find((each) => matchesPath(each, path));
  return route ? hosts.get(route.function) : hosts.values().next().value;
};

const server = createServer((req, res) => hostOf(targetOf(req).path)?.emit('request', req, res));
answerParserErrors(server, createObserve());
const stop = () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
};
process.once('SIGTERM', stop);
// Nobody is left to ask for anything.
process.once('disconnect', stop);
server.on('error', (error: NodeJS.ErrnoException) => {
  console.error(`The broker cannot listen: ${error.code}`);
  process.exit(1);
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'));
