/**
 * `npm run bench [-- --built] [-- --quick]`: measures, prints, and writes the measured part of docs/performance.md and
 * its chart. `--built`: what `npm run build` made, instead of the source. `--quick`: shows in seconds that everything
 * works, and writes nothing.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { hasPeers, isBuilt, versions } from './candidates.ts';
import { chartOf } from './chart.ts';
import { documentOf, withMeasured } from './document.ts';
import { FULL, QUICK, runBench } from './run.ts';

const quick = process.argv.includes('--quick');
const built = process.argv.includes('--built');
const progress = (line: string) => process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K` : `${line}\n`);

// The exit takes everything along that was started.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
if (built && !isBuilt()) {
  console.error('Nothing is built: npm run build');
  process.exit(1);
}
if (!quick) {
  progress('npm ci in bench/peers');
  const arguments_ = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', arguments_, { cwd: new URL('peers', import.meta.url), stdio: ['ignore', 'ignore', 'inherit'] });
}
const results = await runBench({ effort: quick ? QUICK : FULL, built, peers: hasPeers(), progress });
progress('');

const command = `npm run bench${built ? ' -- --built' : ''}`;
const measured = documentOf(results, { command, built, versions: versions() });
console.log(measured);
if (!hasPeers()) console.log('Without the peers: they are not installed (npm run bench does that).');
if (!quick) {
  const page = new URL('../docs/performance.md', import.meta.url);
  writeFileSync(page, withMeasured(readFileSync(page, 'utf8'), measured));
  writeFileSync(new URL('../docs/performance.svg', import.meta.url), chartOf(results));
}
