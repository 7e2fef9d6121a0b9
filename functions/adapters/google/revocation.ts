/**
 * Google's revocation endpoint: https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke. It ends
 * the user's whole grant to this client. Without google-auth-library, whose `revokeToken` puts the token into the URL.
 */

import { errorIn, membersOf } from '../../../shared/token-answer.ts';
import type { Revoker } from '../../core/ports.ts';
import type { HttpClient } from '../http-client.ts';
import { FORM } from '../token-endpoint.ts';
import { endpointsOf, type GoogleConfig } from './config.ts';

const DEADLINE_MS = 5_000;

export const googleRevocation = (config: GoogleConfig, http: HttpClient): Revoker => {
  const { revocation } = endpointsOf(config);
  return {
    ends: 'grant',
    knowsAccounts: true,
    async revoke(refreshToken) {
      const body = new URLSearchParams({ token: refreshToken }).toString();
      const answer = await http
        .request({ method: 'POST', url: revocation, headers: FORM, body, deadlineMs: DEADLINE_MS })
        .catch(() => undefined);
      if (!answer) return 'failed';
      if (answer.status >= 200 && answer.status < 300) return 'revoked';
      // The token was over before: what was asked for is so.
      const members = membersOf(answer.body, answer.headers['content-type']);
      const gone = answer.status === 400 && members !== undefined && errorIn(members) === 'invalid_token';
      return gone ? 'revoked' : 'failed';
    },
  };
};
