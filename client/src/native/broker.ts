/** `createNativeBroker`: the browser SDK's methods, for apps that authorize by a flow of their own (RFC 8252). */
import { askFor, carried, integrationsOf, missingAfter, missingOf, without } from '../browser-only/offers.ts';
import type { Config, Connected, Connection, Narrowed, ProviderOffer, Removed, Wanted } from '../contract.ts';
import { randomText } from '../encoding.ts';
import {
  BrokerError,
  BrokerUnavailableError,
  IntegrationDisabledError,
  PopupTimeoutError,
  SessionRequiredError,
} from '../errors.ts';
import type { TokenOptions } from '../flow.ts';
import { createCall } from '../session.ts';
import { until } from '../until.ts';
import { begin, checkIdToken, codeFrom } from './authorization.ts';
import { createGrants, type Grant, type SecureStorage } from './grants.ts';
import { createOffers, type Platform } from './offers.ts';
import { type ClientSecrets, createEndpoints } from './provider.ts';
import { createRenewal, holding, refusal } from './renewal.ts';

/** Where the browser comes back to. */
export interface Redirect {
  /** The registered one; of a loopback address with the port that is listened on. */
  readonly redirectUri: string;
  /** The URL that was opened. */
  readonly returned: Promise<string>;
  close(): unknown;
}

export interface NativeBrokerOptions {
  /** The broker's origin. */
  readonly baseUrl: string;
  /** The host product's session JWT; asked for each call. */
  readonly session: () => string | undefined | Promise<string | undefined>;
  /** Who is signed in: text that differs where user or organization differ, and stays when they sign in again. */
  readonly user: () => string | Promise<string>;
  readonly platform: Platform;
  /**
   * Opens the external browser, never a web view (RFC 8252 section 8.12).
   * @returns the URL by which the browser came back, where the platform's own session gives it
   */
  readonly openBrowser: (url: string, redirectUri: string) => Promise<string | undefined>;
  /** Where `openBrowser` does not give it: listens for the answer that carries `state`. */
  readonly redirect?: (registered: string, state: string) => Promise<Redirect>;
  readonly storage: SecureStorage;
  readonly clientSecrets?: ClientSecrets;
}

export type NativeConnectOptions = Wanted & {
  readonly provider: string;
  /** A claims challenge, as the provider's API or an `AuthorizationRequiredError` gave it. */
  readonly claims?: string | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
};

/** Every method throws `BrokerError` and its kinds, and what storage and browser throw. */
export interface NativeBroker {
  connect(options: NativeConnectOptions): Promise<Connected>;
  getAccessToken(options: TokenOptions): Promise<string>;
  /** What was authorized on this device. */
  connections(): Promise<readonly Connection[]>;
  /** Ends it on this device in any case, and at the provider where that can be done. `undefined`: there was nothing. */
  disconnect(options: { readonly provider: string; readonly integration?: never }): Promise<Removed | undefined>;
  disconnect(options: { readonly provider: string; readonly integration: string }): Promise<Narrowed | undefined>;
  /** What the organization has switched on for this platform. */
  config(): Promise<Config>;
  on(event: 'change', listener: () => void): () => void;
  /** The user leaves: forgets every token on this device. */
  signOut(): Promise<void>;
}

/** As long as the broker's flows are good. */
const SECONDS = 600;

const inTime = async <T>(work: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PopupTimeoutError({ code: 'popup_timeout' })), SECONDS * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

