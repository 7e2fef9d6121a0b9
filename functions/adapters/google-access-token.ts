/**
 * The access token of the function's own service account, from Google's metadata server:
 * https://cloud.google.com/run/docs/container-contract#metadata-server
 */
import { singleFlight } from '../core/single-flight.ts';
import type { Exchange } from './exchange.ts';

export const METADATA_SERVER = 'http://169.254.169.254';
const DEADLINE_MS = 2_000;
const MAX_ANSWER_BYTES = 16 * 1024;
const ATTEMPTS = 2;
/** The metadata server gives a new token in the last five minutes of the old one. */
const RENEW_MS = 5 * 60_000;
/** What is nearer to its end is not used: a call may take its time. */
const SPARE_MS = 30_000;

export interface AccessTokens {
  /** Rejects when there is none: only ops can help. */
  get(): Promise<string>;
  /** A token that an API refused is not given out again. */
  forget(token: string): void;
}

/**
 * Keeps a token until shortly before it ends, and renews it meanwhile: a call waits for the metadata server only where it has
 * no token at all. `metadataServer`: another origin, for tests.
 */
export const createAccessTokens = (exchange: Exchange, metadataServer: string = METADATA_SERVER): AccessTokens => {
  const url = new URL('/computeMetadata/v1/instance/service-accounts/default/token', metadataServer);
  const once = singleFlight<string>();
  /** Milliseconds since the epoch, by this machine: its monotonic clock may stand still while it is frozen. */
  let present: { readonly token: string; readonly until: number } | undefined;

  const ask = async (): Promise<string> => {
    const headers = { 'metadata-flavor': 'Google' };
    const answer = await exchange({
      method: 'GET',
      url,
      headers,
      deadlineMs: DEADLINE_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    if (answer.status !== 200 || answer.headers['metadata-flavor'] !== 'Google') {
      throw new Error(`the metadata server answers ${answer.status}`);
    }
    const { access_token: token, expires_in: seconds } = JSON.parse(answer.body.toString());
    if (typeof token !== 'string' || typeof seconds !== 'number') throw new Error('the metadata server gives no token');
    present = { token, until: Date.now() + seconds * 1000 };
    return token;
  };
  const renew = () =>
    once('token', async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await ask();
        } catch (error) {
          if (attempt === ATTEMPTS) throw error;
        }
      }
    });

  return {
    get: async () => {
      const left = (present?.until ?? 0) - Date.now();
      if (!present || left <= SPARE_MS) return renew();
      // Nobody waits for it; if it fails, the next call tries again.
      if (left < RENEW_MS) renew().catch(() => {});
      return present.token;
    },
    forget: (token) => {
      if (present?.token === token) present = undefined;
    },
  };
};
