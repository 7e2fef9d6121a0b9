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
  for (const line of inOrder(lines)) {
    const { at, pid, subject, mark, act, token = '' } = line;
    const flight = flightOf(line);
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

/** How often a lease was taken whose holder was killed or stood still. */
export const takeoversIn = (lines: readonly Line[]): number => {
  const holders = new Map<string, Line>();
  const stopped = new Set<string>();
  let count = 0;
  for (const line of inOrder(lines)) {
    const { subject, mark, act } = line;
    const holder = holders.get(subject);
    if (act === 'kill') for (const each of holders.values()) if (each.pid === line.pid) stopped.add(flightOf(each));
    if (act === 'pause') stopped.add(flightOf(line));
    if (mark === 'outcome' && holder && flightOf(holder) === flightOf(line)) holders.delete(subject);
    if (mark !== 'after lease' || !line.written) continue;
    if (holder && flightOf(holder) !== flightOf(line) && stopped.has(flightOf(holder))) count += 1;
    holders.set(subject, line);
    if (act === 'kill') stopped.add(flightOf(line));
  }
  return count;
};

const inOrder = (lines: readonly Line[]): Line[] => lines.toSorted((one, other) => one.at - other.at);
const flightOf = ({ pid, call }: Line): string => `${pid} ${call}`;

/** What can take a rotated token away between the provider's commit and the durable write. */
export const CAUSES = ['killed', 'frozen', 'answer lost', 'write failed'] as const;
export type Cause = (typeof CAUSES)[number];

/** What a round did to a connection. */
export interface Circumstances {
  /** The provider may have committed without being heard. */
  readonly unheard: boolean;
  /** Processes stood still until their leases were over. */
  readonly frozen: boolean;
  /** No write got through until the broker gave up. */
  readonly writesBlocked: boolean;
}

/** Why the token that this send brought may be lost; `undefined` where it must not be. */
const causeOf = (send: Send, wasResent: boolean, { unheard, frozen, writesBlocked }: Circumstances) => {
  const { kind, rotated, tried, storedAt, outcome, killedAt, paused } = send;
  // Its write may succeed, and come too late: another has sent the old token meanwhile.
  if (frozen && paused && wasResent) return 'frozen';
  if (storedAt !== undefined || outcome === 'token') return undefined;
  if (kind === 'no_answer' || (kind === 'unusable' && !rotated)) return unheard ? 'answer lost' : undefined;
  if (killedAt !== undefined) return kind === undefined || rotated ? 'killed' : undefined;
  return writesBlocked && rotated && tried ? 'write failed' : undefined;
};

/** A send that may have lost its connection. */
export interface Risk {
  readonly send: Send;
  readonly cause: Cause;
  /** Until a later send's token was stored: from there on the connection is known to live. */
  readonly until: number;
}

/** @param sends of one connection to a strict provider, in their order */
export const risksOf = (sends: readonly Send[], circumstances: Circumstances): Risk[] =>
  sends.flatMap((send, index): Risk[] => {
    const later = sends.slice(index + 1);
    const wasResent = later.some(({ token }) => token === send.token);
    const cause = causeOf(send, wasResent, circumstances);
    if (!cause) return [];
    const until = Math.min(...later.map(({ storedAt }) => storedAt ?? Number.POSITIVE_INFINITY));
    return [{ send, cause, until }];
  });

export interface Reuse {
  readonly subject: string;
  /** What the protocol forbids; absent where an earlier send's token may have been lost. */
  readonly wrong?: string;
}

/** Every second send of a token that a strict provider may have spent. */
export const reusesOf = (sends: readonly Send[], risks: readonly Risk[]): Reuse[] => {
  const reuses: Reuse[] = [];
  const earlier = new Map<string, Send[]>();
  for (const send of sends) {
    const { subject, token } = send;
    const before = earlier.get(token) ?? [];
    earlier.set(token, [...before, send]);
    const inFlight = before.some((each) => send.outAt < (each.heardAt ?? each.killedAt ?? each.endedAt ?? Infinity));
    const spent = before.some((each) => each.rotated && (each.storedAt !== undefined || each.outcome === 'token'));
    if (inFlight) reuses.push({ subject, wrong: 'one token was sent twice at the same time' });
    else if (risks.some((risk) => before.includes(risk.send))) reuses.push({ subject });
    else if (spent) reuses.push({ subject, wrong: 'a token was sent again after its successor was stored' });
  }
  return reuses;
};
