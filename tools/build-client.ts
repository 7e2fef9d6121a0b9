/**
 * `npm run build:client`: the browser SDK as ES modules with their types, in client/dist. What entries share is in chunks
 * of its own, so that a page without a bundler loads nothing twice.
 */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** @param outdir of its own: it is emptied first */
export const buildClient = async (outdir = path('client/dist')): Promise<void> => {
  const { exports } = JSON.parse(await readFile(path('client/package.json'), 'utf8')) as {
    exports: Readonly<Record<string, { readonly default: string }>>;
  };
  const entries = Object.values(exports).map((entry) => entry.default.replace('./dist/', '').replace('.js', ''));
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: entries.map((name) => path(`client/src/${name}.ts`)),
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    sourcemap: true,
    format: 'esm',
    target: 'es2022',
    chunkNames: 'shared-[hash]',
  });
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
