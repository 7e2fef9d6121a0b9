import { connections } from '../core/connections.ts';
import { ok } from '../http/answer.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';

export const connectionsOperation = (sessions: Sessions, dependencies: Parameters<typeof connections>[0]): Operation =>
  sessionOperation('connections', sessions, async ({ identity }) => {
    const found = await connections(dependencies, identity);
    return ok({
      connections: found.map(({ provider, authorizeAgain, integrations, scopes, connectedAt, updatedAt }) => ({
        provider,
        ...(authorizeAgain
          ? { state: 'authorize_again' as const, reason: authorizeAgain }
          : { state: 'active' as const }),
        integrations: [...integrations],
        scopes: [...scopes],
        connected_at: new Date(connectedAt).toISOString(),
        updated_at: new Date(updatedAt).toISOString(),
      })),
    });
  });
