/**
 * The one way out to providers and key endpoints: a single HTTPS request with an overall deadline and a bounded answer.
 * It follows no redirect, repeats nothing and knows no proxy. `node:https` instead of `fetch`, whose first call costs
 * several times a whole request.
 */
import { promises as dns, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const DEADLINE_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/**
 * Idle connections are not reused after this time: the peer may have closed them unnoticed, because a function's CPU is
 * frozen between requests, and a request lost that way counts as sent.
 */
const MAX_IDLE_MS = 4_000;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** May shorten the client's deadline, never extend it. */
  readonly deadlineMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
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
  readonly resolve?: (hostname: string) => Promise<LookupAddress[]>;
}

/**
 * - `address`: refused before any socket was opened: not HTTPS, a private address, credentials in the URL;
 * - `dns`, `connect`, `tls`: no connection came about;
 * - `reset`: the connection ended before the answer did;
 * - `timeout`: the deadline passed;
 * - `too_large`, `not_http`: an answer came that is of no use.
 */
export type TransportCode = 'address' | 'dns' | 'connect' | 'tls' | 'reset' | 'timeout' | 'too_large' | 'not_http';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportCode;
  /** `false` only when no byte of the request can have left this process. */
  readonly sent: boolean;

  constructor(code: TransportCode, sent: boolean) {
    super(code);
    this.code = code;
    this.sent = sent;
  }
}

export const createHttpClient = (options: HttpClientOptions = {}): HttpClient => {
  const development = new Set(options.developmentOrigins);
  const clientDeadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const lookup = publicOnly(options.resolve ?? ((hostname) => dns.lookup(hostname, { all: true })));
  const upstreams = new Map<string, Upstream>();

  const admit = (text: string): URL | undefined => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || url.username !== '' || url.password !== '') return undefined;
    if (development.has(url.origin)) return url;
    return url.protocol === 'https:' && !isPrivateLiteral(url.hostname) ? url : undefined;
  };

  return {
    allows: (url) => admit(url) !== undefined,
    async request(request) {
      const url = admit(request.url);
      if (url === undefined) throw new TransportError('address', false);
      const upstream = fresh(upstreams.get(url.origin), url);
      upstreams.set(url.origin, upstream);
      upstream.inFlight += 1;
      try {
        return await exchange(url, request, {
          agent: upstream.agent,
          deadlineMs: Math.min(request.deadlineMs ?? clientDeadlineMs, clientDeadlineMs),
          ...(development.has(url.origin) ? {} : { lookup }),
        });
      } finally {
        upstream.inFlight -= 1;
        upstream.lastUsed = performance.now();
      }
    },
  };
};

/** One origin's kept connections. */
interface Upstream {
  readonly agent: HttpAgent | HttpsAgent;
  inFlight: number;
  /** Milliseconds, monotonic. */
  lastUsed: number;
}

const fresh = (present: Upstream | undefined, url: URL): Upstream => {
  if (present !== undefined) {
    if (present.inFlight > 0 || performance.now() - present.lastUsed < MAX_IDLE_MS) return present;
    present.agent.destroy();
  }
  const keep = { keepAlive: true, timeout: MAX_IDLE_MS };
  return {
    agent: url.protocol === 'https:' ? new HttpsAgent(keep) : new HttpAgent(keep),
    inFlight: 0,
    lastUsed: performance.now(),
  };
};

const exchange = (
  url: URL,
  { method, headers, body }: HttpRequest,
  { agent, deadlineMs, lookup }: { agent: HttpAgent | HttpsAgent; deadlineMs: number; lookup?: LookupFunction },
): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    let phase: 'connecting' | 'handshake' | 'sent' = 'connecting';
    const outgoing = (secure ? httpsRequest : httpRequest)(url, {
      agent,
      method,
      headers: { accept: 'application/json', 'user-agent': 'token-broker', ...headers },
      ...(lookup === undefined ? {} : { lookup }),
    });
    const fail = (code: TransportCode) => {
      clearTimeout(deadline);
      outgoing.destroy();
      reject(new TransportError(code, phase === 'sent'));
    };
    const deadline = setTimeout(() => fail('timeout'), deadlineMs);

    outgoing.once('socket', (socket) => {
      if (!socket.connecting) {
        // A kept connection may take the bytes and die: whether they arrived is unknown.
        phase = 'sent';
        return;
      }
      socket.once('connect', () => {
        phase = secure ? 'handshake' : 'sent';
      });
      socket.once('secureConnect', () => {
        phase = 'sent';
      });
    });
    outgoing.on('error', (error) => fail(transportCodeOf(error, phase)));
    outgoing.once('response', (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_ANSWER_BYTES) fail('too_large');
        else chunks.push(chunk);
      });
      answer.on('error', () => fail('reset'));
      answer.once('end', () => {
        clearTimeout(deadline);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.end(body);
  });

const transportCodeOf = (error: NodeJS.ErrnoException, phase: 'connecting' | 'handshake' | 'sent'): TransportCode => {
  if (error instanceof PrivateAddress) return 'address';
  if (phase === 'connecting') return error.syscall === 'getaddrinfo' ? 'dns' : 'connect';
  if (phase === 'handshake') return 'tls';
  return error.code?.startsWith('HPE_') ? 'not_http' : 'reset';
};

class PrivateAddress extends Error {}

/** The addresses that are checked are the ones that are connected to: a name that resolves anew gains nothing. */
const publicOnly =
  (resolve: (hostname: string) => Promise<LookupAddress[]>): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || addresses.some(({ address }) => isPrivate(address))) {
          callback(new PrivateAddress(), '');
        } else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, ''),
    );
  };

const isPrivateLiteral = (hostname: string): boolean => {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) !== 0 && isPrivate(address);
};

const isPrivate = (address: string): boolean =>
  isIP(address) === 6
    ? !globalUnicast.check(address, 'ipv6') || embedding.check(address, 'ipv6')
    : reserved.check(address, 'ipv4');

/** IANA IPv4 special-purpose address registry (RFC 6890), multicast and class E. */
const reserved = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  reserved.addSubnet(network, bits, 'ipv4');
}
/** RFC 4291: everything else (loopback, link-local, unique local, IPv4-mapped, NAT64) is not the public internet. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
/** Special-purpose and documentation blocks within it, and 6to4, which embeds any IPv4 address. */
const embedding = new BlockList();
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  embedding.addSubnet(network, bits, 'ipv6');
}
