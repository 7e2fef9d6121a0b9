/** MSAL's client, whose requests go through this process's own HTTP client. */
import type { NoDecision, TokenCall } from '../token-endpoint.ts';
import { CLIENT_CAPABILITIES, DEFAULT_AUTHORITY, endpointsOf, type MicrosoftConfig } from './config.ts';

const load = () => import('@azure/msal-node');
/** So that the first request does not wait for it. */
export const prepare = () => void load().catch(() => {});

/** A client per request: a shared one would keep every user's tokens in its cache. */
export const clientOf = async (config: MicrosoftConfig, call: TokenCall) => {
  const credential = await credentialOf(config);
  if ('kind' in credential) return credential;
  const { ConfidentialClientApplication } = await load();
  return new ConfidentialClientApplication({
    auth: {
      ...staticAuthority(config),
      clientId: config.clientId,
      clientCapabilities: CLIENT_CAPABILITIES,
      ...credential,
    },
    system: {
      networkClient: {
        // MSAL's view of the endpoint does not matter: only the configured one is ever called, and MSAL's correlation
        // id stays out of its URL.
        async sendPostRequestAsync<T>(_url: string, options?: { body?: string }) {
          return { headers: {}, status: 200, body: (await call.send(options?.body ?? '')) as T };
        },
        sendGetRequestAsync: () => Promise.reject(new Error('nothing is discovered')),
      },
      loggerOptions: { loggerCallback: () => {}, piiLoggingEnabled: false },
      disableInternalRetries: true,
    },
  });
};

const credentialOf = async ({
  credential,
}: MicrosoftConfig): Promise<{ clientSecret: string } | { clientAssertion: string } | NoDecision> => {
  if ('secret' in credential) return { clientSecret: credential.secret };
  try {
    return { clientAssertion: await credential.assertion() };
  } catch {
    return { kind: 'no_answer', sent: false, code: 'client_assertion' };
  }
};

/** All that MSAL would otherwise look up over the network. */
const staticAuthority = (config: MicrosoftConfig) => {
  const { authority = DEFAULT_AUTHORITY } = config;
  const { issuer, authorization, token } = endpointsOf(config);
  return {
    authority,
    knownAuthorities: [new URL(authority).host],
    authorityMetadata: JSON.stringify({ issuer, authorization_endpoint: authorization, token_endpoint: token }),
  };
};
