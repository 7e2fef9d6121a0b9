/** A provider's token and revocation endpoints, as a public client without a broker uses them (RFC 6749, 7009, 7636). */
import type { ProviderOffer } from '../contract.ts';
import { fromBase64Url, toBase64Url, utf8 } from '../encoding.ts';
import { BrokerUnavailableError } from '../errors.ts';

export type Members = Readonly<Record<string, unknown>>;
type Kind = ProviderOffer['kind'];

/** For one answer of a provider. */
const PATIENCE_MS = 30_000;

/** Of Google's desktop clients: it is in every copy of the app, so it is none (RFC 8252 section 8.5), and is asked for. */
export type ClientSecrets = Readonly<Record<string, string>>;

export interface Tokens {
  /** Empty: none that can be used came. What came beside it may have taken the former refresh token's place all the same. */
  readonly token: string;
  readonly seconds: number;
  /** `undefined`: as asked for. */
  readonly scopes: readonly string[] | undefined;
  /** `undefined`: the former one stays. */
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
}

export type TokenAnswer =
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  | { readonly kind: 'grant_dead' }
  | { readonly kind: 'organization_forbids' }
  /** The grant lives; `claims` is the provider's challenge, base64url. */
  | { readonly kind: 'user_needed'; readonly claims: string | undefined };

/** Without one of these finer codes `invalid_grant` is the end; with another the provider wants the user. */
const FINER: Partial<Record<Kind, { readonly member: string; readonly dead: readonly unknown[] }>> = {
  microsoft: { member: 'suberror', dead: ['bad_token', 'token_expired'] },
  google: { member: 'error_subtype', dead: [] },
};
const USER_NEEDED = /^(interaction|login|consent|account_selection|mfa)_required$/;
const FORBIDDEN =
  /^(access_denied|access_not_configured|account_disabled|(admin_)?policy_enforced|org_internal|not_allowed|inactive_(org|user))$/;

/** What an error answer says of a grant (the broker's adapters have longer lists); `undefined`: nothing. */
export const verdictOf = (
  kind: Kind,
  { error, ...members }: Members,
): 'grant_dead' | 'user_needed' | 'organization_forbids' | undefined => {
  if (error !== 'invalid_grant') {
    const code = String(error);
    if (FORBIDDEN.test(code)) return 'organization_forbids';
    return USER_NEEDED.test(code) ? 'user_needed' : undefined;
  }
  const { member = '', dead = [] } = FINER[kind] ?? {};
  const finer = members[member];
  return finer && !dead.includes(finer) ? 'user_needed' : 'grant_dead';
};

const CAPABILITIES = { xms_cc: { values: ['cp1'] } };

/**
 * The `claims` parameter. At Microsoft it says that the app can answer a challenge (continuous access evaluation):
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export const claimsParameter = (kind: Kind, challenge: string | undefined): { claims?: string } => {
  const text = challenge === undefined ? undefined : new TextDecoder().decode(fromBase64Url(challenge));
  if (kind !== 'microsoft') return text === undefined ? {} : { claims: text };
  const claims = JSON.parse(text ?? '{}');
  return { claims: JSON.stringify({ ...claims, access_token: { ...claims.access_token, ...CAPABILITIES } }) };
};

export const createEndpoints = (secrets: ClientSecrets) => {
  /** Throws `BrokerUnavailableError` where there is no answer. */
  const post = async (
    url: string | undefined,
    { provider, client }: ProviderOffer,
    form: Readonly<Record<string, string>>,
  ) => {
    // The broker could not look the endpoints up.
    if (!client || !url) throw unavailable();
    const secret = secrets[provider];
    const own = { client_id: client.client_id, ...(secret && { client_secret: secret }) };
    return fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ ...form, ...own }),
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  };
  const unavailable = (retryAfter?: number) => new BrokerUnavailableError({ code: 'idp_unavailable' }, { retryAfter });

  return {
    /** One request, never repeated here: after a lost answer a provider may have rotated. Throws `BrokerUnavailableError`. */
    async token(offer: ProviderOffer, form: Readonly<Record<string, string>>): Promise<TokenAnswer> {
      const [response, members] = await post(offer.client?.token_endpoint, offer, form)
        .then(async (response) => [response, (await response.json()) as Members] as const)
        .catch(() => {
          throw unavailable();
        });
      const { status, headers } = response;
      const verdict = status >= 400 && status < 500 && status !== 429 ? verdictOf(offer.kind, members) : undefined;
      if (verdict === 'user_needed') {
        const { claims } = members;
        return { kind: verdict, claims: typeof claims === 'string' ? toBase64Url(utf8(claims)) : undefined };
      }
      if (verdict) return { kind: verdict };
      if (!response.ok) throw unavailable(Number(headers.get('Retry-After')) || undefined);
      const text = (name: string) => (members[name] ? String(members[name]) : undefined);
      return {
        kind: 'tokens',
        tokens: {
          token: text('token_type')?.toLowerCase() === 'bearer' ? (text('access_token') ?? '') : '',
          // Where it is not said, the API's 401 will say it. Some separate scopes by commas.
          seconds: Number(members.expires_in) || 3600,
          scopes: text('scope')?.split(/[\s,]+/),
          refreshToken: text('refresh_token'),
          idToken: text('id_token'),
        },
      };
    },

    /** RFC 7009; one attempt. */
    async revoke(offer: ProviderOffer, refreshToken: string): Promise<'revoked' | 'failed' | 'impossible'> {
      const endpoint = offer.client?.revocation_endpoint;
      if (!refreshToken || (offer.client && !endpoint)) return 'impossible';
      const form = { token: refreshToken, token_type_hint: 'refresh_token' };
      const answer = await post(endpoint, offer, form).catch(() => undefined);
      return answer?.ok ? 'revoked' : 'failed';
    },
  };
};
