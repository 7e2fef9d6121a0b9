/**
 * A bound on bursts (S26): token buckets of this instance. Verified users have one each; backends one for each
 * organization and one for each code or token that they name; everybody else one for each client address. Refused
 * requests have buckets of their own.
 */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

export interface Bucket {
  /** Requests at once. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export interface RateLimitConfig {
  readonly user?: Bucket | undefined;
  readonly service?: Bucket | undefined;
  readonly address?: Bucket | undefined;
  readonly failures?: Bucket | undefined;
  /**
   * Which address is the client's: 0 the peer's; n the n-th from the right of X-Forwarded-For, as many as trusted
   * proxies append (Google's external load balancer appends two: the client and itself).
   */
  readonly addressHops: number;
}

/**
 * The defaults, for one instance. `service` and `address` admit what the balancer admits (`address_limit`, 30,000 a
 * minute): a whole company may be behind one address, and behind one backend. docs/scale.md has the reasons.
 */
export const RATE_LIMITS = {
  user: { capacity: 120, refillPerSecond: 4 },
  service: { capacity: 30_000, refillPerSecond: 500 },
  address: { capacity: 30_000, refillPerSecond: 500 },
  failures: { capacity: 3_000, refillPerSecond: 50 },
} as const satisfies Readonly<Record<string, Bucket>>;

/** Each method returns the seconds to wait; 0: go on. */
export interface RateLimits {
  /** A verified user. */
  user(key: string): number;
  /** What a request asks for: a code, a renewal token. The size of `user`. */
  item(key: string): number;
  /** The item does not exist. Such keys are the client's choice, so that they must not push others out. */
  forgetItem(key: string): void;
  /** The backend of one organization. */
  service(key: string): number;
  address(req: IncomingMessage): number;
  /** A request that was refused: a session, a code or a token that is not valid. */
  failure(key: string): number;
  failureFrom(req: IncomingMessage): number;
}

/**
 * The key unused for longest goes first, and a key that is refused counts as used. To have a limited address forgotten, a
 * client must use 10,000 other addresses (IPv6: other /64 networks), and these give it more requests than it gains.
 */
const MAX_ENTRIES = 10_000;

const createBuckets = ({ capacity, refillPerSecond }: Bucket, now: () => number) => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const take = (key: string): number => {
    const time = now();
    const { tokens, at } = buckets.get(key) ?? { tokens: capacity, at: time };
    const filled = Math.min(capacity, tokens + ((time - at) / 1000) * refillPerSecond);
    const taken = filled >= 1;
    // Deleted first, so that the map's order is the order of use, and the oldest goes.
    buckets.delete(key);
    buckets.set(key, { tokens: taken ? filled - 1 : filled, at: time });
    if (buckets.size > MAX_ENTRIES) buckets.delete(buckets.keys().next().value ?? '');
    return taken ? 0 : (1 - filled) / refillPerSecond;
  };
  return { take, forget: (key: string) => void buckets.delete(key) };
};

/** An IPv6 client owns a whole /64, and could use a new address for every request. */
const network = (address: string): string => {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0');
  return [...groups, ...zeros, ...rest]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
};

/** Entries further left than `hops` were written by the client itself, and never matter. */
export const clientAddress = (req: IncomingMessage, hops: number): string => {
  const forwarded = hops > 0 ? (req.headersDistinct['x-forwarded-for'] ?? []).join(',').split(',') : [];
  return network(forwarded.at(-hops)?.trim() || (req.socket.remoteAddress ?? ''));
};

export const createRateLimits = (config: RateLimitConfig, now: () => number = Date.now): RateLimits => {
  const bucketsOf = (name: keyof typeof RATE_LIMITS) => createBuckets(config[name] ?? RATE_LIMITS[name], now);
  const [user, item, service] = [bucketsOf('user'), bucketsOf('user'), bucketsOf('service')];
  const [address, failures] = [bucketsOf('address'), bucketsOf('failures')];
  const addressOf = (req: IncomingMessage) => clientAddress(req, config.addressHops);
  return {
    user: user.take,
    item: item.take,
    forgetItem: item.forget,
    service: service.take,
    address: (req) => address.take(addressOf(req)),
    failure: failures.take,
    failureFrom: (req) => failures.take(addressOf(req)),
  };
};
