/** A bound on bursts (S26): token buckets of this instance, by verified user, else by client address. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

export interface Bucket {
  /** Requests at once. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export interface RateLimitConfig {
  readonly user?: Bucket | undefined;
  readonly address?: Bucket | undefined;
  /**
   * Which address is the client's: 0 the peer's; n the n-th from the right of X-Forwarded-For, as many as trusted
   * proxies append (Google's external load balancer appends two: the client and itself).
   */
  readonly addressHops: number;
}

export interface RateLimits {
  /** @returns seconds to wait, 0 to go on */
  user(key: string): number;
  address(req: IncomingMessage): number;
}

const MAX_ENTRIES = 10_000;

const createBuckets = ({ capacity, refillPerSecond }: Bucket, now: () => number) => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (key: string): number => {
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
  const user = createBuckets(config.user ?? { capacity: 120, refillPerSecond: 4 }, now);
  const address = createBuckets(config.address ?? { capacity: 300, refillPerSecond: 10 }, now);
  return { user, address: (req) => address(clientAddress(req, config.addressHops)) };
};
