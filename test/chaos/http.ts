/** Plain HTTP calls, each over a connection of its own: a process that died leaves no broken one behind in a pool. */
import { type IncomingHttpHeaders, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of a JSON object; empty otherwise. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Ask {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** Longer than anything that the broker may take: a wait, and all that a lease covers. */
const DEADLINE_MS = 90_000;

/** @returns a transport code such as `ECONNRESET` where no whole answer came */
export const ask = ({ method, url, headers = {}, body }: Ask): Promise<Reply | string> =>
  new Promise((resolve) => {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request(url, {
      method,
      agent: false,
      headers: { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const fail = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name);
    outgoing.on('error', fail);
    outgoing.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', fail);
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, body: objectOf(text) });
      });
    });
    outgoing.end(json);
  });

const objectOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
