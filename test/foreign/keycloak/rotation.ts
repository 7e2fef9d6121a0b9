/** Many callers at once at a server that spends each refresh token, while broker processes are killed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Directive, Line } from '../../chaos/protocol.ts';
import { createRandom } from '../../chaos/random.ts';
import type { Counts } from '../lane.ts';
import { connect, subjectOf, tokenFrom, type User, type World } from '../world.ts';

/** Where a process may die and the connection must live: either nothing was sent, or the new token is stored. */
const SAFE: readonly Directive[] = [
  { step: 'unwrap', when: 'before', act: 'kill' },
  { step: 'unwrap', when: 'after', act: 'kill' },
  { step: 'lease', when: 'after', act: 'kill' },
  { step: 'send', when: 'before', act: 'kill' },
  { step: 'commit', when: 'after', act: 'kill' },
  { step: 'answer', when: 'before', act: 'kill' },
];
/** Where it dies between the server's commit and the durable write: harmless only where the old token works once more. */
const WINDOW: readonly Directive[] = [
  { step: 'receive', when: 'after', act: 'kill' },
  { step: 'commit', when: 'before', act: 'kill' },
];

const CALLERS = 32;
const SETTLE_TRIES = 20;

export interface Storm {
  readonly seed: number;
  readonly rounds: number;
  readonly users: readonly User[];
  /** The server forgives a second use. */
  readonly forgives?: boolean;
  readonly isGood: (accessToken: string, user: User) => Promise<boolean>;
}

export const storm = async (world: World, { seed, rounds, users, forgives, isGood }: Storm): Promise<Counts> => {
  const random = createRandom(seed);
  const killsBefore = world.fleet.kills;
  const from = world.journal().length;
  const counts = { calls: 0, tokens: 0, 'told to wait': 0, 'cut off by a kill': 0, lost: 0 };
  for (const user of users) {
    const { status, text } = await connect(world, user);
    assert.equal(status, 200, `connect: ${text}`);
  }
  for (let round = 0; round < rounds; round += 1) {
    await world.fleet.ready();
    const kills = round % 2 === 1;
    // A process that dies takes what it has under way for others along: in a round with kills there are no others.
    const wanted = random.shuffle(users).slice(0, kills ? 1 : 1 + random.below(users.length));
    const replies = await Promise.all(
      Array.from({ length: CALLERS }, async (_, index) => {
        const user = random.pick(wanted);
        // Two calls of a round bring their process to its end.
        const directive = kills && index < 2 ? random.pick(forgives ? [...SAFE, ...WINDOW] : SAFE) : undefined;
        const member = await world.fleet.choose(random.next());
        return tokenFrom(world, user, member, directive);
      }),
    );
    counts.calls += replies.length;
    for (const reply of replies) {
      if (typeof reply === 'string') counts['cut off by a kill'] += 1;
      else if (reply.status === 200) counts.tokens += 1;
      else {
        assert.equal(reply.status, 503, `an answer of the storm: ${reply.text}`);
        counts['told to wait'] += 1;
      }
    }
    // Between rounds: a process that has nothing under way.
    if (round % 3 === 2) {
      const { process } = await world.fleet.choose(random.next());
      const ended = once(process, 'exit');
      if (process.kill('SIGKILL')) await ended;
    }
    await settle(world, users, counts, isGood);
  }
  await world.fleet.ready();
  assert.deepEqual(world.fleet.crashes, []);
  assert.equal(counts.lost, 0);
  const lines = world.journal().slice(from);
  const refreshes = sendsOf(lines, users);
  if (!forgives) assert.equal(refreshes.twice, 0, 'a refresh token was sent twice');
  return { ...counts, refreshes: refreshes.all, 'sent twice': refreshes.twice, kills: world.fleet.kills - killsBefore };
};

/** Each connection gives a token that the server takes; a lease that a killed process has left is outwaited. */
const settle = async (
  world: World,
  users: readonly User[],
  counts: { lost: number; calls: number; tokens: number },
  isGood: Storm['isGood'],
): Promise<void> => {
  for (const user of users) {
    for (let tries = 1; ; tries += 1) {
      const reply = await tokenFrom(world, user, await world.fleet.choose(Math.random()));
      counts.calls += 1;
      if (typeof reply !== 'string' && reply.status === 200) {
        counts.tokens += 1;
        const accessToken = String(reply.body.access_token);
        assert.ok(await isGood(accessToken, user), 'the token is not good, or is not of this account');
        break;
      }
      if (typeof reply !== 'string' && reply.status === 409) {
        counts.lost += 1;
        return;
      }
      // A process that dies is noticed a little later than its callers notice it.
      const mayPass = typeof reply === 'string' || reply.status === 503;
      assert.ok(mayPass && tries < SETTLE_TRIES, `no token after the storm: ${JSON.stringify(reply).slice(0, 200)}`);
      await world.fleet.ready();
      world.outwaitLeases();
    }
  }
};

const sendsOf = (lines: readonly Line[], users: readonly User[]) => {
  const subjects = new Set(users.map(subjectOf));
  const sent = lines.filter(({ mark, subject }) => mark === 'out' && subjects.has(subject)).map(({ token }) => token);
  return { all: sent.length, twice: sent.length - new Set(sent).size };
};
