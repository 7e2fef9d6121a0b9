/** What an operation answers, and how it is written. */
import type { ServerResponse } from 'node:http';

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Set-Cookie headers (`setCookie`). */
  readonly cookies?: readonly string[];
  /** Text is written as it is, everything else as JSON. */
  readonly body?: Body;
  /** In the place of a body: written as they come (`writeEvents`). */
  readonly events?: AsyncIterable<ServerSentEvent>;
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html: `data` is written as one line of JSON. */
export interface ServerSentEvent {
  /** One word. */
  readonly event: string;
  readonly data: object;
}

export const ok = <Body>(body: Body): Answer<Body> => ({
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body,
});

export const noContent = (): Answer<never> => ({ status: 204, headers: {} });

export const eventStream = (events: AsyncIterable<ServerSentEvent>): Answer<never> => ({
  status: 200,
  // A proxy that collects before it passes on would make a wait of a stream.
  headers: { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' },
  events,
});

/** Sends the browser on with GET, whatever it came with (RFC 9110 section 15.4.4). */
export const seeOther = (location: string): Answer<never> => ({ status: 303, headers: { Location: location } });

/** A fixed page. Nothing of the request may be in `markup`. */
export const page = (status: number, markup: string): Answer<string> => ({
  status,
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body: markup,
});

/** On every answer that leaves the broker, whoever makes it (S22). */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
};

export const setHeaders = (res: ServerResponse, headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
};

const textOf = ({ body, headers }: Answer, correlationId: string): string | undefined => {
  if (body === undefined || typeof body === 'string') return body;
  const isProblem = headers['Content-Type'] === 'application/problem+json';
  return JSON.stringify(isProblem ? { ...body, correlation_id: correlationId } : body);
};

/** What is sent, but for cookies. */
export const messageOf = (answer: Answer, correlationId: string) => ({
  headers: { ...securityHeaders, 'X-Correlation-Id': correlationId, ...answer.headers },
  text: textOf(answer, correlationId),
});

export const write = (res: ServerResponse, answer: Answer, correlationId: string): void => {
  // The client is gone, or something below the operation has answered already.
  if (res.headersSent || res.destroyed) return;
  const { headers, text } = messageOf(answer, correlationId);
  setHeaders(res, headers);
  if (answer.cookies) res.setHeader('Set-Cookie', answer.cookies);
  res.statusCode = answer.status;
  res.end(text);
};
