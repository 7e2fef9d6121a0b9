/** Judges a round: what was answered, what the processes noted, and what is there afterwards, against what is promised. */
import { wasKilled } from './fleet.ts';
import type { Reply } from './http.ts';
import { type Cause, causeOf, reusesOf, type Send, sendsOf } from './journal.ts';
import { type Line, nameOf } from './protocol.ts';
import type { Given, UserRecord } from './round.ts';
import { type Behaviour, isLeased, mayCommitUnheard, type Round } from './scenarios.ts';
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

export const judge = (evidence: Evidence): Judgement => {
  const { round, records, settled, lines } = evidence;
  const sends = sendsOf(lines);
  const frozen = round.kind === 'freezes';
  const byUser = Map.groupBy(sends, ({ subject }) => subject);
  const isUnheard = (name: ClassName) => mayCommitUnheard.includes(round.behaviours[name]);
  /** The last send of the life that may have lost it, and why. */
  const lossOf = ({ user, since }: UserRecord): { send: Send; cause: Cause } | undefined => {
    if (!isLeased(user.class.name)) return undefined;
    for (const send of byUser.get(user.id)?.toReversed() ?? []) {
      const cause = causeOf(send, { unheard: isUnheard(user.class.name), frozen });
      if (cause && send.outAt >= since) return { send, cause };
    }
    return undefined;
  };
  const struck = new Map(lines.filter(({ act }) => act === 'kill').map((line) => [line.subject, line]));

  const windows = records.flatMap(({ user }) =>
    isLeased(user.class.name) ? windowsOf(byUser.get(user.id) ?? []) : [],
  );
  const result: Judgement = { ...reuseOf(evidence, sends, isUnheard), losses: [], kills: [], windows, gone: [] };
  const { broken, losses, kills, gone } = result;
  for (const record of records) {
    const { user } = record;
    const { name } = user.class;
    const fail = (invariant: Invariant, what: string) =>
      broken.push({ invariant, what: `${user.id} (${described(record, round)}): ${what}` });
    const { send, cause } = lossOf(record) ?? {};
    for (const given of record.answers) judgeAnswer(given, record, round, cause !== undefined, fail);
    for (const { act, member, reply } of record.acts) {
      const isPlanned =
        typeof reply === 'string'
          ? wasKilled(member) || reply === 'no consent'
          : isPlannedAct(reply, round.behaviours[name]);
      if (!isPlanned) fail('unplanned answers', `${act}: ${say(reply)}`);
    }
    const end = settled.get(user);
    const isLost = end !== undefined && judgeEnd(end, record, cause, fail);
    const kill = struck.get(user.id);
    const isOwn = isLost && kill !== undefined && send?.killedAt === kill.at;
    if (isLost && cause) losses.push({ class: name, cause, isOwn });
    if (kill) kills.push({ class: name, at: kill.mark, lost: isOwn });
    if (typeof end?.reply === 'string' || end?.reply.status !== 200) gone.push(user);
  }
  return result;
};

const windowsOf = (sends: readonly Send[]): number[] =>
  sends.flatMap(({ heardAt, storedAt }) => (heardAt !== undefined && storedAt !== undefined ? storedAt - heardAt : []));

const described = ({ assignment: { scenario } }: UserRecord, round: Round): string => {
  const at = 'at' in scenario ? ` ${nameOf(scenario.at)}` : '';
  const act = 'act' in scenario ? `, ${scenario.act}` : 'acts' in scenario ? `: ${scenario.acts.join(', ')}` : '';
  const fault = 'fault' in scenario ? ` ${scenario.fault}` : '';
  return `${round.kind}, ${scenario.kind}${at}${act}${fault}`;
};

