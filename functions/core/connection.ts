import type { Owner } from './identity.ts';

/** Which connection: at most one per user and provider. */
export interface ConnectionKey extends Owner {
  readonly provider: string;
}

/** A connection's data key, encrypted by the key service. */
export interface WrappedKey {
  readonly wrappedKey: Uint8Array;
  /** Which version of the key service's key encrypted it; absent where nobody wrote that down. */
  readonly keyVersion?: string;
}

/** A refresh token at rest. Neither part is readable without the key service. */
export interface SealedToken extends WrappedKey {
  /** AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag. */
  readonly ciphertext: Uint8Array;
}

/** Why the user has to authorize (the `reason` of `authorization_required`). */
export type AuthorizationReason =
  | 'no_connection'
  | 'scope_not_granted'
  | 'grant_dead'
  | RefusalReason
  | 'integrity_error';

/**
 * A final refusal that leaves the refresh token as it is:
 * - `user_needed`: the provider wants the user;
 * - `organization_forbids`: an administrator at the provider does not allow it;
 * - `provider_refuses`: ten minutes of nothing but refusals that no list names.
 */
export type RefusalReason = 'user_needed' | 'organization_forbids' | 'provider_refuses';

/** What the provider has refused since the last success. */
export interface Refusal {
  /** The first refusal, by the database's own time, milliseconds since the epoch. */
  readonly since: number;
  /** Granted scopes that it concerns. */
  readonly scopes: readonly string[];
  /** Present once it is final. */
  readonly reason?: RefusalReason;
}

/** Held while a strict provider's refresh token is in flight. */
export interface Lease {
  readonly attempt: string;
  /** The database's own time, milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface Connection {
  /** A random id of this life: disconnecting and authorizing again start a new one. */
  readonly generation: string;
  /** Grows by one with each refresh token stored in this life. */
  readonly revision: number;
  /** Absent once the grant is dead: nothing that could be used is kept. */
  readonly sealed?: SealedToken;
  /** Set once the grant is dead or the record does not open. */
  readonly authorizeAgain?: Extract<AuthorizationReason, 'grant_dead' | 'integrity_error'>;
  /** Present while the provider refuses; the next success clears it. */
  readonly refusal?: Refusal;
  /** Granted, not requested; without the identity scopes. */
  readonly scopes: readonly string[];
  /** Asked for and not granted, as far as the catalogue has alternatives: they are asked for next. */
  readonly withheld?: readonly string[];
  /** Keyed hash of the provider account's issuer and subject. */
  readonly account: string;
  /** The attempt that stored this revision: how an ambiguous commit is recognised as one's own. */
  readonly attempt: string;
  readonly lease?: Lease;
  /** The database's own time, milliseconds since the epoch. */
  readonly connectedAt: number;
  readonly updatedAt: number;
}
