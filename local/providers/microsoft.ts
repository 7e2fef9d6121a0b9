/**
 * A simulated Microsoft Entra ID (v2 endpoints): tolerant rotation, tenants, consent for all or nothing, tokens that
 * carry every consented scope, AADSTS errors. There is no revocation endpoint.
 * Sources: "Microsoft identity platform and OAuth 2.0 authorization code flow", "Microsoft Entra authentication and
 * authorization error codes", "ID token claims reference".
 */
import { createHash, randomUUID } from 'node:crypto';
import { type Account, accounts, PERSONAL_TENANT } from './accounts.ts';
import { adminConsentPages } from './admin-consent.ts';
import { startAuthorizationServer } from './authorization-server.ts';
import { type AssertionRule, checkClientAssertion } from './client-assertion.ts';
import type { Dialect, Running } from './dialect.ts';
import { graph } from './microsoft-graph.ts';
import { refusals } from './microsoft-refusals.ts';
import { messagePage } from './pages.ts';
import type { Endpoints, LocalProvider, ProviderOptions } from './provider.ts';
import { Refused } from './refusals.ts';
import { html, json } from './web.ts';

export interface MicrosoftOptions extends ProviderOptions {
  /** A federated credential (workload identity federation) instead of an assertion that the client signs itself. */
  readonly federatedCredential?: AssertionRule;
}

const GRAPH = 'https://graph.microsoft.com/';
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const identityScopes: Readonly<Record<string, string>> = {
  openid: 'Sign you in',
  profile: 'View your basic profile',
  email: 'View your email address',
  offline_access: 'Maintain access to data you have given it access to',
};
const graphScopes: Readonly<Record<string, string>> = {
  'User.Read': 'Sign you in and read your profile',
  'Mail.ReadBasic': 'Read your mail, without bodies and attachments',
  'Mail.Read': 'Read your mail',
  'Calendars.Read': 'Read your calendars',
  'Calendars.Read.Shared': 'Read calendars you can access',
  'Calendars.ReadWrite': 'Have full access to your calendars',
  'Files.Read': 'Read your files',
  'Files.ReadWrite': 'Have full access to your files',
};
const spellings = new Map(
  [...Object.keys(identityScopes), ...Object.keys(graphScopes)].map((scope) => [scope.toLowerCase(), scope]),
);

const endpoints = (origin: string): Endpoints => ({
  issuer: `${origin}/{tenantid}/v2.0`,
  authorization: `${origin}/common/oauth2/v2.0/authorize`,
  token: `${origin}/common/oauth2/v2.0/token`,
  jwks: `${origin}/common/discovery/v2.0/keys`,
  discovery: `${origin}/common/v2.0/.well-known/openid-configuration`,
  logout: `${origin}/common/oauth2/v2.0/logout`,
  adminConsent: `${origin}/organizations/v2.0/adminconsent`,
  manage: `${origin}/account`,
});

/** The accounts that may sign in under a tenant segment. */
const accountsOf = (tenant: string): readonly Account[] => {
  switch (tenant) {
    case 'common':
      return accounts;
    case 'organizations':
      return accounts.filter(({ organization }) => organization !== undefined);
    default: {
      const members = accounts.filter(({ tenantId }) => tenantId === tenant);
      if (!GUID.test(tenant) || members.length === 0) throw new Refused('unknown_tenant');
      return members;
    }
  }
};

/** Like Entra's, without `code_challenge_methods_supported`, and with a template for issuer where the tenant is open. */
const metadata = (tenant: string, template: Endpoints) => {
  const at = (url: string) => url.replace('/common/', `/${tenant}/`);
  return {
    issuer: GUID.test(tenant) ? template.issuer.replace('{tenantid}', tenant) : template.issuer,
    authorization_endpoint: at(template.authorization),
    token_endpoint: at(template.token),
    jwks_uri: at(template.jwks),
    end_session_endpoint: at(template.logout ?? ''),
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    response_modes_supported: ['query', 'fragment'],
    response_types_supported: ['code', 'token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: Object.keys(identityScopes),
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'ver', 'email'],
    request_uri_parameter_supported: false,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
  };
};

