/** The authorization endpoint (RFC 6749 section 4.1.1) and the pages behind it: account, consent, redirect with a code. */
import { randomUUID } from 'node:crypto';
import { type Account, accountOf } from './accounts.ts';
import { claimsParameter } from './claims-parameter.ts';
import type { AuthorizationRequest, Dialect, Running } from './dialect.ts';
import type { Authorization } from './ledger.ts';
import { accountPage, consentPage, messagePage, type Step } from './pages.ts';
import { clientNameOf } from './provider.ts';
import { Refused } from './refusals.ts';
import { type Answer, html, redirect, repeated, withFragment, withQuery } from './web.ts';

interface Transaction {
  readonly request: AuthorizationRequest;
  readonly expiresAt: number;
  account?: Account;
}

const TRANSACTION_SECONDS = 600;

/** RFC 8252 section 7.3. */
const withoutPort = (uri: string): string => uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)):\d+/, '$1');

export const authorizationEndpoint = (dialect: Dialect, running: Running) => {
  const { ledger, options, now, switches } = running;
  const transactions = new Map<string, Transaction>();

  const errorPage = (refused: Refused): Answer => {
    const { status, error, text } = dialect.refusals[refused.refusal];
    return html(status, messagePage(dialect.title, `Error ${status}: ${error}`, refused.detail ?? text));
  };

  const isPage = (redirectUri: string) => options.browserRedirectUris?.includes(redirectUri) === true;

  const isApp = (parameters: URLSearchParams) =>
    options.nativeClient !== undefined && parameters.get('client_id') === options.nativeClient.id;

  /** In the query or the fragment (OAuth 2.0 Multiple Response Types, section 2.1), with the request's state. */
  const back = (
    parameters: URLSearchParams,
    redirectUri: string,
    members: Readonly<Record<string, string | undefined>>,
  ): Answer => {
    const isFragment = parameters.get('response_type') === 'token' || parameters.get('response_mode') === 'fragment';
    const add = isFragment ? withFragment : withQuery;
    return redirect(add(redirectUri, { ...members, state: parameters.get('state') ?? undefined }));
  };

  const errorRedirect = (redirectUri: string, parameters: URLSearchParams, refused: Refused): Answer => {
    const { error, text, number } = dialect.refusals[refused.refusal];
    const prefix = number === undefined ? '' : `AADSTS${number}: `;
    return back(parameters, redirectUri, { error, error_description: prefix + (refused.detail ?? text) });
  };

  /** Until client and redirect URI are known to be good, nobody is redirected anywhere. */
  const trustedRedirectUri = (parameters: URLSearchParams): string => {
    const twice = repeated(parameters);
    if (twice !== undefined) throw new Refused('malformed', `The parameter ${twice} occurs twice.`);
    const redirectUri = parameters.get('redirect_uri');
    const isApps = isApp(parameters);
    if (!isApps && parameters.get('client_id') !== options.client.id) throw new Refused('unknown_client');
    const isKnown =
      redirectUri !== null &&
      (isApps
        ? withoutPort(redirectUri) === options.nativeClient?.redirectUri
        : options.redirectUris.includes(redirectUri) || isPage(redirectUri));
    if (!isKnown) throw new Refused('unknown_redirect_uri');
    return redirectUri;
  };

  /** S256 only: RFC 9700 section 2.1.1 knows no reason for `plain`. */
  const codeChallengeOf = (parameters: URLSearchParams): string | undefined => {
    const challenge = parameters.get('code_challenge') ?? undefined;
    const method = parameters.get('code_challenge_method');
    if (challenge === undefined && method === null) return undefined;
    if (method !== 'S256' || challenge === undefined || !/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
      throw new Refused('malformed', 'code_challenge must come with code_challenge_method=S256 and be a SHA-256 hash.');
    }
    return challenge;
  };

  const readRequest = (parameters: URLSearchParams, realm: string, redirectUri: string): AuthorizationRequest => {
    const isImplicit = parameters.get('response_type') === 'token' && isPage(redirectUri);
    if (!isImplicit && parameters.get('response_type') !== 'code') throw new Refused('unsupported_response_type');
    const mode = parameters.get('response_mode');
    if (!(mode === null || mode === 'fragment' || (mode === 'query' && !isImplicit))) {
      throw new Refused('malformed', 'Only response_mode=query and response_mode=fragment are simulated.');
    }
    const codeChallenge = codeChallengeOf(parameters);
    if ((isPage(redirectUri) || isApp(parameters)) && !isImplicit && codeChallenge === undefined) {
      throw new Refused('malformed', 'Proof Key for Code Exchange is required of clients without a secret.');
    }
    const request = {
      realm,
      clientId: parameters.get('client_id') ?? '',
      parameters,
      redirectUri,
      state: parameters.get('state') ?? undefined,
      nonce: parameters.get('nonce') ?? undefined,
      scopes: dialect.scopes(parameters.get('scope') ?? ''),
      prompts: new Set((parameters.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '')),
      codeChallenge,
      claims: claimsParameter(parameters),
      isImplicit,
    };
    dialect.checkAuthorization(request);
    // Nobody is signed in here before the account page.
    if (request.prompts.has('none')) throw new Refused('login_required');
    return request;
  };

  const step = (transaction: string): Step => ({
    provider: dialect.title,
    action: '/consent',
    fields: { transaction },
  });

  const authorize = (parameters: URLSearchParams, realm: string): Answer => {
    let redirectUri: string | undefined;
    try {
      const choices = dialect.accounts(realm);
      redirectUri = trustedRedirectUri(parameters);
      const request = readRequest(parameters, realm, redirectUri);
      running.counts.authorizations += 1;
      const id = randomUUID();
      transactions.set(id, { request, expiresAt: now() + TRANSACTION_SECONDS * 1000 });
      return html(200, accountPage(step(id), choices));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (redirectUri === undefined || (dialect.showsErrors && error.refusal !== 'login_required')) {
        return errorPage(error);
      }
      return errorRedirect(redirectUri, parameters, error);
    }
  };

  /** RFC 6749 section 4.2.2: never a refresh token. */
  const token = (authorization: Authorization): Record<string, string> => {
    const { account, claims } = authorization;
    const seconds = switches.accessTokenSeconds;
    const scopes = dialect.tokenScopes(authorization, undefined, ledger.consented(account));
    return {
      access_token: ledger.issueAccessToken(account, scopes, claims === undefined ? [] : [claims], seconds),
      token_type: 'Bearer',
      expires_in: String(seconds),
      scope: scopes.join(' '),
    };
  };

  const finish = (request: AuthorizationRequest, account: Account, fresh: readonly string[]): Answer => {
    const isFirstConsent = ledger.consentedSince(account) === undefined;
    ledger.addConsent(account, fresh);
    const authorization: Authorization = {
      clientId: request.clientId,
      account,
      scopes: dialect.authorizedScopes(request, ledger.consented(account)),
      offline: dialect.isOffline(request, isFirstConsent),
      strong: switches.mfaRequired,
      nonce: request.nonce,
      redirectUri: request.redirectUri,
      codeChallenge: request.codeChallenge,
      claims: request.claims,
    };
    return back(request.parameters, request.redirectUri, {
      ...(request.isImplicit ? token(authorization) : { code: ledger.issueCode(authorization) }),
      ...dialect.responseParameters(request, authorization, running),
    });
  };

  /** The account was chosen: consent, unless all was granted before. */
  const chooseAccount = (id: string, transaction: Transaction, account: Account): Answer => {
    const { request } = transaction;
    const consented = ledger.consented(account);
    const missing = request.scopes.filter((scope) => !consented.has(scope));
    if (missing.length === 0 && !request.prompts.has('consent')) {
      transactions.delete(id);
      return finish(request, account, []);
    }
    transaction.account = account;
    const isChoice = (scope: string) => missing.includes(scope) && !dialect.isIdentityScope(scope);
    return html(
      200,
      consentPage(step(id), {
        account,
        client: clientNameOf(options),
        destination: new URL(request.redirectUri).origin,
        describe: dialect.describe,
        fixed: request.scopes.filter((scope) => !isChoice(scope)),
        fresh: request.scopes.filter(isChoice),
        granular: dialect.granular,
      }),
    );
  };

  const decide = (transaction: Transaction, account: Account, ticked: readonly string[]): Answer => {
    const { request } = transaction;
    const isGranted = (scope: string) =>
      dialect.isIdentityScope(scope) ||
      !dialect.granular ||
      (ticked.includes(scope) && !switches.withheldScopes.includes(scope));
    const consented = ledger.consented(account);
    const granted = request.scopes.filter((scope) => !consented.has(scope) && isGranted(scope));
    const carried = request.scopes.filter((scope) => granted.includes(scope) || consented.has(scope));
    return carried.length === 0
      ? errorRedirect(request.redirectUri, request.parameters, new Refused('access_denied'))
      : finish(request, account, granted);
  };

  /** One submitted form: `transaction` with `account`, or with `decision` and the ticked `scope`s. */
  const submit = (form: URLSearchParams): Answer => {
    const id = form.get('transaction') ?? '';
    const transaction = transactions.get(id);
    if (transaction === undefined || transaction.expiresAt <= now()) {
      return html(400, messagePage(dialect.title, 'This page is no longer valid', 'Start again from the app.'));
    }
    const { request } = transaction;
    if (form.get('decision') === 'deny') {
      transactions.delete(id);
      return errorRedirect(request.redirectUri, request.parameters, new Refused('access_denied'));
    }
    if (form.get('decision') === 'allow' && transaction.account !== undefined) {
      transactions.delete(id);
      return decide(transaction, transaction.account, form.getAll('scope'));
    }
    const account = accountOf(form.get('account'));
    if (account === undefined || !dialect.accounts(request.realm).includes(account)) {
      return html(400, messagePage(dialect.title, 'No such account', 'Go back and choose an account.'));
    }
    return chooseAccount(id, transaction, account);
  };

  return { authorize, submit };
};
