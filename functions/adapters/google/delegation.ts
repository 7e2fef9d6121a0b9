/**
 * Domain-wide delegation without a key: the service account signs, by the IAM Credentials API, that it acts for an
 * administrator of the organization, and Google's token endpoint gives an access token for it.
 * https://developers.google.com/identity/protocols/oauth2/service-account (the assertion),
 * https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt
 */

import { codeOf, isText, jsonObject } from '../../../shared/token-answer.ts';
import { TransportError } from '../exchange.ts';
import type { HttpClient } from '../http-client.ts';
import { FORM, tokenCall } from '../token-endpoint.ts';

export interface DelegationConfig {
  /** The e-mail address of the function's service account, which the organization has approved. */
  readonly account: string;
  /** The administrator who is impersonated: from the configuration of the organization, and from nowhere else (S54). */
  readonly administrator: string;
  readonly scopes: readonly string[];
  readonly endpoints: {
    /** Origin of the IAM Credentials API. */
    readonly sign: string;
    readonly token: string;
  };
}

export type DelegatedToken =
  | { readonly kind: 'token'; readonly token: string /** Milliseconds since the epoch. */; readonly expiresAt: number }
  /** The delegation, the administrator or the own account's rights are not as they should be. */
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unavailable'; readonly code: string };

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Seconds; an assertion must not live longer than an hour. */
const LIFETIME = 3600;

/** @param ownToken an access token of the function's service account; it may sign as itself */
export const delegatedToken = async (
  config: DelegationConfig,
  http: HttpClient,
  ownToken: () => Promise<string>,
): Promise<DelegatedToken> => {
  const signed = await sign(config, http, ownToken);
  if (signed.kind !== 'signed') return signed;
  const call = tokenCall(http, config.endpoints.token);
  await call
    .send(new URLSearchParams({ grant_type: GRANT, assertion: signed.jwt }).toString(), FORM)
    .catch(() => undefined);
  const { answer } = call;
  switch (answer?.kind) {
    case 'tokens': {
      const { accessToken, expiresIn = 300 } = answer.tokens;
      return { kind: 'token', token: accessToken, expiresAt: Date.now() + expiresIn * 1000 };
    }
    case 'error':
      return {
        // A server that is broken says nothing about the delegation.
        kind: answer.status >= 500 || answer.status === 429 ? 'unavailable' : 'refused',
        code: `delegation_${codeOf(answer.code)}`,
      };
    case 'refused':
      return { kind: answer.needsOps ? 'refused' : 'unavailable', code: answer.code };
    default:
      return { kind: 'unavailable', code: answer?.code ?? 'client' };
  }
};

const sign = async (
  { account, administrator, scopes, endpoints }: DelegationConfig,
  http: HttpClient,
  ownToken: () => Promise<string>,
): Promise<{ kind: 'signed'; jwt: string } | Exclude<DelegatedToken, { kind: 'token' }>> => {
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims = {
    iss: account,
    sub: administrator,
    scope: scopes.join(' '),
    aud: endpoints.token,
    iat: issuedAt,
    exp: issuedAt + LIFETIME,
  };
  let own: string;
  try {
    own = await ownToken();
  } catch {
    return { kind: 'unavailable', code: 'no_own_token' };
  }
  try {
    const answer = await http.request({
      method: 'POST',
      url: `${endpoints.sign}/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:signJwt`,
      headers: { authorization: `Bearer ${own}`, 'content-type': 'application/json' },
      body: JSON.stringify({ payload: JSON.stringify(claims) }),
    });
    const jwt = jsonObject(answer.body.toString())?.signedJwt;
    if (answer.status === 200 && isText(jwt)) return { kind: 'signed', jwt };
    const passes = answer.status === 429 || answer.status >= 500;
    return { kind: passes ? 'unavailable' : 'refused', code: `sign_jwt_${answer.status}` };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { kind: 'unavailable', code: `sign_jwt_${error.code}` };
  }
};
