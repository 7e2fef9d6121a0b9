import type { Wanted } from '../core/scopes.ts';
import type { TokenService } from '../core/token.ts';
import { ok } from '../http/answer.ts';
import { BAD_CLAIMS, claimsOf } from '../http/claims.ts';
import type { components } from '../http/generated/types.ts';
import { type IdentifiedSessions, type Operation, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

/** `providers`: the token service of each provider. */
export const tokenOperation = (sessions: IdentifiedSessions, providers: ReadonlyMap<string, TokenService>): Operation =>
  sessionOperation('token', sessions, async ({ identity, path: { provider }, body }) => {
    const accessToken = providers.get(provider);
    if (!accessToken) return problem('not_found');
    const claims = claimsOf(body);
    if (!claims) return problem('invalid_request', { detail: BAD_CLAIMS });
    const wanted = wantedOf(body);
    const outcome = await accessToken({
      identity,
      ...(wanted === undefined ? {} : { wanted }),
      ...claims,
    });
    switch (outcome.kind) {
      case 'token':
        return ok({
          access_token: outcome.accessToken,
          token_type: 'Bearer',
          expires_in: outcome.expiresIn,
          scope: outcome.scopes.join(' '),
          user: sessions.userKey(identity),
        });
      case 'authorize':
        return problem('authorization_required', {
          provider,
          reason: outcome.reason,
          missing_scopes: outcome.missing?.length ? outcome.missing : undefined,
          claims: outcome.claims,
        });
      case 'unknown_scope':
        return problem('invalid_scope');
      case 'integration_disabled':
      case 'browser_only_flow':
        return problem(outcome.kind);
      case 'busy':
        return problem('refresh_in_progress', { retryAfter: outcome.retryAfter });
      case 'unusable':
        return problem('provider_error');
    }
  });

const wantedOf = (body: components['schemas']['TokenRequest'] | undefined): Wanted | undefined => {
  if (body?.integration !== undefined) return { integrations: [body.integration] };
  return body?.scopes && { scopes: body.scopes };
};
