/** Why a simulated provider refuses; each provider has its own words for these (a `RefusalTable`). */
export type Refusal =
  // Requests as such (RFC 6749 sections 4.1.2.1 and 5.2)
  | 'malformed'
  | 'unsupported_response_type'
  | 'unsupported_grant_type'
  | 'unknown_tenant'
  | 'unknown_client'
  | 'unknown_redirect_uri'
  | 'unknown_scope'
  | 'mixed_scopes'
  | 'login_required'
  | 'access_denied'
  // Client authentication
  | 'secret_missing'
  | 'secret_wrong'
  | 'secret_expired'
  | 'assertion_wrong'
  // Codes
  | 'code_unknown'
  | 'code_used'
  | 'code_expired'
  | 'code_for_other_redirect_uri'
  | 'verifier_missing'
  | 'verifier_wrong'
  | 'verifier_unexpected'
  // Refresh tokens
  | 'refresh_unknown'
  | 'refresh_expired'
  | 'refresh_revoked'
  | 'refresh_reused'
  | 'scope_not_granted'
  | 'user_needed';

export interface RefusalAnswer {
  readonly status: number;
  /** RFC 6749 `error`. */
  readonly error: string;
  readonly text: string;
  /** Entra's AADSTS number. */
  readonly number?: number;
  /** Entra's `suberror`, Google's `error_subtype`. */
  readonly subtype?: string;
}

export type RefusalTable = Readonly<Record<Refusal, RefusalAnswer>>;

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;
  /** Replaces the table's text. */
  readonly detail: string | undefined;

  constructor(refusal: Refusal, detail?: string) {
    super(refusal);
    this.refusal = refusal;
    this.detail = detail;
  }
}
