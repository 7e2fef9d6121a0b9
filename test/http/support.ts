/** Requests as bytes decide them (repeated headers, odd paths), and operations on the framework's own server. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Agent, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import type { Event, Observe } from '../../functions/core/ports.ts';
import { hardenFramework } from '../../functions/http/framework.ts';
import { createObserve } from '../../functions/http/log.ts';
import { type Handler, type HttpDependencies, type Operation, serve } from '../../functions/http/operation.ts';
import { createRateLimits, type RateLimitConfig } from '../../functions/http/rate-limit.ts';
import { serverOf } from '../../functions/http/server.ts';

export const contract = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: false });
ajv.addSchema(contract, 'contract');
export const isProblem = ajv.compile({ $ref: 'contract#/components/schemas/Problem' });

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly json: any;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  /** A list sends the header several times. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

export const ask = (port: number, { method = 'GET', path, headers = {}, body, agent }: Ask): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: agent ?? false, timeout: 5_000 };
    const request = httpRequest(options, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const isJson = String(response.headers['content-type']).includes('json');
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text,
        json: isJson && text ? JSON.parse(text) : undefined,
      });
    });
    request.on('error', reject).on('timeout', () => request.destroy(new Error('no answer in time')));
    if (body !== undefined && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
      request.setHeader('Content-Length', Buffer.byteLength(body));
    }
    request.end(body);
  });

export interface Host {
  readonly port: number;
  /** What was observed, as it would be logged. */
  readonly log: readonly Event[];
  ask(what: Ask): Promise<Reply>;
  close(): Promise<void>;
}

/** What may stand around the same operations. */
const serverBy = {
  framework(handler: Handler, observe: Observe): Server {
    hardenFramework(observe);
    functions += 1;
    const name = `function-${functions}`;
    http(name, handler);
    return getTestServer(name);
  },
  'own server': serverOf,
};
export type HostName = keyof typeof serverBy;
export const HOSTS = ['framework', 'own server'] as const;

const generous = { capacity: 10_000, refillPerSecond: 1 };
let functions = 0;

/** Operations on a server that is deployed, with its own body reading. */
export const host = async (
  makeOperations: (http: HttpDependencies) => readonly Operation[],
  limits: RateLimitConfig = { user: generous, address: generous, addressHops: 0 },
  now?: () => number,
  maxInFlight = 200,
  by: HostName = 'framework',
): Promise<Host> => {
  const log: Event[] = [];
  const observe = createObserve({ write: (line) => log.push(JSON.parse(line)) });
  const dependencies = { limits: createRateLimits(limits, now), observe, maxInFlight };
  const server = serverBy[by](serve(dependencies, ...makeOperations(dependencies)), observe).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    log,
    ask: (what) => ask(port, what),
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
