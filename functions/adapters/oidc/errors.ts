/** What token errors mean by the specifications: RFC 6749 section 5.2, OpenID Connect Core 3.1.2.6. */
import { CLIENT_ERRORS, type ErrorList, NONE } from '../error-list.ts';

export const oidcErrors: ErrorList = {
  deadGrant: { invalid_grant: [NONE] },
  userNeeded: ['interaction_required', 'login_required', 'consent_required'],
  needsOps: [...CLIENT_ERRORS],
};
