/** A way of authorizing. This package has two: the code flow, through the broker, and the browser-only one. */
import type {
  AuthorizeAnswer,
  Config,
  Connected,
  Connection,
  Narrowed,
  Removed,
  Wanted,
  WantedToken,
} from './contract.ts';

export type BeginRequest = Wanted & { readonly provider: string; readonly claims?: string | undefined };

export type TokenOptions = WantedToken & {
  readonly provider: string;
  /** `true`: a new one. The token that an API refused: a new one, unless it was renewed meanwhile. */
  readonly forceRefresh?: boolean | string | undefined;
  /** A claims challenge of the provider's API, base64url. */
  readonly claims?: string | undefined;
  /** Ends this caller's waiting, and nobody else's. */
  readonly signal?: AbortSignal | undefined;
};

/** What a change in another tab, or in this one, means: tokens may be out of date; a provider's are over; all are. */
export type Gone = '' | '*' | (string & {});

export interface Flow {
  /** Where to send the user, and what to keep (`flow`) until they come back. */
  begin(request: BeginRequest): Promise<AuthorizeAnswer>;
  /** @param flow what `begin` gave */
  finish(provider: string, flow: string, result: URLSearchParams): Promise<Connected>;
  token(options: TokenOptions): Promise<string>;
  connections(): Promise<readonly Connection[]>;
  remove(provider: string, integration?: string): Promise<Removed | Narrowed | undefined>;
  forget(gone: Gone): void;
}

export interface FlowContext {
  readonly baseUrl: string;
  readonly returnTo: string;
  /** Who is signed in: text to compare, nothing else. */
  user(): Promise<string>;
  /** What the organization has switched on. @param as `user()`: nothing is asked with a session of somebody else */
  config(as?: string): Promise<Config>;
  /** Tells this page's listeners. */
  changed(): void;
}

/** Puts another flow beside the broker's own, and decides which of them serves a provider. */
export type Flows = (context: FlowContext, code: Flow) => Flow;
