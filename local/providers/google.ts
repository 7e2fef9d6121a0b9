/**
 * A simulated Google: stable refresh tokens (only with `access_type=offline`, and after the first consent only with
 * `prompt=consent`), granular consent, incremental authorization, whole-grant revocation.
 * Sources: Google's "OAuth 2.0 for Web Server Applications" and "OpenID Connect" pages.
 */
import { type Account, accounts } from './accounts.ts';
import { startAuthorizationServer } from './authorization-server.ts';
import type { Dialect } from './dialect.ts';
import { googleApis } from './google-apis.ts';
import type { AccessToken, Authorization, Ledger } from './ledger.ts';
import type { Endpoints, LocalProvider, ProviderOptions } from './provider.ts';
import { type RefusalTable, Refused } from './refusals.ts';
import { type Answer, json } from './web.ts';

export interface GoogleOptions extends ProviderOptions {
  /** What id_tokens and metadata name as issuer, e.g. `https://accounts.google.com`; the origin by default. */
  readonly issuer?: string;
}

const api = (name: string) => `https://www.googleapis.com/auth/${name}`;

const descriptions: Readonly<Record<string, string>> = {
  openid: 'Associate you with your account',
  [api('userinfo.email')]: 'See your email address',
  [api('userinfo.profile')]: 'See your name and picture',
  [api('drive.readonly')]: 'See and download all your Drive files',
  [api('drive')]: 'See, edit, create and delete all your Drive files',
  [api('calendar.readonly')]: 'See and download any calendar you can access',
  [api('calendar')]: 'See, edit, share and delete all calendars you can access',
  [api('gmail.settings.basic')]: 'See, edit, create or change your mail settings and filters',
  [api('gmail.metadata')]: 'See mail metadata such as labels and headers, but not the body',
  [api('gmail.readonly')]: 'See your mail messages and settings',
};

const identityScopes = ['openid', api('userinfo.email'), api('userinfo.profile')];
const aliases: Readonly<Record<string, string>> = {
  email: api('userinfo.email'),
  profile: api('userinfo.profile'),
};

const refusals: RefusalTable = {
  malformed: { status: 400, error: 'invalid_request', text: 'Bad Request' },
  unsupported_response_type: { status: 400, error: 'unsupported_response_type', text: 'Invalid response_type' },
  unsupported_grant_type: { status: 400, error: 'unsupported_grant_type', text: 'Invalid grant_type' },
  unknown_tenant: { status: 404, error: 'not_found', text: 'Not Found' },
  unknown_client: { status: 401, error: 'invalid_client', text: 'The OAuth client was not found.' },
  unknown_redirect_uri: { status: 400, error: 'redirect_uri_mismatch', text: 'The redirect URI is not registered.' },
  unknown_scope: { status: 400, error: 'invalid_scope', text: 'Some requested scopes were invalid.' },
  mixed_scopes: { status: 400, error: 'invalid_scope', text: 'Some requested scopes were invalid.' },
  login_required: { status: 400, error: 'login_required', text: 'Nobody is signed in.' },
  access_denied: { status: 403, error: 'access_denied', text: 'The user denied access.' },
  secret_missing: { status: 400, error: 'invalid_request', text: 'client_secret is missing.' },
  secret_wrong: { status: 401, error: 'invalid_client', text: 'Unauthorized' },
  secret_expired: { status: 401, error: 'invalid_client', text: 'The provided client secret is invalid.' },
  assertion_wrong: { status: 401, error: 'invalid_client', text: 'Unauthorized' },
  code_unknown: { status: 400, error: 'invalid_grant', text: 'Malformed auth code.' },
  code_used: { status: 400, error: 'invalid_grant', text: 'Bad Request' },
  code_expired: { status: 400, error: 'invalid_grant', text: 'Bad Request' },
  code_for_other_redirect_uri: { status: 400, error: 'redirect_uri_mismatch', text: 'Bad Request' },
  verifier_missing: { status: 400, error: 'invalid_grant', text: 'Missing code verifier.' },
  verifier_wrong: { status: 400, error: 'invalid_grant', text: 'Invalid code verifier.' },
  verifier_unexpected: { status: 400, error: 'invalid_grant', text: 'code_verifier without code_challenge.' },
  refresh_unknown: { status: 400, error: 'invalid_grant', text: 'Bad Request' },
  refresh_expired: { status: 400, error: 'invalid_grant', text: 'Token has been expired or revoked.' },
  refresh_revoked: { status: 400, error: 'invalid_grant', text: 'Token has been expired or revoked.' },
  refresh_reused: { status: 400, error: 'invalid_grant', text: 'Token has been expired or revoked.' },
  scope_not_granted: { status: 400, error: 'invalid_scope', text: 'Some requested scopes were not granted.' },
  user_needed: {
    status: 400,
    error: 'invalid_grant',
    text: 'reauth related error (invalid_rapt)',
    subtype: 'invalid_rapt',
  },
};

