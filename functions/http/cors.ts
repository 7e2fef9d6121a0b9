/** Cross-origin access for registered front ends: exact origins, no credentials mode, no wildcard (S21). */
import type { IncomingMessage } from 'node:http';

const MAX_AGE_SECONDS = '600';

/** @returns the headers of every answer to `req`, or `undefined` where its origin is not registered. */
export const corsHeaders = (req: IncomingMessage, origins: readonly string[]): Record<string, string> | undefined => {
  const { origin } = req.headers;
  if (origin === undefined) return { Vary: 'Origin' };
  if (!origins.includes(origin)) return undefined;
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'ETag, Retry-After, X-Correlation-Id',
  };
};

/** What a preflight asks for. */
export const preflightHeaders = (methods: readonly string[]): Record<string, string> => ({
  'Access-Control-Allow-Methods': methods.join(', '),
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Broker-Request, If-Match',
  'Access-Control-Max-Age': MAX_AGE_SECONDS,
});
