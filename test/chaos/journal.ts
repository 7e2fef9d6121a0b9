/** What the processes noted, read as a history: every refresh token that was sent, and what became of it. */
import type { Line } from './protocol.ts';

/** One request that carried a refresh token away. Times are of the machine's monotonic clock, milliseconds. */
export interface Send {
  readonly subject: string;
  readonly token: string;
  readonly outAt: number;
  /** The provider's answer was here. */
  heardAt?: number;
  /** The answer's kind; `tokens`, or why there are none. */
  kind?: string;
  rotated?: boolean;
  /** A write of the new token was tried. */
  tried?: boolean;
  storedAt?: number;
  /** How the refresh ended, as the token service has it. */
  outcome?: string;
  endedAt?: number;
  killedAt?: number;
  /** It was paused after the send. */
  paused?: boolean;
}

/** @param lines of a whole round: no refresh is under way at their ends */
export const sendsOf = (lines: readonly Line[]): Send[] => {
  const sends: Send[] = [];
  const open = new Map<string, Send & { readonly pid: number }>();
  for (const line of lines.toSorted((one, other) => one.at - other.at)) {
    const { at, pid, call, subject, mark, act, token = '' } = line;
    const flight = `${pid} ${call}`;
    const send = open.get(flight);
    switch (mark) {
      case 'out': {
        const next = { subject, token, pid, outAt: at };
        open.set(flight, next);
        sends.push(next);
        break;
      }
      case 'before receive':
        if (send) send.heardAt ??= at;
        break;
      case 'after receive':
        if (!send) break;
        if (line.kind !== undefined) send.kind = line.kind;
        send.rotated = line.rotated === true;
        break;
      case 'before commit':
        if (send) send.tried = true;
        break;
      case 'after commit':
        if (send && line.written) send.storedAt ??= at;
        break;
      case 'outcome':
        if (!send) break;
        send.endedAt = at;
        if (line.kind !== undefined) send.outcome = line.kind;
        open.delete(flight);
    }
    const present = open.get(flight);
    if (act === 'pause' && present) present.paused = true;
    if (act === 'kill') {
      for (const [each, lost] of open) {
        if (lost.pid !== pid) continue;
        lost.killedAt = at;
        open.delete(each);
      }
    }
  }
  return sends;
};

/** What can take a rotated token away between the provider's commit and the durable write. */
export type Cause = 'killed' | 'frozen' | 'answer lost' | 'write failed';

/**
 * Why the token that this send brought may be lost; `undefined` where it must not be.
 * @param unheard the provider may commit and not be heard
 */
export const causeOf = (send: Send, { unheard, frozen }: { unheard: boolean; frozen: boolean }): Cause | undefined => {
  const { kind, rotated, tried, storedAt, outcome, killedAt, paused } = send;
  if (frozen && paused) return 'frozen';
  if (storedAt !== undefined || outcome === 'token') return undefined;
  if (kind === 'no_answer' || kind === 'unusable') return unheard ? 'answer lost' : undefined;
  if (killedAt !== undefined) return kind === undefined || rotated ? 'killed' : undefined;
  return rotated && tried && outcome === 'Unavailable' ? 'write failed' : undefined;
};

export interface Reuse {
  readonly subject: string;
  /** What the protocol forbids; absent where an earlier send's token may have been lost. */
  readonly wrong?: string;
}

/** Every second send of a token that a strict provider may have spent. */
export const reusesOf = (sends: readonly Send[], isProvoked: (send: Send) => boolean): Reuse[] => {
  const reuses: Reuse[] = [];
  const earlier = new Map<string, Send[]>();
  for (const send of sends) {
    const { subject, token } = send;
    const before = earlier.get(token) ?? [];
    earlier.set(token, [...before, send]);
    const inFlight = before.some((each) => send.outAt < (each.heardAt ?? each.killedAt ?? each.endedAt ?? Infinity));
    const spent = before.some((each) => each.rotated && (each.storedAt !== undefined || each.outcome === 'token'));
    if (inFlight) reuses.push({ subject, wrong: 'one token was sent twice at the same time' });
    else if (before.some(isProvoked)) reuses.push({ subject });
    else if (spent) reuses.push({ subject, wrong: 'a token was sent again after its successor was stored' });
  }
  return reuses;
};
