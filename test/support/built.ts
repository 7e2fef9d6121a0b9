/** The build of all functions (`npm run build`), made once for every test that reads or starts it. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bundle } from '../../tools/build/bundle.ts';
import { build, type Manifest } from '../../tools/build.ts';
import { hashOf, kept, ROOT } from './kept.ts';

/** What a build is made of. */
const SOURCES = ['functions', 'tools/build', 'tools/build.ts', 'package.json', 'package-lock.json', 'tsconfig.json'];

export interface Built {
  /** As dist/ is laid out; read it only. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly sdks: ReadonlyMap<string, Bundle>;
  /** By host and function: `framework/token`. */
  readonly bundles: ReadonlyMap<string, Bundle>;
}

const json = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

/** In a process of its own: bundling in jest's sandbox takes several times as long. */
export const builtFunctions = async (): Promise<Built> => {
  const folder = await kept('build', await hashOf(SOURCES), async (out) => {
    await promisify(execFile)(process.execPath, ['--no-warnings', import.meta.filename, out]);
  });
  const { sdks, bundles } = await json(join(folder, 'bundles.json'));
  return {
    folder: join(folder, 'dist'),
    manifest: await json(join(folder, 'dist/manifest.json')),
    sdks: new Map(sdks),
    bundles: new Map(bundles),
  };
};

if (import.meta.main) {
  const [out = join(ROOT, 'dist')] = process.argv.slice(2);
  const { sdks, bundles } = await build(join(out, 'dist'));
  // The maps stand beside the build already.
  const entries = (all: ReadonlyMap<string, Bundle>) =>
    [...all].map(([name, bundle]) => [name, { ...bundle, sourceMap: '' }]);
  await writeFile(join(out, 'bundles.json'), JSON.stringify({ sdks: entries(sdks), bundles: entries(bundles) }));
}
