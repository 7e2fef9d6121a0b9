/**
 * What differs between the simulated Microsoft and Google. The authorization server in these files is one; everything
 * that the two providers do in their own way is behind this interface. Functions throw `Refused`.
 */
import type { JWTPayload } from 'jose';
import type { Account } from './accounts.ts';
import type { Authorization, Ledger, Marks } from './ledger.ts';
import type { Endpoints, ProviderOptions } from './provider.ts';
import type { RefusalAnswer, RefusalTable, Refused } from './refusals.ts';
import type { Signer } from './signing.ts';
import type { Switches } from './switches.ts';
import type { Answer } from './web.ts';

/** An authorization request (RFC 6749 section 4.1.1) whose client and redirect URI are known to be good. */
export interface AuthorizationRequest {
  /** Microsoft's tenant segment; empty elsewhere. */
  readonly realm: string;
  readonly clientId: string;
  readonly parameters: URLSearchParams;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  /** As the provider spells them. */
  readonly scopes: readonly string[];
  readonly prompts: ReadonlySet<string>;
  readonly codeChallenge: string | undefined;
  /** JSON text. */
  readonly claims: string | undefined;
  /** `response_type=token` (RFC 6749 section 4.2): the token comes at once. */
  readonly isImplicit: boolean;
}

/** One running provider. */
export interface Running {
  readonly options: ProviderOptions;
  readonly endpoints: Endpoints;
  readonly ledger: Ledger;
  readonly switches: Switches;
  readonly signer: Signer;
  readonly now: () => number;
  readonly counts: {
    authorizations: number;
    tokenCalls: Record<string, number>;
    turnedAway: number;
    revocations: number;
  };
}

export interface Route {
  readonly to: 'authorize' | 'token' | 'revoke' | 'document';
  readonly realm: string;
}

export interface Dialect {
  readonly name: string;
  /** For the pages. */
  readonly title: string;
  readonly marks: Marks;
  /** An unused refresh token dies after so long. */
  readonly idleSeconds: number;
  readonly refusals: RefusalTable;
  /** The user may grant some of the scopes only. */
  readonly granular: boolean;
  /** A page's code may be redeemed without a secret, by the page. */
  readonly redeemsInBrowsers: boolean;
  /** A bad authorization request is shown to the user, not sent back to the client. */
  readonly showsErrors: boolean;

  route(path: string): Route | undefined;
  /** Keys, metadata and other things that are only read. */
  document(path: string, realm: string, running: Running): Answer | undefined;

  /** Splits and spells a `scope` parameter. */
  scopes(parameter: string): string[];
  /** Scopes about who the user is: no matter of choice. */
  isIdentityScope(scope: string): boolean;
  describe(scope: string): string;
  /** Checks the provider's own parameters. */
  checkAuthorization(request: AuthorizationRequest): void;
  accounts(realm: string): readonly Account[];
  authorizedScopes(request: AuthorizationRequest, consented: ReadonlySet<string>): string[];
  isOffline(request: AuthorizationRequest, isFirstConsent: boolean): boolean;
  /** What goes with `code` and `state` to the client. */
  responseParameters(
    request: AuthorizationRequest,
    authorization: Authorization,
    running: Running,
  ): Record<string, string | undefined>;

  /** Where the provider takes client assertions (RFC 7523). */
  checkAssertion?(assertion: string, running: Running): Promise<void>;
  /** What an access token carries; `asked` is the token request's own `scope` parameter. */
  tokenScopes(authorization: Authorization, asked: string | undefined, consented: ReadonlySet<string>): string[];
  /** Without `aud`, `iat`, `exp`, `nonce`, and without an id. */
  idTokenClaims(authorization: Authorization, running: Running): JWTPayload;
  /** More members of a token answer; `scopes` are those of the access token. */
  tokenMembers(
    form: URLSearchParams,
    authorization: Authorization,
    scopes: readonly string[],
    running: Running,
  ): Record<string, unknown>;
  /** The body of a refused token request. */
  refusalBody(
    refused: Refused,
    answer: RefusalAnswer,
    correlationId: string | undefined,
    at: Date,
  ): Record<string, unknown>;
}
