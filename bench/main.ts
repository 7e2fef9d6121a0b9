/**
 * `npm run bench`: builds, measures what was built, prints, and writes the measured part of docs/performance.md and its
 * chart. `-- --quick`: shows within a minute or two that everything works, and writes no page. `-- --source`: measures
 * the sources instead of what is deployed, and writes no page either.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../tools/build/bundle.ts';
import { buildInto } from './built.ts';
import { hasPeers, versions } from './candidates.ts';
import { chartOf } from './chart.ts';
import { documentOf, withMeasured } from './document.ts';
import { FULL, QUICK, runBench } from './run.ts';

const quick = process.argv.includes('--quick');
const source = process.argv.includes('--source');
const progress = (line: string) => process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K` : `${line}\n`);

// The exit takes everything along that was started.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
if (!quick) {
  progress('npm ci in bench/peers');
  const arguments_ = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', arguments_, { cwd: new URL('peers', import.meta.url), stdio: ['ignore', 'ignore', 'inherit'] });
}
if (!source) progress('npm run build');
const built = source ? undefined : await buildInto(join(ROOT, 'dist'));
const results = await runBench({ effort: quick ? QUICK : FULL, built, peers: hasPeers(), progress });
progress('');

const flags = [...(quick ? ['--quick'] : []), ...(source ? ['--source'] : [])];
const command = ['npm run bench', ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ');
const measured = documentOf(results, { command, built: !source, versions: versions() });
console.log(measured);
if (!hasPeers()) console.log('Without the peers: they are not installed (npm run bench does that).');
if (!quick && !source) {
  const page = new URL('../docs/performance.md', import.meta.url);
  writeFileSync(page, withMeasured(readFileSync(page, 'utf8'), measured));
  writeFileSync(new URL('../docs/performance.svg', import.meta.url), chartOf(results));
}
