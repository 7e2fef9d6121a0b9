/**
 * Access tokens, in this page's memory and nowhere else; and the calls that they are for, straight from this page to the
 * provider's API.
 */
import type { Broker, TokenAnswer } from './broker.ts';

/** The provider's API answered, and not with what was asked for. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** 0: no answer at all. */
  readonly status: number;
  readonly retryAfter: number | undefined;

  constructor(status: number, retryAfter?: number) {
    super(`status ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

interface Held {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly goodUntil: number;
  readonly renewAt: number;
}

/** A token is renewed so long before it ends, or after half its life where that is short. */
const MARGIN_SECONDS = 60;

const holdingOf = ({ access_token, expires_in }: TokenAnswer): Held => {
  const now = Date.now();
  const margin = Math.min(MARGIN_SECONDS, expires_in / 2);
  return { value: access_token, goodUntil: now + expires_in * 1000, renewAt: now + (expires_in - margin) * 1000 };
};

/** The claims challenge of a 401 (Microsoft's "continuous access evaluation"), spelled as the broker takes it. */
const challengeIn = (response: Response): string | undefined =>
  /[ ,]claims="([^"]+)"/
    .exec(response.headers.get('WWW-Authenticate') ?? '')?.[1]
    ?.replaceAll('+', '-')
    .replaceAll('/', '_');

export const createTokens = (broker: Broker, fetch: typeof globalThis.fetch) => {
  const held = new Map<string, Promise<Held>>();

  const renew = (provider: string, integration: string, claims?: string): Promise<Held> => {
    const key = `${provider} ${integration}`;
    const coming = broker
      .token(provider, claims === undefined ? { integration } : { integration, claims })
      .then(holdingOf);
    held.set(key, coming);
    // What failed is not kept; a newer one is.
    coming.catch(() => held.get(key) === coming && held.delete(key));
    return coming;
  };

  /** The token in memory where it will do, else a new one; calls that overlap share it. */
  const obtain = async (
    provider: string,
    integration: string,
    willDo: (token: Held) => boolean,
    claims?: string,
  ): Promise<Held> => {
    const key = `${provider} ${integration}`;
    const coming = held.get(key);
    const known = await coming;
    if (known && willDo(known)) return known;
    return held.get(key) === coming
      ? renew(provider, integration, claims)
      : obtain(provider, integration, willDo, claims);
  };

  const send = async (url: string, { value }: Held): Promise<Response> =>
    fetch(url, { headers: { Authorization: `Bearer ${value}`, Accept: 'application/json' } }).catch(() => {
      throw new ApiProblem(0);
    });

  return {
    /**
     * GETs from the provider's API. A 401 renews the token once, with the API's claims challenge where it sent one.
     * Throws `BrokerProblem` and `ApiProblem`.
     */
    async get(provider: string, integration: string, url: string): Promise<Response> {
      const token = await obtain(provider, integration, ({ renewAt }) => Date.now() < renewAt);
      let response = await send(url, token);
      if (response.status === 401) {
        const isOther = (newer: Held) => newer !== token;
        await response.body?.cancel();
        response = await send(url, await obtain(provider, integration, isOther, challengeIn(response)));
      }
      if (!response.ok) throw new ApiProblem(response.status, Number(response.headers.get('Retry-After')) || undefined);
      return response;
    },

    /** When the token in memory ends, milliseconds since the epoch. */
    goodUntil: async (provider: string, integration: string): Promise<number | undefined> =>
      (await held.get(`${provider} ${integration}`))?.goodUntil,

    forget(provider?: string): void {
      for (const key of [...held.keys()]) if (!provider || key.startsWith(`${provider} `)) held.delete(key);
    },
  };
};

export type Tokens = ReturnType<typeof createTokens>;
