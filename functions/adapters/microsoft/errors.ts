/**
 * What Entra's token errors mean: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and
 * "Handle errors and exceptions in MSAL" for the suberrors. The AADSTS number is recorded and never decides: the same
 * number comes with different suberrors, and Microsoft asks clients to branch on `error` and `suberror`.
 */
import { CLIENT_ERRORS, type ErrorList, NONE } from '../error-list.ts';
import { shortCode } from '../token-endpoint.ts';

export const microsoftErrors: ErrorList = {
  finerMember: 'suberror',
  deadGrant: {
    // AADSTS 700082 and 70008 (unused for too long), 700084 (24 hours of a single-page app's token), 70043 (sign-in
    // frequency) and 50173 (revoked, or the password was reset) come like this. With another suberror the grant lives:
    // `consent_required` (65001), `basic_action` (50076, a second factor), `additional_action`, `message_only`,
    // `user_password_expired`, and `client_mismatch`, where it is this client's configuration that changed.
    invalid_grant: [NONE, 'bad_token', 'token_expired'],
  },
  userNeeded: ['interaction_required', 'login_required', 'consent_required'],
  needsOps: [...CLIENT_ERRORS],
  detail: ({ error_codes, suberror }) => {
    const [number]: unknown[] = Array.isArray(error_codes) ? error_codes : [];
    const parts = [Number.isSafeInteger(number) ? `AADSTS${number}` : undefined, shortCode(suberror)];
    return parts.filter((part) => part !== undefined).join(' ') || undefined;
  },
};
