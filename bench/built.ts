/** What is measured as it is deployed, and the bench's own parts that run inside of what is measured: without TypeScript. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import type { HostName } from '../tools/build/bundle.ts';
import { build, type Manifest } from '../tools/build.ts';

export interface Built {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The functions that are measured: token side by side, the others from their start to their first answer. */
export const MEASURED = ['token', 'callback', 'authorize'] as const;

/** @param folder emptied first */
export const buildInto = async (folder: string, names?: readonly string[]): Promise<Built> => {
  const { manifest } = await build(folder, names);
  return { folder, manifest };
};

/** A function's main file. */
export const mainOf = ({ folder, manifest }: Built, name: string, host: HostName): string => {
  const artifact = manifest.functions[name]?.[host];
  if (!artifact) throw new Error(`${name} was not built`);
  return join(folder, artifact.folder, 'index.cjs');
};

const PARTS = { probe: 'probe.ts', floor: 'floor/floor.ts' };

export const partIn = (folder: string, part: keyof typeof PARTS): string => join(folder, `${part}.cjs`);

/** The probe and the floor, each as one script. */
export const buildParts = async (folder: string): Promise<void> => {
  const sources = Object.entries(PARTS).map(([name, file]) => [name, fileURLToPath(new URL(file, import.meta.url))]);
  await bundle({
    entryPoints: Object.fromEntries(sources),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    logLevel: 'error',
  });
};
