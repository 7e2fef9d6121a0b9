/**
 * What Google's token errors mean: https://developers.google.com/identity/protocols/oauth2/web-server#exchange-errors-invalid-grant
 * and https://developers.google.com/identity/protocols/oauth2#expiration. What an administrator of Google Workspace, or
 * Advanced Protection, does not allow comes as an `error` of its own, at a refresh as well (twentyhq/twenty#25148,
 * dust-tt/dust#31975, closeio/sync-engine#1014).
 */

import { shortCode } from '../../../shared/token-answer.ts';
import { CLIENT_ERRORS, type ErrorList, INTERACTION_ERRORS, LOAD_ERRORS, withFiner } from '../error-list.ts';

export const googleErrors: ErrorList = {
  codes: (error, { error_subtype }) => withFiner(error, error_subtype),
  classes: {
    dead_grant: ['invalid_grant'],
    // `invalid_rapt` and `rapt_required` (Workspace session control) ask for the user's re-authentication: that grant lives.
    user_needed: ['invalid_grant/*', 'invalid_rapt', 'rapt_required', ...INTERACTION_ERRORS],
    organization_forbids: [
      'access_denied',
      'access_not_configured',
      'account_disabled',
      'admin_policy_enforced',
      'org_internal',
      'policy_enforced',
    ],
    operator_must_act: [
      ...CLIENT_ERRORS,
      'deleted_client',
      'disabled_client',
      'redirect_uri_mismatch',
      'restricted_client',
    ],
    passing: LOAD_ERRORS,
  },
  detail: ({ error_subtype }) => shortCode(error_subtype),
};
