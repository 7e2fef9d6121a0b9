/**
 * A Google API over HTTP and JSON, for the few calls that stand in the way of every token: kept connections, a deadline that ends
 * the request, and at most one repetition.
 */
import { jitter } from '../core/clock.ts';
import { Unavailable, type Upstream } from '../core/errors.ts';
import { within } from './deadline.ts';
import { createExchange, TransportError } from './exchange.ts';
import { type AccessTokens, createAccessTokens } from './google-access-token.ts';
import { Code, codeIn, RpcError } from './google-rpc.ts';

/** Longer than any healthy call; for both attempts together. */
const DEADLINE_MS = 5_000;
/** More than the largest document of the database, in base64. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
const PAUSE_MS = 50;

export interface GoogleApi {
  /**
   * POSTs JSON, answers parsed JSON. Rejects with `RpcError` (the API's own word) and `Unavailable`: `applied` is `no` only when the request
   * cannot have arrived. `reads`: the call changes nothing and is repeated once when its answer is lost or UNAVAILABLE.
   */
  post(path: string, body: object, options: { readonly reads: boolean }): Promise<unknown>;
}

export interface GoogleApiOptions {
  readonly upstream: Upstream;
  /** `https://firestore.googleapis.com`; a stand-in's may be plain HTTP. */
  readonly origin: string;
  readonly tokens: AccessTokens;
}

/** The tokens of the function's service account, shared by its APIs. */
export const serviceAccountTokens = (): AccessTokens => createAccessTokens(createExchange());

/** What stand-ins and the official emulator take for a token; never sent to Google. */
export const standInTokens: AccessTokens = { get: async () => 'owner', forget: () => {} };

export const createGoogleApi = ({ upstream, origin, tokens }: GoogleApiOptions): GoogleApi => {
  const exchange = createExchange();

  const attempt = async (url: URL, body: string, until: number): Promise<unknown> => {
    const token = await within(until - performance.now(), upstream, () => tokens.get()).catch((cause) => {
      throw cause instanceof Unavailable ? cause : new Unavailable(upstream, 'credentials', { needsOps: true, cause });
    });
    const answer = await exchange({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
      deadlineMs: Math.max(0, until - performance.now()),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    const parsed = parse(answer.body);
    if (answer.status === 200 && parsed !== undefined) return parsed;
    const code = answer.status === 200 ? undefined : codeIn(parsed);
    if (code === Code.UNAUTHENTICATED) tokens.forget(token);
    throw code === undefined ? new NoAnswer(answer.status) : new RpcError(code);
  };

  return {
    post: async (path, body, { reads }) => {
      const url = new URL(path, origin);
      const text = JSON.stringify(body);
      const until = performance.now() + DEADLINE_MS;
      try {
        return await attempt(url, text, until).catch(async (error) => {
          if (!mayRepeat(error, reads) || performance.now() >= until) throw error;
          await new Promise((resolve) => setTimeout(resolve, jitter(PAUSE_MS)));
          return attempt(url, text, until);
        });
      } catch (error) {
        if (!(error instanceof TransportError || error instanceof NoAnswer)) throw error;
        const isUnsent = error instanceof TransportError && !error.sent;
        throw new Unavailable(upstream, error.message, { applied: isUnsent ? 'no' : 'unknown', cause: error });
      }
    },
  };
};

/** An answer that is not the API's: a proxy's page, half a JSON text. */
class NoAnswer extends Error {
  constructor(status: number) {
    super(status === 200 ? 'malformed' : `http_${status}`);
  }
}

/** What cannot have had an effect, and what can have none twice. */
const mayRepeat = (error: unknown, reads: boolean): boolean => {
  if (error instanceof TransportError) return !error.sent || (reads && error.code !== 'timeout');
  if (error instanceof RpcError)
    return error.code === Code.UNAUTHENTICATED || (reads && error.code === Code.UNAVAILABLE);
  return reads && error instanceof NoAnswer;
};

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
};
