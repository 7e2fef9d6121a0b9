/** One function and all that it needs, in one minified file; the providers' SDKs, which few calls need, in files of their own. */
import { createHash } from 'node:crypto';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where the function runs: on the functions framework (Cloud Functions), or behind `functions/http/server.ts` (Cloud Run). */
export const HOSTS = ['framework', 'server'] as const;
export type HostName = (typeof HOSTS)[number];

/**
 * What the adapters take from each provider's SDK with `import()`: a bundle of its own, loaded with the first call that
 * needs it. Of the index files the rest would come along, because CommonJS cannot be shaken.
 */
const SDKS: Readonly<Record<string, string>> = {
  '@azure/msal-node': "export { ConfidentialClientApplication } from '@azure/msal-node';",
  'google-auth-library': `export { OAuth2Client } from 'google-auth-library/build/src/auth/oauth2client.js';
    export * as gaxios from 'gaxios';`,
  '@googleapis/admin': `export { admin_directory_v1 } from '@googleapis/admin/build/directory_v1.js';
    import { OAuth2Client } from 'google-auth-library/build/src/auth/oauth2client.js';
    export const auth = { OAuth2: OAuth2Client };`,
  '@google/genai': "export { GoogleGenAI } from '@google/genai';",
  oauth4webapi: "export * from 'oauth4webapi';",
};
/** Only gaxios's own way to send a request would load them, and functions/adapters/google/tokens.ts stands in its place. */
const NEVER_LOADED = ['node-fetch', 'https-proxy-agent'];
export const PROVIDER_SDKS = Object.keys(SDKS);

/** msal-node signs with it where the client has a certificate, which nobody configures here; loading it costs 8 ms. */
const LATE = /^jsonwebtoken$/;
const late: Plugin = {
  name: 'late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LATE }, ({ path, namespace, resolveDir }) =>
      namespace === 'late' ? undefined : { path, namespace: 'late', pluginData: resolveDir },
    );
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path, pluginData }) => ({
      contents: `export default { sign: (...given) => require('${path}').sign(...given) };`,
      resolveDir: pluginData,
    }));
  },
};

export interface Bundle {
  /** With a hash of the content in it. */
  readonly file: string;
  readonly code: string;
  /** Licences that ask to be passed on. */
  readonly notices: string;
  readonly sourceMap: string;
  /** The modules in it, as paths from the root, and their bytes. */
  readonly inputs: Readonly<Record<string, number>>;
}

const common = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  // `import()` becomes `require`: the files are scripts, and Node's module loader for the other kind costs a start.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': '__filename' },
  // As Node wraps CommonJS: the file is what `load.cts` compiles, whole.
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
  legalComments: 'external',
  sourcemap: 'external',
  metafile: true,
  write: false,
  outdir: 'dist',
  logLevel: 'error',
} as const satisfies BuildOptions;

/** Modules by the name of what imports them: entries that stand in no file. */
const virtual = (entries: ReadonlyMap<string, string>): Plugin => ({
  name: 'entries',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice('entry:'.length), namespace: 'entry' }));
    onLoad({ filter: /.*/, namespace: 'entry' }, ({ path }) => ({
      contents: entries.get(path) ?? '',
      loader: 'ts',
      resolveDir: ROOT,
    }));
  },
});

/** All in one run, which reads a module that several have in common once. */
const bundled = async (
  entries: ReadonlyMap<string, string>,
  { plugins = [], external = [] }: Pick<BuildOptions, 'plugins' | 'external'> = {},
): Promise<ReadonlyMap<string, Bundle>> => {
  const { outputFiles, metafile } = await build({
    ...common,
    external,
    entryPoints: [...entries.keys()].map((name) => ({ in: `entry:${name}`, out: name })),
    plugins: [virtual(entries), ...(plugins ?? [])],
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [relative(ROOT, path), text]));
  return new Map(
    [...entries.keys()].map((name) => {
      const path = join('dist', `${name}.js`);
      const code = texts.get(path) ?? '';
      // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
      if (/[^\x00-\x7f]/.test(code))
        throw new Error(`${name} has characters beyond ASCII, which load.cts would misread`);
      const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
      const bundle: Bundle = {
        file: `${basename(name)}-${hash}.js`,
        code,
        notices: texts.get(`${path}.LEGAL.txt`) ?? '',
        sourceMap: texts.get(`${path}.map`) ?? '',
        inputs: Object.fromEntries(
          Object.entries(metafile.outputs[path]?.inputs ?? {}).map(([input, { bytesInOutput }]) => [
            input,
            bytesInOutput,
          ]),
        ),
      };
      return [name, bundle];
    }),
  );
};

/** Sends `import('<sdk>')` to the SDK's own file. */
const apart = (sdks: ReadonlyMap<string, Bundle>): Plugin => ({
  name: 'provider SDKs apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'dynamic-import' && sdks.has(path) ? { path, namespace: 'sdk' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'sdk' }, ({ path }) => ({
      contents: `module.exports = require('./${sdks.get(path)?.file}');`,
    }));
    onResolve({ filter: /^\.\//, namespace: 'sdk' }, ({ path }) => ({ path, external: true }));
  },
});

/** By package. */
export const bundleSdks = (): Promise<ReadonlyMap<string, Bundle>> =>
  bundled(new Map(Object.entries(SDKS)), { plugins: [late], external: NEVER_LOADED });

const ENTRIES = {
  // As strings: a function's name may have a hyphen.
  framework: (name: string) => `export { '${name}' } from './functions/${name}/index.ts';`,
  server: (name: string) => `import { startServer } from './functions/http/server.ts';
import { '${name}' as served } from './functions/${name}/index.ts';
startServer(served, Number(process.env.PORT));`,
} as const satisfies Record<HostName, (name: string) => string>;

/** By host and name: `framework/token`. */
export const bundleFunctions = (
  names: readonly string[],
  sdks: ReadonlyMap<string, Bundle>,
): Promise<ReadonlyMap<string, Bundle>> =>
  bundled(new Map(HOSTS.flatMap((host) => names.map((name) => [`${host}/${name}`, ENTRIES[host](name)]))), {
    plugins: [apart(sdks)],
  });

/** The packages whose files a bundle asks for. */
export const sdksOf = ({ inputs }: Bundle): string[] =>
  Object.keys(inputs).flatMap((input) => (input.startsWith('sdk:') ? [input.slice('sdk:'.length)] : []));
