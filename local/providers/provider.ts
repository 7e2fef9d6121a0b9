/** What every simulated provider takes and gives. */
import type { Control } from './control.ts';
import type { Signer } from './signing.ts';

export interface ProviderOptions {
  /** 0 (the default): any free port. */
  readonly port?: number;
  /** The one registered client, confidential. Users see its name, or its id where it has none. */
  readonly client: { readonly id: string; readonly secret: string; readonly name?: string };
  /** Compared as strings. */
  readonly redirectUris: readonly string[];
  /**
   * Pages that authorize without a server: by `response_type=token`, or (not at Google) by a code with PKCE and no secret,
   * which is Microsoft's `spa` platform. At `notes` they belong to a client of their own, `<id>-browser`.
   */
  readonly browserRedirectUris?: readonly string[];
  /**
   * Of apps. Its redirect URI is on a loopback address, and every port of it will do (RFC 8252 section 7.3). Google gives
   * desktop apps a secret that is none, and asks for it.
   */
  readonly nativeClient?: { readonly id: string; readonly redirectUri: string; readonly secret?: string };
  /** Origins whose pages may read the provider's resources (CORS). */
  readonly browserOrigins: readonly string[];
  /** Milliseconds since the epoch; decides every expiry. */
  readonly now?: () => number;
}

export const clientNameOf = ({ client }: ProviderOptions): string => client.name ?? client.id;

export interface Endpoints {
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  readonly jwks: string;
  readonly discovery: string;
  /** Absent where the provider cannot revoke one grant. */
  readonly revocation?: string;
  readonly logout?: string;
  /** Where an administrator consents for a whole directory. */
  readonly adminConsent?: string;
  /** The account page, where a user takes access back. */
  readonly manage: string;
}

export interface LocalProvider {
  /** `http://127.0.0.1:<port>`; the server answers as `localhost` too. */
  readonly origin: string;
  readonly endpoints: Endpoints;
  readonly control: Control;
  /** A JWT by the keys of its id_tokens, with the given claims as they are. */
  readonly sign?: Signer['sign'];
  stop(): Promise<void>;
}
