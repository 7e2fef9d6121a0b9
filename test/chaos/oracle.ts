/** Judges a round: what was answered, what the processes noted, and what is there afterwards, against what is promised. */
import { type Member, wasKilled } from './fleet.ts';
import { NO_CONSENT, NO_TICKET } from './front-end.ts';
import type { Reply } from './http.ts';
import {
  type Cause,
  type Circumstances,
  type Reuse,
  type Risk,
  reusesOf,
  risksOf,
  type Send,
  sendsOf,
  takeoversIn,
} from './journal.ts';
import type { Done, Given, Span, UserRecord } from './player.ts';
import { type Line, nameOf } from './protocol.ts';
import { type Behaviour, isLeased, MAY_COMMIT_UNHEARD, type Round } from './scenarios.ts';
import type { Settled } from './settle.ts';
import { CLASSES, type ClassName, type User } from './users.ts';

export const INVARIANTS = [
  'lost connections outside the strict window',
  'unprovoked reuse alarms',
  'false "authorize again"',
  'resurrected connections',
  "tokens of another user's account",
  'secrets in database or log',
  'unplanned answers',
] as const;
export type Invariant = (typeof INVARIANTS)[number];

export interface Broken {
  readonly invariant: Invariant;
  readonly what: string;
}

/** A connection that was lost inside the strict window. */
export interface Loss {
  readonly class: ClassName;
  readonly cause: Cause;
  /** Its process was killed where its own call said; else where another's did. */
  readonly isOwn: boolean;
}

/** A kill that struck: where, and whether it lost the connection that its call was about. */
export interface Kill {
  readonly class: ClassName;
  readonly at: string;
  readonly lost: boolean;
}

export interface Judgement {
  readonly broken: Broken[];
  readonly losses: Loss[];
  readonly kills: Kill[];
  /** Milliseconds from the provider's answer to the durable write. */
  readonly windows: number[];
  readonly sends: number;
  readonly reuses: number;
  readonly takeovers: number;
  /** Connections that were removed, and looked for afterwards. */
  removed: number;
  /** Whose connection has to be made anew. */
  readonly gone: User[];
}

export interface Evidence {
  readonly round: Round;
  readonly records: readonly UserRecord[];
  readonly settled: ReadonlyMap<User, Settled>;
  readonly lines: readonly Line[];
  /** Reuse alarms that the providers raised in this round. */
  readonly alarms: Readonly<Record<ClassName, number>>;
}

export const say = (reply: Reply | string): string => {
  if (typeof reply === 'string') return reply;
  const { code, reason } = reply.body;
  return [reply.status, code, reason].filter((part) => part !== undefined).join(' ');
};

/** One user's round with what the journal says of it. */
interface Case {
  readonly record: UserRecord;
  readonly sends: readonly Send[];
  /** Of a strict provider's connection: sends that may have lost it. */
  readonly risks: readonly Risk[];
}

export const judge = ({ round, records, settled, lines, alarms }: Evidence): Judgement => {
  const sends = sendsOf(lines);
  const bySubject = Map.groupBy(sends, ({ subject }) => subject);
  const cases = records.map((record): Case => {
    const own = bySubject.get(record.user.subject) ?? [];
    const mayLose = isLeased(record.user.class.name);
    return { record, sends: own, risks: mayLose ? risksOf(own, circumstancesOf(record, round)) : [] };
  });
  const reuses = cases.flatMap((each) => (isLeased(each.record.user.class.name) ? [reusesIn(each)] : []));
  const result: Judgement = {
    broken: judgeReuses(reuses, alarms),
    losses: [],
    kills: [],
    windows: cases.flatMap(windowsOf),
    sends: sends.length,
    reuses: reuses.flatMap(({ found }) => found.filter(({ wrong }) => wrong === undefined)).length,
    takeovers: takeoversIn(lines),
    removed: 0,
    gone: [],
  };
  const struck = new Map(lines.filter(({ act }) => act === 'kill').map((line) => [line.subject, line]));
  for (const each of cases) {
    const { record } = each;
    const { user } = record;
    const { name } = user.class;
    const fail: Fail = (invariant, what) =>
      result.broken.push({ invariant, what: `${user.subject} (${described(record, round)}): ${what}` });
    const spans = spansOf(each);
    for (const given of record.answers) judgeAnswer(given, round.behaviours[name], spans, fail);
    for (const [index, done] of record.acts.entries()) judgeAct(done, record.acts.slice(0, index), round, name, fail);
    const end = settled.get(user);
    const risk = each.risks.findLast(({ send, until }) => send.outAt >= record.since && until === Infinity);
    const isLost = end !== undefined && judgeEnd(end, record, risk?.cause, fail);
    const kill = struck.get(user.subject);
    const isOwn = isLost && kill !== undefined && risk?.send.killedAt === kill.at;
    if (isLost && risk) result.losses.push({ class: name, cause: risk.cause, isOwn });
    if (kill) result.kills.push({ class: name, at: kill.mark, lost: isOwn });
    if (record.truth === 'removed') result.removed += 1;
    if (typeof end?.reply === 'string' || end?.reply.status !== 200) result.gone.push(user);
  }
  return result;
};

