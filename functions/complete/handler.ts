import { type CompleteDependencies, complete } from '../core/complete.ts';
import { ok } from '../http/answer.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';
import { replacedBody } from '../http/removed.ts';

/** `providers`: what `complete` needs, by provider name. */
export const completeOperation = (
  sessions: Sessions,
  providers: ReadonlyMap<string, CompleteDependencies>,
): Operation =>
  sessionOperation('complete', sessions, async ({ identity, path: { provider }, body }) => {
    const dependencies = providers.get(provider);
    if (!dependencies) return problem('not_found');
    const outcome = await complete(dependencies, { identity, ...body });
    switch (outcome.kind) {
      case 'connected':
        return ok({
          provider,
          integrations: [...outcome.integrations],
          scopes: [...outcome.scopes],
          missing_scopes: [...outcome.missing],
          account_replaced: outcome.accountReplaced,
          ...(outcome.replaced === undefined ? {} : { replaced: replacedBody(dependencies.profile, outcome.replaced) }),
        });
      case 'unusable':
        return problem('provider_error');
      case 'no_refresh_token':
        return problem('no_refresh_token', {
          detail: 'Connecting again ends in the same way. Whoever operates the broker sees the event no_refresh_token.',
        });
      case 'organization_forbids':
        return problem('organization_forbids', {
          detail: 'Connecting again ends in the same way until an administrator at the provider allows it.',
        });
      default:
        return problem(outcome.kind);
    }
  });
