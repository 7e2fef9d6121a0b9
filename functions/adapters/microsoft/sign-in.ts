/** Signing in with Microsoft: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */

import { isText, type Members } from '../../../shared/token-answer.ts';
import type { SignInProvider } from '../../core/sign-in.ts';
import { exchangeFault } from '../error-list.ts';
import type { HttpClient } from '../http-client.ts';
import type { VerifyIdToken } from '../id-token-verifier.ts';
import { type TokenCall, tokenCall } from '../token-endpoint.ts';
import { clientOf } from './client.ts';
import { endpointsOf, type MicrosoftConfig } from './config.ts';
import { microsoftErrors } from './errors.ts';

const SCOPES = ['openid', 'profile', 'email'];

export const microsoftSignIn = (config: MicrosoftConfig, http: HttpClient, verify: VerifyIdToken): SignInProvider => {
  const errors = microsoftErrors(config);
  const { issuer: template, authorization, token } = endpointsOf(config);
  const [before = '', after = ''] = template.split('{tenantid}');
  // Whether `tid` is a directory that may sign in, and thereby a GUID, is asked later: of a token that is genuine.
  const issuedBy = (issuer: string, { tid }: Members) => isText(tid) && issuer === template.replace('{tenantid}', tid);
  return {
    mayIssue: (issuer) => issuer.startsWith(before) && issuer.endsWith(after),

    signInUrl({ state, nonce, codeChallenge, redirectUri }) {
      const url = new URL(authorization);
      url.search = new URLSearchParams({
        client_id: config.clientId,
        response_type: 'code',
        response_mode: 'query',
        redirect_uri: redirectUri,
        scope: SCOPES.join(' '),
        state,
        nonce,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        prompt: 'select_account',
      }).toString();
      return url.href;
    },

    async identify({ code, codeVerifier, nonce, redirectUri }) {
      const call = tokenCall(http, token);
      const client = await clientOf(config, withoutRefreshToken(call));
      if ('kind' in client) return client;
      await client
        .acquireTokenByCode({ code, codeVerifier, nonce, redirectUri, scopes: SCOPES })
        .catch(() => undefined);
      if (call.answer?.kind !== 'tokens') return exchangeFault(errors, call, config.errors);
      const read = await verify(call.answer.members.id_token, { clientId: config.clientId, nonce, issuedBy });
      if (read.kind !== 'claims') return read;
      const { tid, oid, email, name } = read.claims;
      if (!isText(tid) || !isText(oid)) return { kind: 'id_token_refused', code: 'no_oid' };
      return {
        kind: 'identified',
        identity: {
          kind: 'microsoft',
          home: tid,
          subject: oid,
          ...(isText(email) ? { email } : {}),
          ...(isText(name) ? { name } : {}),
        },
      };
    },
  };
};

/** MSAL asks for `offline_access` in every request. */
const withoutRefreshToken = (call: TokenCall): TokenCall => ({
  get answer() {
    return call.answer;
  },
  send(form, headers) {
    const parameters = new URLSearchParams(form);
    parameters.set('scope', SCOPES.join(' '));
    return call.send(parameters.toString(), headers);
  },
});
