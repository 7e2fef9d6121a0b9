/** `fetch` for the provider's API: with a token, renewed once where the API refuses it. */
import type { WantedToken } from './contract.ts';
import type { TokenOptions } from './flow.ts';

export type AuthorizedOptions = WantedToken & {
  readonly provider: string;
  /** Where the token may go, such as `https://graph.microsoft.com`; compared as a whole. */
  readonly origins: readonly string[];
};

/** The claims challenge of a 401, spelled as the broker takes it: https://learn.microsoft.com/entra/identity-platform/claims-challenge */
const challengeIn = ({ headers }: Response): string | undefined =>
  /[\s,]claims\s*=\s*"([^"]+)"/i
    .exec(headers.get('WWW-Authenticate') ?? '')?.[1]
    ?.replaceAll('+', '-')
    .replaceAll('/', '_');

/** The SDK of pages, or that of apps. */
export interface TokenSource {
  getAccessToken(options: TokenOptions): Promise<string>;
}

/**
 * A call of another origin throws a `TypeError` before anything is sent, and a redirect is an error: a token goes nowhere
 * else. What `getAccessToken` throws is thrown here too. A second 401 is answered as it came.
 */
export const authorizedFetch =
  (broker: TokenSource, { origins, ...wanted }: AuthorizedOptions): typeof fetch =>
  async (input, init) => {
    const request = new Request(input, { ...init, redirect: 'error' });
    const { origin } = new URL(request.url);
    if (!origins.includes(origin)) throw new TypeError(`No token goes to ${origin}: it is not among the origins.`);
    const { signal } = request;
    const send = (token: string) => {
      const attempt = request.clone();
      attempt.headers.set('Authorization', `Bearer ${token}`);
      return fetch(attempt);
    };
    const token = await broker.getAccessToken({ ...wanted, signal });
    const response = await send(token);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    const claims = challengeIn(response);
    return send(await broker.getAccessToken({ ...wanted, signal, forceRefresh: token, ...(claims && { claims }) }));
  };
