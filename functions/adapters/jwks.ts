/** An issuer's public keys (RFC 7517), fetched and kept with care: a flood of unknown key ids reaches nobody (S34). */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { Unavailable } from '../core/errors.ts';

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

const MINUTE = 60_000;
/** Keys are asked for again after this. */
const FRESH = 10 * MINUTE;
/** Keys are no longer used after this, when the endpoint stays down. */
const USABLE = 24 * 60 * MINUTE;
/** At most one fetch in this time, whatever comes. */
const COOLDOWN = MINUTE;
/** The same while there are no keys at all: a stumble at the start must not cost a minute. */
const FIRST_COOLDOWN = 5_000;
/** Milliseconds. */
const RENEWAL_PATIENCE = 1_000;

const NONE = { at: Number.NEGATIVE_INFINITY, failed: false };

const isKeySet = (value: unknown): value is JSONWebKeySet =>
  typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys);

const isPublic = (key: unknown): boolean =>
  typeof key === 'object' &&
  key !== null &&
  'kty' in key &&
  (key.kty === 'EC' || key.kty === 'RSA' || key.kty === 'OKP') &&
  !('d' in key);

const fetchKeys = async ({ get, url }: KeySetConfig): Promise<JWTVerifyGetKey | undefined> => {
  try {
    const { status, body } = await get(url);
    const set: unknown = JSON.parse(body.toString());
    return status === 200 && isKeySet(set) ? createLocalJWKSet({ keys: set.keys.filter(isPublic) }) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * A key resolver for jose. Its promise rejects with `JWKSNoMatchingKey` for a key id that the issuer does not know, and
 * with `Unavailable('identity_provider')` where the endpoint is down and the kept keys do not answer the question.
 */
export const createKeySet = (config: KeySetConfig): JWTVerifyGetKey => {
  const now = config.now ?? Date.now;
  let kept: { readonly find: JWTVerifyGetKey; readonly fetchedAt: number } | undefined;
  let attempt = NONE;
  let running: Promise<void> | undefined;

  const cooldown = () => (kept ? COOLDOWN : FIRST_COOLDOWN);

  const fetchOnce = async (): Promise<void> => {
    attempt = { at: now(), failed: false };
    const find = await fetchKeys(config);
    if (find) kept = { find, fetchedAt: now() };
    else attempt = { ...attempt, failed: true };
  };

  /** Fetches unless that was tried lately; callers that overlap share one fetch. */
  const refresh = async (): Promise<void> => {
    if (!running && now() - attempt.at < cooldown()) return;
    running ??= fetchOnce().finally(() => {
      running = undefined;
    });
    await running;
  };

  const unavailable = (code: string) =>
    new Unavailable('identity_provider', code, { retryAfter: (attempt.at + cooldown() - now()) / 1000 });

  const usable = (): JWTVerifyGetKey => {
    if (kept && now() - kept.fetchedAt > USABLE) kept = undefined;
    if (!kept) throw unavailable('no_keys');
    return kept.find;
  };

  /** Whoever has kept keys does not wait long for newer ones. */
  const renew = async (): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, RENEWAL_PATIENCE);
    });
    await Promise.race([refresh(), enough]);
    clearTimeout(timer);
  };

  if (config.early) {
    void refresh().then(() => {
      // The first token has an attempt of its own.
      if (!kept) attempt = NONE;
    });
  }

  return async (header, token) => {
    if (!kept) await refresh();
    else if (now() - kept.fetchedAt > FRESH) await renew();
    try {
      return await usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await refresh();
    try {
      return await usable()(header, token);
    } catch (error) {
      // The key may be there, where nobody can look at the moment.
      if (error instanceof errors.JWKSNoMatchingKey && attempt.failed) throw unavailable('unknown_key');
      throw error;
    }
  };
};
