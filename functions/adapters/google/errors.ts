/** What Google's token errors mean: https://developers.google.com/identity/protocols/oauth2/web-server#exchange-errors-invalid-grant */
import { CLIENT_ERRORS, type ErrorList, NONE } from '../error-list.ts';
import { shortCode } from '../token-endpoint.ts';

export const googleErrors: ErrorList = {
  finerMember: 'error_subtype',
  // `invalid_rapt` and `rapt_required` (Workspace session control) ask for the user's re-authentication: that grant lives.
  deadGrant: { invalid_grant: [NONE] },
  userNeeded: ['interaction_required', 'login_required', 'consent_required'],
  needsOps: [...CLIENT_ERRORS, 'redirect_uri_mismatch', 'deleted_client', 'disabled_client', 'org_internal'],
  detail: ({ error_subtype }) => shortCode(error_subtype),
};
