/** The judge of the campaign sees each thing that must never happen; and lets pass what cannot be prevented. */
import { describe, expect, test } from '@jest/globals';
import type { Member } from './fleet.ts';
import type { Reply } from './http.ts';
import { type Evidence, judge } from './oracle.ts';
import type { Done, Span, Truth, UserRecord } from './player.ts';
import type { Line } from './protocol.ts';
import type { Round, Scenario } from './scenarios.ts';
import { createSecretScan } from './secrets.ts';
import type { Settled } from './settle.ts';
import { type ClassName, createUsers } from './users.ts';
import type { World } from './world.ts';

const users = createUsers(1);
const member = { process: { signalCode: null } } as unknown as Member;
const reply = (status: number, body: Readonly<Record<string, unknown>> = {}): Reply => ({
  status,
  headers: status === 503 ? { 'retry-after': '1' } : {},
  text: '',
  body,
});
const authorize = (reason: string) => reply(409, { code: 'authorization_required', reason });
const works: Settled = { reply: reply(200), opens: true, stored: true };

interface Case {
  readonly of?: ClassName;
  readonly kind?: Round['kind'];
  readonly scenario?: Scenario;
  readonly truth?: Truth;
  readonly answers?: readonly (Reply | string)[];
  readonly opens?: boolean;
  readonly at?: Span;
  readonly acts?: readonly (Pick<Done, 'act'> & Partial<Done> & Span)[];
  readonly behaviours?: Round['behaviours'];
  readonly end?: Settled;
  readonly lines?: readonly (Omit<Line, 'pid' | 'call' | 'subject' | 'at'> & Partial<Line>)[];
  readonly alarms?: number;
}

const judged = ({ of = 'strict', kind = 'faults', ...given }: Case) => {
  const user = users.find((each) => each.class.name === of);
  if (!user) throw new Error('no such class');
  const assignment = {
    scenario: given.scenario ?? { kind: 'calls' as const },
    startsAfter: 0,
    companions: 0,
    processes: [0],
  };
  const answers = (given.answers ?? []).map((each) => ({
    member,
    reply: each,
    milliseconds: 1,
    ...(given.at ?? { begin: 0, end: 100 }),
    ...(given.opens === undefined ? {} : { opens: given.opens }),
  }));
  const acts = (given.acts ?? []).map((act) => ({ members: [member], reply: reply(200), ...act }));
  const record: UserRecord = { user, assignment, answers, acts, truth: given.truth ?? 'connected', since: 0 };
  const evidence: Evidence = {
    round: {
      kind,
      behaviours: given.behaviours ?? {},
      assignments: { stable: [], tolerant: [], grace: [], strict: [] },
    },
    records: [record],
    settled: new Map([[user, given.end ?? works]]),
    lines: (given.lines ?? []).map((line, at) => ({
      at: at + 1,
      pid: 1,
      call: 'call-1',
      subject: user.subject,
      ...line,
    })),
    alarms: { stable: 0, tolerant: 0, grace: 0, strict: 0, [of]: given.alarms ?? 0 },
  };
  const { broken, losses } = judge(evidence);
  return { broken: broken.map(({ invariant }) => invariant), losses: losses.map(({ cause }) => cause) };
};

const dead: Settled = { reply: authorize('grant_dead'), stored: true };
const sent = [{ mark: 'out', token: 'one' }, { mark: 'before receive' }] as const;
const rotated = { mark: 'after receive', kind: 'tokens', rotated: true } as const;
const struck = { act: 'kill' } as const;

