/** One source asked through the broker's tokens, and what its failures mean. */

import { authorizedFetch } from '../authorized-fetch.ts';
import type { Broker } from '../broker.ts';
import type { Config } from '../contract.ts';
import {
  AuthorizationRequiredError,
  BrokerError,
  BrokerUnavailableError,
  IntegrationDisabledError,
} from '../errors.ts';
import type { Connector } from './connectors.ts';
import type { Hit, SourceStatus } from './result.ts';

/** By a provider's kind. */
export type Origins = { readonly [kind in Connector['kind']]?: string };

const refusal = ({ status, headers }: Response): BrokerError => {
  if (status !== 429 && status < 500) {
    const codes = { 401: 'forbidden', 403: 'forbidden', 404: 'not_found' } as const;
    return new BrokerError({ code: codes[status as keyof typeof codes] ?? 'provider_error' });
  }
  const retryAfter = Number(headers.get('Retry-After')) || undefined;
  return new BrokerUnavailableError(
    { code: status === 429 ? 'rate_limited' : 'temporarily_unavailable' },
    { retryAfter },
  );
};

/** `fetch` says so of whatever kept it from an answer. */
const unreachable = (error: unknown): never => {
  throw (error as Error).name === 'TypeError' ? new BrokerUnavailableError({ code: 'unreachable' }) : error;
};

export const createAsk =
  (broker: Pick<Broker, 'getAccessToken'>, config: () => Promise<Config>, origins: Origins) =>
  async (
    { kind, integration, origin: usual, search }: Connector,
    query: string,
    signal: AbortSignal,
  ): Promise<readonly Hit[]> => {
    const [name, level] = integration.split(':');
    const offer = (await config()).providers.find((each) => each.kind === kind);
    const levels = offer?.integrations.find((each) => each.name === name)?.levels ?? [];
    if (!offer || !levels.some((each) => !level || each.name === level)) {
      throw new IntegrationDisabledError({ code: 'integration_disabled' });
    }
    const origin = origins[kind] ?? usual;
    const authorized = authorizedFetch(broker, { provider: offer.provider, integration, origins: [origin] });
    return search(query, async (path) => {
      const response = await authorized(origin + path, { signal }).catch(unreachable);
      if (!response.ok) throw refusal(response);
      return response.json();
    });
  };

/** @param integration that the source needs, of a connector */
export const statusOf = (error: unknown, integration: string | undefined): SourceStatus => {
  if (error instanceof AuthorizationRequiredError) {
    const { reason, missingScopes, request, claims } = error;
    // Asked for as a level, not by what is missing of it: levels of one integration need not add up.
    const level = integration && {
      provider: request.provider,
      integrations: [integration],
      ...(claims && { claims }),
    };
    return { state: 'not_authorized', reason, missingScopes, request: level || request };
  }
  if (error instanceof IntegrationDisabledError) return { state: 'disabled' };
  if (!(error instanceof BrokerError)) return { state: 'failed', code: 'provider_error' };
  const { code, retryAfter } = error as BrokerUnavailableError;
  return { state: 'failed', code, ...(retryAfter && { retryAfter }) };
};