/** No strict provider sees a spent token again unless it may have committed what nobody could keep. */
const reuseOf = (
  { round, records, alarms }: Evidence,
  sends: readonly Send[],
  isUnheard: (name: ClassName) => boolean,
): Pick<Judgement, 'broken' | 'sends' | 'reuses'> => {
  const broken: Broken[] = [];
  let count = 0;
  const classOf = new Map(records.map(({ user }) => [user.id, user.class.name]));
  for (const name of CLASSES.filter(isLeased)) {
    const own = sends.filter(({ subject }) => classOf.get(subject) === name);
    const frozen = round.kind === 'freezes';
    const reuses = reusesOf(own, (send) => causeOf(send, { unheard: isUnheard(name), frozen }) !== undefined);
    for (const { subject, wrong } of reuses) {
      if (wrong) broken.push({ invariant: 'unprovoked reuse alarms', what: `${subject}: ${wrong}` });
    }
    const provoked = reuses.filter(({ wrong }) => wrong === undefined).length;
    count += provoked;
    if (alarms[name] > reuses.length) {
      const what = `${name}: ${alarms[name]} alarms, ${provoked} provoked`;
      broken.push({ invariant: 'unprovoked reuse alarms', what });
    }
  }
  return { broken, sends: sends.length, reuses: count };
};

type Fail = (invariant: Invariant, what: string) => void;

const ENDINGS: readonly string[] = ['disconnect', 'delete account'];
const endsOf = ({ assignment: { scenario } }: UserRecord): boolean =>
  (scenario.kind === 'hold' && ENDINGS.includes(scenario.act)) ||
  (scenario.kind === 'acts' && scenario.acts.some((act) => ENDINGS.includes(act)));

const judgeAnswer = (given: Given, record: UserRecord, round: Round, excused: boolean, fail: Fail): void => {
  const { reply } = given;
  const behaviour = round.behaviours[record.user.class.name];
  if (given.opens === false) fail("tokens of another user's account", 'a token opens another account');
  if (typeof reply === 'string') {
    if (!wasKilled(given.member)) fail('unplanned answers', reply);
    return;
  }
  if (reply.status === 409) {
    const { reason } = reply.body;
    const isTrue =
      (reason === 'user_needed' && behaviour === 'wants the user') ||
      (reason === 'no_connection' && endsOf(record)) ||
      (reason === 'grant_dead' && (endsOf(record) || excused));
    if (!isTrue) fail('false "authorize again"', say(reply));
    return;
  }
  const isCalm = round.kind === 'calm' || round.kind === 'quiet';
  if (isCalm && reply.status === 200 && given.opens === undefined) fail('unplanned answers', 'a token opens nothing');
  const isPlanned =
    reply.status === 200 ||
    (isWaiting(reply) &&
      (!isCalm || (isLeased(record.user.class.name) && reply.body.code === 'refresh_in_progress'))) ||
    (reply.status === 502 && isUseless(behaviour));
  if (!isPlanned) fail('unplanned answers', say(reply));
};

/** Not now, and when. */
const isWaiting = ({ status, headers }: Reply): boolean =>
  (status === 503 || status === 429) && Number(headers['retry-after']) >= 1;

const isUseless = (behaviour: Behaviour | undefined): boolean => behaviour === 'answers a page';

const isPlannedAct = (reply: Reply, behaviour: Behaviour | undefined): boolean =>
  reply.status === 200 ||
  reply.status === 204 ||
  isWaiting(reply) ||
  (reply.status === 502 && isUseless(behaviour)) ||
  // Without a refresh token there is nothing to keep: the user has to authorize once more.
  (reply.status === 409 && behaviour === 'no refresh_token');

/** @returns whether a connection that should be there is lost */
const judgeEnd = ({ reply, opens, stored }: Settled, record: UserRecord, cause: Cause | undefined, fail: Fail) => {
  const reason = typeof reply === 'string' ? reply : reply.body.reason;
  if (opens === false) fail("tokens of another user's account", 'a token opens another account');
  switch (record.truth) {
    case 'connected':
      if (typeof reply !== 'string' && reply.status === 200 && opens !== undefined) return false;
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
