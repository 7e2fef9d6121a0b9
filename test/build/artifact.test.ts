/** The folders that are deployed, as processes: started as the cloud starts them, with what they declare and nothing else. */
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HOSTS, type HostName } from '../../tools/build/bundle.ts';
import { FUNCTIONS } from '../../tools/build/functions.ts';
import { build } from '../../tools/build.ts';
import { connect, startTestStack, type TestStack } from '../support/broker.ts';
import { type Built, builtFunctions } from '../support/built.ts';
import { byFramework, byItself, type Deployed, declared, startDeployed } from '../support/deployed.ts';

const work = mkdtempSync(join(tmpdir(), 'build-'));
const RECORD = new URL('record.cjs', import.meta.url).pathname;
let built: Built;
let stack: TestStack;
const running: Deployed[] = [];

beforeAll(async () => {
  [stack, built] = await Promise.all([startTestStack(), builtFunctions()]);
}, 240_000);
afterAll(async () => {
  for (const each of running) each.process.kill('SIGKILL');
  await stack?.stop();
  rmSync(work, { recursive: true });
});

const folderOf = (host: HostName, name: string): string => {
  const artifact = built.manifest.functions[name]?.[host];
  if (!artifact) throw new Error(`${name} was not built`);
  return join(built.folder, artifact.folder);
};

/** @param folder another copy of the function's */
const start = async (host: HostName, name: string, folder = folderOf(host, name), node: string[] = []) => {
  const main = join(folder, 'index.cjs');
  const args = host === 'framework' ? byFramework(main, name) : byItself(main);
  const deployed = await startDeployed([...node, ...args], await declared(name, stack.environment));
  running.push(deployed);
  return deployed;
};

/** The files that a process started with `record.cjs` has read or required so far. */
const loadedBy = async ({ process: child, output }: Deployed): Promise<string[]> => {
  child.kill('SIGUSR2');
  for (const until = Date.now() + 5_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const line = /^loaded (.*)\n/m.exec(output())?.[1];
    if (line) return [...new Set<string>(JSON.parse(line))];
  }
  throw new Error('the process does not say what it loaded');
};

const stop = async ({ process: child, output }: Deployed): Promise<void> => {
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  stack.logs.push(output());
};

const FIRST: Readonly<Record<string, readonly [method: string, path: string, status: number, text?: string]>> = {
  callback: ['GET', '/v1/callback/google?state=x&code=y', 400, 'Authorization not completed'],
  authorize: ['POST', '/v1/connections/google/authorize', 401],
  token: ['POST', '/v1/connections/google/token', 401],
  complete: ['POST', '/v1/connections/google/complete', 401],
  connections: ['GET', '/v1/connections', 401],
  revoke: ['DELETE', '/v1/connections/google', 401],
  offer: ['GET', '/v1/config', 401],
  admin: ['GET', '/v1/admin/policy', 401],
  rewrap: ['POST', '/v1/internal/rewrap', 401],
  probe: ['POST', '/v1/internal/probe', 401],
  sweep: ['POST', '/v1/internal/sweep', 401],
  account: ['DELETE', '/v1/account', 401],
  signin: ['GET', '/v1/sso/google/callback?state=x&code=y', 400, 'This sign-in is over'],
  session: ['POST', '/v1/session', 401],
  directory: ['GET', '/v1/directory/users?query=a', 401],
  'directory-admin': ['GET', '/v1/admin/directory', 401],
  'directory-sync': ['POST', '/v1/internal/directory-sync', 401],
  answers: ['POST', '/v1/answers', 401],
  documents: ['GET', '/v1/answers/documents', 401],
  jwks: ['GET', '/v1/.well-known/jwks.json', 200, '"kid":"sessions.1"'],
};

