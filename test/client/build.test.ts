import { execFile } from 'node:child_process';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build, transform } from 'esbuild';
import { buildClient } from '../../tools/build-client.ts';
import { bundleApp, documented, installClient } from '../support/client-package.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** For the code flow, with everything that an app uses of it. */
const LIMIT = 4.5 * 1024;
/** With the reader of token answers, which servers have in common with apps. */
const NATIVE_LIMIT = 8 * 1024;
/** Beside the code flow: what a page with a search loads more. */
const SEARCH_LIMIT = 4 * 1024;

const bundle = async (code: string) => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: join(ROOT, 'client/src') },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  return {
    bytes: gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength,
    inputs: Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? file.replace('client/src/', '') : [],
    ),
  };
};

describe('the build', () => {
  test('the code flow fits into 4.5 KB, minified and gzipped; browser-only code is not in it', async () => {
    const { bytes, inputs } = await bundle("export * from './index.ts'");
    process.stdout.write(`client, code flow: ${bytes} bytes min+gzip of ${LIMIT}\n`);
    expect(bytes).toBeLessThanOrEqual(LIMIT);
    expect(inputs.filter((file) => /browser-only|bridge|fetch|encoding/.test(file))).toEqual([]);
    // It can fail: with the other flow it is more.
    const both = await bundle("export * from './index.ts'; export * from './browser-only.ts'");
    expect(both.bytes).toBeGreaterThan(LIMIT);
  });

  test('the entry for apps fits into 8 KB, and has nothing of a page in it', async () => {
    const { bytes, inputs } = await bundle("export * from './native.ts'");
    process.stdout.write(`client, native: ${bytes} bytes min+gzip of ${NATIVE_LIMIT}\n`);
    expect(bytes).toBeLessThanOrEqual(NATIVE_LIMIT);
    expect(inputs.filter((file) => /popup|returned|^broker|grants\.ts$|seal/.test(file))).toEqual(['native/grants.ts']);
  });

  test('a page with the search fits into 7 KB, and one without has nothing of it', async () => {
    const { bytes: alone } = await bundle("export * from './index.ts'");
    const { bytes, inputs } = await bundle("export * from './index.ts'; export * from './search.ts'");
    process.stdout.write(`client, search: ${bytes - alone} bytes min+gzip more of ${SEARCH_LIMIT}\n`);
    expect(bytes - alone).toBeLessThanOrEqual(SEARCH_LIMIT);
    expect(inputs).toContain('search/google.ts');
    expect((await bundle("export * from './index.ts'")).inputs.filter((file) => file.includes('search'))).toEqual([]);
  });

  test('what is not used is not there', async () => {
    const { inputs } = await bundle("export { PopupBlockedError } from './index.ts'");
    expect(inputs).toEqual(['errors.ts']);
  });

  describe('as a package', () => {
    let installed: Awaited<ReturnType<typeof installClient>>;
    beforeAll(async () => {
      installed = await installClient(buildClient);
      // The libraries' types are found where this project has them.
      for (const scope of ['@microsoft', '@types']) {
        await symlink(join(ROOT, 'node_modules', scope), join(installed.folder, 'node_modules', scope));
      }
    });
    afterAll(() => installed?.remove());

    /** What the compiler has to say about an app of these files. */
    const compile = async (files: Readonly<Record<string, string>>, options: object = {}): Promise<string> => {
      const { folder } = installed;
      const compilerOptions = {
        module: 'nodenext',
        target: 'es2024',
        lib: ['es2024', 'dom', 'dom.iterable'],
        types: [],
        strict: true,
        noEmit: true,
        exactOptionalPropertyTypes: true,
        ...options,
      };
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
      for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
      const compiler = join(ROOT, 'node_modules/typescript-native/bin/tsc');
      const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch((error) => error);
      return stdout;
    };

    test('it asks for no other package, and its files for no file that is not there', async () => {
      const { dependencies, peerDependencies } = JSON.parse(await readFile(join(ROOT, 'client/package.json'), 'utf8'));
      expect([dependencies, peerDependencies]).toEqual([undefined, undefined]);
      const { dist } = installed;
      const files = (await readdir(dist)).filter((file) => file.endsWith('.js'));
      for (const file of files) {
        const code = await readFile(join(dist, file), 'utf8');
        for (const [, from = ''] of code.matchAll(/(?<!")(?:from|import)\s*"([^"]+)"/g)) {
          expect(files).toContain(from.replace('./', ''));
        }
      }
    });

    test('an app finds every entry, and its types are the contract’s', async () => {
      const app = `
        import { createBroker, AuthorizationRequiredError, type Connected } from '@token-broker/client';
        import { browserOnly } from '@token-broker/client/browser-only';
        import { bridge } from '@token-broker/client/bridge';
        import { createFetch } from '@token-broker/client/fetch';
        import { graphAuthentication } from '@token-broker/client/graph';
        import { kiotaAccessTokens } from '@token-broker/client/kiota';
        import { gapiToken } from '@token-broker/client/gapi';
        import { createAdmin } from '@token-broker/client/admin';
        import { createSearch, type SearchResult } from '@token-broker/client/search';
        import { showAdmin, showIntegrations } from '@token-broker/client/pages';
        import { createNativeBroker, type SecureStorage } from '@token-broker/client/native';
        declare const storage: SecureStorage;
        export const app = createNativeBroker({ baseUrl: '', session: () => 'jwt', user: () => 'user-1', platform: 'ios', storage, openBrowser: async (url) => url });
        createFetch(app, { provider: 'google', integration: 'files', origins: [] });
        export const broker = createBroker({ baseUrl: '', session: () => 'jwt', returnTo: '/bridge', flows: browserOnly });
        createBroker({ baseUrl: '', session: 'cookie', user: () => 'user-1', returnTo: '/bridge' });
        export const google = createFetch(broker, { provider: 'google', integration: 'files', origins: [] });
        export const connected: Promise<Connected> = broker.connect({ provider: 'google', integrations: ['files'] });
        export const replaced: Promise<boolean> = connected.then(({ account_replaced }) => account_replaced);
        export const again = (error: AuthorizationRequiredError) => broker.connect(error.request);
        export const more = [bridge, graphAuthentication, kiotaAccessTokens, gapiToken, createAdmin, showAdmin, showIntegrations];
        export const search = createSearch(broker, { baseUrl: '', session: () => 'jwt', own: { host: async (query, { signal }) => [{ id: query, title: String(signal.aborted) }] } });
        export const cited = async (): Promise<SearchResult | undefined> => {
          const found = await search.search({ query: 'x', onProgress: ({ results, sources }) => [results, sources] });
          for (const status of Object.values(found.sources)) if (status.state === 'not_authorized') await broker.connect(status.request);
          for await (const event of search.answer(found)) if (event.type === 'citation') return event.result;
          return undefined;
        };
        // @ts-expect-error: a cookie cannot be read, so the host says who is signed in
        createBroker({ baseUrl: '', session: 'cookie', returnTo: '/bridge' });
        // @ts-expect-error: something has to be wanted
        broker.getAccessToken({ provider: 'google' });
      `;
      expect(await compile({ 'app.ts': app })).toBe('');
    });

    test('the adapters fit the types of the libraries that they are for', async () => {
      const app = `
        import { AllowedHostsValidator, BaseBearerTokenAuthenticationProvider } from '@microsoft/kiota-abstractions';
        import { Client, RetryHandler } from '@microsoft/microsoft-graph-client';
        import type { Middleware } from '@microsoft/microsoft-graph-client';
        import type { Broker } from '@token-broker/client';
        import { AuthorizationRequiredError, brokerErrorIn, type ConnectAgain } from '@token-broker/client/errors';
        import { gapiToken } from '@token-broker/client/gapi';
        import { graphAuthentication, graphMessageHandler } from '@token-broker/client/graph';
        import { kiotaAccessTokens } from '@token-broker/client/kiota';
        declare const broker: Broker;
        const wanted = { integration: 'calendar', onAuthorizationRequired: (request: ConnectAgain) => broker.connect(request) } as const;
        const handler: Middleware = graphMessageHandler(broker, { ...wanted, origins: ['https://graph.microsoft.com'] });
        export const clients = [
          Client.initWithMiddleware({ authProvider: graphAuthentication(broker, wanted) }),
          Client.initWithMiddleware({ middleware: [new RetryHandler(), handler] }),
        ];
        const hosts = new AllowedHostsValidator(new Set(['graph.microsoft.com']));
        export const kiota = new BaseBearerTokenAuthenticationProvider(kiotaAccessTokens(broker, wanted, hosts));
        export const google = gapiToken(broker, wanted, gapi.client);
        export const again = (caught: unknown) => {
          const error = brokerErrorIn(caught);
          return error instanceof AuthorizationRequiredError ? broker.connect(error.request) : undefined;
        };
      `;
      const options = { types: ['gapi', 'gapi.client', 'node'], skipLibCheck: true };
      expect(await compile({ 'libraries.ts': app }, options)).toBe('');
    });

    test('the code in docs/front-end.md is what the package is: its types, and one module of errors', async () => {
      const GLOBALS = `
        declare const yourSession: () => Promise<string>;
        declare const element: HTMLElement;
        declare const button: HTMLButtonElement;
        declare const broker: import('@token-broker/client').Broker;
        declare const google: any;`;
      const examples = {
        'widget.js': await documented('js', 'v1.0/me/events'),
        'graph.js': await documented('js', 'graphMessageHandler'),
        'settings.js': await documented('js', 'showAdmin(element'),
        'google.js': await documented('js', 'initTokenClient'),
      };
      const loosely = { strict: false, exactOptionalPropertyTypes: false, allowJs: true, checkJs: true };
      expect(await compile({ ...examples, 'globals.d.ts': GLOBALS }, loosely)).toBe('');
      for (const code of Object.values(examples)) {
        const bundled = await bundleApp(installed.folder, code);
        // With two copies of the classes no error of the one is known to the other.
        expect(bundled.match(/"SessionRequiredError"/g)?.length ?? 0).toBeLessThan(2);
      }
      expect(await bundleApp(installed.folder, examples['settings.js'])).toContain('"SessionRequiredError"');
      await transform(await documented('jsx', 'useToken'), { loader: 'jsx' });
    });
  });
});