type Fail = (invariant: Invariant, what: string) => void;

const circumstancesOf = (
  { user, assignment: { scenario } }: UserRecord,
  { kind, behaviours }: Round,
): Circumstances => ({
  unheard: MAY_COMMIT_UNHEARD.includes(behaviours[user.class.name]),
  frozen: kind === 'freezes',
  writesBlocked: scenario.kind === 'hold' && scenario.act === 'database down',
});

const windowsOf = ({ record, sends }: Case): number[] =>
  isLeased(record.user.class.name)
    ? sends.flatMap(({ heardAt, storedAt }) =>
        heardAt !== undefined && storedAt !== undefined ? storedAt - heardAt : [],
      )
    : [];

const described = ({ assignment: { scenario } }: UserRecord, round: Round): string => {
  const at = 'at' in scenario ? ` ${nameOf(scenario.at)}` : '';
  const act = 'act' in scenario ? `, ${scenario.act}` : 'acts' in scenario ? `: ${scenario.acts.join(', ')}` : '';
  const fault = 'fault' in scenario ? ` ${scenario.fault}` : '';
  return `${round.kind}, ${scenario.kind}${at}${act}${fault}`;
};

interface Reuses {
  readonly of: ClassName;
  readonly found: readonly Reuse[];
}
const reusesIn = ({ record, sends, risks }: Case): Reuses => ({
  of: record.user.class.name,
  found: reusesOf(sends, risks),
});

/** No strict provider sees a spent token again unless it may have committed what nobody could keep. */
const judgeReuses = (reuses: readonly Reuses[], alarms: Evidence['alarms']): Broken[] => {
  const invariant = 'unprovoked reuse alarms';
  return CLASSES.filter(isLeased).flatMap((name) => {
    const own = reuses.filter(({ of }) => of === name).flatMap(({ found }) => found);
    const wrong = own.flatMap(({ subject, wrong }) =>
      wrong ? [{ invariant, what: `${subject}: ${wrong}` } as const] : [],
    );
    const what = `${name}: ${alarms[name]} alarms, ${own.length - wrong.length} provoked`;
    return alarms[name] > own.length ? [...wrong, { invariant, what } as const] : wrong;
  });
};

/** When an answer may say that there is no connection, and when that its grant is dead. */
interface Spans {
  readonly removed: readonly Span[];
  readonly lost: readonly Span[];
  /** From here on processes may know of a switch: also of one that is over, for half a minute. */
  readonly switchedAt: number;
}

const spansOf = ({ record: { acts }, risks }: Case): Spans => {
  const reconnects = acts.filter(({ act, reply }) => act === 'reconnect' && isReply(reply) && reply.status === 200);
  const reconnected = (since: number) => reconnects.find(({ end }) => end > since)?.end ?? Number.POSITIVE_INFINITY;
  return {
    removed: acts.flatMap(({ act, begin }) => (act === 'reconnect' ? [] : [{ begin, end: reconnected(begin) }])),
    switchedAt: acts.find(({ act }) => act === 'switch flow')?.begin ?? Number.POSITIVE_INFINITY,
    lost: risks.map(({ send, until }) => ({ begin: send.outAt, end: Math.min(until, reconnected(send.outAt)) })),
  };
};

const isDuring = ({ begin, end }: Span, spans: readonly Span[]): boolean =>
  spans.some((span) => begin <= span.end && end >= span.begin);

const isReply = (reply: Reply | string): reply is Reply => typeof reply !== 'string';

