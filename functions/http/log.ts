/** Structured logs: one JSON object a line, as Cloud Logging reads them from stdout. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Observe } from '../core/ports.ts';

/** What every line of one request carries. Filled as the request becomes known; never a user id. */
export interface LogContext {
  readonly correlation_id: string;
  readonly trace?: Trace;
  operation?: string;
  tenant?: string;
}

/** Which span of which trace called. */
export interface Trace {
  /** 32 hex digits. */
  readonly id: string;
  /** 16 hex digits. */
  readonly span?: string;
}

const contexts = new AsyncLocalStorage<LogContext>();

/** Runs `run`; every event observed meanwhile, however deep, carries `context`. */
export const withLogContext = <T>(context: LogContext, run: () => T): T => contexts.run(context, run);

/** W3C Trace Context, else X-Cloud-Trace-Context, whose span is decimal: https://cloud.google.com/trace/docs/trace-context */
export const traceOf = (headers: IncomingHttpHeaders): Trace | undefined => {
  const [, id, span] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(String(headers.traceparent)) ?? [];
  if (id && span) return { id, span };
  const google = /^([0-9a-f]{32})(?:\/(\d{1,20}))?(?:;|$)/.exec(String(headers['x-cloud-trace-context']));
  if (!google?.[1]) return undefined;
  const hex = google[2] && BigInt(google[2]).toString(16).padStart(16, '0');
  return { id: google[1], ...(hex?.length === 16 ? { span: hex } : {}) };
};

/**
 * With the special fields of https://cloud.google.com/logging/docs/structured-logging.
 * @param options.projectId the Google Cloud project whose traces the lines belong to
 */
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
      ...(projectId && trace && traceFields(projectId, trace)),
    };
    write(`${JSON.stringify(line)}\n`);
  };
};

const traceFields = (projectId: string, { id, span }: Trace) => ({
  'logging.googleapis.com/trace': `projects/${projectId}/traces/${id}`,
  ...(span === undefined ? {} : { 'logging.googleapis.com/spanId': span }),
});
