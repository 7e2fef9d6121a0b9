/** `GET /v1/.well-known/jwks.json`: the public keys by which anybody verifies the broker's sessions. */
import type { Clock } from './clock.ts';
import { singleFlight } from './single-flight.ts';

/** Of an EC key on P-256: base64url (RFC 7518 section 6.2). */
export interface PublicKey {
  readonly kid: string;
  readonly x: string;
  readonly y: string;
}

export interface PublicKeys {
  /** Of every version that may have signed. Throws `Unavailable`. */
  list(): Promise<readonly PublicKey[]>;
}

/**
 * Seconds for which a list counts as fresh: here, and again in every cache on the way (`max-age`). A new version must be
 * published twice as long before it signs; docs/operations.md waits for three times as long.
 */
export const FRESH_SECONDS = 5 * 60;
const FRESH = FRESH_SECONDS * 1_000;
/** A key service that is down does not take the keys away: they are public, and change by rotation only. */
const USABLE = 24 * 60 * 60_000;

/** One list per instance every five minutes; an old one while the key service is down. */
export const cachedKeys = (source: PublicKeys, clock: Clock): PublicKeys => {
  const once = singleFlight<readonly PublicKey[]>();
  let kept: { readonly keys: readonly PublicKey[]; readonly at: number } | undefined;
  const age = () => (kept ? clock.elapsed() - kept.at : Number.POSITIVE_INFINITY);

  return {
    async list() {
      if (kept && age() < FRESH) return kept.keys;
      try {
        const keys = await once('', () => source.list());
        kept = { keys, at: clock.elapsed() };
        return keys;
      } catch (error) {
        if (kept && age() < USABLE) return kept.keys;
        throw error;
      }
    },
  };
};
