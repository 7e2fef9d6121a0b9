import { type AuthorizeDependencies, authorize } from '../core/authorize.ts';
import { ok } from '../http/answer.ts';
import { BAD_CLAIMS, claimsOf } from '../http/claims.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

const INVALID_SCOPE = {
  unknown: 'An integration, an access level or a scope that this provider does not have here.',
  exclusive: 'Scopes that must not meet in one grant.',
  too_many: 'More scopes than one flow holds.',
} as const;

/** `providers`: what `authorize` needs, by provider name. */
export const authorizeOperation = (
  sessions: Sessions,
  providers: ReadonlyMap<string, AuthorizeDependencies>,
): Operation =>
  sessionOperation('authorize', sessions, async ({ identity, path, body }) => {
    const dependencies = providers.get(path.provider);
    if (!dependencies) return problem('not_found');
    const claims = claimsOf(body);
    if (!claims) return problem('invalid_request', { detail: BAD_CLAIMS });
    const outcome = await authorize(dependencies, {
      identity,
      wanted: body.integrations ? { integrations: body.integrations } : { scopes: body.scopes ?? [] },
      returnTo: body.return_to,
      ...claims,
    });
    if (outcome.kind === 'invalid_scope') return problem('invalid_scope', { detail: INVALID_SCOPE[outcome.why] });
    if (outcome.kind !== 'started') return problem(outcome.kind);
    return ok({
      authorization_url: outcome.authorizationUrl,
      flow: outcome.flow,
      flow_id: outcome.flowId,
      expires_in: outcome.expiresIn,
    });
  });
