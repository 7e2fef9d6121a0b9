/** Where a session comes from, and what proves that the front end sent the request. */
import type { IncomingMessage } from 'node:http';
import { isJson } from './body.ts';
import { cookieIn } from './cookies.ts';

export interface Credentials {
  readonly source: 'bearer' | 'cookie';
  readonly token: string;
}

/** RFC 6750 section 2.1. */
const bearer = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

const bearerOf = (headers: readonly string[]): Credentials | undefined => {
  const token = headers.length === 1 ? bearer.exec(headers[0] ?? '')?.[1] : undefined;
  return token === undefined ? undefined : { source: 'bearer', token };
};

/** The one cookie of that name. */
export const cookieOf = (req: IncomingMessage, name: string): Credentials | undefined => {
  const token = cookieIn(req.headers, name);
  return token === undefined ? undefined : { source: 'cookie', token };
};

/**
 * The bearer token, else the cookie where one is configured. An Authorization header that is there and malformed, or
 * there twice, is no session at all: falling back to the cookie would let a proxy and the broker see different users.
 */
export const credentialsOf = (req: IncomingMessage, cookie?: string): Credentials | undefined => {
  const authorization = req.headersDistinct.authorization;
  if (authorization) return bearerOf(authorization);
  return cookie === undefined ? undefined : cookieOf(req, cookie);
};

const safeMethods = new Set(['GET', 'HEAD']);

/**
 * S19: a cookie comes along with requests that another site made; a custom header, a registered Origin (checked before,
 * where there is one) and a JSON type do not, without a preflight.
 */
export const isForged = (req: IncomingMessage, { source }: Credentials): boolean =>
  source === 'cookie' &&
  !safeMethods.has(req.method ?? '') &&
  !(req.headers['broker-request'] === '1' && req.headers.origin !== undefined && isJson(req.headers['content-type']));
