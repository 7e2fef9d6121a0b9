/** One whole run: everything is started once, measured in turns, and stopped. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '../test/support/self-signed.ts';
import { candidatesOf } from './candidates.ts';
import { type Running, run } from './children.ts';
import type { Target } from './generator.ts';
import { createBench, type Effort, type Progress, type Server, USERS } from './measure.ts';
import type { Results } from './results.ts';
import type { World } from './world.ts';

/** Ten minutes. */
export const FULL: Effort = {
  rounds: 5,
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
  /** What `npm run build` made, instead of the source. */
  readonly built: boolean;
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

    const servers: Server[] = [];
    for (const candidate of candidatesOf({ built, peers })) {
      progress(`${candidate.name} starts`);
      const { id: name, method, tokens } = candidate;
      const env = { ...candidate.environment(info, folder), ...trust };
      const running = started('server', ['--import', file('probe.ts'), ...candidate.args], env);
      const url = `http://127.0.0.1:${await running.ask<number>('port')}${candidate.path}`;
      const callers = await candidate.enter({ from: 0, to: USERS }, world.ask, running.ask);
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
    return { measured, ceiling, callers, connections, rounds: effort.rounds, load, seconds };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
    process.off('exit', remove);
    remove();
  }
};
