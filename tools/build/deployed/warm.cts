/**
 * Writes V8's code cache of every bundle beside it, for the Node that runs this: `npm run build`, and where the image is
 * made (`gcp-build`, Dockerfile), because a cache is good for one version of Node only.
 * With `--hash-seed` on the command line two runs write the same bytes.
 */
const { readdirSync, readFileSync, writeFileSync } = require('node:fs') as typeof import('node:fs');
const { join } = require('node:path') as typeof import('node:path');
const { setFlagsFromString } = require('node:v8') as typeof import('node:v8');
const { Script } = require('node:vm') as typeof import('node:vm');

const bundles = readdirSync(__dirname).filter((each) => each.endsWith('.js'));
for (const name of bundles.sort()) {
  const file = join(__dirname, name);
  // Every function in it, also those that V8 would compile when they are first called.
  setFlagsFromString('--no-lazy');
  // The cache has the file's name in it, and must not have the folder's.
  const script = new Script(readFileSync(file, 'latin1'), { filename: name });
  // A cache names the flags that it was made under: the usual ones.
  setFlagsFromString('--lazy');
  setFlagsFromString('--hash-seed=0');
  writeFileSync(`${file}.${process.version}-${process.arch}.cache`, script.createCachedData());
}