describe.each(HOSTS)('on the %s', (host) => {
  test.each(FUNCTIONS)(
    '%s starts from its code cache, answers for itself, and ends on SIGTERM',
    async (name) => {
      const [method = '', path, status, text = ''] = FIRST[name] ?? [];
      const deployed = await start(host, name);
      const answer = await fetch(`${deployed.origin}${path}`, { method });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      if (status === 401) expect(await answer.json()).toMatchObject({ code: 'login_required' });
      else expect(await answer.text()).toContain(text);
      await stop(deployed);
      expect(deployed.output()).not.toContain('code_cache_unused');
    },
    30_000,
  );

  test('a real token of every provider, each loading its own SDK and no other', async () => {
    const token = await stack.session();
    const SDKS = { microsoft: /^msal-node/, google: /^google-auth-library/, notes: /^oauth4webapi/ };
    for (const [provider, sdk] of Object.entries(SDKS)) {
      await connect(stack, provider, { token, integrations: [provider === 'notes' ? 'notes' : 'files'] });
      const deployed = await start(host, 'token', undefined, ['-r', RECORD]);
      const answer = await stack.call('POST', `/v1/connections/${provider}/token`, { token, broker: deployed.origin });
      expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
      const loaded = await loadedBy(deployed);
      const here = loaded.filter((file) => file.startsWith(folderOf(host, 'token'))).map((file) => basename(file));
      const bundles = new Set(here.filter((file) => file.endsWith('.js')).map((file) => file.replace(/-[^-]*$/, '')));
      // `notes` is configured: its metadata is looked at when the function starts.
      const isExpected = (file: string) => file === 'token' || sdk.test(file) || /^oauth4webapi/.test(file);
      expect([...bundles].filter((file) => !isExpected(file))).toEqual([]);
      expect([...bundles].filter((file) => sdk.test(file))).toHaveLength(1);
      // Nothing is installed beside the function but the framework and what that brings along.
      const modules = loaded.filter((file) => file.includes('node_modules'));
      expect(modules.filter((file) => /firestore|kms|grpc|gax|msal|google-auth|gaxios/.test(file))).toEqual([]);
      if (host === 'server') expect(modules).toEqual([]);
      await stop(deployed);
    }
  }, 60_000);

  test('directory-sync reads a directory by the Admin SDK, which lies beside it and is loaded by then only', async () => {
    const deployed = await start(host, 'directory-sync', undefined, ['-r', RECORD]);
    const token = await stack.scheduler.token();
    const admin = await stack.session('user-1', 'org-1', ['admin']);
    await stack.call('POST', '/v1/admin/directory/runs', { token: admin, body: {} });
    const answer = await stack.call('POST', '/v1/internal/directory-sync', { token, broker: deployed.origin });
    expect(answer).toMatchObject({ status: 200, body: { finished: 1, failed: 0 } });
    const here = (await loadedBy(deployed)).filter((file) => file.startsWith(folderOf(host, 'directory-sync')));
    expect(here.filter((file) => /^admin-.*\.js$/.test(basename(file)))).toHaveLength(1);
    await stop(deployed);
  }, 60_000);

  test('answers asks the model by its SDK, loaded by then only; SIGTERM lets the answer in flight end', async () => {
    const deployed = await start(host, 'answers', undefined, ['-r', RECORD]);
    const asked = stack.gemini.requests.length;
    stack.gemini.switches.betweenMs = 150;
    const results = [{ source: 'drive', id: '1', title: 'Travel', snippet: 'Travel is paid back within ten days.' }];
    const body = { query: 'When is travel paid back?', results };
    const asking = stack.call('POST', '/v1/answers', { token: await stack.session(), broker: deployed.origin, body });
    for (let waited = 0; waited < 10_000 && stack.gemini.requests.length === asked; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const here = (await loadedBy(deployed)).filter((file) => file.startsWith(folderOf(host, 'answers')));
    expect(here.filter((file) => /^genai-.*\.js$/.test(basename(file)))).toHaveLength(1);
    await stop(deployed);
    const answer = await asking;
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('event: done');
    stack.gemini.switches.betweenMs = 0;
  }, 60_000);

  test('callback loads one bundle', async () => {
    const deployed = await start(host, 'callback', undefined, ['-r', RECORD]);
    await fetch(`${deployed.origin}/v1/callback/google`);
    const loaded = await loadedBy(deployed);
    const here = loaded.filter((file) => file.startsWith(folderOf(host, 'callback'))).map((file) => basename(file));
    expect(here.filter((file) => !file.startsWith('callback-'))).toEqual(['index.cjs']);
    await stop(deployed);
  });

  test('S49 a function that is not wholly configured does not start', async () => {
    const { KMS_KEY: _, ...environment } = await declared('token', stack.environment);
    const main = join(folderOf(host, 'token'), 'index.cjs');
    const args = host === 'framework' ? byFramework(main, 'token') : byItself(main);
    await expect(startDeployed(args, environment)).rejects.toThrow('KMS_KEY is missing');
  }, 30_000);

  test('S15 S35 a provider whose metadata is refused ends the process, and says which', async () => {
    const environment = await declared('token', stack.environment);
    // Without its origin among the exceptions, the provider's address is private and plain HTTP.
    const { notes } = JSON.parse(environment.PROVIDERS ?? '{}');
    environment.PROVIDERS = JSON.stringify({ notes: { ...notes, issuer: 'http://127.0.0.1:9' } });
    const main = join(folderOf(host, 'token'), 'index.cjs');
    const args = host === 'framework' ? byFramework(main, 'token') : byItself(main);
    const end = startDeployed(args, environment).then(async (deployed) => {
      running.push(deployed);
      if (deployed.process.exitCode === null) await once(deployed.process, 'close');
      throw new Error(`${deployed.process.exitCode}: ${deployed.output()}`);
    });
    await expect(end).rejects.toThrow('provider notes: address');
  }, 30_000);
});

describe('a code cache that does not fit', () => {
  const copy = (change: (file: string) => void): string => {
    const folder = mkdtempSync(join(work, 'copy-'));
    cpSync(folderOf('server', 'callback'), folder, { recursive: true });
    for (const file of readdirSync(folder).filter((each) => each.endsWith('.cache'))) change(join(folder, file));
    return folder;
  };
  const said = async (folder: string, node: string[] = []) => {
    const deployed = await start('server', 'callback', folder, node);
    expect((await fetch(`${deployed.origin}/v1/callback/google`)).status).toBe(400);
    await stop(deployed);
    const lines = deployed
      .output()
      .split('\n')
      .filter((line) => line.includes('code_cache_unused'));
    return lines.map((line) => JSON.parse(line));
  };
  const oneLine = (reason: string) => [{ severity: 'WARNING', event: 'code_cache_unused', reason }];

  test('of another Node: compiled anew, said once', async () => {
    expect(await said(copy((file) => rmSync(file)))).toMatchObject(oneLine('missing'));
  });
  test('that V8 refuses: compiled anew, said once', async () => {
    expect(await said(copy((file) => writeFileSync(file, 'not a cache')))).toMatchObject(oneLine('rejected'));
  });
  test("of other flags of V8's: compiled anew, said once", async () => {
    expect(await said(folderOf('server', 'callback'), ['--no-opt'])).toMatchObject(oneLine('rejected'));
  });
  test('the memory limit that the cloud sets is none of these flags', async () => {
    expect(await said(folderOf('server', 'callback'), ['--max-old-space-size=192'])).toEqual([]);
  });
});

test('two builds in two folders are the same bytes, code caches too', async () => {
  const other = join(work, 'again');
  const again = await build(other, ['callback', 'token']);
  for (const name of ['callback', 'token']) {
    for (const host of HOSTS) {
      const artifact = again.manifest.functions[name]?.[host];
      expect(artifact).toEqual(built.manifest.functions[name]?.[host]);
      const folder = join(other, artifact?.folder ?? '');
      const files = readdirSync(folder).sort();
      expect(files).toEqual(readdirSync(folderOf(host, name)).sort());
      expect(files.filter((file) => file.endsWith('.cache')).length).toBeGreaterThan(0);
      for (const file of files) {
        const same = readFileSync(join(folder, file)).equals(readFileSync(join(folderOf(host, name), file)));
        expect({ file, same }).toEqual({ file, same: true });
      }
    }
  }
}, 60_000);

test('package.json asks for the framework that is tested here, and its lockfile for all that this needs', () => {
  const read = (file: string) => JSON.parse(readFileSync(join(folderOf('framework', 'token'), file), 'utf8'));
  const root = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  const { dependencies, engines, main } = read('package.json');
  expect({ engines, main }).toEqual({ engines: { node: '24' }, main: 'index.cjs' });
  const { packages } = read('package-lock.json');
  expect(packages[''].dependencies).toEqual(dependencies);
  expect(dependencies).toEqual({
    '@google-cloud/functions-framework': root.packages['node_modules/@google-cloud/functions-framework'].version,
  });
  for (const [place, locked] of Object.entries(packages)) {
    if (place !== '') expect(locked).toEqual(root.packages[place]);
  }
});
