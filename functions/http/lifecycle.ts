/** How a process that serves requests ends, and what a stray error does to it, whatever hosts the functions. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Server, ServerResponse } from 'node:http';
import type { Observe } from '../core/ports.ts';
import { write } from './answer.ts';
import { describeError } from './failures.ts';
import { forNavigation } from './navigation.ts';
import { type ProblemCode, problem } from './problems.ts';

/** Cloud Run kills ten seconds after SIGTERM. */
const DRAIN_MILLISECONDS = 9_000;
/** The functions framework's own exit code after an uncaught error. */
const UNCAUGHT = 16;

/** Whose request is being worked on: who caused an error is who was being answered when what throws was begun. */
export const answering = new AsyncLocalStorage<ServerResponse>();

/** Answers a request in the place of its operation. */
export const refuse = (res: ServerResponse, code: ProblemCode, observe: Observe, event: string, error?: unknown) => {
  const correlationId = randomUUID();
  const severity = code === 'internal_error' ? 'ERROR' : 'INFO';
  observe({ ...describeError(error), event, severity, correlation_id: correlationId });
  write(res, forNavigation(res.req, problem(code), { isForPeople: true }), correlationId);
};

const running = new Set<Promise<unknown>>();

/** Keeps the process from ending before `work` has: its caller may be gone, and with it the connection that says so. */
export const untilDone = <T>(work: Promise<T>): Promise<T> => {
  running.add(work);
  const done = () => void running.delete(work);
  work.then(done, done);
  return work;
};

/**
 * New connections are refused (idle ones would keep the server from closing), requests in flight are finished; also those
 * whose callers have gone: what a provider has rotated for them is still to be stored.
 */
const drain = (server: Server, exitCode: number): void => {
  if (!server.listening) return;
  server.close(async () => {
    while (running.size > 0) await Promise.allSettled(running);
    process.exit(exitCode);
  });
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  setInterval(() => server.closeIdleConnections(), 20).unref();
  setTimeout(() => process.exit(exitCode), DRAIN_MILLISECONDS).unref();
};

let serving: Server | undefined;

/** A stray error ends the request that caused it. On a signal, and after one that belongs to none, the process ends when its requests are answered. */
export const watchProcess = (server: Server, observe: Observe): void => {
  serving = server;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => drain(server, 0));
  for (const stray of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(stray, (error: unknown) => {
      const res = answering.getStore();
      if (res) return refuse(res, 'internal_error', observe, 'stray_error', error);
      observe({ ...describeError(error), event: 'uncaught_error', severity: 'ERROR' });
      drain(server, UNCAUGHT);
    });
  }
};

/** A fault of the configuration that only the network shows: such an instance ends, as one that does not start. */
export const refuseToStart =
  (observe: Observe) =>
  (error: Error): void => {
    // Its message is this project's own, and names the provider.
    observe({ event: 'start_refused', severity: 'ERROR', error: error.name, detail: error.message });
    // It may serve already: another provider's refresh is not cut off.
    if (serving?.listening) drain(serving, 1);
    else process.exit(1);
  };
