/** How the strict provider configures its library, and what it adds to it. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider, { type Configuration, errors } from 'oidc-provider';
import { accountBySubject } from './accounts.ts';
import type { Issued } from './ledger.ts';
import { messagePage } from './pages.ts';
import type { ProviderOptions } from './provider.ts';
import { scopeTexts, title } from './strict-pages.ts';
import type { StrictStorage } from './strict-storage.ts';
import type { Switches } from './switches.ts';
import { html } from './web.ts';

type Note = (kind: Issued['kind'], value: string) => void;

const DAY = 24 * 3600;

const idTokenId = (note: Note): string => {
  const value = `CANARY-ID-${randomBytes(16).toString('base64url')}`;
  note('id_token', value);
  return value;
};

const configuration = (
  options: ProviderOptions,
  storage: StrictStorage,
  switches: Switches,
  strongGrants: ReadonlySet<string>,
  note: Note,
): Configuration => ({
  adapter: (name: string) => storage.adapter(name),
  clients: [
    {
      client_id: options.client.id,
      client_secret: options.client.secret,
      redirect_uris: [...options.redirectUris],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
    },
    // Pages have no secret.
    ...(options.browserRedirectUris
      ? [
          {
            client_id: `${options.client.id}-browser`,
            redirect_uris: [...options.browserRedirectUris],
            grant_types: ['authorization_code'],
            response_types: ['code' as const],
            token_endpoint_auth_method: 'none' as const,
            id_token_signed_response_alg: 'ES256' as const,
          },
        ]
      : []),
    ...(options.nativeClient
      ? [
          {
            client_id: options.nativeClient.id,
            // The library lets these have any port on a loopback address.
            application_type: 'native' as const,
            redirect_uris: [options.nativeClient.redirectUri],
            grant_types: ['authorization_code', 'refresh_token'],
            response_types: ['code' as const],
            token_endpoint_auth_method: 'none' as const,
            id_token_signed_response_alg: 'ES256' as const,
          },
        ]
      : []),
  ],
  jwks: {
    keys: [
      {
        ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
        alg: 'ES256',
        use: 'sig',
        kid: 'key-1',
      } as { kty: 'EC'; crv: string; x: string; y: string; d: string },
    ],
  },
  clientBasedCORS: (_ctx, origin, { clientAuthMethod }) =>
    clientAuthMethod === 'none' && options.browserOrigins.includes(origin),
  clockTolerance: 0,
  scopes: Object.keys(scopeTexts),
  claims: { openid: ['sub', 'jti'], email: ['email', 'email_verified'] },
  findAccount: (_ctx, subject) => {
    const account = accountBySubject(subject);
    if (account === undefined) return undefined;
    const claims = async (use: string) => ({
      sub: subject,
      email: account.email,
      email_verified: true,
      ...(use === 'id_token' ? { jti: idTokenId(note) } : {}),
    });
    return { accountId: subject, claims };
  },
  pkce: { required: () => true },
  rotateRefreshToken: (ctx) => {
    // The one place before a refresh takes effect: the token was found good and is not spent yet.
    const grantId = ctx.oidc.entities.RefreshToken?.grantId ?? '';
    if (switches.mfaRequired && !strongGrants.has(grantId)) {
      throw new errors.CustomOIDCProviderError('interaction_required', 'the provider wants the user');
    }
    return switches.rotation !== 'stable';
  },
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: { enabled: false },
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  ttl: {
    AccessToken: () => Math.max(1, switches.accessTokenSeconds),
    AuthorizationCode: 60,
    Grant: 365 * DAY,
    IdToken: 3600,
    Interaction: 600,
    RefreshToken: () => Math.max(1, switches.refreshTokenSeconds ?? 90 * DAY),
    Session: DAY,
  },
  renderError: (ctx, { error, error_description: text }) => {
    const { headers, body } = html(ctx.status, messagePage(title, `Error ${ctx.status}: ${error}`, text ?? ''));
    ctx.set(headers);
    ctx.body = body;
  },
});

/** Puts a canary before every secret that the library makes, and notes it. */
const markSecrets = (provider: Provider, note: Note): void => {
  const marked = [
    [provider.AuthorizationCode, 'code', 'CODE'],
    [provider.AccessToken, 'access_token', 'ACCESS'],
    [provider.RefreshToken, 'refresh_token', 'REFRESH'],
  ] as const;
  for (const [model, kind, word] of marked) {
    const generate: unknown = Reflect.get(model.prototype, 'generateTokenId');
    if (typeof generate !== 'function') throw new TypeError('The library makes its token ids in another way now.');
    const generateTokenId = function (this: object) {
      const value = `CANARY-${word}-${generate.call(this)}`;
      note(kind, value);
      return value;
    };
    Object.assign(model.prototype, { generateTokenId });
  }
};

/** @param strongGrants the grants that satisfy `mfaRequired` */
export const createLibrary = (
  origin: string,
  options: ProviderOptions,
  storage: StrictStorage,
  switches: Switches,
  strongGrants: ReadonlySet<string>,
  note: Note,
): Provider => {
  const provider = new Provider(origin, configuration(options, storage, switches, strongGrants, note));
  markSecrets(provider, note);
  return provider;
};
