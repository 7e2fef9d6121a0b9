/**
 * Google's token endpoint by google-auth-library. What comes back is read from the answer itself: the library writes the
 * old refresh token over a new one.
 */
import type { CodeExchanger, ExchangeAnswer, Refresher } from '../../core/ports.ts';
import { cameWith, exchangeFault, refreshAnswer } from '../error-list.ts';
import type { HttpClient } from '../http-client.ts';
import { readIdToken } from '../id-token.ts';
import { tokenCall } from '../token-endpoint.ts';
import { clientOf, prepare } from './client.ts';
import { endpointsOf, type GoogleConfig } from './config.ts';
import { googleErrors } from './errors.ts';

export const googleTokens = (config: GoogleConfig, http: HttpClient): CodeExchanger & Refresher => {
  const endpoints = endpointsOf(config);
  // Google writes either spelling into id_tokens; an account has one.
  const spellings = [endpoints.issuer, endpoints.issuer.replace(/^https:\/\//, '')];

  return {
    rotation: 'stable',
    prepare,

    /** Google takes neither scopes (a token carries the whole grant) nor claims here. */
    async refresh({ refreshToken }) {
      const call = tokenCall(http, endpoints.token);
      const client = await clientOf(config, call);
      client.setCredentials({ refresh_token: refreshToken });
      await client.refreshAccessToken().catch(() => undefined);
      return refreshAnswer(googleErrors, call, config.errors);
    },

    async exchange({ code, codeVerifier, nonce, redirectUri }): Promise<ExchangeAnswer> {
      const call = tokenCall(http, endpoints.token);
      const client = await clientOf(config, call);
      await client.getToken({ code, codeVerifier, redirect_uri: redirectUri }).catch(() => undefined);
      if (call.answer?.kind !== 'tokens') return exchangeFault(googleErrors, call, config.errors);
      const { tokens, members } = call.answer;
      const issuedBy = (issuer: string) => spellings.includes(issuer);
      const read = readIdToken(members.id_token, { clientId: config.clientId, nonce, issuedBy }, Date.now() / 1000);
      if (read.kind !== 'claims') return { ...read, ...cameWith(tokens) };
      return { kind: 'tokens', tokens, account: { issuer: endpoints.issuer, subject: read.subject } };
    },
  };
};
