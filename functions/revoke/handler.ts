import { type DisconnectDependencies, disconnect } from '../core/disconnect.ts';
import { type NarrowDependencies, narrow } from '../core/narrow.ts';
import type { ProviderProfile } from '../core/provider.ts';
import { noContent, ok } from '../http/answer.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';
import { removedBody } from '../http/removed.ts';

export const revokeOperation = (
  sessions: Sessions,
  dependencies: DisconnectDependencies,
  profiles: ReadonlyMap<string, ProviderProfile>,
): Operation =>
  sessionOperation('revoke', sessions, async ({ identity, path: { provider } }) => {
    const ended = await disconnect(dependencies, identity, provider);
    if (ended) return ok(removedBody(profiles, ended));
    return profiles.has(provider) ? noContent() : problem('not_found');
  });

export const narrowOperation = (
  sessions: Sessions,
  dependencies: NarrowDependencies,
  profiles: ReadonlyMap<string, ProviderProfile>,
): Operation =>
  sessionOperation('narrow', sessions, async ({ identity, path: { provider, integration } }) => {
    const profile = profiles.get(provider);
    if (!profile) return problem('not_found');
    const outcome = await narrow(dependencies, profile, identity, integration);
    switch (outcome.kind) {
      case 'unknown_integration':
        return problem('not_found');
      case 'nothing':
        return noContent();
      case 'narrowed':
        return ok({
          provider,
          integrations: [...outcome.integrations],
          scopes: [...outcome.scopes],
          ...(outcome.removed ? { removed: removedBody(profiles, outcome.removed) } : {}),
        });
    }
  });
