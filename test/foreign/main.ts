/**
 * `npm run foreign`: the broker beside servers that nobody of this project has written. docs/reliability.md.
 * What is not on the machine is skipped, and the reason printed. Ends with code 1 where a case failed.
 */
import { parseArgs } from 'node:util';
import { CASES, type World } from './keycloak/cases.ts';
import {
  type Distribution,
  fetchDistribution,
  findDistribution,
  javaMissing,
  VERSIONS,
} from './keycloak/distribution.ts';
import { HOST_CASES } from './keycloak/hosts.ts';
import { createRealms, REALMS } from './keycloak/realms.ts';
import { startKeycloak } from './keycloak/server.ts';
import { type Outcome, runCases, textOf } from './lane.ts';
import { startWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    /** The newest version only, without what takes minutes. */
    quick: { type: 'boolean', default: false },
    /** Downloads what is missing, with mvn. */
    fetch: { type: 'boolean', default: false },
    seed: { type: 'string' },
    /** Cases whose name contains it. */
    only: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = values.quick ? 4 : 30;
/** However a server hangs, this ends. */
const END_MS = (values.quick ? 8 : 40) * 60_000;
const INTERRUPTED = 130;

const interrupted = new AbortController();
const interrupt = (why: string) => {
  process.stderr.write(`\n${why}\n`);
  interrupted.abort();
};
process.once('SIGINT', () => interrupt('interrupted: ends everything'));
process.once('SIGTERM', () => interrupt('terminated: ends everything'));
const end = setTimeout(() => {
  interrupt(`not finished after ${END_MS / 60_000} minutes: ends everything`);
  // Stopping may hang as well. What was started ends with this process.
  setTimeout(() => process.exit(1), 30_000).unref();
}, END_MS);
end.unref();

const say = (line: string) => process.stderr.write(`${line}\n`);
let skipped = 0;
const skip = (what: string, why: string) => {
  skipped += 1;
  console.log(`SKIPPED ${what}: ${why}.`);
};

const runKeycloak = async (distribution: Distribution): Promise<readonly Outcome[]> => {
  say(`Keycloak ${distribution.version}: starting, which takes about a minute; seed ${seed}`);
  const keycloak = await startKeycloak(distribution);
  try {
    const realms = Object.values(REALMS);
    const broker = await startWorld([keycloak.origin], (stack) => createRealms(keycloak, stack, realms));
    try {
      const world: World = { ...broker, keycloak, seed, rounds: ROUNDS };
      const chosen = [...CASES, ...HOST_CASES].filter(
        ({ long, name }) => !(values.quick && long) && name.includes(values.only ?? ''),
      );
      return await runCases(world, chosen, say, interrupted.signal);
    } finally {
      await broker.stop();
    }
  } finally {
    await keycloak.stop();
  }
};

const report = (title: string, outcomes: readonly Outcome[]): void => {
  console.log(`\n### ${title}, seed ${seed}\n`);
  console.log('| case | counted | ms | |\n| --- | --- | --- | --- |');
  for (const { name, counts, milliseconds, failure } of outcomes) {
    const result = failure === undefined ? 'ok' : `FAILED: ${failure.replaceAll('|', '/')}`;
    console.log(`| ${name} | ${textOf(counts)} | ${milliseconds} | ${result} |`);
  }
};

const all: Outcome[] = [];
const fail = (what: string, why: string) => {
  console.log(`FAILED ${what}: ${why}.`);
  all.push({ name: what, counts: {}, milliseconds: 0, failure: why });
};
const noJava = javaMissing();
const isNamed = Boolean(process.env.KEYCLOAK_HOME || process.env.KEYCLOAK_ZIP);
for (const version of values.quick ? VERSIONS.slice(0, 1) : VERSIONS) {
  if (interrupted.signal.aborted) break;
  if (noJava !== undefined) {
    skip(`Keycloak ${version}`, noJava);
    continue;
  }
  const notFetched = values.fetch ? fetchDistribution(version) : undefined;
  const distribution = findDistribution(version);
  if ('missing' in distribution) {
    const why = notFetched ?? distribution.missing;
    if (isNamed) fail(`Keycloak ${version}`, why);
    else skip(`Keycloak ${version}`, why);
    if (isNamed) break;
    continue;
  }
  try {
    const outcomes = await runKeycloak(distribution);
    report(`Keycloak ${distribution.version}`, outcomes);
    all.push(...outcomes);
  } catch (error) {
    fail(`Keycloak ${version}`, error instanceof Error ? error.message : 'unknown error');
  }
  // A named distribution is one, whatever its version.
  if (isNamed) break;
}
clearTimeout(end);
const failed = all.filter(({ failure }) => failure !== undefined).length;
console.log(`\nforeign: ${all.length - failed} passed, ${failed} failed, ${skipped} skipped`);
// Whatever is still open is of no use any more.
process.exit(failed > 0 ? 1 : interrupted.signal.aborted ? INTERRUPTED : 0);
