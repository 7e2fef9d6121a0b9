/**
 * `npm test`: first everything that can share the machine, then, one file after the other, what kills processes or is
 * judged by time. With arguments it is jest as it is.
 */
import { spawnSync } from 'node:child_process';

const ALONE = ['chaos', 'load'].map((folder) => `test/${folder}/`);

const jest = (...given: readonly string[]): number => {
  const args = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', ...given];
  const { status, error } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
};

const given = process.argv.slice(2);
const codes =
  given.length > 0
    ? [jest(...given)]
    : [
        jest('--testPathIgnorePatterns', '/node_modules/', ...ALONE),
        jest('--runInBand', '--testPathPatterns', ...ALONE),
      ];
process.exitCode = Math.max(...codes);
