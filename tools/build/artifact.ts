/** The folders that are deployed. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { type Bundle, type HostName, ROOT, sdksOf } from './bundle.ts';
import { lockfileOf } from './lockfile.ts';

const FRAMEWORK = '@google-cloud/functions-framework';
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>;
  devDependencies: Readonly<Record<string, string>>;
};
/** What `engines` names: Cloud Functions chooses the patch. */
const ENGINES = { node: '24' };
const WARM = 'node --hash-seed=1 warm.cjs';

/** A script of this folder, for Node as it is; `bundle`: the one that it loads. */
const deployed = (name: string, bundle = ''): string =>
  transformSync(readFileSync(new URL(`deployed/${name}.cts`, import.meta.url), 'utf8'), {
    loader: 'ts',
    define: { BUNDLE: JSON.stringify(`./${bundle}`) },
  }).code;

/** Cloud Functions installs the framework by `npm ci`, runs `gcp-build` and starts `functions-framework`. */
const forFramework = (name: string): Record<string, string> => {
  const version = dependencies[FRAMEWORK];
  const manifest = {
    name,
    private: true,
    main: 'index.cjs',
    engines: ENGINES,
    scripts: { 'gcp-build': WARM },
    dependencies: { [FRAMEWORK]: version },
  };
  return {
    'package.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
    'package-lock.json': lockfileOf(name, FRAMEWORK, ENGINES),
  };
};

/** Cloud Run builds the image; nothing is installed in it. Without npm in between, a signal reaches the process. */
const forServer = (): Record<string, string> => ({
  Dockerfile: `FROM node:${devDependencies.node}-slim
WORKDIR /app
COPY . .
RUN ${WARM}
USER node
ENV NODE_ENV=production
CMD ["node", "index.cjs"]
`,
});

export interface Artifact {
  /** From the root of the build. */
  readonly folder: string;
  /** SHA-256 over names and contents, but for the code caches: they are made again where the image is made. */
  readonly hash: string;
  /** SHA-256 of each file. */
  readonly files: Readonly<Record<string, string>>;
}

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** Code caches are left to `warm`. */
export const writeArtifact = (
  out: string,
  { name, host, bundle, sdks }: { name: string; host: HostName; bundle: Bundle; sdks: ReadonlyMap<string, Bundle> },
): Artifact => {
  const folder = host === 'framework' ? name : join('cloud-run', name);
  const files: Record<string, string> = {
    'index.cjs': deployed('load', bundle.file),
    'warm.cjs': deployed('warm'),
    ...(host === 'framework' ? forFramework(name) : forServer()),
  };
  const needed = sdksOf(bundle).map((sdk) => sdks.get(sdk));
  for (const each of [bundle, ...needed]) {
    if (!each) continue;
    files[each.file] = each.code;
    if (each.notices !== '') files[`${each.file}.LEGAL.txt`] = each.notices;
  }
  const place = join(out, folder);
  mkdirSync(place, { recursive: true });
  const names = Object.keys(files).sort();
  for (const file of names) writeFileSync(join(place, file), files[file] ?? '');
  const hashes = Object.fromEntries(names.map((file) => [file, sha256(files[file] ?? '')]));
  return { folder, hash: sha256(JSON.stringify(hashes)), files: hashes };
};

/** Makes the code caches of a folder, and reads every file of its bundles once: one that cannot be loaded fails here. */
export const warm = (place: string): void => {
  execFileSync(process.execPath, ['--hash-seed=1', 'warm.cjs'], { cwd: place });
};

export const removeOld = (out: string): void => {
  mkdirSync(out, { recursive: true });
  for (const each of readdirSync(out)) rmSync(join(out, each), { recursive: true });
};
