/** An issuer's public keys (RFC 7517), fetched and kept with care: a flood of unknown key ids reaches nobody (S34). */
import type { KeyObject } from 'node:crypto';
import { errors, type JWSHeaderParameters } from 'jose';
import { jsonObject } from '../../shared/token-answer.ts';
import { Unavailable } from '../core/errors.ts';
import { isForeignSignature, type PublishedKeys, publishedKeys } from './jwk.ts';

/** One GET: a deadline, no redirects, a bounded answer. Rejects where there is none. */
export type Get = (url: string) => Promise<{ readonly status: number; readonly body: Buffer }>;

export interface KeySetConfig {
  readonly url: string;
  readonly get: Get;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Fetches at once, so that the first token need not wait for it all. */
  readonly early?: boolean;
}

/** The keys of one issuer. */
export interface KeySet {
  /**
   * Verifies with each key that may have signed a token with this header, until one has. Throws what `verify` throws;
   * a `JOSEError` where no key has signed it; `Unavailable('identity_provider')` where that cannot be told now.
   * @param verify throws `JWSSignatureVerificationFailed` for a key that has not signed it
   */
  verified<T>(header: JWSHeaderParameters, verify: (key: KeyObject) => Promise<T>): Promise<T>;
}

const MINUTE = 60_000;
/** Keys are asked for again after this. */
const FRESH = 10 * MINUTE;
/** Keys are no longer used after this, when the endpoint stays down. */
const USABLE = 24 * 60 * MINUTE;
/** At most so many fetches a minute, whatever comes: one to renew, three for keys that are not known. */
const MOST = 4;
/** Between two looks for unknown keys. A flood of them leaves one look every twenty seconds for a rotated key. */
const LOOK_EVERY = 20_000;
/** Between two attempts to renew keys that are old and still usable. */
const RENEW_EVERY = MINUTE;
/** Between the first two attempts while there are no keys at all: nothing works without them. */
const FIRST_RETRY = 5_000;
/** Milliseconds. */
const RENEWAL_PATIENCE = 1_000;

interface Kept {
  readonly keys: PublishedKeys;
  readonly startedAt: number;
  readonly fetchedAt: number;
}

/** Why a fetch is made; also what is logged where there is no answer. */
type Reason = 'no_keys' | 'old_keys' | 'unknown_key';

const fetchKeys = async ({ get, url }: KeySetConfig): Promise<PublishedKeys | undefined> => {
  try {
    const { status, body } = await get(url);
    return status === 200 ? publishedKeys(jsonObject(body.toString())) : undefined;
  } catch {
    return undefined;
  }
};

/** A set that never changes. */
export const fixedKeySet = (keys: PublishedKeys): KeySet => ({
  verified: (header, verify) => firstThatFits(keys.find(header).keys, verify),
});

/** Keys that are asked for, kept, and asked for anew when a token names one that is not among them. */
export const createKeySet = (config: KeySetConfig): KeySet => {
  const now = config.now ?? Date.now;
  let kept: Kept | undefined;
  let running: Promise<void> | undefined;
  /** When the last fetches began, the oldest first. */
  let starts: readonly number[] = [];
  /** When a fetch was last begun for this reason. */
  const tried: Partial<Record<Reason, number>> = {};
  /** Fetches that failed before there were keys. */
  let failures = 0;

  const every = (reason: Reason): number => {
    if (reason === 'old_keys') return RENEW_EVERY;
    return reason === 'no_keys' && failures < 2 ? FIRST_RETRY : LOOK_EVERY;
  };

  /** Milliseconds until a fetch may begin. */
  const waitFor = (reason: Reason): number => {
    const [oldest = Number.NEGATIVE_INFINITY] = starts.length < MOST ? [] : starts;
    const before = tried[reason] ?? Number.NEGATIVE_INFINITY;
    return Math.max(0, before + every(reason) - now(), oldest + MINUTE - now());
  };

  const fetchOnce = async (): Promise<void> => {
    const startedAt = now();
    starts = [...starts, startedAt].slice(-MOST);
    const keys = await fetchKeys(config);
    if (keys) kept = { keys, startedAt, fetchedAt: now() };
    else if (!kept) failures += 1;
  };

  /** Callers that overlap share one fetch. */
  const shared = (): Promise<void> => {
    running ??= fetchOnce().finally(() => {
      running = undefined;
    });
    return running;
  };

  /** Fetches, unless that was tried lately. */
  const refresh = async (reason: Reason): Promise<void> => {
    if (!running) {
      if (waitFor(reason) > 0) return;
      tried[reason] = now();
    }
    await shared();
  };

  const unavailable = (reason: Reason) =>
    new Unavailable('identity_provider', reason, { retryAfter: waitFor(reason) / 1000 });

  const usable = (): Kept => {
    if (kept && now() - kept.fetchedAt > USABLE) kept = undefined;
    if (!kept) throw unavailable('no_keys');
    return kept;
  };

  /** Whoever has kept keys does not wait long for newer ones. */
  const renew = async (): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, RENEWAL_PATIENCE);
    });
    await Promise.race([refresh('old_keys'), enough]);
    clearTimeout(timer);
  };

  // Not counted as tried: where it fails, the first token has an attempt of its own.
  if (config.early) void shared();

  return {
    async verified(header, verify) {
      const [before, askedAt] = [kept, now()];
      /** A set that was asked for after the token came has every key that may have signed it. */
      const isTelling = (set: Kept) => set !== before && set.startedAt >= askedAt;
      if (!kept) await refresh('no_keys');
      else if (now() - kept.fetchedAt > FRESH) await renew();
      const known = usable();
      const { keys, unknown } = known.keys.find(header);
      const first = await outcomeOf(keys, verify);
      if ('value' in first) return first.value;
      if (!unknown || !isForeignSignature(first.error) || isTelling(known)) throw first.error;
      await refresh('unknown_key');
      const newer = usable();
      const second = newer === known ? first : await outcomeOf(newer.keys.find(header).keys, verify);
      if ('value' in second) return second.value;
      if (!isForeignSignature(second.error) || isTelling(newer)) throw second.error;
      throw unavailable('unknown_key');
    },
  };
};

/** The first key that verifies. */
const firstThatFits = async <T>(keys: readonly KeyObject[], verify: (key: KeyObject) => Promise<T>): Promise<T> => {
  for (const key of keys) {
    try {
      return await verify(key);
    } catch (error) {
      if (!isForeignSignature(error)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
};

const outcomeOf = async <T>(
  keys: readonly KeyObject[],
  verify: (key: KeyObject) => Promise<T>,
): Promise<{ readonly value: T } | { readonly error: unknown }> =>
  firstThatFits(keys, verify).then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
