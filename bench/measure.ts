/** One measurement, and the series that are made of it. Candidates take turns, in changing order. */
import type { Candidate } from './candidates.ts';
import type { Running } from './children.ts';
import type { Outcome, Plan, Target } from './generator.ts';
import type { Ask } from './ipc.ts';
import type { Usage } from './probe.ts';
import { refreshToken } from './provider.ts';
import type { Growth, Measured, Point, Sample } from './results.ts';
import { grantOf, type World } from './world.ts';

export interface Effort {
  readonly rounds: number;
  /** Of the cold starts. */
  readonly startRounds: number;
  /** Of the curves. */
  readonly curveRounds: number;
  /** Of a measurement. */
  readonly seconds: number;
  /** Before it, unmeasured: connections that went idle are made anew. */
  readonly settle: number;
  /** Of the provider, milliseconds. */
  readonly latencies: readonly number[];
  /** Concurrent callers of the curve. */
  readonly callers: readonly number[];
  /** Numbers of connections of the curve. */
  readonly connections: readonly number[];
}

export interface Server {
  readonly candidate: Candidate;
  readonly running: Running;
  readonly url: string;
}

export type Progress = (line: string) => void;

/** Two for each of the most callers at once. */
export const USERS = 128;
/** Calls per second that every candidate can keep up with. */
export const RATE = 50;
export const RACERS = 8;
/** Seconds until each of many connections must have been used. */
const PATIENCE = 600;
/** Callers who keep a server busy: more where each of them waits for the provider most of the time. */
export const callersAt = (latency: number) => (latency === 0 ? 16 : 64);
/** Whose curves are drawn. */
const CURVES = ['broker-microsoft', 'better-auth-encrypted-sqlite', 'by-hand'];

/** In turns, and every other time in reverse: nobody is always measured after the same neighbour. */
export const inTurns = async <T>(
  rounds: number,
  of: readonly T[],
  each: (one: T, round: string) => Promise<void>,
): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    for (const one of round % 2 === 0 ? of : of.toReversed()) await each(one, `round ${round + 1} of ${rounds}`);
  }
};

