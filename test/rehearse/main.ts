/** `npm run rehearse`: what is deployed, on this machine: docs/infrastructure.md. Ends with code 1 when a step failed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../tools/build.ts';
import { startDeployment } from './deployment.ts';
import { rehearse } from './rehearse.ts';

const out = mkdtempSync(join(tmpdir(), 'rehearse-'));
const table = (columns: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  console.log([columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n'));

/** Where /proc is; elsewhere it is not shown. */
const memoryOf = (pid: number | undefined): string => {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return String(Math.round(Number(kilobytes) / 1024));
  } catch {
    return '';
  }
};

try {
  console.log('Building every function ...');
  await build(out);
  const deployment = await startDeployment(out);
  try {
    const outcomes = await rehearse(deployment);
    const processes = [...deployment.functions.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
    table(
      ['function', 'port', 'variables', 'ready after, ms', 'RSS, MB'],
      processes.map(({ name, origin, environment, startMs, process: { pid } }) => [
        name,
        new URL(origin).port,
        Object.keys(environment).length,
        Math.round(startMs),
        memoryOf(pid),
      ]),
    );
    console.log();
    table(
      ['step', 'passed on to', 'ms', ''],
      outcomes.map(({ name, reached, ms, failure }) => [
        name,
        reached,
        Math.round(ms),
        failure === undefined ? 'ok' : `FAILED: ${failure.replaceAll('\n', ' ')}`,
      ]),
    );
    if (outcomes.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
  } finally {
    await deployment.stop();
  }
} finally {
  rmSync(out, { recursive: true });
}