const endpoints = (origin: string, issuer: string): Endpoints => ({
  issuer,
  authorization: `${origin}/o/oauth2/v2/auth`,
  token: `${origin}/token`,
  jwks: `${origin}/oauth2/v3/certs`,
  discovery: `${origin}/.well-known/openid-configuration`,
  revocation: `${origin}/revoke`,
  manage: `${origin}/account`,
});

const routes: Readonly<Record<string, 'authorize' | 'token' | 'revoke' | 'document'>> = {
  '/o/oauth2/v2/auth': 'authorize',
  '/token': 'token',
  '/revoke': 'revoke',
  '/oauth2/v1/certs': 'document',
  '/oauth2/v3/certs': 'document',
  '/.well-known/openid-configuration': 'document',
};

const metadata = (to: Endpoints) => ({
  issuer: to.issuer,
  authorization_endpoint: to.authorization,
  token_endpoint: to.token,
  revocation_endpoint: to.revocation,
  jwks_uri: to.jwks,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'email', 'profile'],
  token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  claims_supported: ['aud', 'email', 'email_verified', 'exp', 'iat', 'iss', 'name', 'sub'],
  code_challenge_methods_supported: ['S256'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
});

const oneOf = (parameters: URLSearchParams, name: string, choices: readonly string[]): void => {
  const value = parameters.get(name);
  if (value !== null && !choices.includes(value)) throw new Refused('malformed', `Invalid parameter value for ${name}`);
};

