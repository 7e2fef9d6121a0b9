/** What a store makes of a change of the recorded refusal. */
import type { Connection } from '../../functions/core/connection.ts';
import type { ConnectionChange } from '../../functions/core/ports.ts';

/** @param now the database's own time */
export const refusalAfter = (
  before: Connection['refusal'],
  change: ConnectionChange['refusal'],
  now: number,
): { refusal?: NonNullable<Connection['refusal']> } => {
  if (change === undefined) return before ? { refusal: before } : {};
  if (change === null) return {};
  const since = change.since === undefined ? before?.since : now;
  if (since === undefined) throw new TypeError('a refusal without its time');
  return { refusal: { since, scopes: change.scopes, ...(change.reason === null ? {} : { reason: change.reason }) } };
};
