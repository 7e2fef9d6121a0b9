/** Structured logs: one JSON object a line, as Cloud Logging reads them from stdout. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Observe } from '../core/ports.ts';

/** What every line of one request carries. Filled as the request becomes known; never a user id. */
export interface LogContext {
  readonly correlation_id: string;
  readonly trace?: string;
  operation?: string;
  tenant?: string;
}

const contexts = new AsyncLocalStorage<LogContext>();

/** Runs `run`; every event observed meanwhile, however deep, carries `context`. */
export const withLogContext = <T>(context: LogContext, run: () => T): T => contexts.run(context, run);

/** The trace id (32 hex digits) of W3C Trace Context, else of X-Cloud-Trace-Context. */
export const traceOf = (headers: IncomingHttpHeaders): string | undefined => {
  const w3c = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(String(headers.traceparent))?.[1];
  return w3c ?? /^([0-9a-f]{32})(?:\/|$)/.exec(String(headers['x-cloud-trace-context']))?.[1];
};

/** @param options.projectId the Google Cloud project whose traces the lines belong to */
export const createObserve = (
  options: { readonly projectId?: string | undefined; readonly write?: (line: string) => void } = {},
): Observe => {
  const { projectId, write = (line) => process.stdout.write(line) } = options;
  return ({ severity = 'INFO', event, ...fields }) => {
    const { trace, ...context } = contexts.getStore() ?? {};
    const line = {
      severity,
      message: event,
      event,
      ...context,
      ...fields,
      ...(projectId && trace && { 'logging.googleapis.com/trace': `projects/${projectId}/traces/${trace}` }),
    };
    write(`${JSON.stringify(line)}\n`);
  };
};
