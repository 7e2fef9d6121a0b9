/** A provider's token and revocation endpoints, as a public client without a broker uses them (RFC 6749, 7009, 7636). */
import {
  cameAlong,
  cameAlongIn,
  errorIn,
  isBearer,
  isText,
  type Members,
  membersOf,
  tokensOf,
} from '../../../shared/token-answer.ts';
import type { ProviderOffer } from '../contract.ts';
import { fromBase64Url, toBase64Url, utf8 } from '../encoding.ts';
import { BrokerUnavailableError } from '../errors.ts';

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

const NO_TOKEN: Tokens = { token: '', seconds: 0, scopes: undefined, refreshToken: undefined, idToken: undefined };

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
      const [{ status, headers }, body] = await post(offer.client?.token_endpoint, offer, form)
        .then(async (response) => [response, new Uint8Array(await response.arrayBuffer())] as const)
        .catch(() => {
          throw unavailable();
        });
      const type = headers.get('Content-Type') ?? '';
      const members = membersOf(body, type);
      const came = members ? cameAlong(members) : cameAlongIn(body, type);
      const isSuccess = status >= 200 && status < 300;
      const isAccepted = isSuccess && members !== undefined && isText(members.access_token) && isBearer(members);
      const error = members && errorIn(isAccepted ? { error: members.error } : members);
      if (members && isAccepted && error === undefined) {
        const { accessToken, expiresIn, scopes, refreshToken } = tokensOf(members, String(members.access_token));
        const idToken = isText(members.id_token) ? members.id_token : undefined;
        // Where it is not said, the API's 401 will say it.
        return {
          kind: 'tokens',
          tokens: { token: accessToken, seconds: expiresIn ?? 3600, scopes, refreshToken, idToken },
        };
      }
      // It may have taken the former one's place, whatever else the answer means.
      if (came !== undefined && came !== form.refresh_token)
        return { kind: 'tokens', tokens: { ...NO_TOKEN, refreshToken: came } };
      const isRefusal = members !== undefined && error !== undefined && status < 500 && status !== 429;
      const verdict = isRefusal ? verdictOf(offer.kind, { ...members, error }) : undefined;
      if (verdict === 'user_needed') {
        const claims = members?.claims;
        return { kind: verdict, claims: typeof claims === 'string' ? toBase64Url(utf8(claims)) : undefined };
      }
      if (verdict) return { kind: verdict };
      if (isSuccess && members && error === undefined) return { kind: 'tokens', tokens: NO_TOKEN };
      throw unavailable(Number(headers.get('Retry-After')) || undefined);
    },

    /**
     * RFC 7009; one attempt. Not at Google, where it would end the account's grant for all clients of the project, and so the
     * connections of others at the broker (decisions/0026): only the broker could look for them.
     */
    async revoke(offer: ProviderOffer, refreshToken: string): Promise<'revoked' | 'failed' | 'impossible'> {
      const endpoint = offer.client?.revocation_endpoint;
      if (!refreshToken || (offer.client && !endpoint) || offer.kind === 'google') return 'impossible';
      const form = { token: refreshToken, token_type_hint: 'refresh_token' };
      const answer = await post(endpoint, offer, form).catch(() => undefined);
      return answer?.ok ? 'revoked' : 'failed';
    },
  };
};
