/** The token endpoint (RFC 6749 sections 4.1.3, 5 and 6; RFC 7636 section 4.6). */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { claimsParameter } from './claims-parameter.ts';
import { authenticateApp, authenticateClient, authenticatePage } from './client-authentication.ts';
import type { Dialect, Running } from './dialect.ts';
import { afterTokens } from './faults.ts';
import type { Authorization } from './ledger.ts';
import { Refused } from './refusals.ts';
import { type Answer, json, readForm, repeated } from './web.ts';

/** AADSTS9002326. */
const NOT_CROSS_ORIGIN =
  "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.";

const s256 = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

const checkVerifier = (authorization: Authorization, verifier: string | null): void => {
  // A verifier without a challenge is how a downgraded request shows (RFC 9700 section 4.8.2).
  if (authorization.codeChallenge === undefined) {
    if (verifier !== null) throw new Refused('verifier_unexpected');
    return;
  }
  if (verifier === null) throw new Refused('verifier_missing');
  const isGood = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) && s256(verifier) === authorization.codeChallenge;
  if (!isGood) throw new Refused('verifier_wrong');
};

export const tokenEndpoint = (dialect: Dialect, running: Running) => {
  const { ledger, switches, options, now } = running;

  const required = (form: URLSearchParams, name: string): string => {
    const value = form.get(name);
    if (value === null || value === '') throw new Refused('malformed', `Missing required parameter: ${name}`);
    return value;
  };

  const scopesOf = (authorization: Authorization, form: URLSearchParams): string[] =>
    dialect.tokenScopes(authorization, form.get('scope') ?? undefined, ledger.consented(authorization.account));

  const idToken = (authorization: Authorization, nonce: string | undefined): Promise<string> => {
    const issuedAt = Math.floor(now() / 1000);
    const claims = Object.entries({
      ...dialect.idTokenClaims(authorization, running),
      aud: authorization.clientId,
      iat: issuedAt,
      exp: issuedAt + 3600,
      jti: ledger.idTokenId(),
      ...(nonce === undefined ? {} : { nonce }),
      ...switches.idToken,
    });
    return running.signer.sign(Object.fromEntries(claims.filter(([, value]) => value !== null)));
  };

  const tokens = async (
    form: URLSearchParams,
    authorization: Authorization,
    scopes: readonly string[],
    refreshToken: string | undefined,
    nonce: string | undefined,
  ): Promise<Answer> => {
    const seconds = switches.accessTokenSeconds;
    const claims = [claimsParameter(form), authorization.claims].filter((text) => text !== undefined);
    return json(200, {
      token_type: 'Bearer',
      access_token: ledger.issueAccessToken(authorization.account, scopes, claims, seconds),
      expires_in: seconds,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(authorization.scopes.includes('openid') ? { id_token: await idToken(authorization, nonce) } : {}),
      ...dialect.tokenMembers(form, authorization, scopes, running),
    });
  };

  const exchangeCode = async (form: URLSearchParams, clientId: string): Promise<Answer> => {
    const redirectUri = required(form, 'redirect_uri');
    const authorization = ledger.redeemCode(required(form, 'code'), (granted) => {
      if (granted.clientId !== clientId) throw new Refused('code_unknown');
      if (granted.redirectUri !== redirectUri) throw new Refused('code_for_other_redirect_uri');
      checkVerifier(granted, form.get('code_verifier'));
      scopesOf(granted, form);
    });
    const refreshToken = authorization.offline
      ? ledger.issueRefreshToken(authorization, switches.refreshTokenSeconds, switches.liveRefreshTokens)
      : undefined;
    return tokens(form, authorization, scopesOf(authorization, form), refreshToken, authorization.nonce);
  };

  const refresh = async (form: URLSearchParams, clientId: string): Promise<Answer> => {
    const value = required(form, 'refresh_token');
    // Before it is looked at: another client's attempt is no reuse.
    if (ledger.refreshToken(value)?.authorization.clientId !== clientId) throw new Refused('refresh_unknown');
    const token = ledger.usableRefreshToken(value, switches.graceSeconds);
    if (switches.mfaRequired && !token.authorization.strong) throw new Refused('user_needed');
    const scopes = scopesOf(token.authorization, form);
    const successor = ledger.useRefreshToken(
      token,
      switches.rotation,
      switches.refreshTokenSeconds,
      switches.liveRefreshTokens,
    );
    return tokens(form, token.authorization, scopes, successor, undefined);
  };

  /** Whether the form redeems the code of a page. */
  const isPages = (form: URLSearchParams): boolean =>
    dialect.redeemsInBrowsers && options.browserRedirectUris?.includes(form.get('redirect_uri') ?? '') === true;

  /** A page may read the answers to its own codes only. */
  const corsHeaders = (form: URLSearchParams, origin: string | undefined): Record<string, string> =>
    isPages(form) && origin !== undefined && options.browserOrigins.includes(origin)
      ? { 'access-control-allow-origin': origin, vary: 'Origin' }
      : {};

  const handle = async (request: IncomingMessage, form: URLSearchParams, realm: string): Promise<Answer> => {
    dialect.accounts(realm);
    const twice = repeated(form);
    if (twice !== undefined) throw new Refused('malformed', `The parameter ${twice} occurs twice.`);
    const { authorization, origin } = request.headers;
    const { client, nativeClient } = options;
    const isApps = nativeClient !== undefined && form.get('client_id') === nativeClient.id;
    if (isApps) authenticateApp(form, authorization, running);
    else if (isPages(form)) authenticatePage(form, authorization, origin, running);
    else if (origin !== undefined && dialect.redeemsInBrowsers) throw new Refused('malformed', NOT_CROSS_ORIGIN);
    else await authenticateClient(form, authorization, dialect, running);
    claimsParameter(form);
    const clientId = isApps ? nativeClient.id : client.id;
    switch (required(form, 'grant_type')) {
      case 'authorization_code':
        return exchangeCode(form, clientId);
      case 'refresh_token':
        return refresh(form, clientId);
      default:
        throw new Refused('unsupported_grant_type');
    }
  };

  return async (request: IncomingMessage, realm: string): Promise<Answer> => {
    const form = await readForm(request);
    const grantType = form.get('grant_type') ?? 'none';
    running.counts.tokenCalls[grantType] = (running.counts.tokenCalls[grantType] ?? 0) + 1;
    try {
      const answer = afterTokens(switches, await handle(request, form, realm));
      return { ...answer, headers: { ...answer.headers, ...corsHeaders(form, request.headers.origin) } };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const answer = dialect.refusals[error.refusal];
      const correlationId = request.headers['client-request-id'] ?? form.get('client-request-id') ?? undefined;
      const challenge: Record<string, string> =
        answer.status === 401 && request.headers.authorization !== undefined ? { 'www-authenticate': 'Basic' } : {};
      return json(answer.status, dialect.refusalBody(error, answer, correlationId?.toString(), new Date(now())), {
        ...challenge,
        ...corsHeaders(form, request.headers.origin),
      });
    }
  };
};
