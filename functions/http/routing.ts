/** Requests to operations, by the contract's own table. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { routes, type routes as table } from './generated/routes.ts';
import type { operations } from './generated/types.ts';
import { validators } from './generated/validators.js';

export type OperationId = keyof typeof table & keyof operations;
export type Route = (typeof table)[OperationId];

type HeaderSchema = keyof typeof validators & `${string}Header`;

export const routeOf = (id: OperationId): Route => routes[id];

export interface Target {
  /** As it came: nothing decoded, nothing normalised. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Express rewrites `url` while it routes and keeps the original beside it. */
export const targetOf = (req: IncomingMessage & { readonly originalUrl?: string }): Target => {
  const url = req.originalUrl ?? req.url ?? '';
  const at = url.indexOf('?');
  return at < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, at), query: new URLSearchParams(url.slice(at + 1)) };
};

const nameOf = (segment: string): string | undefined => /^\{(\w+)\}$/.exec(segment)?.[1];

export const matchesPath = (route: Route, path: string): boolean => {
  const template = route.path.split('/');
  const segments = path.split('/');
  return (
    template.length === segments.length &&
    template.every((segment, index) => (nameOf(segment) === undefined ? segment === segments[index] : segments[index]))
  );
};

/** A browser's window goes there (`x-navigated` in openapi.yaml): its GET starts or ends a flow. */
export const isNavigated = (route: Route): boolean => 'navigated' in route;

/**
 * HEAD is a GET whose body is not sent (RFC 9110 section 9.3.2). A scanner of links sends it, and must neither start nor
 * end a flow.
 */
const takesHead = (route: Route): boolean => route.method === 'GET' && !isNavigated(route);

export const matchesMethod = (route: Route, method: string | undefined): boolean =>
  method === 'HEAD' ? takesHead(route) : route.method === method;

export const allowedMethods = (matching: readonly Route[]): string[] =>
  matching.flatMap((route) => (takesHead(route) ? ['GET', 'HEAD'] : [route.method]));

/** Of most operations; openapi.yaml names those that take more (`x-body-bytes`). */
const BODY_BYTES = 16 * 1024;
const roomy = Object.values(routes).flatMap((route) =>
  'body' in route && route.body.bytes > BODY_BYTES ? [{ route, bytes: route.body.bytes }] : [],
);

/** The longest body that the operation takes which a request is for; asked before anything else is known of it. */
export const bodyLimitOf = (req: IncomingMessage): number => {
  const { path } = targetOf(req);
  const found = roomy.find(({ route }) => matchesMethod(route, req.method) && matchesPath(route, path));
  return found?.bytes ?? BODY_BYTES;
};

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

/**
 * @returns what is wrong with a header that the contract describes for the operation, with the header's name and no value;
 *   `undefined` where all of those that came fit
 */
export const headerFault = (route: Route, headers: IncomingHttpHeaders): string | undefined => {
  const described: Readonly<Record<string, HeaderSchema>> = 'headers' in route ? route.headers : {};
  for (const [name, schema] of Object.entries(described)) {
    const value = headers[name.toLowerCase()];
    const validate = validators[schema];
    if (value === undefined || validate(value)) continue;
    const { keyword, params = {} } = validate.errors?.[0] ?? {};
    if ('allowedValue' in params) return `${name} must be ${params.allowedValue}.`;
    return 'limit' in params
      ? `${name} is longer than ${params.limit} characters.`
      : `${name} does not fit (${keyword}).`;
  }
  return undefined;
};

/** @returns the path's parameters, or `undefined` where one is badly escaped or does not fit its schema. */
export const parametersOf = (route: Route, path: string): Readonly<Record<string, string>> | undefined => {
  const segments = path.split('/');
  const schemas = new Map(Object.entries(route.parameters));
  const parameters: Record<string, string> = {};
  for (const [index, segment] of route.path.split('/').entries()) {
    const name = nameOf(segment);
    const schema = name === undefined ? undefined : schemas.get(name);
    if (name === undefined || schema === undefined) continue;
    const value = decoded(segments[index] ?? '');
    if (value === undefined || !validators[schema](value)) return undefined;
    parameters[name] = value;
  }
  return parameters;
};