export const createBench = (world: Ask, generate: Ask, effort: Effort, progress: Progress) => {
  const measure = async ({ candidate, running }: Server, plan: Omit<Plan, 'target' | 'seconds'>): Promise<Sample> => {
    const target = candidate.id;
    await generate<Outcome>('run', { ...plan, target, seconds: effort.settle });
    const issued = await world<number>('issued');
    const before = await running.ask<Usage>('usage');
    const outcome = await generate<Outcome>('run', { ...plan, target, seconds: effort.seconds });
    const after = await running.ask<Usage>('usage');
    const { calls, seconds, latencies, bad, heldBack } = outcome;
    const cpu = after.cpu - before.cpu;
    return {
      callsPerSecond: calls / seconds,
      cpu: cpu / calls,
      busy: cpu / 1000 / seconds,
      latencies,
      refreshes: ((await world<number>('issued')) - issued) / calls,
      bad,
      heldBack,
    };
  };

  const sideBySide = async (servers: readonly Server[]): Promise<Measured[]> => {
    const measured = servers.map(({ candidate: { id, name, kind } }): Measured => ({ id, name, kind, by: {} }));
    for (const latency of effort.latencies) {
      await world('latency', latency);
      await inTurns(effort.rounds, servers, async (server, round) => {
        progress(`provider with ${latency} ms, ${round}: ${server.candidate.name}`);
        const mine = measured[servers.indexOf(server)];
        if (!mine) return;
        mine.by[latency] ??= { full: [], steady: [] };
        mine.by[latency].full.push(await measure(server, { load: { callers: callersAt(latency) } }));
        mine.by[latency].steady.push(await measure(server, { load: { perSecond: RATE } }));
      });
    }
    for (const [index, { running }] of servers.entries()) {
      const mine = measured[index];
      if (mine) mine.held = await running.ask<number>('held');
    }
    return measured;
  };

  /** Latency against load, at the slowest provider. */
  const byCallers = async (servers: readonly Server[]): Promise<{ name: string; points: Point[] }[]> => {
    await world('latency', Math.max(...effort.latencies));
    const chosen = servers.filter(({ candidate }) => CURVES.includes(candidate.id));
    const curves = chosen.map(({ candidate: { name } }) => ({
      name,
      points: effort.callers.map((at): Point => ({ at, samples: [] })),
    }));
    for (const [index, callers] of effort.callers.entries()) {
      await inTurns(effort.curveRounds, chosen, async (server, round) => {
        progress(`${callers} callers, ${round}: ${server.candidate.name}`);
        const point = curves[chosen.indexOf(server)]?.points[index];
        point?.samples.push(await measure(server, { load: { callers } }));
      });
    }
    return curves;
  };

  /** What one call costs, one at a time, when so many connections exist and each has been used. */
  const byConnections = async (server: Server): Promise<Growth[]> => {
    await world('latency', 0);
    const { candidate, running, url } = server;
    const { id: name, method, tokens } = candidate;
    const most = Math.max(...effort.connections);
    progress(`${most} connections are made`);
    const callers = await candidate.enter({ from: 0, to: most }, world);
    await generate('target', { name, url, method, callers, tokens } satisfies Target);
    const growth: Growth[] = [];
    for (const at of effort.connections) {
      progress(`${at} connections, each used once`);
      const once = { target: name, seconds: PATIENCE, load: { callers: Math.min(8, at) }, users: at, calls: at };
      const { calls } = await generate<Outcome>('run', once);
      if (calls < at) throw new Error(`only ${calls} of ${at} connections gave a token`);
      const { rss } = await running.ask<Usage>('usage');
      growth.push({ at, rss: rss / 1e6, held: await running.ask<number>('held'), samples: [] });
    }
    await inTurns(effort.curveRounds, growth, async ({ at, samples }, round) => {
      progress(`${at} connections, ${round}`);
      samples.push(await measure(server, { load: { callers: 1 }, users: at }));
    });
    return growth;
  };

  /** One user's calls at once, at a provider whose refresh tokens are good once. Whoever sends one twice loses the grant. */
  const races = async (servers: readonly Server[], measured: readonly Measured[]): Promise<void> => {
    await world('latency', 50);
    for (const [index, { candidate }] of servers.entries()) {
      const mine = measured[index];
      // The broker leases where it is configured for such a provider.
      if (!mine || !candidate.tokens || (candidate.kind === 'broker' && candidate.id !== 'broker-notes')) continue;
      progress(`${RACERS} calls at once: ${candidate.name}`);
      await world('strict', grantOf(candidate.id, 0));
      const race = (times: number) => generate<number>('race', { target: candidate.id, user: 0, times });
      const before = await race(1);
      const answered = await race(RACERS);
      mine.race = { answered, survived: before === 1 && (await race(1)) === 1 };
    }
  };

  /** What provider and generator manage without any server between them, and so the most that can be measured. */
  const ceiling = async ({ peer }: World): Promise<number> => {
    progress('the provider by itself');
    await world('latency', 0);
    const callers = Array.from({ length: USERS }, (_, user) => ({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken(grantOf('ceiling', user), 0),
        client_id: peer.CLIENT_ID ?? '',
        client_secret: peer.CLIENT_SECRET ?? '',
      }).toString(),
    }));
    const target = { name: 'ceiling', url: `${peer.ISSUER}/token`, method: 'POST' as const, callers, tokens: true };
    await generate('target', target satisfies Target);
    const plan = { target: 'ceiling', load: { callers: callersAt(0) } };
    await generate('run', { ...plan, seconds: effort.seconds });
    const { calls, seconds } = await generate<Outcome>('run', { ...plan, seconds: effort.seconds });
    return calls / seconds;
  };

  return { sideBySide, byCallers, byConnections, races, ceiling };
};
