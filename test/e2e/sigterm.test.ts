/** An instance that is told to stop finishes the refresh in flight and keeps what the provider rotated. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, startTestStack, type TestStack } from '../support/broker.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterAll(() => stack?.stop());

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return typeof address === 'object' && address ? address.port : 0;
};

/** The deployed entry, started as Cloud Functions starts it. */
const startFunction = async (name: string) => {
  const framework = createRequire(import.meta.url).resolve('@google-cloud/functions-framework');
  const source = fileURLToPath(new URL(`../../functions/${name}/index.ts`, import.meta.url));
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--no-warnings', join(dirname(framework), 'main.js'), `--source=${source}`, `--target=${name}`, `--port=${port}`],
    {
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...stack.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => stack.logs.push(text));
  }
  const origin = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const up = await fetch(`${origin}/favicon.ico`).catch(() => undefined);
    if (up) return { child, origin };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error('the function did not start');
};

test.each(['microsoft', 'notes'] as const)(
  'SIGTERM while %s is being asked',
  async (provider) => {
    const token = await stack.session(`user-${provider}`);
    await connect(stack, provider, { token, integrations: [provider === 'notes' ? 'notes' : 'files'] });
    const { child, origin } = await startFunction('token');
    const exited = once(child, 'exit');
    const { control } = stack.providers[provider];
    control.change({ latencyMs: 1_500 });
    const inFlight = stack.call('POST', `/v1/connections/${provider}/token`, { token, broker: origin });
    await new Promise((resolve) => setTimeout(resolve, 700));
    child.kill('SIGTERM');
    expect((await inFlight).status).toBe(200);
    const [code, signal] = await exited;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    control.change({ latencyMs: 0 });
    // The rotated token was kept: another instance goes on with it, without a reuse.
    expect((await stack.call('POST', `/v1/connections/${provider}/token`, { token })).status).toBe(200);
    expect(control.read().counts.reuseAlarms).toBe(0);
  },
  30_000,
);