const judgeAnswer = (given: Given, behaviour: Behaviour | undefined, spans: Spans, fail: Fail): void => {
  const { removed, lost, switchedAt } = spans;
  const { reply, member, opens } = given;
  const isGone = isDuring(given, [...removed, ...lost]);
  if (opens === false) fail("tokens of another user's account", 'a token opens another account');
  if (!isReply(reply)) {
    if (!wasKilled(member)) fail('unplanned answers', reply);
    return;
  }
  if (reply.status === 200 && opens === undefined && !isGone) fail('unplanned answers', 'a token opens nothing');
  if (reply.status === 409) {
    const { reason } = reply.body;
    const isTrue =
      (reason === 'user_needed' && behaviour === 'wants the user') ||
      (reason === 'no_connection' && isDuring(given, removed)) ||
      (reason === 'grant_dead' && isGone);
    if (!isTrue) fail('false "authorize again"', say(reply));
    return;
  }
  if (reply.status === 403 && reply.body.code === 'browser_only_flow' && given.end >= switchedAt) return;
  // How often "not now" was said where nothing goes wrong is judged over the whole campaign.
  const isPlanned = reply.status === 200 || isWaiting(reply) || (reply.status === 502 && isUseless(behaviour));
  if (!isPlanned) fail('unplanned answers', say(reply));
};

/** Not now, and when. */
const isWaiting = ({ status, headers }: Reply): boolean =>
  (status === 503 || status === 429) && Number(headers['retry-after']) >= 1;

const isUseless = (behaviour: Behaviour | undefined): boolean =>
  behaviour === 'answers a page' || behaviour === 'refuses, with the new token';

const judgeAct = (
  { act, members, reply }: Done,
  before: readonly Done[],
  round: Round,
  name: ClassName,
  fail: Fail,
): void => {
  const behaviour = round.behaviours[name];
  if (act === 'reconnect' && isHalfSwitched(before) && isReply(reply) && reply.body.code === 'browser_only_flow')
    return;
  const isOff = round.kind === 'clocks' && act === 'reconnect' && members.some(({ skew }) => skew !== 0);
  const isPlanned = isReply(reply)
    ? isPlannedReply(reply, behaviour) || (isOff && reply.status >= 400 && reply.status < 500)
    : isPlannedEnd(reply, members, behaviour) || (isOff && reply === NO_TICKET);
  if (!isPlanned) fail('unplanned answers', `${act}: ${say(reply)}`);
};

/** A switch that nobody confirmed to the end: the organization may still be browser-only. */
const isHalfSwitched = (acts: readonly Done[]): boolean => {
  const last = acts.findLast(({ act }) => act === 'switch flow');
  return last !== undefined && !(isReply(last.reply) && last.reply.status === 200);
};

/** A provider that fails shows no page, or sends the user back without a code. */
const isPlannedEnd = (reply: string, members: readonly Member[], behaviour: Behaviour | undefined): boolean =>
  members.some(wasKilled) || (behaviour !== undefined && reply === NO_CONSENT);

const isPlannedReply = (reply: Reply, behaviour: Behaviour | undefined): boolean =>
  reply.status === 200 ||
  reply.status === 204 ||
  isWaiting(reply) ||
  (reply.status === 502 && isUseless(behaviour)) ||
  // Without a refresh token there is nothing to keep: the user has to authorize once more.
  (reply.status === 409 && behaviour === 'no refresh_token');

/** @returns whether a connection that should be there is lost */
const judgeEnd = ({ reply, opens, stored }: Settled, record: UserRecord, cause: Cause | undefined, fail: Fail) => {
  const reason = isReply(reply) ? reply.body.reason : reply;
  if (opens === false) fail("tokens of another user's account", 'a token opens another account');
  switch (record.truth) {
    case 'connected':
      if (isReply(reply) && reply.status === 200 && opens !== undefined) return false;
      if (reason !== 'grant_dead' || !cause)
        fail('lost connections outside the strict window', `at the end ${say(reply)}`);
      return true;
    case 'removed':
      if (stored || reason !== 'no_connection') fail('resurrected connections', `at the end ${say(reply)}`);
      return false;
    case 'unknown':
      if (!(opens || reason === 'no_connection' || reason === 'grant_dead')) {
        fail('lost connections outside the strict window', `at the end ${say(reply)}`);
      }
      return false;
  }
};
