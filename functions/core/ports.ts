/**
 * What the core asks of the world. Adapters implement these with one SDK each; the model and the fault campaigns
 * implement them in memory.
 */
import type { Connection, ConnectionKey, RefusalReason, WrappedKey } from './connection.ts';
import type { Owner } from './identity.ts';
import type { AuthorizationFlow, CompletePolicy, Policy } from './policy-form.ts';

// --- The database -------------------------------------------------------------------------------------------------

/** A connection as it was read. */
export interface Stored {
  /** What was asked for, never what the document says of itself: a copied document does not open under it. */
  readonly key: ConnectionKey;
  readonly connection: Connection;
  /** Which document, and which write to it; opaque. */
  readonly version: unknown;
  /** The database's own time of this read, milliseconds since the epoch. */
  readonly readAt: number;
}

/** Stands for the database's own time in a write. */
export const DATABASE_TIME = Symbol('database time');

/** A partial write; `null` removes the member. `updatedAt` is set to the database's own time, unless a data key was only wrapped anew. */
export interface ConnectionChange {
  readonly revision?: number;
  readonly sealed?: Connection['sealed'] | null;
  /** The same data key, wrapped anew: the sealed token stays as it is. */
  readonly wrapped?: WrappedKey;
  readonly authorizeAgain?: Connection['authorizeAgain'] | null;
  readonly refusal?: RefusalChange | null;
  readonly scopes?: readonly string[];
  readonly withheld?: readonly string[];
  readonly attempt?: string;
  readonly lease?: { readonly attempt: string; readonly startedAt: typeof DATABASE_TIME } | null;
}

/** `since` is written with the first refusal and stays; `reason: null` removes the reason. */
export interface RefusalChange {
  readonly since?: typeof DATABASE_TIME;
  readonly scopes: readonly string[];
  readonly reason: RefusalReason | null;
}

/** The connections as the token call sees them. Every method throws `Unavailable` when the database does not answer. */
export interface ConnectionStore {
  read(key: ConnectionKey): Promise<Stored | undefined>;
  /**
   * Writes if the document still has the version that was read: the compare-and-set that everything rests on.
   * A document that is gone is a conflict: an update never creates.
   * @returns the new version, or `conflict`. Throws `Unavailable` with `applied: 'unknown'` after an ambiguous commit.
   */
  update(read: Stored, change: ConnectionChange): Promise<{ version: unknown } | 'conflict'>;
}

/** The connections as the re-wrapping of data keys sees them. */
export interface RewrapStore extends Pick<ConnectionStore, 'read' | 'update'> {
  /** How many data keys each version has wrapped, at one moment; `undefined`: those of which nobody knows. */
  countByVersion(): Promise<ReadonlyMap<string | undefined, number>>;
  /**
   * Connections, strays among them, whose data key that version has wrapped: one page after another, until the caller has
   * enough. `undefined`: of all connections those of which nobody knows, beginning anywhere; such a page may be empty.
   */
  wrappedBy(version: string | undefined): AsyncIterable<Stored[]>;
}

/** The connections as disconnecting and account deletion see them. */
export interface ConnectionRemover {
  /**
   * All of an owner's connections, of providers no longer configured too. `stray`: a document that says it is the owner's
   * and does not stand where the owner's would; nothing but removing it is meant for it.
   */
  list(owner: Owner): Promise<(Stored & { readonly stray: boolean })[]>;
  read(key: ConnectionKey): Promise<Stored | undefined>;
  /** Deletes if the document still has the version that was read. */
  remove(read: Stored): Promise<'removed' | 'conflict'>;
}

/** The provider accounts behind connections, of all users and organizations. */
export interface AccountIndex {
  /**
   * Whether there is a connection to the account (a keyed hash; at any provider entry, since two may be one client), or
   * at the provider, other than these.
   */
  hasOthers(
    of: { readonly account: string } | { readonly provider: string },
    except: readonly ConnectionKey[],
  ): Promise<boolean>;
}

/** What completion stores, in one transaction with what it has to know. */
export interface CompletionStore {
  /** Claims a flow for its one completion. `false`: it was claimed before. The marker is kept for `keepSeconds`. */
  claimFlow(flowId: string, keepSeconds: number): Promise<boolean>;
  /**
   * Reads the policy, the owner's tombstone and the present connection, lets `decide` choose, and stores its choice
   * atomically, once per claimed flow. `decide` may run more than once and must not have effects; the choice that was
   * stored is the one that is answered.
   */
  store<T extends { write?: NewConnection }>(
    place: { readonly key: ConnectionKey; readonly tombstone: string; readonly flowId: string },
    decide: (found: { policy: Policy; deletedAt?: number; present?: Stored }) => T,
  ): Promise<T>;
}