const dialect: Dialect = {
  name: 'google',
  title: 'Google',
  marks: {
    code: (canary) => `4/0A${canary}`,
    accessToken: (canary) => `ya29.a0${canary}`,
    refreshToken: (canary) => `1//0${canary}`,
  },
  // Six months.
  idleSeconds: 180 * 24 * 3600,
  refusals,
  granular: true,
  redeemsInBrowsers: false,
  showsErrors: true,

  route(path) {
    const to = routes[path];
    return to === undefined ? undefined : { to, realm: '' };
  },

  document(path, _realm, { endpoints: to, signer }) {
    if (path === '/oauth2/v3/certs') return json(200, signer.keys);
    return json(200, path === '/oauth2/v1/certs' ? signer.pem : metadata(to));
  },

  scopes(parameter) {
    const scopes = parameter.split(' ').filter((scope) => scope !== '');
    const spelled = [...new Set(scopes.map((scope) => aliases[scope] ?? scope))];
    if (spelled.length === 0) throw new Refused('malformed', 'Missing required parameter: scope');
    if (!spelled.every((scope) => scope in descriptions)) throw new Refused('unknown_scope');
    return spelled;
  },
  isIdentityScope: (scope) => identityScopes.includes(scope),
  describe: (scope) => descriptions[scope] ?? scope,

  checkAuthorization({ parameters, prompts, isImplicit }) {
    if (isImplicit && parameters.get('access_type') === 'offline') {
      throw new Refused('malformed', 'Invalid parameter value for access_type: offline with response_type=token');
    }
    oneOf(parameters, 'access_type', ['online', 'offline']);
    oneOf(parameters, 'include_granted_scopes', ['true', 'false']);
    for (const prompt of prompts) {
      if (!['none', 'consent', 'select_account'].includes(prompt)) {
        throw new Refused('malformed', 'Invalid parameter value for prompt');
      }
    }
  },
  accounts: () => accounts,
  authorizedScopes: ({ scopes, parameters }, consented) =>
    parameters.get('include_granted_scopes') === 'true'
      ? [...consented]
      : scopes.filter((scope) => consented.has(scope)),
  isOffline: ({ parameters, prompts }, isFirstConsent) =>
    parameters.get('access_type') === 'offline' && (isFirstConsent || prompts.has('consent')),
  // Google sends `iss` (RFC 9207) without announcing it in its metadata.
  responseParameters: ({ prompts }, { account, scopes }, { endpoints: { issuer } }) => ({
    iss: issuer,
    scope: scopes.join(' '),
    authuser: '0',
    hd: account.organization,
    prompt: prompts.has('consent') ? 'consent' : 'none',
  }),

  /** A narrower `scope` is accepted and ignored: tokens carry all that their grant has. */
  tokenScopes(authorization, asked) {
    const beyond = asked === undefined ? [] : dialect.scopes(asked);
    if (!beyond.every((scope) => authorization.scopes.includes(scope))) throw new Refused('scope_not_granted');
    return [...authorization.scopes];
  },
  idTokenClaims({ clientId, account, scopes }, { endpoints: { issuer }, switches }) {
    return {
      iss: switches.issuerSpelling === 'host' ? new URL(issuer).host : issuer,
      azp: clientId,
      sub: account.subject,
      ...(account.organization === undefined ? {} : { hd: account.organization }),
      ...(scopes.includes(api('userinfo.email')) ? { email: account.email, email_verified: true } : {}),
      ...(scopes.includes(api('userinfo.profile')) ? { name: account.name } : {}),
    };
  },
  tokenMembers: (form, { offline }, scopes, { switches }) => ({
    scope: scopes.join(' '),
    ...(offline && form.get('grant_type') === 'authorization_code' && switches.refreshTokenSeconds !== null
      ? { refresh_token_expires_in: switches.refreshTokenSeconds }
      : {}),
  }),
  refusalBody: ({ detail }, { error, text, subtype }) => ({
    error,
    error_description: detail ?? text,
    ...(subtype === undefined ? {} : { error_subtype: subtype }),
  }),
};

/** Ends the whole grant of user and client: consent, codes, every token. */
const endGrant = (ledger: Ledger, account: Account): void => {
  ledger.removeConsent(account);
  ledger.endCodes(account);
  ledger.endRefreshTokens('refresh_revoked', (authorization) => authorization.account === account);
  ledger.endAccessTokens((token) => token.account === account);
};

/** RFC 7009, in Google's way: whichever token is given, the whole grant ends. No client authentication. */
const revoke = (form: URLSearchParams, ledger: Ledger): Answer => {
  const value = form.get('token') ?? '';
  const refreshToken = ledger.refreshToken(value);
  const isLive = refreshToken !== undefined && refreshToken.dead === undefined;
  const grant = isLive ? refreshToken.authorization : ledger.accessToken(value);
  if (grant === undefined) {
    return json(400, { error: 'invalid_token', error_description: 'Token expired or revoked' });
  }
  endGrant(ledger, grant.account);
  return json(200, {});
};

const hasGmail = ({ scopes }: Authorization | AccessToken) => scopes.some((scope) => scope.includes('/auth/gmail.'));

/** A changed password ends what can read mail, and nothing else. */
const endMail = (ledger: Ledger, account: Account): void => {
  const isMail = (grant: Authorization | AccessToken) => grant.account === account && hasGmail(grant);
  ledger.endRefreshTokens('refresh_revoked', isMail);
  ledger.endAccessTokens(isMail);
};

export const startGoogle = (options: GoogleOptions): Promise<LocalProvider> =>
  startAuthorizationServer(options, {
    dialect,
    switches: { rotation: 'stable' },
    inert: ['claimsChallenge', 'scopeSpelling', 'revocationEnds'],
    endpoints: (origin) => endpoints(origin, options.issuer ?? origin),
    happenings: (ledger) => ({
      'revoke-access': (account) => endGrant(ledger, account),
      'change-password': (account) => endMail(ledger, account),
      'admin-reset': (account) => endMail(ledger, account),
      'expire-tokens': (tokens, account) => ledger.expire(tokens, account),
    }),
    resources: googleApis,
    revoke: (form, { ledger }) => revoke(form, ledger),
  });
