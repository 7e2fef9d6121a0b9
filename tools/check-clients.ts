/**
 * `npm run check:clients`: openapi-generator makes clients of openapi.yaml with its default settings, in TypeScript, Go and Python,
 * and each of them compiles. The generator is a jar: OPENAPI_GENERATOR_JAR, or the newest one in the local Maven repository.
 * What is not installed is skipped, and said; a client that does not compile is exit code 1.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @returns what a program printed where it failed; `undefined` where it did not */
const failureOf = (command: string, args: readonly string[], cwd: string): string | undefined => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  return status === 0 ? undefined : `${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trim() || `exit ${status}`;
};

const isInstalled = (command: string, flag: string): boolean => spawnSync(command, [flag]).status === 0;

const newestJar = (): string | undefined => {
  const folder = join(homedir(), '.m2/repository/org/openapitools/openapi-generator-cli');
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return versions
    .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))
    .map((version) => join(folder, version, `openapi-generator-cli-${version}.jar`))
    .find(existsSync);
};

const TSC = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler'];

interface Client {
  readonly generator: string;
  /** @returns why it cannot be compiled here */
  missing(): string | undefined;
  /** @returns what is wrong with it */
  compile(folder: string): string | undefined;
}

const CLIENTS: readonly Client[] = [
  {
    generator: 'typescript-fetch',
    missing: () => undefined,
    compile: (folder) => {
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      return failureOf(process.execPath, [tsc, ...TSC, '--lib', 'es2022,dom', 'index.ts'], folder);
    },
  },
  {
    generator: 'go',
    missing: () => (isInstalled('go', 'version') ? undefined : 'Go is not installed'),
    compile: (folder) => failureOf('go', ['build', './...'], folder),
  },
  {
    generator: 'python',
    missing: () =>
      !isInstalled('python3', '--version')
        ? 'Python is not installed'
        : failureOf('python3', ['-c', 'import dateutil, pydantic, typing_extensions, urllib3'], tmpdir()) !== undefined
          ? "Python lacks the client's dependencies: pip install python-dateutil pydantic typing-extensions urllib3"
          : undefined,
    compile: (folder) => failureOf('python3', ['-c', 'import openapi_client'], folder),
  },
];

/** @returns the word for it, and what there is to say */
const check = ({ generator, missing, compile }: Client, jar: string, folder: string): readonly [string, string?] => {
  const lacking = missing();
  if (lacking) return ['skipped', lacking];
  const options = ['-i', join(ROOT, 'openapi.yaml'), '-g', generator, '-o', folder];
  const ungenerated = failureOf('java', ['-jar', jar, 'generate', ...options], ROOT);
  if (ungenerated) return ['NOT GENERATED', ungenerated];
  const uncompiled = compile(folder);
  return uncompiled ? ['DOES NOT COMPILE', uncompiled] : ['compiles'];
};

const jar = process.env.OPENAPI_GENERATOR_JAR ?? newestJar();
const lacking = !isInstalled('java', '-version')
  ? 'Java is not installed'
  : jar && existsSync(jar)
    ? undefined
    : 'no openapi-generator: set OPENAPI_GENERATOR_JAR, or mvn dependency:get -Dartifact=org.openapitools:openapi-generator-cli:7.17.0';

if (lacking || !jar) {
  process.stdout.write(`clients: skipped (${lacking})\n`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'clients-'));
  for (const client of CLIENTS) {
    const [word, text] = check(client, jar, join(folder, client.generator));
    process.stdout.write(`${client.generator}: ${word}${text ? ` (${text})` : ''}\n`);
    if (word !== 'compiles' && word !== 'skipped') process.exitCode = 1;
  }
  rmSync(folder, { recursive: true, force: true });
}
