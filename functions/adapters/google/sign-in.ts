/** Signing in with Google: https://developers.google.com/identity/openid-connect/openid-connect */

import { isText } from '../../../shared/token-answer.ts';
import type { SignInProvider } from '../../core/sign-in.ts';
import { exchangeFault } from '../error-list.ts';
import type { HttpClient } from '../http-client.ts';
import type { VerifyIdToken } from '../id-token-verifier.ts';
import { tokenCall } from '../token-endpoint.ts';
import { clientOf } from './client.ts';
import { endpointsOf, type GoogleConfig } from './config.ts';
import { googleErrors } from './errors.ts';

export const googleSignIn = (config: GoogleConfig, http: HttpClient, verify: VerifyIdToken): SignInProvider => {
  const { issuer, authorization, token } = endpointsOf(config);
  const mayIssue = (given: string) => given === issuer || given === issuer.replace(/^https:\/\//, '');
  return {
    mayIssue,

    signInUrl({ state, nonce, codeChallenge, redirectUri }) {
      const url = new URL(authorization);
      url.search = new URLSearchParams({
        client_id: config.clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        state,
        nonce,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        // Whoever was refused with one account can take another.
        prompt: 'select_account',
        // Offers accounts of any Workspace, and says nothing of which organizations there are. What counts is the claim.
        hd: '*',
      }).toString();
      return url.href;
    },

    async identify({ code, codeVerifier, nonce, redirectUri }) {
      const call = tokenCall(http, token);
      const client = await clientOf(config, call);
      await client.getToken({ code, codeVerifier, redirect_uri: redirectUri }).catch(() => undefined);
      if (call.answer?.kind !== 'tokens') return exchangeFault(googleErrors, call, config.errors);
      const expected = { clientId: config.clientId, nonce, issuedBy: mayIssue };
      const read = await verify(call.answer.members.id_token, expected);
      if (read.kind !== 'claims') return read;
      const { hd, email, email_verified, name } = read.claims;
      return {
        kind: 'identified',
        identity: {
          kind: 'google',
          subject: read.subject,
          ...(isText(hd) ? { home: hd } : {}),
          ...(isText(email) ? { email } : {}),
          emailVerified: email_verified === true,
          ...(isText(name) ? { name } : {}),
        },
      };
    },
  };
};
