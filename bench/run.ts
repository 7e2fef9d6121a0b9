/** One whole run: everything is started once, measured in turns, and stopped. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '../test/support/self-signed.ts';
import { type Built, buildParts, partIn } from './built.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import { type Running, run } from './children.ts';
import { measureStarts } from './cold.ts';
import type { Target } from './generator.ts';
import { createBench, type Effort, type Progress, type Server, USERS } from './measure.ts';
import type { Results } from './results.ts';
import { createStarts } from './starts.ts';
import type { World } from './world.ts';

/** A quarter of an hour. */
export const FULL: Effort = {
  rounds: 5,
  startRounds: 11,
  curveRounds: 3,
  seconds: 1.5,
  settle: 0.2,
  latencies: [0, 50],
  callers: [1, 2, 4, 8, 16, 32, 64],
  connections: [1, 10, 100, 1_000, 10_000],
};
/** Seconds: shows that it works, and measures nothing. */
export const QUICK: Effort = {
  rounds: 1,
  startRounds: 1,
  curveRounds: 1,
  seconds: 0.3,
  settle: 0.1,
  latencies: [0],
  callers: [1, 4],
  connections: [1, 200],
};

const WARM_UP_SECONDS = 2;

export interface Options {
  readonly effort: Effort;
  /** With the functions that are MEASURED; absent: from the sources. */
  readonly built?: Built | undefined;
  readonly peers: boolean;
  readonly progress: Progress;
}

export const runBench = async ({ effort, built, peers, progress }: Options): Promise<Results> => {
  const begun = performance.now();
  const [load = 0] = loadavg();
  const folder = mkdtempSync(join(tmpdir(), 'token-broker-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const processes: Running[] = [];
  const started = (...given: Parameters<typeof run>): Running => {
    const running = run(...given);
    processes.push(running);
    return running;
  };
  try {
    const tls = selfSigned();
    const authority = join(folder, 'authority.pem');
    writeFileSync(authority, tls.cert);
    const trust = { NODE_EXTRA_CA_CERTS: authority };
    const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const world = started('rest', [file('world.ts')], {});
    const generator = started('rest', [file('generator.ts')], trust);
    const info = await world.ask<World>('start', tls);

    await buildParts(folder);
    const spawn = (candidate: Candidate): Running =>
      started('server', ['--require', partIn(folder, 'probe'), ...candidate.args(folder, built)], {
        ...candidate.environment(info, folder),
        ...trust,
      });
    const candidates = candidatesOf({ built: built !== undefined, peers });
    // The floor again shows the noise of calls, hello world again that of starts.
    const starting = candidates.filter(({ id }) => id !== 'floor-again');
    const starts = await createStarts(world.ask, spawn)(starting, effort.startRounds, progress);
    const only = 'callback,authorize';
    const variants = ['bundle + cache'] as const;
    const functions = built && (await measureStarts({ rounds: effort.startRounds, only, variants, built, progress }));

    const servers: Server[] = [];
    for (const candidate of candidates) {
      progress(`${candidate.name} starts`);
      const { id: name, kind, method, tokens } = candidate;
      const running = spawn(candidate);
      const url = `http://127.0.0.1:${await running.ask<number>('port')}${candidate.path}`;
      const callers = await candidate.enter({ from: 0, to: USERS }, kind === 'peer' ? running.ask : world.ask);
      await generator.ask('target', { name, url, method, callers, tokens } satisfies Target);
      const seconds = Math.min(WARM_UP_SECONDS, effort.seconds);
      await generator.ask('run', { target: name, seconds, load: { callers: 8 } });
      servers.push({ candidate, running, url });
    }

    const bench = createBench(world.ask, generator.ask, effort, progress);
    const ceiling = await bench.ceiling(info);
    const measured = await bench.sideBySide(servers);
    const callers = await bench.byCallers(servers);
    await bench.races(servers, measured);
    const grown = servers.find(({ candidate }) => candidate.id === 'broker-microsoft');
    const connections = grown ? await bench.byConnections(grown) : [];
    const seconds = Math.round((performance.now() - begun) / 1000);
    const { rounds, startRounds } = effort;
    return {
      starts,
      ...(functions ? { functions } : {}),
      measured,
      ceiling,
      callers,
      connections,
      rounds,
      startRounds,
      load,
      seconds,
    };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
    process.off('exit', remove);
    remove();
  }
};
