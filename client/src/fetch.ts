/** `fetch` for the provider's API, for pages and for libraries that take a `fetch`. */
import { type AuthorizedOptions, authorizedFetch, type TokenSource } from './authorized-fetch.ts';
import { type AdapterOptions, recognizable } from './recognizable.ts';

export type { TokenSource } from './authorized-fetch.ts';
export type FetchOptions = AuthorizedOptions & AdapterOptions;

/** As `authorizedFetch`. What it throws can be found by `brokerErrorIn` after a library has wrapped it. */
export const createFetch = (
  broker: TokenSource,
  { onAuthorizationRequired, ...options }: FetchOptions,
): typeof fetch => {
  const authorized = authorizedFetch(broker, options);
  return (input, init) => recognizable(authorized(input, init), { onAuthorizationRequired });
};
