/**
 * `npm run chaos`: minutes of trouble. `-- --long`: more processes, over a thousand kills, and the official Firestore
 * emulator where it is installed. `-- --seed N` replays a plan; the timing of processes is real and differs. Ctrl-C ends
 * after the round that is under way, and prints what was counted.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { findEmulator } from '../../local/firestore/emulator.ts';
import { type Phase, runCampaign } from './campaign.ts';
import { EVERYTHING } from './coverage.ts';
import { markdownOf, missedBy, shortfallsOf } from './report.ts';
import type { RoundKind } from './scenarios.ts';
import type { Tally } from './tally.ts';
import { startWorld } from './world.ts';

const { values } = parseArgs({ options: { long: { type: 'boolean', default: false }, seed: { type: 'string' } } });
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!Number.isSafeInteger(seed)) {
  console.error('--seed takes a whole number');
  process.exit(2);
}

const MIX: readonly RoundKind[] = [
  ...(['quiet', 'calm', 'kills', 'kills', 'faults', 'kills', 'kills', 'faults'] as const),
  ...(['holds', 'kills', 'kills', 'faults', 'kills', 'freezes', 'clocks'] as const),
];
const mixed = (processes: number, times: number): Phase => ({
  processes,
  rounds: Array.from({ length: times }, () => MIX).flat(),
});
const phases: readonly Phase[] = values.long
  ? [mixed(1, 1), mixed(2, 1), mixed(8, 12), mixed(32, 2)]
  : [mixed(1, 1), mixed(2, 1), mixed(8, 4)];
// Its time is real: every lease that a kill leaves behind has to be waited for.
const onEmulator: readonly Phase[] = [
  { processes: 4, rounds: ['quiet', 'calm', 'kills', 'holds', 'kills', 'kills', 'holds', 'kills'] },
];

const USERS_PER_CLASS = 8;

const progress = (tally: Tally): void => {
  const { rounds: done, planned, processes, broken } = tally;
  const line = `round ${done}/${planned}, ${processes.killed} kills, ${broken.length} broken`;
  process.stderr.write(process.stderr.isTTY ? `\r${line} ` : `${line}\n`);
};

/** As a shell says it of what SIGINT has ended. */
const INTERRUPTED = 130;
const interrupted = new AbortController();
process.once('SIGINT', () => {
  process.stderr.write('\nends after this round\n');
  interrupted.abort();
});

/** On a machine that has nothing else to do. */
const DEMANDS = { tokens: 0.95, inTime: 0.99 } as const;
/** The promise is about the stand-in; but half of the waits come to an end here too. */
const OF_EMULATOR = { tokens: 0.65, inTime: 0.5 } as const;
/** What `--long` is for. */
const MANY_KILLS = 1_000;

const run = async (name: string, emulator: boolean, chosen: readonly Phase[]): Promise<boolean> => {
  process.stderr.write(`${name}: seed ${seed}\n`);
  const world = await startWorld({ usersPerClass: USERS_PER_CLASS, emulator });
  try {
    const tally = await runCampaign(world, {
      seed,
      phases: chosen,
      usersPerClass: USERS_PER_CLASS,
      patient: true,
      progress,
      signal: interrupted.signal,
    });
    process.stderr.write('\n');
    console.log(`### ${name}\n\n${markdownOf(tally)}\n`);
    // The emulator has no faults to inject.
    const missed = emulator || interrupted.signal.aborted ? [] : missedBy(tally, EVERYTHING);
    const tooFew = values.long && !emulator && !interrupted.signal.aborted && tally.processes.killed < MANY_KILLS;
    const short = shortfallsOf(tally, emulator ? OF_EMULATOR : DEMANDS);
    for (const what of short) process.stderr.write(`${what}\n`);
    for (const what of missed) process.stderr.write(`never happened: ${what}\n`);
    if (tooFew) process.stderr.write(`fewer than ${MANY_KILLS} kills\n`);
    return tally.broken.length === 0 && short.length === 0 && missed.length === 0 && !tooFew;
  } finally {
    await world.stop();
  }
};

let good = await run('On the Firestore stand-in', false, phases);
if (values.long && !interrupted.signal.aborted) {
  if (findEmulator()) good = (await run('On the official Firestore emulator', true, onEmulator)) && good;
  else console.log('The official Firestore emulator is not installed: its part was not run.\n');
}
process.exitCode = !good ? 1 : interrupted.signal.aborted ? INTERRUPTED : 0;
