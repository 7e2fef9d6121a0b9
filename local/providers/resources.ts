/** A provider's APIs, called from the browser: bearer token (RFC 6750), scopes, and CORS for registered origins only. */
import type { IncomingMessage } from 'node:http';
import type { Account } from './accounts.ts';
import type { Answer } from './web.ts';

/** What a good access token stands for. */
export interface Access {
  readonly account: Account;
  readonly scopes: readonly string[];
  /** The claims requests that the token answers, JSON texts. */
  readonly claims: readonly string[];
}

export interface Call {
  readonly access: Access;
  readonly query: URLSearchParams;
  /** The path's last segment. */
  readonly id: string;
}

export interface Api {
  /** `*` as the last segment stands for any id. */
  readonly path: string;
  /** Each of these opens it. */
  readonly scopes: readonly string[];
  answer(call: Call): Answer;
}

export interface ResourceServer {
  readonly apis: readonly Api[];
  readonly browserOrigins: readonly string[];
  find(token: string): Promise<Access | undefined>;
  /** A further condition; `undefined` lets the call pass. */
  challenge?(access: Access): Answer | undefined;
  unauthorized(): Answer;
  forbidden(api: Api): Answer;
}

const allowedHeaders = ['authorization', 'accept', 'content-type', 'prefer', 'client-request-id'];

/** Nothing for an origin that is not registered: its page then cannot read the answer, as with no CORS at all. */
const corsHeaders = (origin: string | undefined, origins: readonly string[]): Record<string, string> =>
  origin !== undefined && origins.includes(origin)
    ? {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'WWW-Authenticate, Retry-After',
        vary: 'Origin',
      }
    : { vary: 'Origin' };

const preflight = (cors: Record<string, string>): Answer => {
  const isAllowed = 'access-control-allow-origin' in cors;
  return {
    status: isAllowed ? 204 : 403,
    headers: isAllowed
      ? {
          ...cors,
          'access-control-allow-methods': 'GET',
          'access-control-allow-headers': allowedHeaders.join(', '),
          'access-control-max-age': '600',
        }
      : cors,
    body: '',
  };
};

const matches = (pattern: string, path: string) =>
  pattern.endsWith('/*')
    ? path.startsWith(pattern.slice(0, -1)) && path.indexOf('/', pattern.length - 1) < 0
    : pattern === path;

/** Answers a call of one of the APIs; `undefined` for any other path. */
export const callResource = async (
  server: ResourceServer,
  request: IncomingMessage,
  url: URL,
): Promise<Answer | undefined> => {
  const api = server.apis.find(({ path }) => matches(path, url.pathname));
  if (api === undefined) return undefined;
  const cors = corsHeaders(request.headers.origin, server.browserOrigins);
  if (request.method === 'OPTIONS') return preflight(cors);
  const answer = await authorizedAnswer(server, api, request, url);
  return { ...answer, headers: { ...answer.headers, ...cors } };
};

const authorizedAnswer = async (server: ResourceServer, api: Api, request: IncomingMessage, url: URL) => {
  if (request.method !== 'GET') return { status: 405, headers: { allow: 'GET, OPTIONS' }, body: '' };
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const access = token === undefined ? undefined : await server.find(token);
  if (access === undefined) return server.unauthorized();
  const challenge = server.challenge?.(access);
  if (challenge !== undefined) return challenge;
  if (!api.scopes.some((scope) => access.scopes.includes(scope))) return server.forbidden(api);
  return api.answer({ access, query: url.searchParams, id: url.pathname.slice(url.pathname.lastIndexOf('/') + 1) });
};
