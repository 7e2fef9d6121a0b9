/** The way through the external browser (RFC 8252), from the authorization request to a code. */
import type { CallbackError, ProviderOffer } from '../contract.ts';
import { claimsOf, randomText, sha256 } from '../encoding.ts';
import { BrokerError } from '../errors.ts';
import { claimsParameter } from './provider.ts';

/** What this process keeps while the user is at the provider. */
export interface Pending {
  readonly redirectUri: string;
  readonly state: string;
  /** Where an id_token was asked for. */
  readonly nonce: string | undefined;
  readonly verifier: string;
}

/** What it takes, besides the integration's scopes, for a refresh token to come. */
const offline = (kind: ProviderOffer['kind']): { scopes: readonly string[]; parameters: Record<string, string> } => {
  switch (kind) {
    case 'microsoft':
      return { scopes: ['offline_access'], parameters: {} };
    case 'google':
      return { scopes: [], parameters: { access_type: 'offline', prompt: 'consent' } };
    case 'oidc':
      // OpenID Connect Core section 11.
      return { scopes: ['openid', 'offline_access'], parameters: { prompt: 'consent' } };
    case 'oauth2':
      return { scopes: [], parameters: {} };
  }
};

/** @param wanted the integrations' own scopes */
export const begin = async (
  { kind, client }: ProviderOffer,
  { redirectUri, state }: Pick<Pending, 'redirectUri' | 'state'>,
  wanted: readonly string[],
  claims: string | undefined,
): Promise<{ readonly url: string; readonly pending: Pending }> => {
  const { scopes, parameters } = offline(kind);
  const all = [...new Set([...scopes, ...wanted])];
  const nonce = all.includes('openid') ? randomText(16) : undefined;
  const verifier = randomText(32);
  const url = new URL(client?.authorization_endpoint ?? '');
  const members = {
    client_id: client?.client_id ?? '',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: all.join(' '),
    state,
    code_challenge: await sha256(verifier),
    code_challenge_method: 'S256',
    ...(nonce && { nonce }),
    ...parameters,
    ...claimsParameter(kind, claims),
  };
  for (const [name, value] of Object.entries(members)) url.searchParams.set(name, value);
  return { url: url.href, pending: { redirectUri, state, nonce, verifier } };
};

/** RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6; all else is `provider_error`, and its text is dropped. */
const PASSED_ON: readonly string[] = [
  'access_denied',
  'invalid_scope',
  'consent_required',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'temporarily_unavailable',
  'server_error',
] satisfies CallbackError[];

const placeOf = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}${host}${pathname}`;
};

/** @param returned the URL by which the browser came back. Throws `BrokerError` unless it is the answer to `pending`. */
export const codeFrom = ({ client }: ProviderOffer, pending: Pending, returned: string): string => {
  const { searchParams } = new URL(returned);
  const names = [...searchParams.keys()];
  const isOurs = placeOf(returned) === placeOf(pending.redirectUri) && searchParams.get('state') === pending.state;
  if (!isOurs || new Set(names).size < names.length) throw new BrokerError({ code: 'invalid_state' });
  // RFC 9207.
  const [issuer, expected] = [searchParams.get('iss'), client?.issuer];
  if (issuer && expected && issuer !== expected) throw new BrokerError({ code: 'issuer_mismatch' });
  const [error, code] = [searchParams.get('error'), searchParams.get('code')];
  if (error !== null || !code) {
    throw new BrokerError({ code: PASSED_ON.includes(error ?? '') ? (error as CallbackError) : 'provider_error' });
  }
  return code;
};

/** OpenID Connect Core 3.1.3.7, where one was asked for; it says nothing else here. Throws `BrokerError`. */
export const checkIdToken = ({ client }: ProviderOffer, { nonce }: Pending, idToken: string | undefined): void => {
  if (nonce === undefined || idToken === undefined) return;
  const claims = claimsOf(idToken);
  const isOurs = claims.nonce === nonce && [claims.aud].flat().includes(client?.client_id);
  if (!isOurs) throw new BrokerError({ code: 'invalid_state' });
};
