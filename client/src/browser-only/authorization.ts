/**
 * The two flows between browser and provider: implicit (RFC 6749 section 4.2), and code with PKCE (RFC 7636). Neither
 * asks for a refresh token, and one that comes all the same is dropped.
 */
import { errorIn, isBearer, isText, membersOf, tokensOf } from '../../../shared/token-answer.ts';
import type { AuthorizeAnswer, ProviderOffer } from '../contract.ts';
import { claimsOf, fromBase64Url, randomText, sha256 } from '../encoding.ts';
import { BrokerError, BrokerUnavailableError } from '../errors.ts';
import { createOpener, type Opener } from './seal.ts';

/** For the provider's answer to a code. */
const PATIENCE_MS = 30_000;
/** As long as the broker's flows are good. */
const SECONDS = 600;

/** What this tab keeps while the user is at the provider. */
export interface Kept {
  readonly user: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier?: string;
  readonly scopes: readonly string[];
}

export interface Obtained {
  readonly token: string;
  readonly seconds: number;
  /** `undefined`: as asked for (RFC 6749 section 5.1). */
  readonly scope: string | undefined;
}

/** The provider, or what the broker knows of it. */
const unavailable = () => new BrokerUnavailableError({ code: 'temporarily_unavailable' });

export const createAuthorization = (returnTo: string) => {
  /** Of popups; a page that is left for the provider has its result put into its own session storage. */
  const openers = new Map<string, Opener>();

  const begin = async (
    { kind, flow, client }: ProviderOffer,
    user: string,
    scopes: readonly string[],
    claims: string | undefined,
  ): Promise<AuthorizeAnswer> => {
    if (!client) throw unavailable();
    const id = randomText(16);
    const nonce = randomText(16);
    const isCode = flow === 'browser_code';
    const verifier = isCode ? randomText(32) : undefined;
    const opener = isCode ? undefined : await createOpener();
    if (opener) openers.set(id, opener);
    const state = opener ? `${id}.${opener.publicKey}` : id;
    const url = new URL(client.authorization_endpoint);
    const parameters = {
      client_id: client.client_id,
      response_type: isCode ? 'code' : 'token',
      redirect_uri: returnTo,
      scope: scopes.join(' '),
      state,
      // Whoever is not asked for an id_token may refuse a nonce.
      ...(scopes.includes('openid') && { nonce }),
      ...(verifier && { code_challenge: await sha256(verifier), code_challenge_method: 'S256' }),
      // A fragment reaches no server; not every other provider knows the parameter.
      ...(isCode && kind === 'microsoft' && { response_mode: 'fragment' }),
      ...(claims && { claims: new TextDecoder().decode(fromBase64Url(claims)) }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const kept: Kept = { user, state, nonce, scopes, ...(verifier && { verifier }) };
    return { authorization_url: url.href, flow_id: id, expires_in: SECONDS, flow: JSON.stringify(kept) };
  };

  const exchange = async ({ client }: ProviderOffer, code: string, { verifier = '' }: Kept) => {
    if (!client?.token_endpoint) throw unavailable();
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client.client_id,
      redirect_uri: returnTo,
      code_verifier: verifier,
      code,
    });
    const [isGood, bytes, type] = await fetch(client.token_endpoint, {
      method: 'POST',
      body,
      credentials: 'omit',
      // A redirect would carry code and verifier on (307).
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
      .then(async (response) => {
        const answered = new Uint8Array(await response.arrayBuffer());
        return [response.ok, answered, response.headers.get('Content-Type') ?? ''] as const;
      })
      .catch(() => {
        throw unavailable();
      });
    const members = membersOf(bytes, type);
    if (!members) throw unavailable();
    if (!isGood || errorIn({ error: members.error })) throw new BrokerError({ code: 'code_exchange_failed' });
    return members;
  };

  return {
    begin,
    /** @param result as it came back: a token, sealed or not, or a code */
    async finish(offer: ProviderOffer, kept: Kept, result: URLSearchParams): Promise<Obtained> {
      const [id = ''] = kept.state.split('.');
      const opener = openers.get(id);
      openers.delete(id);
      const sealed = result.get('sealed');
      const opened = sealed && opener ? new URLSearchParams(await opener.open(sealed, id).catch(() => '')) : result;
      if (opened.get('state') !== kept.state) throw new BrokerError({ code: 'invalid_state' });
      // RFC 9207.
      const [issuer, expected] = [opened.get('iss'), offer.client?.issuer];
      if (issuer && expected && issuer !== expected) throw new BrokerError({ code: 'issuer_mismatch' });
      const code = opened.get('code');
      const answer = kept.verifier && code ? await exchange(offer, code, kept) : Object.fromEntries(opened);
      const { access_token: token, id_token: idToken } = answer;
      if (!isText(token) || !isBearer(answer)) throw new BrokerError({ code: 'provider_error' });
      if (isText(idToken) && claimsOf(idToken).nonce !== kept.nonce) throw new BrokerError({ code: 'invalid_state' });
      const { expiresIn, scopes } = tokensOf(answer, token);
      // Where it is not said, the API's 401 will say it.
      return { token, seconds: expiresIn ?? 3600, scope: scopes?.join(' ') };
    },
  };
};