/** A new life, or (same generation as the present one) the present life with other scopes. */
export type NewConnection = Omit<Connection, 'connectedAt' | 'updatedAt' | 'lease' | 'refusal'>;

export interface TombstoneStore {
  /** Marks the owner's deletion with the database's own time, for `keepSeconds`. */
  bury(tombstone: string, keepSeconds: number): Promise<void>;
}

export interface PolicySource {
  /** The organization's policy, and the database's own time of this read (milliseconds since the epoch). */
  policy(tenant: string): Promise<{ policy: Policy; readAt: number }>;
}

/** Policies as admins change them. */
export interface PolicyStore extends PolicySource {
  /**
   * Reads the policy, lets `decide` choose, and stores its choice atomically, with the removals that follow from it.
   * `decide` may run more than once and must not have effects. `isOwn`: the organization has set it itself.
   */
  change<T extends { readonly change?: PolicyChange }>(
    tenant: string,
    decide: (found: { policy: Policy; isOwn: boolean }) => T,
  ): Promise<T>;
}

export interface PolicyChange {
  readonly write: CompletePolicy;
  /** Providers whose stored connections are to be removed. */
  readonly remove: readonly string[];
  /** Providers whose removal, where there is one, is over. */
  readonly keep: readonly string[];
}

/** An organization's connections at one provider. */
export interface Place {
  readonly tenant: string;
  readonly provider: string;
}

/** That an organization's connections at a provider are to be removed; kept until it is done. */
export interface Removal extends Place {
  /** Which request for it; opaque. */
  readonly version: unknown;
}

export interface RemovalQueue {
  /** Some of them, of any organization. */
  next(): Promise<Removal[]>;
  /** The providers at which the organization's connections are being removed. */
  pending(tenant: string): Promise<ReadonlySet<string>>;
  /** Does nothing where it was asked for again meanwhile. */
  end(removal: Removal): Promise<void>;
}

export interface PlaceStore {
  /** Some of the connections, with strays. */
  some(place: Place, limit: number): Promise<Stored[]>;
  count(place: Place): Promise<number>;
}

// --- The key service ----------------------------------------------------------------------------------------------

/**
 * Wraps data keys. `aad` binds a wrapped key to its place; unwrapping under another `aad` throws `IntegrityError`.
 * An unreachable service, a disabled key version or a missing permission throws `Unavailable`.
 */
