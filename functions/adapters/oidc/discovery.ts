/**
 * A provider's metadata (OpenID Connect Discovery 1.0, RFC 8414): read once, checked, kept for an hour. Metadata that is
 * refused is never used, and what was good before outlives a provider that does not answer.
 */
import type { AuthorizationServer } from 'oauth4webapi';
import { Unavailable } from '../../core/errors.ts';
import { TransportError } from '../exchange.ts';
import type { HttpClient } from '../http-client.ts';
import type { NoDecision } from '../token-endpoint.ts';
import type { OidcConfig } from './config.ts';

const DEADLINE_MS = 5_000;
const KEEP_MS = 3_600_000;
/** Between attempts to renew metadata that is over. */
const RETRY_MS = 60_000;

export type Metadata = AuthorizationServer & {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
};

export type Discovered = { readonly kind: 'metadata'; readonly metadata: Metadata } | NoDecision;

export interface Discovery {
  /** Never throws for what the network or the provider does. */
  discover(): Promise<Discovered>;
}

export const oidcDiscovery = (config: OidcConfig, http: HttpClient): Discovery => {
  let kept: { readonly found: Discovered; readonly until: number } | undefined;
  let underWay: Promise<Discovered> | undefined;

  const renew = async (): Promise<Discovered> => {
    const found = await read(config, http);
    if (found.kind === 'metadata') kept = { found, until: performance.now() + KEEP_MS };
    else if (kept) kept = { ...kept, until: performance.now() + RETRY_MS };
    return kept?.found ?? found;
  };

  return {
    async discover() {
      if (kept && performance.now() < kept.until) return kept.found;
      underWay ??= renew().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
};

/** For callers that have no answer of their own for a provider that is out of reach. Throws `Unavailable`. */
export const metadataOf = async (discovery: Discovery): Promise<Metadata> => {
  const found = await discovery.discover();
  if (found.kind === 'metadata') return found.metadata;
  throw new Unavailable('provider', found.code, { needsOps: found.kind === 'refused' });
};

/** What no waiting mends. */
const WRONG = ['issuer_mismatch', 'pkce_missing', 'address', 'endpoint_missing'];

/**
 * For the start: throws when the metadata is refused (another issuer, no PKCE, an address that is not public). A provider
 * that does not answer now, or answers with a maintenance page, is no reason not to start for the others.
 */
export const checkProvider = async ({ name }: OidcConfig, discovery: Discovery): Promise<void> => {
  const found = await discovery.discover();
  if (found.kind === 'refused' && WRONG.includes(found.code)) throw new Error(`provider ${name}: ${found.code}`);
};

const read = async ({ issuer, pkce, endpoints }: OidcConfig, http: HttpClient): Promise<Discovered> => {
  if (endpoints) return configured(issuer, endpoints, http);
  if (!http.allows(issuer)) return refused('address');
  const oauth = await import('oauth4webapi');
  let failed: NoDecision | undefined;
  try {
    const identifier = new URL(issuer);
    const response = await oauth.discoveryRequest(identifier, {
      // The HTTP client decides on plain HTTP: it knows the development origins.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (url, { headers }) => {
        const answer = await http.request({ method: 'GET', url, headers, deadlineMs: DEADLINE_MS });
        failed = statusFault(answer.status);
        if (failed) throw new Error(failed.code);
        return new Response(new Uint8Array(answer.body), { headers: { 'content-type': 'application/json' } });
      },
    });
    const metadata = await oauth.processDiscoveryResponse(identifier, response);
    // The library compares parsed URLs; an issuer is compared as a string (OpenID Connect Discovery 4.3).
    if (metadata.issuer !== issuer) return refused('issuer_mismatch');
    if (pkce !== 'S256' && !metadata.code_challenge_methods_supported?.includes('S256')) return refused('pkce_missing');
    const { authorization_endpoint, token_endpoint, revocation_endpoint } = metadata;
    if (!authorization_endpoint || !token_endpoint) return refused('endpoint_missing');
    const endpoints = [authorization_endpoint, token_endpoint, revocation_endpoint ?? token_endpoint];
    if (!endpoints.every((endpoint) => http.allows(endpoint))) return refused('address');
    return { kind: 'metadata', metadata: { ...metadata, authorization_endpoint, token_endpoint } };
  } catch (error) {
    if (failed) return failed;
    if (error instanceof TransportError) return transportFault(error);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return refused(code === oauth.JSON_ATTRIBUTE_COMPARISON ? 'issuer_mismatch' : 'not_json');
  }
};

/** RFC 6749 knows no metadata; what stands in its place is held to the same rules. */
const configured = (
  issuer: string,
  { authorization, token, revocation }: NonNullable<OidcConfig['endpoints']>,
  http: HttpClient,
): Discovered => {
  if (![authorization, token, revocation ?? token].every((endpoint) => http.allows(endpoint)))
    return refused('address');
  const optional = revocation === undefined ? {} : { revocation_endpoint: revocation };
  return {
    kind: 'metadata',
    metadata: { issuer, authorization_endpoint: authorization, token_endpoint: token, ...optional },
  };
};

const refused = (code: string): NoDecision => ({ kind: 'refused', needsOps: true, code });

const statusFault = (status: number): NoDecision | undefined => {
  if (status >= 200 && status < 300) return undefined;
  // Whatever happens here, the token request itself was never sent.
  if (status === 429 || status >= 500) return { kind: 'no_answer', sent: false, code: `http_${status}` };
  return refused(status >= 300 && status < 400 ? 'redirect' : `http_${status}`);
};

const transportFault = ({ code }: TransportError): NoDecision =>
  code === 'address' || code === 'too_large' || code === 'not_http'
    ? refused(code)
    : { kind: 'no_answer', sent: false, code };
