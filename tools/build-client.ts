/**
 * `npm run build:client`: the browser SDK as ES modules with their types, in client/dist. What entries share is in chunks
 * of its own, so that a page without a bundler loads nothing twice.
 */
import { execFile } from 'node:child_process';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** Without types. @param outdir of its own: it is emptied first */
export const bundleClient = async (outdir: string): Promise<void> => {
  const { exports } = JSON.parse(await readFile(path('client/package.json'), 'utf8')) as {
    exports: Readonly<Record<string, string | { readonly default: string }>>;
  };
  const files = Object.values(exports).map((entry) => (typeof entry === 'string' ? entry : entry.default));
  const names = files.map((file) => file.replace('./dist/', ''));
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: names
      .filter((name) => name.endsWith('.js'))
      .map((name) => path(`client/src/${name.replace('.js', '.ts')}`)),
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    sourcemap: true,
    format: 'esm',
    target: 'es2022',
    chunkNames: 'shared-[hash]',
  });
  const styles = names.filter((name) => name.endsWith('.css'));
  await Promise.all(styles.map((name) => copyFile(path(`web/${name}`), `${outdir}/${name}`)));
};

/** @param outdir of its own: it is emptied first */
export const buildClient = async (outdir = path('client/dist')): Promise<void> => {
  await bundleClient(outdir);
  const compiler = path('node_modules/typescript-native/bin/tsc');
  const types = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', path('.')];
  await promisify(execFile)(process.execPath, [
    compiler,
    '-p',
    path('client'),
    ...types,
    '--outDir',
    `${outdir}/types`,
  ]);
};

if (import.meta.main) await buildClient();
