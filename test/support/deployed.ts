/** Functions as processes of their own, started as the cloud starts them and given nothing but what they declare. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { clientSecretVariable } from '../../functions/config/settings.ts';

const FRAMEWORK = join(dirname(createRequire(import.meta.url).resolve('@google-cloud/functions-framework')), 'main.js');

interface Needs {
  readonly settings: Readonly<Record<string, { readonly variable: string }>>;
  readonly clientSecrets: false | 'tokens' | 'revocation' | 'sign-in';
}

/** What of `all` a function is deployed with, and what keeps Google's clients from looking for their cloud. */
export const declared = async (
  name: string,
  all: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> => {
  const { needs } = (await import(`../../functions/${name}/config.ts`)) as { needs: Needs };
  const variables = new Set(Object.values(needs.settings).map(({ variable }) => variable));
  const isSecret = (variable: string) => needs.clientSecrets && variable.startsWith(clientSecretVariable(''));
  const kept = Object.entries(all).flatMap(([variable, value]): [string, string][] =>
    value !== undefined && (variables.has(variable) || isSecret(variable)) ? [[variable, value]] : [],
  );
  return { METADATA_SERVER_DETECTION: 'none', ...Object.fromEntries(kept) };
};

/** Node's arguments: the stock framework with a main file, or a main file that serves by itself. */
export const byFramework = (source: string, target: string): string[] => [
  '--no-warnings',
  realpathSync(FRAMEWORK),
  `--source=${source}`,
  `--target=${target}`,
];
export const byItself = (source: string): string[] => ['--no-warnings', source];

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return typeof address === 'object' && address ? address.port : 0;
};

export const spawnFunction = (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  port: number,
): ChildProcess =>
  spawn(process.execPath, args, {
    env: { NODE_ENV: 'production', ...environment, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

export interface Deployed {
  readonly process: ChildProcess;
  readonly origin: string;
  /** What it has printed. */
  readonly output: () => string;
}

/** Waits until it answers. Throws with what it printed when it ends instead. */
export const startDeployed = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Deployed> => {
  const port = await freePort();
  const child = spawnFunction(args, environment, port);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const origin = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + 30_000; Date.now() < until && child.exitCode === null; ) {
    const up = await fetch(`${origin}/favicon.ico`).catch(() => undefined);
    if (up) return { process: child, origin, output: () => output };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`it did not start: ${output}`);
};
