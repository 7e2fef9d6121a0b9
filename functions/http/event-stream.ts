/** Answers that are streams of server-sent events: written as they come, as fast as the client reads, and no longer than it is there. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Observe } from '../core/ports.ts';
import { type Answer, type ServerSentEvent, securityHeaders, setHeaders } from './answer.ts';
import { failureOf } from './failures.ts';
import type { Problem } from './problems.ts';

/** A client that takes nothing for so long is gone, whatever its connection says. */
const STALLED_MS = 30_000;

/** A problem after the stream has begun: its last event. */
export const errorEvent = ({ body, headers }: Answer<Problem>): ServerSentEvent => {
  const wait = headers['Retry-After'];
  return { event: 'error', data: { ...body, ...(wait === undefined ? {} : { retry_after: Number(wait) }) } };
};

/** Aborts when the connection closes before the answer was written. */
export const whenGone = (res: ServerResponse): AbortSignal => {
  const gone = new AbortController();
  if (res.destroyed) gone.abort();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
};

/** Ends what it iterates when the client is gone. Never throws. */
export const writeEvents = async (
  res: ServerResponse,
  { status, headers, events }: Answer & { readonly events: AsyncIterable<ServerSentEvent> },
  correlationId: string,
  observe: Observe,
): Promise<void> => {
  const send = (event: ServerSentEvent): Promise<boolean> => {
    if (event.event !== 'error' || res.destroyed) return written(res, event);
    const data = { ...event.data, correlation_id: correlationId };
    const problem = data as Partial<Problem>;
    observe({ event: 'problem', severity: 'WARNING', status: problem.status, code: problem.code });
    return written(res, { ...event, data });
  };
  try {
    if (!res.headersSent && !res.destroyed) {
      setHeaders(res, { ...securityHeaders, 'X-Correlation-Id': correlationId, ...headers });
      res.statusCode = status;
      // The first event may be long in coming.
      res.flushHeaders();
    }
    for await (const event of events) if (!(await send(event))) break;
  } catch (error) {
    const { answer, event } = failureOf(error);
    observe(event);
    await send(errorEvent(answer));
  } finally {
    res.end();
  }
};

/** @returns whether the client is still there */
const written = async (res: ServerResponse, { event, data }: ServerSentEvent): Promise<boolean> => {
  if (res.destroyed) return false;
  if (res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return true;
  const over = new AbortController();
  const stalled = setTimeout(() => res.destroy(), STALLED_MS);
  await Promise.race(['drain', 'close'].map((name) => once(res, name, { signal: over.signal }))).catch(() => {});
  clearTimeout(stalled);
  over.abort();
  return !res.destroyed;
};
