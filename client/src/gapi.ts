/**
 * For Google's API client (`gapi.client`), which keeps one token and asks nobody for the next.
 *
 *     const authorize = gapiToken(broker, { integration: 'calendar' }, gapi.client);
 *     await authorize();                                   // before each call
 *     await gapi.client.calendar.events.list({ calendarId: 'primary' });
 */
import type { Broker } from './broker.ts';
import type { WantedToken } from './contract.ts';
import { type AdapterOptions, recognizable } from './recognizable.ts';

/** https://github.com/google/google-api-javascript-client/blob/master/docs/reference.md */
export interface GapiClient {
  setToken(token: { access_token: string } | null): void;
}

/** @returns puts a token that is good now into the client; when anything changes (sign-out too) it is taken out again */
export const gapiToken = (
  broker: Pick<Broker, 'getAccessToken' | 'on'>,
  {
    provider = 'google',
    onAuthorizationRequired,
    ...wanted
  }: WantedToken & AdapterOptions & { readonly provider?: string },
  client: GapiClient,
): (() => Promise<void>) => {
  broker.on('change', () => client.setToken(null));
  return async () => {
    const coming = broker.getAccessToken({ provider, ...wanted });
    client.setToken({ access_token: await recognizable(coming, { onAuthorizationRequired }) });
  };
};
