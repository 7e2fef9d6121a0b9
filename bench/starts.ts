/** Cold starts side by side: a fresh process of each candidate in each round, from its start to its first fresh access token. */
import type { Candidate } from './candidates.ts';
import type { Running } from './children.ts';
import type { Ask } from './ipc.ts';
import { inTurns, type Progress } from './measure.ts';
import type { Usage } from './probe.ts';
import { ask, type FirstAnswer } from './processes.ts';
import { accessTokenIn } from './provider.ts';
import type { Start } from './results.ts';

/** Users whom nothing else here has: a strict provider ends the grant of one that starts from the beginning again. */
const NEWCOMERS = 1_000_000;

export const createStarts = (world: Ask, spawn: (candidate: Candidate) => Running) => {
  const startOnce = async (candidate: Candidate, user: number): Promise<FirstAnswer> => {
    const { kind, name, method, path, tokens } = candidate;
    const who = { from: user, to: user + 1 };
    const entered = kind === 'peer' ? undefined : await candidate.enter(who, world);
    let begun = performance.now();
    const server = spawn(candidate);
    try {
      const port = await server.ask<number>('port');
      let [caller] = entered ?? [];
      let entering = 0;
      if (!entered) {
        // A peer's user enters it while it runs: neither the time nor the CPU of that is the start's.
        const before = await server.ask<Usage>('usage');
        const stopped = performance.now();
        [caller] = await candidate.enter(who, server.ask);
        entering = (await server.ask<Usage>('usage')).cpu - before.cpu;
        begun += performance.now() - stopped;
      }
      const [answer, text] = await ask(port, { method, path, ...caller, status: 200 });
      const wall = performance.now() - begun;
      const { cpu, rss } = await server.ask<Usage>('usage');
      if (answer.statusCode !== 200 || (tokens && accessTokenIn(text) === '')) {
        throw new Error(`${name} answered ${answer.statusCode}: ${text}`);
      }
      return { wall, cpu: cpu - entering, rss: rss / 2 ** 20 };
    } finally {
      await server.stop();
    }
  };

  /** One more round than asked for: in the first, which does not count, files are read from the disk. */
  return async (candidates: readonly Candidate[], rounds: number, progress: Progress): Promise<Start[]> => {
    const [hello] = candidates;
    // What hello world differs by from itself is noise.
    const again = hello ? [{ ...hello, id: 'hello-again', name: 'hello world again' }] : [];
    const all = [...candidates.slice(0, 1), ...again, ...candidates.slice(1)];
    const starts = all.map(({ id, name, kind }): Start => ({ id, name, kind, rounds: [] }));
    let user = NEWCOMERS;
    await inTurns(rounds + 1, [...all.keys()], async (index, round) => {
      const candidate = all[index];
      if (!candidate) return;
      progress(`cold starts, ${round}: ${candidate.name}`);
      starts[index]?.rounds.push(await startOnce(candidate, user++));
    });
    return starts.map((start) => ({ ...start, rounds: start.rounds.slice(1) }));
  };
};
