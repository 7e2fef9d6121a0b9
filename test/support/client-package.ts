/** The browser SDK as an app finds it, and the code that docs/front-end.md shows to apps. */
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder with `@token-broker/client` in its node_modules. @param make builds it */
export const installClient = async (make: (outdir: string) => Promise<void>) => {
  const folder = await mkdtemp(join(tmpdir(), 'token-broker-client-'));
  const place = join(folder, 'node_modules/@token-broker/client');
  await mkdir(place, { recursive: true });
  await make(join(place, 'dist'));
  await symlink(join(ROOT, 'client/package.json'), join(place, 'package.json'));
  return { folder, dist: join(place, 'dist'), remove: () => rm(folder, { recursive: true, force: true }) };
};

/** The one block of that language that contains `part`. */
export const documented = async (language: string, part: string): Promise<string> => {
  const text = await readFile(join(ROOT, 'docs/front-end.md'), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, is, code = '']) =>
    is === language && code.includes(part) ? [code] : [],
  );
  if (blocks.length !== 1) throw new Error(`${blocks.length} blocks of ${language} have ${part}`);
  return blocks[0] ?? '';
};

/** As a bundler of the app in that folder makes it. */
export const bundleApp = async (folder: string, code: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    // Client libraries, such as Graph's, come from this project.
    nodePaths: [join(ROOT, 'node_modules')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};
