/** After a round: everything is healed, leases run out, and each user asks for a token and uses it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fleet, wasKilled } from './fleet.ts';
import { askToken, connect, isStored, useToken } from './front-end.ts';
import type { Reply } from './http.ts';
import type { Random } from './random.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

export interface Settled {
  readonly reply: Reply | string;
  readonly opens?: boolean | undefined;
  readonly stored: boolean;
}

/** Longer than any provider here thinks: what a dead process has sent may still arrive. */
const QUIET_MS = 250;
const ATTEMPTS = 4;

/** Asks again, after another lease's time, while the answer is 503. */
export const settle = async (
  world: World,
  fleet: Fleet,
  users: readonly User[],
  random: Random,
): Promise<Map<User, Settled>> => {
  world.heal();
  await sleep(QUIET_MS);
  const settled = new Map<User, Settled>();
  let asking = users;
  for (let attempt = 0; attempt < ATTEMPTS && asking.length > 0; attempt++) {
    await fleet.ready();
    // The emulator's time is real: there it is only waited for who has to.
    if (attempt > 0 || world.standIn) await world.outwaitLeases();
    const draws = asking.map((user) => ({ user, draw: random.next() }));
    const again = await Promise.all(
      draws.map(async ({ user, draw }) => {
        const member = await fleet.choose(draw);
        const { reply } = await askToken(world, user, member);
        const isToken = typeof reply !== 'string' && reply.status === 200;
        const opens = isToken ? await useToken(world, user, String(reply.body.access_token)) : undefined;
        settled.set(user, { reply, opens, stored: await isStored(world, user) });
        if (typeof reply !== 'string') return reply.status === 503 ? [user] : [];
        // The round's last kill may come after its call's answer.
        await sleep(QUIET_MS);
        return wasKilled(member) ? [user] : [];
      }),
    );
    asking = again.flat();
  }
  return settled;
};

/** One call to each process, so that none is judged by what its first call costs; at a provider that needs no lease. */
export const warmUp = async (world: World, { members }: Fleet): Promise<void> => {
  const [user] = world.users.filter((each) => each.class.name === 'stable');
  if (user) await Promise.all(members.map((member) => askToken(world, user, member)));
};

/** Connects those who are not, all being well. Throws where that fails. */
export const connectAll = async (world: World, fleet: Fleet, users: readonly User[]): Promise<void> => {
  const { punctual } = fleet;
  await Promise.all(
    users.map(async (user, index) => {
      const member = punctual[index % punctual.length];
      if (!member) throw new Error('no process whose clock is right');
      const route = { authorize: member, callback: member, complete: member };
      let reply = await connect(world, user, route);
      // A process may have just started, on a machine that has too much to do.
      for (let attempt = 1; attempt < ATTEMPTS && typeof reply !== 'string' && reply.status === 503; attempt++) {
        await sleep(QUIET_MS);
        reply = await connect(world, user, route);
      }
      if (typeof reply === 'string' || reply.status !== 200) {
        const why = typeof reply === 'string' ? reply : `${reply.status} ${reply.text}`;
        throw new Error(`${user.subject} cannot connect: ${why}`);
      }
    }),
  );
};
