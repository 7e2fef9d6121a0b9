/** RFC 7009, where the provider's metadata has an endpoint for it. */

import { codeOf, jsonObject } from '../../../shared/token-answer.ts';
import type { Revocation, Revoker } from '../../core/ports.ts';
import type { HttpClient } from '../http-client.ts';
import { loadClient } from './client.ts';
import type { OidcConfig } from './config.ts';
import type { Discovery } from './discovery.ts';

/** For all that one revocation takes. */
const DEADLINE_MS = 5_000;

export const oidcRevocation = (config: OidcConfig, http: HttpClient, discovery: Discovery): Revoker => ({
  ends: config.revocationEnds ?? 'session',
  // Without an id_token each authorization counts as another account's.
  knowsAccounts: config.endpoints === undefined,
  async revoke(refreshToken) {
    const until = performance.now() + DEADLINE_MS;
    const found = await discovery.discover();
    if (found.kind !== 'metadata') return 'failed';
    const { metadata } = found;
    if (metadata.revocation_endpoint === undefined) return 'impossible';
    const { oauth, client, authentication } = await loadClient(config);
    const send = async (parameters: Readonly<Record<string, string>>): Promise<Verdict> => {
      let verdict: Verdict = 'failed';
      await oauth
        .revocationRequest(metadata, client, authentication, refreshToken, {
          additionalParameters: parameters,
          [oauth.allowInsecureRequests]: true,
          [oauth.customFetch]: async (url, { body, headers }) => {
            const deadlineMs = Math.max(1, until - performance.now());
            const answer = await http.request({ method: 'POST', url, headers, body: body.toString(), deadlineMs });
            verdict = verdictOf(answer.status, answer.body.toString());
            return new Response(null, { status: answer.status });
          },
        })
        .catch(() => undefined);
      return verdict;
    };
    const verdict = await send({ token_type_hint: 'refresh_token' });
    // The hint is optional (section 2.1), and some refuse the parameter. What was revoked may be revoked again.
    const last = verdict === 'malformed' ? await send({}) : verdict;
    return last === 'malformed' ? 'failed' : last;
  },
});

type Verdict = Exclude<Revocation, 'impossible'> | 'malformed';

/** Section 2.2: 200, and the body says nothing; some say 204, or write an error into a 200. */
const verdictOf = (status: number, body: string): Verdict => {
  const members = jsonObject(body);
  const error = members?.error === undefined ? undefined : codeOf(members.error);
  const isAnswer = (status >= 200 && status < 300) || status === 400;
  // The token was over before: what was asked for is so.
  if (isAnswer && error === 'invalid_token') return 'revoked';
  if (isAnswer && error === 'invalid_request') return 'malformed';
  return status >= 200 && status < 300 && error === undefined ? 'revoked' : 'failed';
};
