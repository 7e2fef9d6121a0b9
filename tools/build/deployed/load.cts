/**
 * The main file of a deployed folder: runs the bundle beside it, from V8's code cache where there is one for this Node.
 * Bundles and caches carry a hash of the bundle in their names, because V8 itself compares no more than its length.
 */
const { readFileSync } = require('node:fs') as typeof import('node:fs');
const { join } = require('node:path') as typeof import('node:path');
const { Script } = require('node:vm') as typeof import('node:vm');

declare const BUNDLE: string;

let told = false;
const tell = (reason: 'missing' | 'rejected'): void => {
  if (told) return;
  told = true;
  const event = 'code_cache_unused';
  console.log(JSON.stringify({ severity: 'WARNING', message: event, event, reason, node: process.version }));
};

const cacheOf = (file: string): Buffer | undefined => {
  try {
    return readFileSync(`${file}.${process.version}-${process.arch}.cache`);
  } catch {
    tell('missing');
    return undefined;
  }
};

const load = (name: string): unknown => {
  const file = join(__dirname, name);
  const cachedData = cacheOf(file);
  // The build leaves nothing but ASCII in a bundle, which is read fastest like this.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, ...(cachedData ? { cachedData } : {}) });
  if (script.cachedDataRejected) tell('rejected');
  const module = { exports: {} };
  // Other bundles of the folder are loaded the same way.
  const requireHere = (id: string) => (id.startsWith('./') ? load(id) : require(id));
  script.runInThisContext()(module.exports, Object.assign(requireHere, require), module, file, __dirname);
  return module.exports;
};

module.exports = load(BUNDLE);