describe('what must never happen', () => {
  test('a connection that is lost without a cause', () => {
    expect(judged({ end: dead }).broken).toEqual(['lost connections outside the strict window']);
    expect(judged({ of: 'tolerant', end: dead, lines: [...sent, { mark: 'before seal', ...struck }] }).broken).toEqual([
      'lost connections outside the strict window',
    ]);
  });

  test('a connection that is lost before the send, or after the durable write, or for want of the key service', () => {
    const lost = ['lost connections outside the strict window'];
    expect(judged({ end: dead, lines: [{ mark: 'before send', ...struck }] }).broken).toEqual(lost);
    const stored = [{ mark: 'before commit' }, { mark: 'after commit', written: true, ...struck }] as const;
    expect(judged({ end: dead, lines: [...sent, rotated, ...stored] }).broken).toEqual(lost);
    const failed = [{ mark: 'before seal' }, { mark: 'outcome', kind: 'Unavailable' }] as const;
    expect(judged({ end: dead, lines: [...sent, rotated, ...failed] }).broken).toEqual(lost);
  });

  test('a connection whose write failed while the database was there, or will be again', () => {
    const lost = ['lost connections outside the strict window'];
    const lines = [...sent, rotated, { mark: 'before commit' }, { mark: 'outcome', kind: 'Unavailable' }] as const;
    for (const act of ['database out for 6.5 s', 'write applied, then unavailable'] as const) {
      const scenario = { kind: 'hold', at: { step: 'commit', when: 'before' }, act } as const;
      expect(judged({ end: dead, scenario, lines }).broken).toEqual(lost);
    }
    expect(judged({ end: dead, lines }).broken).toEqual(lost);
  });

  test('a connection that was lost after it had survived, stood still without a rival, or came along and was dropped', () => {
    const lost = ['lost connections outside the strict window'];
    const killed = [...sent, rotated, { mark: 'before commit', ...struck }] as const;
    const went = [
      { mark: 'out', token: 'two', call: 'call-2' },
      { mark: 'after receive', kind: 'tokens', rotated: true, call: 'call-2' },
      { mark: 'after commit', written: true, call: 'call-2' },
      { mark: 'outcome', kind: 'token', call: 'call-2' },
    ] as const;
    expect(judged({ end: dead, lines: [...killed, ...went] }).broken).toEqual(lost);
    expect(judged({ kind: 'freezes', end: dead, lines: [...sent, { ...rotated, act: 'pause' }] }).broken).toEqual(lost);
    const along = { mark: 'after receive', kind: 'unusable', rotated: true } as const;
    const behaviours = { strict: 'answers a page' } as const;
    expect(judged({ behaviours, end: dead, lines: [...sent, along] }).broken).toEqual(lost);
    expect(judged({ behaviours, end: dead, lines: [...sent, { ...along, rotated: false }] })).toEqual({
      broken: [],
      losses: ['answer lost'],
    });
  });

  test('a spent token that is sent again, two sends at once, an alarm that nobody explains', () => {
    const stored = [
      { mark: 'after commit', written: true },
      { mark: 'outcome', kind: 'token' },
    ] as const;
    const reuse = ['unprovoked reuse alarms'];
    expect(judged({ lines: [...sent, rotated, ...stored, ...sent] }).broken).toEqual(reuse);
    expect(
      judged({
        lines: [
          { mark: 'out', token: 'one' },
          { mark: 'out', token: 'one' },
        ],
      }).broken,
    ).toEqual(reuse);
    expect(judged({ alarms: 1 }).broken).toEqual(reuse);
  });

  test('"authorize again" while nothing has happened to the grant', () => {
    for (const reason of ['grant_dead', 'no_connection', 'user_needed', 'scope_not_granted']) {
      expect(judged({ answers: [authorize(reason)] }).broken).toEqual(['false "authorize again"']);
    }
  });

  test('"authorize again" before the connection was removed, and after it was made anew', () => {
    const removed = { act: 'disconnect', begin: 10, end: 20 } as const;
    const anew = { act: 'reconnect', begin: 30, end: 40 } as const;
    const answered = (begin: number, end: number, acts: Case['acts']) =>
      judged({ answers: [authorize('no_connection')], at: { begin, end }, ...(acts ? { acts } : {}) }).broken;
    const wrong = ['false "authorize again"'];
    expect(answered(1, 9, [removed])).toEqual(wrong);
    expect(answered(9, 11, [removed])).toEqual([]);
    expect(answered(50, 60, [removed])).toEqual([]);
    expect(answered(35, 60, [removed, anew])).toEqual([]);
    expect(answered(41, 60, [removed, anew])).toEqual(wrong);
  });

  test('a token that opens nothing, and a user who cannot consent though the provider is well', () => {
    const unplanned = ['unplanned answers'];
    expect(judged({ answers: [reply(200)] }).broken).toEqual(unplanned);
    const acts = [{ act: 'reconnect', begin: 1, end: 2, reply: 'no consent' }] as const;
    expect(judged({ acts }).broken).toEqual(unplanned);
    expect(judged({ acts, behaviours: { strict: 'resets' } }).broken).toEqual([]);
  });

  test('a browser-only organization, unless a switch was cut off on its way back', () => {
    const refused = { act: 'reconnect', begin: 3, end: 4, reply: reply(403, { code: 'browser_only_flow' }) } as const;
    const switched = { act: 'switch flow', begin: 1, end: 2 } as const;
    expect(judged({ acts: [refused] }).broken).toEqual(['unplanned answers']);
    expect(judged({ acts: [switched, refused] }).broken).toEqual(['unplanned answers']);
    expect(judged({ acts: [{ ...switched, reply: reply(503) }, refused] }).broken).toEqual([]);
  });

  test('a connection that comes back after it was removed', () => {
    expect(judged({ truth: 'removed' }).broken).toEqual(['resurrected connections']);
    const left: Settled = { reply: authorize('no_connection'), stored: true };
    expect(judged({ truth: 'removed', end: left }).broken).toEqual(['resurrected connections']);
  });

  test("another user's token", () => {
    const foreign = ["tokens of another user's account"];
    expect(judged({ answers: [reply(200)], opens: false }).broken).toEqual(foreign);
    expect(judged({ end: { ...works, opens: false } }).broken).toContain(foreign[0]);
  });

  test('answers that nobody planned', () => {
    const unplanned = ['unplanned answers'];
    for (const answer of [
      reply(500),
      reply(502),
      reply(401),
      reply(429),
      { ...reply(503), headers: {} },
      'ECONNRESET',
    ]) {
      expect(judged({ answers: [answer] }).broken).toEqual(unplanned);
    }
  });

  test('a secret in a text, as it is or in base64', () => {
    const value = `1.AXCANARY-REFRESH-${'abcdefghijklmnopqrstuvwxyz012345'}.AAAA`;
    const control = { issued: () => [{ kind: 'refresh_token', value }] };
    const { find } = createSecretScan({ providers: { strict: { control } } } as unknown as World);
    expect(find('nothing of it')).toEqual([]);
    expect(find(`{"token":"${value}"}`)).toContain('refresh_token');
    for (const before of ['', 'a', 'ab']) {
      for (const form of ['base64', 'base64url'] as const) {
        expect(find(Buffer.from(before + value).toString(form))).toContain('refresh_token');
      }
    }
    const nothing = { providers: { strict: { control: { issued: () => [] } } } } as unknown as World;
    expect(() => createSecretScan(nothing).find(value)).toThrow('nothing was issued');
  });
});

test('what cannot be prevented is counted, not blamed: the one window of a strict provider', () => {
  const lost = (lines: Case['lines'], kind: Round['kind'] = 'faults') =>
    judged({ end: dead, kind, lines: lines ?? [] });
  expect(
    lost([
      { mark: 'out', token: 'one' },
      { mark: 'after send', ...struck },
    ]),
  ).toEqual({ broken: [], losses: ['killed'] });
  expect(lost([...sent, rotated, { mark: 'before commit', ...struck }])).toEqual({ broken: [], losses: ['killed'] });
  const failed = [{ mark: 'before commit' }, { mark: 'outcome', kind: 'Unavailable' }] as const;
  const blocked = { kind: 'hold', at: { step: 'commit', when: 'before' }, act: 'database down' } as const;
  expect(judged({ end: dead, scenario: blocked, lines: [...sent, rotated, ...failed] })).toEqual({
    broken: [],
    losses: ['write failed'],
  });
  const paused = { ...rotated, act: 'pause' } as const;
  expect(lost([...sent, paused, ...sent], 'freezes')).toEqual({ broken: [], losses: ['frozen'] });
});
