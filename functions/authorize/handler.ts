import { type AuthorizeDependencies, authorize } from '../core/authorize.ts';
import { decodeClaims } from '../core/claims.ts';
import { ok } from '../http/answer.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

/** `providers`: what `authorize` needs, by provider name. */
export const authorizeOperation = (
  sessions: Sessions,
  providers: ReadonlyMap<string, AuthorizeDependencies>,
): Operation =>
  sessionOperation('authorize', sessions, async ({ identity, path, body }) => {
    const dependencies = providers.get(path.provider);
    if (!dependencies) return problem('not_found');
    const claims = body.claims === undefined ? undefined : decodeClaims(body.claims);
    if (body.claims !== undefined && claims === undefined) return problem('invalid_request', { detail: 'claims' });
    const outcome = await authorize(dependencies, {
      identity,
      wanted: body.integrations ? { integrations: body.integrations } : { scopes: body.scopes ?? [] },
      returnTo: body.return_to,
      ...(claims === undefined ? {} : { claims }),
    });
    if (outcome.kind !== 'started') return problem(outcome.kind);
    return ok({
      authorization_url: outcome.authorizationUrl,
      flow: outcome.flow,
      flow_id: outcome.flowId,
      expires_in: outcome.expiresIn,
    });
  });
