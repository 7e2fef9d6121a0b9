/**
 * A consent flow without a stored byte. Three tokens carry it:
 *
 * - the **state** travels through the provider; `authorize` signs it, so that `callback` can trust it with a public key;
 * - the **flow** stays in the page that started; it is encrypted to `complete`;
 * - the **ticket** is the code on its way from `callback` to `complete`, encrypted to `complete`.
 *
 * The state carries a hash of the flow: its signature thereby covers who started, where and when, and nobody who knows
 * the public encryption key can make a flow that fits.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Owner } from './identity.ts';

/** Seconds that a user has for the provider's pages. */
export const STATE_SECONDS = 600;
/** Seconds from the provider's redirect to `complete`. */
export const TICKET_SECONDS = 60;
/** A flow's marker outlives its state and its ticket. */
export const FLOW_MARKER_SECONDS = 2 * (STATE_SECONDS + TICKET_SECONDS);
/** An account's tombstone outlives every flow that was begun before it. */
export const TOMBSTONE_SECONDS = 3600;

/** What a state is for; one for another purpose does not verify. */
export type FlowPurpose = 'connect';

/** The claims of a state. Short names on the wire keep it under 512 characters. */
export interface FlowState {
  readonly purpose: FlowPurpose;
  readonly flowId: string;
  readonly provider: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** `digest` of the registered URL to return to. */
  readonly returnTo: string;
  /** `digest` of the flow: see `bindingOf`. */
  readonly binding: string;
  /** `digest` of the issuer that the authorization response must name (RFC 9207); absent where the provider sends none. */
  readonly issuer?: string;
}

/** What stays in the page. */
export interface Flow extends Owner {
  readonly flowId: string;
  readonly provider: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly nonce: string;
  /** Requested, without the identity scopes. */
  readonly scopes: readonly string[];
  /** The database's own time, milliseconds since the epoch: comparable with a tombstone's. */
  readonly startedAt: number;
}

export interface Ticket {
  readonly code: string;
  /** The signed state that came with the code: `complete` verifies it again. */
  readonly state: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** Signs states (`authorize`). */
export interface StateSigner {
  signState(state: FlowState): Promise<string>;
}
/**
 * Verifies states (`callback`, `complete`): `undefined` for anything that is not a valid state of `purpose`, or one that
 * expired more than `lateBy` (0) seconds ago.
 */
export interface StateVerifier {
  verifyState(token: string, purpose: FlowPurpose, lateBy?: number): Promise<FlowState | undefined>;
}
/** Encrypts to `complete` (`authorize` a flow, `callback` a ticket). */
export interface FlowSealer {
  sealFlow(flow: Flow): Promise<string>;
}
export interface TicketSealer {
  sealTicket(ticket: Ticket): Promise<string>;
}
/** Decrypts (`complete`): `undefined` for anything that does not open, has another type, or (a ticket) is over. */
export interface FlowOpener {
  openFlow(token: string): Promise<Flow | undefined>;
  openTicket(token: string): Promise<Ticket | undefined>;
}

/** 128 bits or more, base64url. */
export const randomId = (bytes = 16): string => randomBytes(bytes).toString('base64url');

/** SHA-256, base64url (43 characters). */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** RFC 7636 section 4.2, S256. */
export const codeChallengeOf = (codeVerifier: string): string => digest(codeVerifier);

/** The hash by which a state vouches for a flow: every member, in a fixed order. */
export const bindingOf = (flow: Flow): string =>
  digest(
    JSON.stringify([
      flow.flowId,
      flow.provider,
      flow.tenant,
      flow.user,
      flow.redirectUri,
      flow.codeVerifier,
      flow.nonce,
      flow.scopes,
      flow.startedAt,
    ]),
  );
