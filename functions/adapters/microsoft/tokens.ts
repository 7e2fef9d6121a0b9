/**
 * Microsoft's token endpoint by MSAL: it authenticates the client, merges claims and builds the requests. What comes
 * back is read from the answer itself, because MSAL hands out no refresh token and invents an expiry where none was
 * given.
 */

import { isText, type Members } from '../../../shared/token-answer.ts';
import type { CodeExchanger, ExchangeAnswer, Refresher } from '../../core/ports.ts';
import { cameWith, exchangeFault, refreshAnswer } from '../error-list.ts';
import type { HttpClient } from '../http-client.ts';
import { readIdToken } from '../id-token.ts';
import { tokenCall } from '../token-endpoint.ts';
import { clientOf, prepare } from './client.ts';
import { endpointsOf, GUID, type MicrosoftConfig } from './config.ts';
import { microsoftErrors } from './errors.ts';

export const microsoftTokens = (config: MicrosoftConfig, http: HttpClient): CodeExchanger & Refresher => {
  const endpoints = endpointsOf(config);
  const errors = microsoftErrors(config);

  return {
    // A refresh gives a new refresh token and leaves the old one alone.
    rotation: 'tolerant',
    asksForScopes: true,
    prepare,

    async refresh({ refreshToken, scopes, claims }) {
      const call = tokenCall(http, endpoints.token);
      const client = await clientOf(config, call);
      if ('kind' in client) return client;
      // Tokens that came are good, whatever MSAL thinks of the rest of the answer: it must not lose a rotated token.
      await client
        .acquireTokenByRefreshToken({ refreshToken, scopes: [...scopes], ...(claims === undefined ? {} : { claims }) })
        .catch(() => undefined);
      return refreshAnswer(errors, call, config.errors);
    },

    async exchange({ code, codeVerifier, nonce, redirectUri, scopes }): Promise<ExchangeAnswer> {
      const call = tokenCall(http, endpoints.token);
      const client = await clientOf(config, call);
      if ('kind' in client) return client;
      const accepted = await client
        .acquireTokenByCode({ code, codeVerifier, nonce, redirectUri, scopes: [...scopes] })
        .then(() => true)
        .catch(() => false);
      if (call.answer?.kind !== 'tokens') return exchangeFault(errors, call, config.errors);
      const { tokens, members } = call.answer;
      const expected = { clientId: config.clientId, nonce, issuedBy: issuedBy(endpoints.issuer) };
      const read = readIdToken(members.id_token, expected, Date.now() / 1000);
      if (read.kind !== 'claims') return { ...read, ...cameWith(tokens) };
      if (!accepted || !isText(read.claims.oid)) return exchangeFault(errors, call, config.errors);
      // `sub` differs from client to client, `oid` is the account within its directory, which the issuer names.
      return { kind: 'tokens', tokens, account: { issuer: read.issuer, subject: read.claims.oid } };
    },
  };
};

const issuedBy =
  (template: string) =>
  (issuer: string, { tid }: Members): boolean =>
    isText(tid) && GUID.test(tid) && issuer === template.replace('{tenantid}', tid);
