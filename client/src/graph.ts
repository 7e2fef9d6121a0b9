/**
 * For the Microsoft Graph JavaScript client, @microsoft/microsoft-graph-client 3.0.
 *
 *     Client.initWithMiddleware({
 *       middleware: graphMessageHandler(broker, { integration: 'calendar', origins: ['https://graph.microsoft.com'] }),
 *     })
 */
import type { WantedToken } from './contract.ts';
import { createFetch, type TokenSource } from './fetch.ts';
import { type AdapterOptions, recognizable } from './recognizable.ts';

/** `Context` of the client, as far as it is used. */
export interface GraphContext {
  request: RequestInfo;
  options?: RequestInit;
  response?: Response;
}

/**
 * The last middleware of a chain, in the place of the client's `HTTPMessageHandler`. It sends each request of `origins`
 * with a token, and answers a claims challenge (401) with a new one. Other addresses, such as those of upload sessions,
 * are called without a token. `origins` may have http, for example of a simulated Graph: the client's own
 * `AuthenticationHandler` sends tokens over https only.
 */
export const graphMessageHandler = (
  broker: TokenSource,
  options: WantedToken & AdapterOptions & { readonly provider?: string; readonly origins: readonly string[] },
) => {
  const authorized = createFetch(broker, { provider: 'microsoft', ...options });
  return {
    async execute(context: GraphContext): Promise<void> {
      const request = new Request(context.request, context.options);
      const isOurs = options.origins.includes(new URL(request.url).origin);
      if (!isOurs) request.headers.delete('Authorization');
      context.response = await (isOurs ? authorized : fetch)(request);
    },
  };
};

/**
 * `AuthenticationProvider` of the client, which hands its token to Graph's own hosts only, and to `customHosts`. It never
 * sees Graph's answer: a claims challenge stays unanswered. Prefer `graphMessageHandler`.
 * @param wanted used where the client asks for no scopes of its own
 */
export const graphAuthentication = (
  broker: TokenSource,
  {
    provider = 'microsoft',
    onAuthorizationRequired,
    ...wanted
  }: WantedToken & AdapterOptions & { readonly provider?: string },
) => ({
  getAccessToken: (options?: { scopes?: string[] }): Promise<string> =>
    recognizable(broker.getAccessToken({ provider, ...(options?.scopes?.[0] ? { scopes: options.scopes } : wanted) }), {
      onAuthorizationRequired,
    }),
});
