/** What the functions of the local stack are configured with: what terraform sets in the cloud, and the stand-ins. */
import type { DevelopmentKeys } from './keys.ts';
import type { KmsStandIn } from './kms/server.ts';
import type { LocalProvider } from './providers/provider.ts';
import { SYNC_ACCOUNT } from './workspace/server.ts';

export interface Neighbours {
  readonly brokerOrigin: string;
  readonly demo: {
    readonly origin: string;
    readonly issuer: string;
    readonly audience: string;
    readonly serviceAudience: string;
    readonly keysUrl: string;
    readonly returnUrls: readonly string[];
  };
  /** Those besides the demo's. */
  readonly frontEnd: readonly URL[];
  readonly firestore: string;
  readonly kms: KmsStandIn;
  readonly keys: DevelopmentKeys;
  readonly clients: Readonly<Record<ProviderName, { readonly id: string; readonly secret: string }>>;
  readonly nativeClients?: Readonly<Record<ProviderName, { readonly id: string; readonly redirectUri: string }>>;
  readonly providers: Readonly<Record<ProviderName, Pick<LocalProvider, 'origin' | 'endpoints'>>>;
  /** Google's directory of `org-1`, read as its administrator. */
  readonly workspace: { readonly origin: string; readonly administrator: string };
  /** Vertex AI, and the metadata server. */
  readonly gemini: { readonly origin: string };
}

/** `notes` stands for any other OpenID Connect provider. */
export type ProviderName = 'microsoft' | 'google' | 'notes';
export const PROVIDER_NAMES: readonly ProviderName[] = ['microsoft', 'google', 'notes'];

/** The simulated accounts' homes (local/providers/accounts.ts). */
const organizations = {
  'org-1': {
    google_domains: ['org-1.example'],
    microsoft_tenants: ['00000000-0000-4000-8000-000000000001'],
    first_sign_in: 'create',
    admins: ['100000000000000000001', '00000000-0000-4000-8000-000000000001.00000000-0000-4000-8000-0000000000a1'],
  },
  'org-2': {
    google_domains: ['org-2.example'],
    microsoft_tenants: ['00000000-0000-4000-8000-000000000002'],
    first_sign_in: 'create',
  },
};

export const environmentOf = (stack: Neighbours): Record<string, string> => {
  const { brokerOrigin, demo, frontEnd, firestore, kms, keys, clients, nativeClients, providers, workspace, gemini } =
    stack;
  const native = (name: ProviderName) => {
    const client = nativeClients?.[name];
    return client && { desktop: { client_id: client.id, redirect_uri: client.redirectUri } };
  };
  const { microsoft, google, notes } = providers;
  return {
    PUBLIC_URL: brokerOrigin,
    ALLOWED_ORIGINS: [demo.origin, brokerOrigin, ...frontEnd.map(({ origin }) => origin)].join(' '),
    RETURN_URLS: [...demo.returnUrls, ...frontEnd.map(({ href }) => href)].join(' '),
    SESSION_ISSUER: demo.issuer,
    SESSION_AUDIENCE: demo.audience,
    SESSION_JWKS_URL: demo.keysUrl,
    SESSION_AUTHORIZED_PARTIES: 'demo-web',
    SESSION_COOKIE: '__Host-session',
    SERVICE_ISSUER: demo.issuer,
    SERVICE_AUDIENCE: demo.serviceAudience,
    SERVICE_JWKS_URL: demo.keysUrl,
    SCHEDULER_AUDIENCE: `${brokerOrigin}/v1/internal/sweep`,
    SCHEDULER_ACCOUNT: 'scheduler@local-project.iam.gserviceaccount.com',
    SCHEDULER_EMULATOR_JWKS_URL: google.endpoints.jwks,
    GOOGLE_CLOUD_PROJECT: 'local-project',
    FIRESTORE_EMULATOR_HOST: firestore,
    KMS_KEY: kms.keyName,
    KMS_EMULATOR_HOST: kms.address,
    METADATA_SERVER_DETECTION: 'none',
    DEVELOPMENT_ORIGINS: [
      brokerOrigin,
      demo.keysUrl,
      workspace.origin,
      ...Object.values(providers).map(({ origin }) => origin),
    ]
      .map((url) => new URL(url).origin)
      .join(' '),
    DIRECTORY_ORGANIZATIONS: JSON.stringify({ 'org-1': { administrator: workspace.administrator } }),
    DIRECTORY_ACCOUNT: SYNC_ACCOUNT,
    DIRECTORY_ENDPOINTS: JSON.stringify({
      metadata: workspace.origin,
      sign: workspace.origin,
      token: `${workspace.origin}/token`,
      admin: workspace.origin,
    }),
    STATE_SIGNING_KEYS: JSON.stringify(keys.stateSigningKeys),
    STATE_PUBLIC_KEYS: JSON.stringify(keys.stateVerificationKeys),
    COMPLETION_PUBLIC_KEYS: JSON.stringify(keys.completionPublicKeys),
    COMPLETION_PRIVATE_KEYS: JSON.stringify(keys.completionPrivateKeys),
    ACCOUNT_HASH_KEY: keys.accountHashKey,
    SIGN_IN_KEYS: JSON.stringify(keys.signInKeys),
    SIGN_IN_DATABASE: 'sign-in',
    DIRECTORY_DATABASE: 'directory',
    ANSWERS_DATABASE: 'answers',
    ANSWERS_MODEL: 'gemini-3.6-flash',
    ANSWERS_LOCATION: 'eu',
    ANSWERS_ENDPOINTS: JSON.stringify({ metadata: gemini.origin, model: gemini.origin }),
    SIGN_IN_ORGANIZATIONS: JSON.stringify(organizations),
    SESSION_SIGNING_KEY: kms.signingKey.versions()[0]?.name ?? '',
    PROVIDERS: JSON.stringify({
      microsoft: {
        kind: 'microsoft',
        client_id: clients.microsoft.id,
        endpoints: {
          issuer: `${microsoft.origin}/{tenantid}/v2.0`,
          authorization: microsoft.endpoints.authorization,
          token: microsoft.endpoints.token,
          jwks: microsoft.endpoints.jwks,
          admin_consent: microsoft.endpoints.adminConsent,
        },
        browser: { client_id: clients.microsoft.id },
        sign_in: {},
        native: native('microsoft'),
        manage_url: microsoft.endpoints.manage,
      },
      google: {
        kind: 'google',
        client_id: clients.google.id,
        endpoints: {
          issuer: google.endpoints.issuer,
          authorization: google.endpoints.authorization,
          token: google.endpoints.token,
          jwks: google.endpoints.jwks,
          revocation: google.endpoints.revocation,
        },
        browser: { client_id: clients.google.id },
        sign_in: {},
        native: native('google'),
        manage_url: google.endpoints.manage,
      },
      notes: {
        kind: 'oidc',
        issuer: notes.endpoints.issuer,
        client_id: clients.notes.id,
        rotation: 'strict',
        // Each authorization there is a grant of its own.
        revocation_ends: 'token',
        browser: { client_id: `${clients.notes.id}-browser` },
        native: native('notes'),
        integrations: { notes: { read: ['notes.read'], write: ['notes.read', 'notes.write'] } },
        manage_url: notes.endpoints.manage,
      },
    }),
    CLIENT_SECRET_MICROSOFT: clients.microsoft.secret,
    CLIENT_SECRET_GOOGLE: clients.google.secret,
    CLIENT_SECRET_NOTES: clients.notes.secret,
  };
};
