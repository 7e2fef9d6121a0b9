/**
 * What a provider's refusals leave in a connection's record while its refresh token stays: since when, for which scopes,
 * and, once a refusal is final, why. Only the next success clears it; nothing here ends a connection.
 */
import type { Connection, Refusal, RefusalReason } from './connection.ts';
import { Unavailable } from './errors.ts';
import {
  DATABASE_TIME,
  type Event,
  type Observe,
  type Place,
  type ProviderFault,
  type RefusalChange,
} from './ports.ts';
import { unique } from './scopes.ts';

/** After so many milliseconds of nothing but refusals that no list names, the user is asked to authorize again. */
export const FINAL_MS = 600_000;
/** Seconds: the longest wait that is asked for before that. */
const LONGEST_WAIT = 60;
/** Seconds until a call after an operator's mistake: nothing changes before somebody acts. */
const OPERATOR_WAIT = 60;

export interface Refused {
  /** Absent: no list names it, and ten minutes have not passed. */
  readonly reason?: RefusalReason;
  /** What the refused call asked for. */
  readonly scopes: readonly string[];
  /** The refusal is about these scopes alone, such as a consent that is missing for one of them. */
  readonly ofScopes: boolean;
}

/**
 * What a refusal changes in the record; `undefined`: it says so already. The first refusal stands for the whole
 * connection until calls for other scopes succeed; later ones only add their own scopes. So calls for one integration
 * that fail and calls for another that succeed do not write in turns.
 */
export const afterRefusal = (
  { refusal, scopes: granted }: Connection,
  { reason, scopes, ofScopes }: Refused,
): RefusalChange | undefined => {
  if (!refusal) return { since: DATABASE_TIME, scopes: ofScopes ? scopes : granted, reason: reason ?? null };
  const isNews = reason !== undefined && reason !== 'provider_refuses' && reason !== refusal.reason;
  const all = unique([...refusal.scopes, ...(isNews && !ofScopes ? granted : scopes)]);
  const why = reason ?? refusal.reason;
  if (all.length === refusal.scopes.length && why === refusal.reason) return undefined;
  return { scopes: all, reason: why ?? null };
};

/** What a success changes; `undefined`: nothing was refused. `served`: the scopes that were asked for; absent: all. */
export const afterSuccess = (
  { refusal, scopes: granted }: Connection,
  served?: readonly string[],
): RefusalChange | null | undefined => {
  if (!refusal) return undefined;
  const left = served ? refusal.scopes.filter((scope) => granted.includes(scope) && !served.includes(scope)) : [];
  if (left.length === 0) return null;
  return left.length === refusal.scopes.length ? undefined : { scopes: left, reason: refusal.reason ?? null };
};

/** Why the user has to authorize: of a final refusal that stands for everything that was granted. */
export const standingReason = ({ refusal, scopes }: Connection): RefusalReason | undefined =>
  refusal && scopes.every((scope) => refusal.scopes.includes(scope)) ? refusal.reason : undefined;

/** Milliseconds of nothing but refusals, by the database's clock. */
export const refusedFor = ({ refusal }: { readonly refusal?: Refusal }, readAt: number): number =>
  refusal ? readAt - refusal.since : 0;

/** Seconds until the next call: it grows with the time since the first refusal. */
export const waitAfter = (milliseconds: number, asked = 1): number =>
  Math.max(asked, Math.min(LONGEST_WAIT, Math.ceil(milliseconds / 2_000)), 1);

/** Once per connection, when its refusal becomes final, and once per flow that ends in one. */
export const connectionRefused = (
  { tenant, provider }: Place,
  reason: RefusalReason,
  { code, detail }: ProviderFault,
): Event => ({
  event: 'connection_refused',
  severity: reason === 'user_needed' ? 'INFO' : 'WARNING',
  tenant,
  provider,
  reason,
  code,
  ...(detail === undefined ? {} : { detail }),
});

/**
 * Told to ops with each call, and thrown: Entra's number, where there is one, says more than its `error`. The alert is on
 * `unavailable`, which carries the same code.
 */
export const operatorMustAct = (observe: Observe, provider: string, { code, detail }: ProviderFault): Unavailable => {
  const about = detail === undefined ? {} : { detail };
  observe({ event: 'operator_must_act', severity: 'ERROR', provider, code, ...about });
  return new Unavailable('provider', detail?.split(' ')[0] ?? code, { needsOps: true, retryAfter: OPERATOR_WAIT });
};

const MAX_TOLD = 10_000;

/**
 * What an organization forbids concerns all of its users: the first of them in this instance makes an ERROR, the others an
 * INFO. The alert counts by organization, whatever the severity.
 */
export const toldOncePerOrganization = (observe: Observe): Observe => {
  const told = new Set<string>();
  return (event) => {
    if (event.event !== 'connection_refused' || event.reason !== 'organization_forbids') return observe(event);
    const about = JSON.stringify([event.tenant, event.provider, event.code, event.detail]);
    const isNews = !told.has(about);
    if (told.size >= MAX_TOLD) told.clear();
    told.add(about);
    observe({ ...event, event: 'connection_refused', severity: isNews ? 'ERROR' : 'INFO' });
  };
};
