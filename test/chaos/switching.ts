/** An organization switches a provider to a browser-only flow, is swept, switches back, and its user authorizes again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { policyRef, removalRef } from '../../functions/adapters/firestore/client.ts';
import { POLICY_MS } from '../../functions/core/policy-cache.ts';
import type { Fleet, Member } from './fleet.ts';
import { isStored } from './front-end.ts';
import { ask, type Reply } from './http.ts';
import type { UserRecord } from './player.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

type Flow = 'authorization_code' | 'browser_code' | 'implicit';

/** By the admin of the user's own organization. @returns the last answer */
export const switchTo = async (world: World, user: User, member: Member, flow: Flow): Promise<Reply | string> => {
  const { sessions } = world.stack.demo;
  const session = await sessions.sessionToken('admin', user.tenant, ['admin']);
  const authorization = { authorization: `Bearer ${session}` };
  const url = `${member.origin}/v1/admin/policy`;
  const found = await ask({ method: 'GET', url, headers: authorization });
  if (typeof found === 'string' || found.status !== 200) return found;
  const { providers, ...rest } = found.body as { providers: Record<string, object> };
  const rule = { ...providers[user.class.provider], flow };
  return ask({
    method: 'PUT',
    url,
    headers: { ...authorization, 'if-match': found.headers.etag ?? '' },
    body: { ...rest, providers: { ...providers, [user.class.provider]: rule } },
  });
};

const SWEEPS = 4;

/**
 * Sweeps until there is nothing left to do; the first time in a process that is killed meanwhile, if `kills`.
 * @returns the last answer; `still stored` where the sweep was done and the connection is there
 */
export const sweepThrough = async (
  world: World,
  user: User,
  member: Member,
  kills: boolean,
): Promise<Reply | string> => {
  const call = async (origin: string) => {
    const authorization = `Bearer ${await world.stack.scheduler.token()}`;
    return ask({ method: 'POST', url: `${origin}/v1/internal/sweep`, headers: { authorization } });
  };
  if (kills) {
    const sweeper = await world.startBroker();
    const running = call(sweeper.origin);
    await sleep(Math.random() * 60);
    sweeper.process.kill('SIGKILL');
    await running;
  }
  let last: Reply | string = 'no sweep';
  for (let attempt = 0; attempt < SWEEPS; attempt++) {
    last = await call(member.origin);
    if (typeof last === 'string') return last;
    if (last.status === 200 && last.body.left === false) return (await isStored(world, user)) ? 'still stored' : last;
  }
  return last;
};

/** After a round: whatever came of a switch, the organization is as before, and no process remembers otherwise. */
export const switchAllBack = async (world: World, fleet: Fleet, records: readonly UserRecord[]): Promise<void> => {
  const switched = records.filter(({ acts }) => acts.some(({ act }) => act === 'switch flow'));
  if (switched.length === 0) return;
  for (const { user } of switched) {
    await policyRef(world.database, user.tenant).delete();
    await removalRef(world.database, user.tenant, user.class.provider).delete();
  }
  await fleet.ready();
  for (const member of fleet.members) fleet.order(member, { jumpMs: POLICY_MS + 1_000 });
};
