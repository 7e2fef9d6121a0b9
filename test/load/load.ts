/** The token operation at and far beyond capacity, against one broker process on loopback. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { ProviderName } from '../../local/environment.ts';
import { connect, type TestStack } from '../support/broker.ts';
import { isStarved } from '../support/starved.ts';
import type { Answered, Caller, Drive, Driven } from './generator.ts';

export interface User {
  readonly provider: ProviderName;
  readonly name: string;
  token: string;
}

export interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly requests: number;
  readonly heldBack: number;
  /** Answers by status; 0: no answer. */
  readonly statuses: Readonly<Record<number, number>>;
  /** 503 by the problem's code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** 429 and 503 without Retry-After. */
  readonly rude: number;
  /** Milliseconds, of the tokens. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds, of those who were not let in: they wait for nothing. */
  readonly shedP50: number;
  readonly shedP99: number;
  /** Most requests without an answer at one time. */
  readonly mostOutstanding: number;
  /** Milliseconds that this process's timers came late, p99: how busy the machine was otherwise. */
  readonly delayP99: number;
  /** Megabytes of the broker's process; empty where /proc is not there. */
  readonly memory: readonly number[];
}

/** The problem of a call that was not let in (`MAX_IN_FLIGHT`); also of one whose neighbours fail, but here they do not. */
const SHED = 'temporarily_unavailable';
/** Milliseconds in which that is said. */
const SHED_MS = 2_000;

/** Users at a tolerant and a strict provider, in turns. */
export const connectUsers = async (stack: TestStack, count: number): Promise<User[]> => {
  const users: User[] = [];
  for (let index = 0; index < count; index++) {
    const provider: ProviderName = index % 2 === 0 ? 'microsoft' : 'notes';
    const name = `user-load-${index}`;
    const token = await stack.session(name);
    await connect(stack, provider, { token, integrations: [provider === 'notes' ? 'notes' : 'files'] });
    users.push({ provider, name, token });
  }
  return users;
};

const renew = (stack: TestStack, users: readonly User[]): Promise<unknown> =>
  Promise.all(
    users.map(async (user) => {
      user.token = await stack.session(user.name);
    }),
  );

const callersOf = ({ broker }: TestStack, users: readonly User[]): Caller[] =>
  users.map(({ provider, token }) => ({ url: `${broker}/v1/connections/${provider}/token`, token }));

const percentile = (values: number[], share: number): number =>
  Math.round(values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0);

/** Resident memory of a process in megabytes, where the system tells. */
const memoryOf = (pid: number | undefined): number | undefined => {
  try {
    return Math.round((Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 1e6);
  } catch {
    return undefined;
  }
};

export const drive = async (
  stack: TestStack,
  users: readonly User[],
  plan: Drive,
  progress: (line: string) => void = () => {},
): Promise<Phase> => {
  const { name, seconds } = plan;
  await renew(stack, users);
  const memory: number[] = [];
  const begun = performance.now();
  const delay = monitorEventLoopDelay();
  delay.enable();
  const generator = new Worker(new URL('generator.ts', import.meta.url), {
    workerData: { callers: callersOf(stack, users), drive: plan },
  });
  const watch = setInterval(() => {
    const now = memoryOf(stack.brokers[0]?.process.pid);
    if (now !== undefined) memory.push(now);
    progress(`${name}: ${Math.round((performance.now() - begun) / 1000)} of ${seconds} s`);
  }, 1_000);
  // Sessions live five minutes, a soak longer.
  const renewal = setInterval(async () => {
    await renew(stack, users);
    generator.postMessage(callersOf(stack, users));
  }, 120_000);
  const [{ answers, heldBack, mostOutstanding }] = (await once(generator, 'message')) as [Driven];
  clearInterval(watch);
  clearInterval(renewal);
  delay.disable();

  const statuses: Record<number, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const times = (keep: (answer: Answered) => boolean) => answers.filter(keep).map(({ took }) => took);
  const refused = ({ status }: Answered) => status === 429 || status === 503;
  const shed = times(({ status, code }) => status === 503 && code === SHED);
  const refusals: Record<string, number> = {};
  for (const { status, code = 'none' } of answers) if (status === 503) refusals[code] = (refusals[code] ?? 0) + 1;
  return {
    name,
    seconds,
    requests: answers.length,
    heldBack,
    statuses,
    rude: answers.filter((each) => refused(each) && !(Number(each.retryAfter) >= 1)).length,
    p50: percentile(
      times(({ status }) => status === 200),
      0.5,
    ),
    p99: percentile(
      times(({ status }) => status === 200),
      0.99,
    ),
    refusals,
    shedP50: percentile(shed, 0.5),
    shedP99: percentile(shed, 0.99),
    mostOutstanding,
    delayP99: Math.round(delay.percentile(99) / 1e6),
    memory,
  };
};

/** What must hold of a phase; empty: all of it did. `shedMs`: within which 99 of 100 are told that they are not let in. */
export const brokenIn = ({ name, statuses, rude, p99, shedP50, shedP99 }: Phase, shedMs = SHED_MS): string[] => {
  const mayJudge = !isStarved();
  const odd = Object.keys(statuses).filter((status) => !['200', '429', '503'].includes(status));
  return [
    ...odd.map((status) => `${name}: ${statuses[Number(status)]} answers with ${status}`),
    ...(rude > 0 ? [`${name}: ${rude} refusals without Retry-After`] : []),
    // Provider deadline, write budget, the wait for a turn: nobody waits longer than these, so there is no queue.
    ...(mayJudge && p99 > 20_000 ? [`${name}: p99 ${p99} ms`] : []),
    // Who is not let in is told so at once. On a machine that others keep busy nobody can say what that is.
    ...(mayJudge && shedP99 > shedMs ? [`${name}: refused after ${shedP50} to ${shedP99} ms`] : []),
  ];
};

/**
 * Whether memory kept growing after the first quarter, which warms up. A collector lets it climb and fall again: growing is
 * what raises the valleys of the later half, and the peaks as well. Throws without samples.
 */
export const isGrowing = (memory: readonly number[]): boolean => {
  const settled = memory.slice(Math.floor(memory.length / 4));
  const half = Math.floor(settled.length / 2);
  if (half < 3) throw new Error('memory was not measured: no /proc, or too short');
  const [before, after] = [settled.slice(0, half), settled.slice(half)];
  return Math.min(...after) > Math.min(...before) * 1.1 && Math.max(...after) > Math.max(...before) * 1.1;
};

/** Everybody's connection afterwards: the ones that do not give a token any more. */
export const lostAfterwards = async (stack: TestStack, users: readonly User[]): Promise<string[]> => {
  await renew(stack, users);
  const lost: string[] = [];
  for (const { provider, name, token } of users) {
    let status = 0;
    // A bucket may still be empty, a lease still held.
    for (let attempt = 0; attempt < 30 && status !== 200; attempt++) {
      ({ status } = await stack.call('POST', `/v1/connections/${provider}/token`, { token }));
      if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 500));
      if (status === 409) break;
    }
    if (status !== 200) lost.push(`${name} at ${provider}: ${status}`);
  }
  return lost;
};
