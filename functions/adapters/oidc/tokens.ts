/** An OpenID Connect or OAuth 2 provider's token endpoint by oauth4webapi. */
import { randomUUID } from 'node:crypto';
import type { Members } from '../../../shared/token-answer.ts';
import type { CodeExchanger, ExchangeAnswer, Refresher } from '../../core/ports.ts';
import { cameWith, exchangeFault, refreshAnswer } from '../error-list.ts';
import type { HttpClient } from '../http-client.ts';
import { readIdToken } from '../id-token.ts';
import { type TokenCall, tokenCall } from '../token-endpoint.ts';
import { loadClient } from './client.ts';
import type { OidcConfig } from './config.ts';
import type { Discovery } from './discovery.ts';
import { oidcErrors } from './errors.ts';

export const oidcTokens = (config: OidcConfig, http: HttpClient, discovery: Discovery): CodeExchanger & Refresher => ({
  rotation: config.rotation ?? 'strict',

  /** Without `scope`, which some providers would apply to the new refresh token as well. */
  async refresh({ refreshToken }) {
    const found = await discovery.discover();
    if (found.kind !== 'metadata') return found;
    const call = tokenCall(http, found.metadata.token_endpoint);
    const { oauth, client, authentication } = await loadClient(config);
    await oauth
      .refreshTokenGrantRequest(found.metadata, client, authentication, refreshToken, {
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: through(call),
      })
      .catch(() => undefined);
    return refreshAnswer(oidcErrors, call, config.errors);
  },

  async exchange({ code, codeVerifier, nonce, redirectUri }): Promise<ExchangeAnswer> {
    const found = await discovery.discover();
    if (found.kind !== 'metadata') return found;
    const { metadata } = found;
    const call = tokenCall(http, metadata.token_endpoint);
    const { oauth, client, authentication } = await loadClient(config);
    const send = async () => {
      // State and `iss` were verified before the code came here.
      const response = new URLSearchParams({ code, iss: metadata.issuer });
      const verified = oauth.validateAuthResponse(metadata, client, response, oauth.skipStateCheck);
      const answer = await oauth.authorizationCodeGrantRequest(
        metadata,
        client,
        authentication,
        verified,
        redirectUri,
        codeVerifier,
        // The HTTP client decides on plain HTTP: it knows the development origins.
        {
          [oauth.allowInsecureRequests]: true,
          // Without metadata an id_token is of no use, and the library refuses one whose nonce it cannot judge.
          [oauth.customFetch]: config.endpoints ? through(call, withoutIdToken) : through(call),
        },
      );
      await oauth.processAuthorizationCodeResponse(
        metadata,
        client,
        answer,
        config.endpoints ? {} : { expectedNonce: nonce, requireIdToken: true },
      );
    };
    const accepted = await send().then(
      () => true,
      () => false,
    );
    if (call.answer?.kind !== 'tokens') return exchangeFault(oidcErrors, call, config.errors);
    const { tokens, members } = call.answer;
    if (config.endpoints) {
      // Nobody says whose grant it is: each counts as another account's.
      return accepted
        ? { kind: 'tokens', tokens, account: { issuer: metadata.issuer, subject: randomUUID() } }
        : exchangeFault(oidcErrors, call, config.errors);
    }
    const issuedBy = (issuer: string) => issuer === metadata.issuer;
    const read = readIdToken(members.id_token, { clientId: config.clientId, nonce, issuedBy }, Date.now() / 1000);
    if (read.kind !== 'claims') return { ...read, ...cameWith(tokens) };
    if (!accepted) return exchangeFault(oidcErrors, call, config.errors);
    return { kind: 'tokens', tokens, account: { issuer: read.issuer, subject: read.subject } };
  },
});

const withoutIdToken = ({ id_token: _, ...members }: Members): Members => members;

const through =
  (call: TokenCall, seen: (members: Members) => Members = (members) => members) =>
  async (_url: string, { body, headers }: { body: URLSearchParams; headers: Record<string, string> }) =>
    Response.json(seen(await call.send(body.toString(), headers)));
