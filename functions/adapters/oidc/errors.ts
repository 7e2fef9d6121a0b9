/**
 * What token errors mean by the specifications (RFC 6749 section 5.2, OpenID Connect Core 3.1.2.6), and codes of products
 * that mean the same wherever they come from. What means "dead" at one product alone is configured: `errors` in PROVIDERS.
 */

import { isText } from '../../../shared/token-answer.ts';
import { CLIENT_ERRORS, type ErrorList, INTERACTION_ERRORS, LOAD_ERRORS } from '../error-list.ts';

export const oidcErrors: ErrorList = {
  codes: (error, { error_description }) =>
    isText(error_description) && USER_DISABLED.test(error_description) ? [`${error}/user_disabled`, error] : [error],
  classes: {
    dead_grant: [
      'invalid_grant',
      // GitHub, HubSpot, Slack.
      'bad_refresh_token',
      'BAD_REFRESH_TOKEN',
      'invalid_refresh_token',
      'token_revoked',
    ],
    user_needed: [...INTERACTION_ERRORS],
    organization_forbids: [
      'access_denied',
      // Keycloak: the user lacks the role that `offline_access` needs.
      'not_allowed',
      'invalid_grant/user_disabled',
      // Salesforce.
      'inactive_org',
      'inactive_user',
    ],
    operator_must_act: [
      ...CLIENT_ERRORS,
      'redirect_uri_mismatch',
      // GitHub, Slack, HubSpot.
      'incorrect_client_credentials',
      'bad_client_secret',
      'invalid_client_id',
      'BAD_CLIENT_ID',
      'BAD_CLIENT_SECRET',
    ],
    passing: LOAD_ERRORS,
  },
};

/** Keycloak's whole text for a user who is disabled, maybe for a while: docs/decisions/0024. It only ever keeps a token. */
const USER_DISABLED = /^user (is )?disabled\.?$/i;