export interface KeyWrapper {
  wrap(dataKey: Uint8Array, aad: Uint8Array): Promise<WrappedKey>;
}
export interface KeyUnwrapper {
  unwrap(wrappedKey: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
}

// --- The provider -------------------------------------------------------------------------------------------------

export interface Tokens {
  readonly accessToken: string;
  /** Seconds, where the provider says. */
  readonly expiresIn?: number;
  /** What the token really carries, where the provider says; split, as the provider spells it. */
  readonly scopes?: readonly string[];
  /** Absent: the provider did not rotate (or, at an exchange, gave none). */
  readonly refreshToken?: string;
}

/** What went wrong at a provider, for logs and metrics: a stable code, never the provider's text. */
export interface ProviderFault {
  /** RFC 6749 `error`, or a transport code such as `timeout`, `connect`, `http_503`, `not_json`. */
  readonly code: string;
  /** Entra's `suberror` or AADSTS number, Google's `error_subtype`: recorded, bounded, never free text. */
  readonly detail?: string;
  /** What came along nevertheless, and may be the only refresh token that still works. Never logged. */
  readonly refreshToken?: string;
}

export type RefreshAnswer =
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  /** On the adapter's own list of dead-grant answers: only this ends a connection. */
  | ({ readonly kind: 'grant_dead' } & ProviderFault)
  /** The grant lives, the provider wants the user (consent, a second factor, a claims challenge: JSON text). */
  | ({ readonly kind: 'user_needed'; readonly claims?: string } & OfScopes & ProviderFault)
  /** An administrator at the provider does not allow it: final for the user, and the grant may work again later. */
  | ({ readonly kind: 'organization_forbids' } & OfScopes & ProviderFault)
  | ({ readonly kind: 'refused' } & RefusedMembers & ProviderFault)
  /**
   * No usable answer. `sent: false` only when no byte of the request left this process. `decided`: the authorization server
   * itself has said that it cannot; it is no longer at work. `unlisted`: a broken server that refuses; if it goes on, that
   * is final, as for `refused`.
   */
  | ({
      readonly kind: 'no_answer';
      readonly sent: boolean;
      readonly decided?: true;
      readonly retryAfter?: number;
      readonly unlisted?: true;
    } & ProviderFault)
  /**
   * An answer without a usable token: a redirect, no JSON, too long, not Bearer. `incomplete`: not all of it came or
   * could be read, so that the provider may still be at work.
   */
  | ({ readonly kind: 'unusable'; readonly incomplete?: true; readonly unlisted?: true } & ProviderFault);

interface OfScopes {
  /** It concerns the scopes that were asked for, and not the whole grant. */
  readonly ofScopes?: true;
}

/** The provider is there and refuses, and the grant is not known to be the reason (429, a wrong client secret). */
interface RefusedMembers extends OfScopes {
  /** Only the broker's operator can mend it. */
  readonly needsOps: boolean;
  readonly retryAfter?: number;
  /** No list names it. If it goes on, it is final, whatever it means. */
  readonly unlisted?: true;
}

/** How a provider treats a refresh token that was used: see docs/refresh.md. */
export type RotationClass = 'stable' | 'tolerant' | 'strict';

export interface Refresher {
  readonly rotation: RotationClass;
  /** A refresh asks for the scopes of the call alone; absent: a token carries the whole grant, whatever the call asks for. */
  readonly asksForScopes?: true;
  /** Begins to load what a call will need, while the caller waits for something else. */
  prepare?(): void;
  /** One call, no retries, a deadline of its own; never throws for what the network or the provider does. */
  refresh(request: {
    readonly refreshToken: string;
    readonly scopes: readonly string[];
    /** A claims challenge, JSON text. */
    readonly claims?: string;
  }): Promise<RefreshAnswer>;
}

export interface AuthorizationUrlBuilder {
  /** The provider's authorization URL (RFC 6749 section 4.1.1, RFC 7636). */
  authorizationUrl(request: {
    readonly scopes: readonly string[];
    /** Do not let the provider add what was granted before (an incompatible scope may be among it). */
    readonly exactScopes: boolean;
    readonly state: string;
    readonly codeChallenge: string;
    readonly nonce: string;
    readonly redirectUri: string;
    readonly claims?: string;
  }): Promise<string>;
  /** RFC 9207: the `iss` that the provider's authorization responses carry; `undefined` where it sends none. */
  responseIssuer(): Promise<string | undefined>;
}

/** What a front end needs in order to authorize without the broker. */
export interface PublicClient {
  readonly clientId: string;
  readonly issuer?: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint?: string;
  readonly revocationEndpoint?: string;
  readonly redirectUri?: string;
}

/** The public clients of a provider; `undefined` where none is configured. Throws `Unavailable` without its metadata. */
export interface PublicClients {
  browser(flow: AuthorizationFlow): Promise<PublicClient | undefined>;
  native(platform: string): Promise<PublicClient | undefined>;
}

/** The provider account behind a grant, from the id_token. */
export interface ProviderAccount {
  readonly issuer: string;
  readonly subject: string;
}

export type ExchangeAnswer =
  | { readonly kind: 'tokens'; readonly tokens: Tokens; readonly account: ProviderAccount }
  /** The code or what goes with it (verifier, redirect URI, nonce) does not fit. */
  | ({ readonly kind: 'code_refused' } & ProviderFault)
  | Extract<RefreshAnswer, { kind: 'organization_forbids' | 'refused' | 'no_answer' | 'unusable' }>;

export interface CodeExchanger {
  exchange(request: {
    readonly code: string;
    readonly codeVerifier: string;
    readonly nonce: string;
    readonly redirectUri: string;
    readonly scopes: readonly string[];
  }): Promise<ExchangeAnswer>;
}

export type Revocation = 'revoked' | 'failed' | 'impossible';

/**
 * What ends with one revoked refresh token (RFC 7009 section 2.1 leaves it to the provider):
 * - `token`: what came of the same authorization;
 * - `grant`: everything that the account has granted to this client (Google);
 * - `session`: the account's session at the provider, and what other connections live from it (Keycloak).
 */
export type RevocationEnds = 'token' | 'grant' | 'session';

export interface Revoker {
  readonly ends: RevocationEnds;
  /** Whether the provider says whose account a grant is of. */
  readonly knowsAccounts: boolean;
  /** One attempt, five seconds, the token in a POST body (RFC 7009). Never throws. */
  revoke(refreshToken: string): Promise<Revocation>;
}

// --- What is observed ---------------------------------------------------------------------------------------------

/** An audit or operations event: names, codes and counts; never a token, a code or a provider's text. */
export interface Event {
  readonly event: string;
  readonly severity?: 'INFO' | 'WARNING' | 'ERROR' | 'ALERT';
  readonly [field: string]: string | number | boolean | undefined;
}
export type Observe = (event: Event) => void;