/** Which hosts are one cloud: this one. */
const instances = ({ discovery }: Endpoints) => {
  const { host } = new URL(discovery);
  return {
    'api-version': '1.1',
    tenant_discovery_endpoint: discovery,
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
};

const document = (path: string, tenant: string, { endpoints: to, signer }: Running) => {
  try {
    accountsOf(tenant);
  } catch {
    const { status, error, text } = refusals.unknown_tenant;
    return json(status, { error, error_description: text });
  }
  if (path.endsWith('/discovery/instance')) return json(200, instances(to));
  if (path.endsWith('/discovery/v2.0/keys')) return json(200, signer.keys);
  if (path.endsWith('/v2.0/.well-known/openid-configuration')) return json(200, metadata(tenant, to));
  return html(200, messagePage('Microsoft', 'You signed out of your account', 'You can close this window.'));
};

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const clientInfo = ({ objectId, tenantId }: Account) => base64url({ uid: objectId, utid: tenantId });

/** Real ones are this long. */
const padded = (text: string, length: number) => text.padEnd(length, 'A');

const createDialect = (options: MicrosoftOptions): Dialect => ({
  name: 'microsoft',
  title: 'Microsoft',
  marks: {
    code: (canary) => padded(`1.AX${canary}.`, 1000),
    accessToken: (canary) => padded(`EwB${canary}.`, 1800),
    refreshToken: (canary) => padded(`1.AX${canary}.`, 1400),
  },
  // Ninety days.
  idleSeconds: 90 * 24 * 3600,
  refusals,
  granular: false,
  redeemsInBrowsers: true,
  showsErrors: false,

  route(path) {
    const [, realm = '', rest = ''] = /^\/([^/]+)\/(.+)$/.exec(path) ?? [];
    switch (rest) {
      case 'oauth2/v2.0/authorize':
        return { to: 'authorize', realm };
      case 'oauth2/v2.0/token':
        return { to: 'token', realm };
      case 'oauth2/v2.0/logout':
      case 'discovery/instance':
      case 'discovery/v2.0/keys':
      case 'v2.0/.well-known/openid-configuration':
        return { to: 'document', realm };
      default:
        return undefined;
    }
  },
  document,

  /** Any case, with or without Graph's prefix. `.default` stands alone, for everything that the app registered. */
  scopes(parameter) {
    const asked = parameter.split(' ').filter((scope) => scope !== '');
    if (asked.length === 0) throw new Refused('malformed', "The request body must contain the parameter 'scope'.");
    const bare = asked.map((scope) => (scope.startsWith(GRAPH) ? scope.slice(GRAPH.length) : scope));
    const named = bare.filter((scope) => scope !== '.default').map((scope) => spellings.get(scope.toLowerCase()));
    if (!named.every((scope) => scope !== undefined)) throw new Refused('unknown_scope');
    if (!bare.includes('.default')) return [...new Set(named)];
    if (named.some((scope) => scope in graphScopes)) throw new Refused('mixed_scopes');
    return [...new Set([...named, ...Object.keys(graphScopes)])];
  },
  isIdentityScope: (scope) => scope in identityScopes,
  describe: (scope) => identityScopes[scope] ?? graphScopes[scope] ?? scope,

  checkAuthorization({ prompts }) {
    for (const prompt of prompts) {
      if (!['none', 'login', 'consent', 'select_account'].includes(prompt)) {
        throw new Refused('malformed', 'Unsupported value for prompt.');
      }
    }
  },
  accounts: accountsOf,
  authorizedScopes: ({ scopes }) => [...scopes],
  isOffline: ({ scopes }) => scopes.includes('offline_access'),
  responseParameters: ({ parameters }, { account }) => ({
    ...(parameters.get('client_info') === '1' ? { client_info: clientInfo(account) } : {}),
    session_state: randomUUID(),
  }),

  checkAssertion: (assertion, { endpoints: to, now }) =>
    checkClientAssertion(
      assertion,
      options.federatedCredential ?? { issuer: options.client.id, subject: options.client.id, audience: to.token },
      now,
    ),
  /**
   * All that is consented for Graph, whatever was asked; what was never consented cannot be asked. Personal accounts have
   * nothing of others, and not the scopes for it: what does not exist for them is left out.
   */
  tokenScopes(authorization, asked, consented) {
    const wanted = asked === undefined ? authorization.scopes : this.scopes(asked);
    const isDefault = asked?.split(' ').some((scope) => scope.endsWith('.default')) === true;
    if (!isDefault && !wanted.every((scope) => consented.has(scope))) throw new Refused('scope_not_granted');
    const identity = wanted.filter((scope) => scope in identityScopes && scope !== 'offline_access');
    const isPersonal = authorization.account.tenantId === PERSONAL_TENANT;
    const exists = (scope: string) => scope in graphScopes && !(isPersonal && scope.endsWith('.Shared'));
    return [...identity, ...[...consented].filter(exists)];
  },
  idTokenClaims: ({ clientId, account, scopes }, { endpoints: to }) => ({
    iss: to.issuer.replace('{tenantid}', account.tenantId),
    ver: '2.0',
    tid: account.tenantId,
    // Pairwise: another client would see another `sub`.
    sub: createHash('sha256').update(`${clientId} ${account.objectId}`).digest('base64url'),
    ...(scopes.includes('profile')
      ? { oid: account.objectId, name: account.name, preferred_username: account.email }
      : {}),
    ...(scopes.includes('email') ? { email: account.email } : {}),
  }),
  tokenMembers(form, { account }, scopes, { switches }) {
    const isPrefixed = form.get('scope')?.includes(GRAPH) === true;
    const spell = {
      as_asked: (scope: string) => (isPrefixed ? GRAPH : '') + scope,
      prefixed: (scope: string) => GRAPH + scope,
      lower_case: (scope: string) => scope.toLowerCase(),
      government: (scope: string) => `https://graph.microsoft.us//${scope}`,
    }[switches.scopeSpelling];
    return {
      scope: scopes.map((scope) => (scope in graphScopes ? spell(scope) : scope)).join(' '),
      ext_expires_in: switches.accessTokenSeconds,
      ...(form.get('client_info') === '1' ? { client_info: clientInfo(account) } : {}),
    };
  },
  refusalBody({ refusal, detail }, { error, text, number, subtype }, correlationId, at) {
    const timestamp = `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
    const trace = { timestamp, trace_id: randomUUID(), correlation_id: correlationId ?? randomUUID() };
    return {
      error,
      error_description: `AADSTS${number}: ${detail ?? text} Trace ID: ${trace.trace_id} Correlation ID: ${trace.correlation_id} Timestamp: ${timestamp}`,
      error_codes: [number],
      ...trace,
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
      ...(subtype === undefined ? {} : { suberror: subtype }),
      ...(refusal === 'user_needed' ? { claims: conditionalAccessClaims } : {}),
    };
  },
});

const conditionalAccessClaims = JSON.stringify({
  access_token: { capolids: { essential: true, values: ['00000000-0000-4000-8000-0000000000c1'] } },
});

export const startMicrosoft = (options: MicrosoftOptions): Promise<LocalProvider> =>
  startAuthorizationServer(options, {
    dialect: createDialect(options),
    // No limit is documented.
    switches: { rotation: 'tolerant', liveRefreshTokens: Number.MAX_SAFE_INTEGER },
    inert: ['revocationEnds', 'liveRefreshTokens', 'withheldScopes', 'issuerSpelling'],
    endpoints,
    happenings: (ledger) => ({
      // Refresh tokens stay; without consent they open nothing.
      'revoke-access': (account) => {
        ledger.removeConsent(account);
        ledger.endCodes(account);
      },
      'revoke-sessions': (account) => ledger.endRefreshTokens('refresh_revoked', (of) => of.account === account),
      // A user's own change of password leaves the tokens of confidential clients alone.
      'change-password': () => {},
      'admin-reset': (account) => ledger.endRefreshTokens('refresh_revoked', (of) => of.account === account),
      'expire-tokens': (tokens, account) => ledger.expire(tokens, account),
    }),
    resources: graph,
    pages: (running) => adminConsentPages(createDialect(options), running),
  });
