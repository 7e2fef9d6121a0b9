/** The one way out to providers and key endpoints: HTTPS to public addresses, whatever a URL says. */
import { promises as dns, type LookupAddress } from 'node:dns';
import { isPrivateLiteral, publicOnly } from './addresses.ts';
import { createExchange, type HttpAnswer, TransportError } from './exchange.ts';

const DEADLINE_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** May shorten the client's deadline, never extend it. */
  readonly deadlineMs?: number;
}

export interface HttpClient {
  /** Rejects with `TransportError`, and with nothing else. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Whether a request to this URL would be tried at all, as far as the URL alone tells. */
  allows(url: string): boolean;
}

export interface HttpClientOptions {
  /** Exact origins, such as `http://127.0.0.1:9000`, that may be plain HTTP and have private addresses. */
  readonly developmentOrigins?: readonly string[];
  /** Milliseconds from the call to the answer's last byte. */
  readonly deadlineMs?: number;
  /** 64 KiB by default: what a token endpoint has to say. */
  readonly maxAnswerBytes?: number;
  readonly resolve?: (hostname: string) => Promise<LookupAddress[]>;
}

export const createHttpClient = (options: HttpClientOptions = {}): HttpClient => {
  const development = new Set(options.developmentOrigins);
  const clientDeadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const lookup = publicOnly(options.resolve ?? ((hostname) => dns.lookup(hostname, { all: true })));
  const exchange = createExchange();

  const admit = (text: string): URL | undefined => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || url.username !== '' || url.password !== '') return undefined;
    if (development.has(url.origin)) return url;
    return url.protocol === 'https:' && !isPrivateLiteral(url.hostname) ? url : undefined;
  };

  return {
    allows: (url) => admit(url) !== undefined,
    async request({ method, url: text, headers, body, deadlineMs = clientDeadlineMs }) {
      const url = admit(text);
      if (url === undefined) throw new TransportError('address', false);
      return exchange({
        method,
        url,
        headers,
        body,
        deadlineMs: Math.min(deadlineMs, clientDeadlineMs),
        maxAnswerBytes: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
        ...(development.has(url.origin) ? {} : { lookup }),
      });
    },
  };
};
