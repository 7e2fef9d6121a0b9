/**
 * `npm run build`: one folder per function under dist/, ready to be deployed: `<function>` to Cloud Functions,
 * `cloud-run/<function>` to Cloud Run. Two builds of the same sources write the same bytes. docs/build.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Artifact, removeOld, warm, writeArtifact } from './build/artifact.ts';
import { type Bundle, bundleFunctions, bundleSdks, HOSTS, type HostName, ROOT } from './build/bundle.ts';
import { FUNCTIONS } from './build/functions.ts';

export interface Manifest {
  /** Whose code caches lie beside the bundles; any other Node makes its own, or does without. */
  readonly node: string;
  readonly functions: Readonly<Record<string, Readonly<Record<HostName, Artifact>>>>;
}

export interface Build {
  readonly manifest: Manifest;
  readonly sdks: ReadonlyMap<string, Bundle>;
  /** By host and function: `framework/token`. */
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** @param out emptied first */
export const build = async (out: string, names: readonly string[] = FUNCTIONS): Promise<Build> => {
  const sdks = await bundleSdks();
  const bundles = await bundleFunctions(names, sdks);
  removeOld(out);
  const artifactOf = (name: string, host: HostName): Artifact => {
    const bundle = bundles.get(`${host}/${name}`);
    if (!bundle) throw new Error(`esbuild made no ${host}/${name}`);
    const artifact = writeArtifact(out, { name, host, bundle, sdks });
    warm(join(out, artifact.folder));
    return artifact;
  };
  const functions = Object.fromEntries(
    names.map((name) => [name, { framework: artifactOf(name, 'framework'), server: artifactOf(name, 'server') }]),
  );
  const manifest = { node: process.version, functions };
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  // For whoever reads a stack in the log; not deployed.
  mkdirSync(join(out, 'source-maps'));
  for (const { file, sourceMap } of [...sdks.values(), ...bundles.values()]) {
    writeFileSync(join(out, 'source-maps', `${file}.map`), sourceMap);
  }
  return { manifest, sdks, bundles };
};

if (import.meta.main) {
  const begun = performance.now();
  const { manifest } = await build(join(ROOT, 'dist'));
  for (const [name, hosts] of Object.entries(manifest.functions)) {
    for (const host of HOSTS)
      console.log(`${hosts[host].hash.slice(0, 12)}  dist/${hosts[host].folder}  (${host}: ${name})`);
  }
  console.log(`${Math.round((performance.now() - begun) / 100) / 10} s`);
}
