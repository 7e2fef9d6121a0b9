/**
 * What the functions framework (5.0.5) does by itself and must not do here, replaced in the copy that runs:
 *
 * - it reads bodies of up to 1 GB, and answers one that is malformed with HTML and logs it, before a function runs;
 * - its Express answers bad paths with HTML and logs the error;
 * - what Node's HTTP parser refuses is answered without security headers;
 * - it logs the text of stray errors, and answers them without security headers;
 * - on SIGTERM it answers the request in flight with 500 and exits at once;
 * - it makes a domain for each request, to find the one that caused a stray error: from the first one on every promise of
 *   the process pays for async hooks, half of a token call. `answering` knows the same for next to nothing.
 */

import { existsSync, realpathSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Observe } from '../core/ports.ts';
import { securityHeaders, setHeaders } from './answer.ts';
import { markBodyFault } from './body.ts';
import { answering, refuse, watchProcess } from './lifecycle.ts';
import { answerParserErrors, lacksHost } from './parser-errors.ts';
import { bodyLimitOf } from './routing.ts';

type Next = (error?: unknown) => void;
type Middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void;
type Parser = (options: Readonly<Record<string, unknown>>) => Middleware;
type Response = ServerResponse & { locals?: object };

interface BodyParser {
  json: Parser;
  text: Parser;
  urlencoded: Parser;
  raw: Parser;
}
interface Application {
  handle(req: IncomingMessage, res: Response, next?: Next): void;
}
interface Crash {
  readonly err: unknown;
  readonly res: ServerResponse;
}
interface Logger {
  sendCrashResponse(crash: Crash): void;
}
interface Domains {
  create(): { on(): void; run(work: () => void): void };
}
interface ErrorHandler {
  readonly server: Server;
  register(): void;
}

/** The framework that serves: the started program where it is one (deployed), else the one beside this project. */
const runningFramework = (): NodeJS.Require => {
  const started = process.argv[1] ?? '';
  const program = existsSync(started) ? realpathSync(started) : '';
  const own = createRequire(import.meta.url);
  const isFramework = program.endsWith(join('functions-framework', 'build', 'src', 'main.js'));
  return createRequire(isFramework ? program : own.resolve('@google-cloud/functions-framework'));
};

/** Replaces a method, and refuses to start where it is not: a framework that changed must not run half hardened. */
const replace = <T extends object, K extends keyof T>(holder: T, name: K, make: (original: T[K]) => T[K]): void => {
  const original = holder[name];
  if (typeof original !== 'function') throw new Error(`functions-framework has no ${String(name)} where it used to`);
  holder[name] = make(original);
};

/** Bodies stay bytes (`rawBody`), bounded after inflating; the operation parses them and answers for them. */
const boundBodies = (bodyParser: BodyParser): void => {
  const ignore: Middleware = (_req, _res, next) => next();
  for (const name of ['json', 'text', 'urlencoded'] as const) replace(bodyParser, name, () => () => ignore);
  replace(bodyParser, 'raw', (raw) => (options) => {
    const readers = new Map<number, Middleware>();
    const readerOf = (limit: number): Middleware => {
      const reader = readers.get(limit) ?? raw({ ...options, limit, type: () => true });
      readers.set(limit, reader);
      return reader;
    };
    return (req, res, next) =>
      readerOf(bodyLimitOf(req))(req, res, (error) => {
        if (error) markBodyFault(req, Number((error as { status?: unknown }).status));
        next();
      });
  });
};

/** Headers on everything, `/favicon.ico` included, and an own last handler, as Express's logs and echoes. */
const ownFinalHandler = (application: Application, observe: Observe): void =>
  replace(
    application,
    'handle',
    (handle) =>
      function (this: Application, req, res, next) {
        if (next) return handle.call(this, req, res, next);
        setHeaders(res, securityHeaders);
        // The framework prints the text of errors that come after its answer; it never hears of that moment.
        res.locals = Object.create(null, { functionExecutionFinished: { get: () => false, set: () => {} } });
        const last: Next = (error) => {
          const status = Number((error as { status?: unknown } | undefined)?.status ?? (error ? 500 : 404));
          const code = status === 404 ? 'not_found' : status < 500 ? 'invalid_request' : 'internal_error';
          refuse(res, code, observe, 'request_refused', error);
        };
        if (lacksHost(req)) refuse(res, 'invalid_request', observe, 'request_refused');
        else answering.run(res, () => handle.call(this, req, res, last));
      },
  );

const silentCrashes = (logger: Logger, observe: Observe): void =>
  replace(logger, 'sendCrashResponse', () => ({ err, res }) => {
    refuse(res, 'internal_error', observe, 'stray_error', err);
  });

const withoutDomains = (domains: Domains): void =>
  replace(domains, 'create', () => () => ({ on: () => {}, run: (work) => work() }));

const ownSignals = (errorHandler: ErrorHandler, observe: Observe): void =>
  replace(
    errorHandler,
    'register',
    () =>
      function (this: ErrorHandler) {
        answerParserErrors(this.server, observe);
        watchProcess(this.server, observe);
      },
  );

const hardened = new WeakSet<BodyParser>();

/** To be called before the framework makes its server; once is enough. Throws where it is not as expected. */
export const hardenFramework = (observe: Observe): void => {
  const require = runningFramework();
  const bodyParser: BodyParser = require('body-parser');
  if (hardened.has(bodyParser)) return;
  hardened.add(bodyParser);
  const { application }: { application: Application } = require('express');
  const logger: Logger = require('./logger.js');
  const { ErrorHandler }: { ErrorHandler: { prototype: ErrorHandler } } = require('./invoker.js');
  boundBodies(bodyParser);
  ownFinalHandler(application, observe);
  silentCrashes(logger, observe);
  withoutDomains(require('node:domain'));
  ownSignals(ErrorHandler.prototype, observe);
};