export const createNativeBroker = (options: NativeBrokerOptions): NativeBroker => {
  const { baseUrl, session, platform, openBrowser, redirect, storage, clientSecrets = {} } = options;
  const user = async () => options.user();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const offers = createOffers(createCall(baseUrl, { session }), platform);
  const grants = createGrants(storage, `token-broker:${baseUrl}`);
  const endpoints = createEndpoints(clientSecrets);
  const { inTurn, renew } = createRenewal(grants, endpoints, changed);

  /** Through the browser. @returns what the code is redeemed with */
  const authorize = async (
    offer: ProviderOffer,
    scopes: readonly string[],
    claims: string | undefined,
    signal: AbortSignal | undefined,
  ) => {
    if (!offer.client) throw new BrokerUnavailableError({ code: 'temporarily_unavailable' });
    const registered = offer.client.redirect_uri;
    if (!registered) {
      const detail = "The provider has no redirect for this platform: authorize by the provider's own SDK.";
      throw new BrokerError({ code: 'not_found', detail });
    }
    const state = randomText(16);
    const back = await redirect?.(registered, state);
    try {
      const { url, pending } = await begin(
        offer,
        { redirectUri: back?.redirectUri ?? registered, state },
        scopes,
        claims,
      );
      const walk = async () => (await openBrowser(url, pending.redirectUri)) ?? (await back?.returned) ?? '';
      return { pending, code: codeFrom(offer, pending, await inTime(until(walk(), signal))) };
    } finally {
      await back?.close();
    }
  };

  const connectionOf = (provider: string, grant: Grant, integrations: string[]): Connection => ({
    provider,
    ...(grant.refreshToken ? { state: 'active' } : { state: 'authorize_again', reason: 'grant_dead' }),
    integrations,
    scopes: [...grant.scopes],
    connected_at: grant.connectedAt,
    updated_at: grant.updatedAt,
  });

  return {
    async connect({ provider, claims, signal, ...wanted }) {
      const who = await user();
      // What is asked for in a click is asked by today's policy.
      const [offer, mine] = await Promise.all([offers.of(who, provider, true), grants.of(who)]);
      const held = mine.grants[provider];
      const scopes = askFor(offer, wanted, held?.scopes ?? [], held?.withheld);
      if (!scopes) throw new IntegrationDisabledError({ code: 'integration_disabled', provider });
      const { pending, code } = await authorize(offer, scopes, claims, signal);
      return inTurn(provider, async () => {
        const asked = Date.now();
        const answer = await endpoints.token(offer, {
          grant_type: 'authorization_code',
          code,
          redirect_uri: pending.redirectUri,
          code_verifier: pending.verifier,
        });
        if (answer.kind !== 'tokens' || !answer.tokens.token) throw new BrokerError({ code: 'code_exchange_failed' });
        const { token, seconds, refreshToken = '', idToken, scopes: answered } = answer.tokens;
        checkIdToken(offer, pending, idToken);
        const granted = carried(offer, scopes, answered);
        const former = mine.grants[provider];
        const now = new Date(asked).toISOString();
        const withheld = scopes.filter((each) => !granted.includes(each));
        const next = {
          refreshToken,
          scopes: granted,
          withheld,
          connectedAt: former?.connectedAt ?? now,
          updatedAt: now,
        };
        if ((await user()) !== who || !(await grants.replace(mine, provider, former, next))) {
          throw new SessionRequiredError({ code: 'session_mismatch' });
        }
        mine.held[provider] = holding(token, seconds, asked);
        changed();
        return {
          provider,
          integrations: integrationsOf(offer, granted),
          scopes: granted,
          missing_scopes: missingAfter(offer, scopes, granted),
          account_replaced: false,
        };
      });
    },

    async getAccessToken({ provider, forceRefresh, claims, signal, ...asked }) {
      signal?.throwIfAborted();
      const who = await user();
      const offer = await offers.of(who, provider);
      const mine = await grants.of(who);
      const grant = mine.grants[provider];
      const wanted: Wanted = 'scopes' in asked ? asked : { integrations: [asked.integration] };
      const missing = missingOf(offer, wanted, grant?.scopes ?? [], grant?.withheld);
      if (!missing) throw new IntegrationDisabledError({ code: 'integration_disabled', provider });
      if (!grant) throw refusal(provider, 'no_connection', {}, asked);
      if (missing[0]) throw refusal(provider, 'scope_not_granted', { missing_scopes: missing }, asked);
      const held = mine.held[provider];
      const isRefused = forceRefresh === true || forceRefresh === held?.token;
      if (held && !claims && !isRefused && Date.now() < held.goodUntil) return held.token;
      return until(renew(offer, mine, claims, asked), signal);
    },

    async connections() {
      const who = await user();
      const [{ providers }, { grants: mine }] = await Promise.all([offers.config(who), grants.of(who)]);
      return Object.entries(mine).map(([provider, grant]) => {
        const offer = providers.find((each) => each.provider === provider);
        return connectionOf(provider, grant, offer ? integrationsOf(offer, grant.scopes) : []);
      });
    },

    async disconnect({ provider, integration }: { readonly provider: string; readonly integration?: string }) {
      const who = await user();
      // Without the broker there is no endpoint to revoke at, and nothing to narrow by; what is here goes all the same.
      const offer = await offers.of(who, provider).catch((error) => {
        if (integration) throw error;
      });
      const mine = await grants.of(who);
      const removed = await inTurn(provider, async () => {
        const grant = mine.grants[provider];
        if (!grant) return undefined;
        const scopes = offer && integration ? without(offer, integration, grant.scopes) : [];
        const left = offer && scopes[0] ? { ...grant, scopes } : undefined;
        await grants.replace(mine, provider, grant, left);
        if (offer && left) return { provider, integrations: integrationsOf(offer, scopes), scopes };
        const revocation = offer ? await endpoints.revoke(offer, grant.refreshToken) : ('failed' as const);
        const gone = { provider, revocation, ...(offer?.manage_url && { manage_url: offer.manage_url }) };
        return integration ? { provider, integrations: [], scopes: [], removed: gone } : gone;
      });
      changed();
      // One of the two, by whether an integration was given.
      return removed as never;
    },

    config: async () => offers.config(await user(), true),
    on(_event, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async signOut() {
      await grants.forget();
      changed();
    },
  };
};
