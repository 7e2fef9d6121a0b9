/** An instance that is told to stop finishes the refresh in flight and keeps what the provider rotated. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, startTestStack, type TestStack } from '../support/broker.ts';
import { byFramework, declared, startDeployed } from '../support/deployed.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterAll(() => stack?.stop());

/** The deployed entry, started as Cloud Functions starts it. */
const startFunction = async (name: string) => {
  const source = fileURLToPath(new URL(`../../functions/${name}/index.ts`, import.meta.url));
  const started = await startDeployed(byFramework(source, name), await declared(name, stack.environment));
  started.process.once('close', () => stack.logs.push(started.output()));
  return started;
};

const revisionOf = (provider: string): number =>
  Number(stack.firestore?.dump().find(({ fields }) => fields.user === `user-${provider}`)?.fields.revision);

test.each([
  ['microsoft', 'waits'],
  ['notes', 'waits'],
  ['notes', 'has gone'],
] as const)(
  'SIGTERM while %s is being asked, and the caller %s',
  async (provider, caller) => {
    const token = await stack.session(`user-${provider}`);
    await connect(stack, provider, { token, integrations: [provider === 'notes' ? 'notes' : 'files'] });
    const first = revisionOf(provider);
    const { process: child, origin } = await startFunction('token');
    const exited = once(child, 'exit');
    const { control } = stack.providers[provider];
    control.change({ latencyMs: 1_500 });
    const leaving = new AbortController();
    const inFlight = fetch(`${origin}/v1/connections/${provider}/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    }).then(
      ({ status }) => status,
      (error: Error) => error.name,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (caller === 'has gone') leaving.abort();
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM');
    expect(await inFlight).toBe(caller === 'waits' ? 200 : 'AbortError');
    const [code, signal] = await exited;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    control.change({ latencyMs: 0 });
    // The rotated token was kept: another instance goes on with it, without a reuse.
    expect((await stack.call('POST', `/v1/connections/${provider}/token`, { token })).status).toBe(200);
    expect(control.read().counts.reuseAlarms).toBe(0);
    // A tolerant provider would have taken the old one as well: each of the two refreshes is stored.
    expect(revisionOf(provider)).toBe(first + 2);
  },
  30_000,
);
