/** The main job, from consent to the deleted account, through the balancer and the functions behind it. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { routes } from '../../functions/http/generated/routes.ts';
import { administer } from '../support/admin.ts';
import { connect } from '../support/broker.ts';
import { redeem, signInBrowser } from '../support/sign-in.ts';
import type { Deployment } from './deployment.ts';

export interface Step {
  readonly name: string;
  run(deployment: Deployment): Promise<void>;
}

const ACCOUNT = 'account-1@org-1.example';
const PROVIDERS = [
  ['google', 'files'],
  ['microsoft', 'calendar'],
  ['notes', 'notes'],
] as const;

/** What the scheduler calls: the function itself, from inside. */
const internally = async ({ stack, functions, manifest }: Deployment, name: string, token?: string) => {
  const path = manifest.functions[name]?.internal ?? '';
  const identity = token ?? (await stack.scheduler.token({ aud: `${stack.broker}${path}` }));
  return stack.call('POST', path, { token: identity, broker: functions.get(name)?.origin ?? '' });
};

const session = ({ stack }: Deployment) => stack.session('user-1', 'org-1', ['admin']);

export const STEPS: readonly Step[] = [
  {
    name: 'the front end asks what there is: settings, and no connection',
    run: async (deployment) => {
      const { stack } = deployment;
      const token = await session(deployment);
      strictEqual((await stack.call('GET', '/v1/config', { token })).status, 200);
      deepStrictEqual((await stack.call('GET', '/v1/connections', { token })).body, { connections: [] });
    },
  },
  ...PROVIDERS.map(([provider, integration]) => ({
    name: `consent at ${provider}, completion, an access token`,
    run: async (deployment: Deployment) => {
      const { stack } = deployment;
      const token = await session(deployment);
      const completed = await connect(stack, provider, { token, integrations: [integration] });
      strictEqual(completed.status, 200);
      const answer = await stack.call('POST', `/v1/connections/${provider}/token`, { token, body: { integration } });
      strictEqual(answer.status, 200);
      strictEqual(answer.body.token_type, 'Bearer');
    },
  })),
  {
    name: "another user's session gets none of it",
    run: async ({ stack }) => {
      const token = await stack.session('user-2', 'org-1');
      const answer = await stack.call('POST', '/v1/connections/google/token', { token });
      strictEqual(answer.status, 409);
    },
  },
  {
    name: 'the user disconnects',
    run: async (deployment) => {
      const { stack } = deployment;
      const token = await session(deployment);
      ok([200, 204].includes((await stack.call('DELETE', '/v1/connections/notes', { token })).status));
      strictEqual((await stack.call('POST', '/v1/connections/notes/token', { token })).status, 409);
    },
  },
  {
    name: 'an admin switches Google to the browser-only flow, and the scheduler sweeps to zero',
    run: async (deployment) => {
      const { stack } = deployment;
      const admin = await administer(stack, 'org-1');
      strictEqual((await admin.change({ providers: { google: { flow: 'implicit' } } })).status, 200);
      const swept = await internally(deployment, 'sweep');
      strictEqual(swept.status, 200);
      strictEqual(swept.body.left, false);
      strictEqual((await admin.integrations()).google.connections, 0);
    },
  },
  {
    name: 'the scheduler re-wraps data keys, and its prober finds no hole',
    run: async (deployment) => {
      const rewrapped = await internally(deployment, 'rewrap');
      strictEqual(rewrapped.status, 200);
      strictEqual(rewrapped.body.left, 0);
      const probed = await internally(deployment, 'probe');
      strictEqual(probed.status, 200);
      deepStrictEqual([probed.body.holes, probed.body.unanswered], [[], []]);
    },
  },
  {
    name: 'internal functions refuse who is not the scheduler, or calls for another one',
    run: async (deployment) => {
      const { stack, manifest } = deployment;
      for (const [name, { internal }] of Object.entries(manifest.functions)) {
        if (internal === null) continue;
        const foreign = await stack.scheduler.token({ aud: `${stack.broker}${internal}/another` });
        for (const token of ['none', await session(deployment), foreign]) {
          strictEqual((await internally(deployment, name, token)).status, 401);
        }
        strictEqual((await fetch(`${stack.broker}${internal}`, { method: 'POST' })).status, 404);
      }
    },
  },
  {
    name: 'a directory is synchronized and searched',
    run: async (deployment) => {
      const { stack } = deployment;
      const token = await session(deployment);
      strictEqual((await stack.call('POST', '/v1/admin/directory/runs', { token, body: {} })).status, 200);
      const run = await internally(deployment, 'directory-sync');
      deepStrictEqual(run.body, { finished: 1, unfinished: 0, failed: 0 });
      const found = await stack.call('GET', '/v1/directory/users?query=account', { token });
      ok(found.body.users.length > 0);
    },
  },
  {
    name: 'a user signs in, and everybody can verify the session',
    run: async ({ stack }) => {
      const redeemed = await redeem(stack, await signInBrowser(stack).signIn('google', { account: ACCOUNT }));
      strictEqual(redeemed.status, 200);
      const [header = ''] = redeemed.body.session_token.split('.');
      const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
      const keys = await stack.call('GET', '/v1/.well-known/jwks.json');
      ok(keys.body.keys.some((key: { kid: string }) => key.kid === kid));
    },
  },
  {
    name: 'the account is deleted, and a new flow is needed',
    run: async (deployment) => {
      const { stack } = deployment;
      const token = await session(deployment);
      strictEqual((await stack.call('DELETE', '/v1/account', { token })).status, 200);
      deepStrictEqual((await stack.call('GET', '/v1/connections', { token })).body, { connections: [] });
    },
  },
  {
    name: 'unknown paths are answered by the balancer alone',
    run: async ({ stack, balancer }) => {
      const before = balancer.counts.get('none') ?? 0;
      const unknown = ['/', '/v1', '/v1/', '/v1/connections/', '/v1/connections/google/token/', '/v2/config', '/.env'];
      for (const path of unknown) strictEqual((await fetch(`${stack.broker}${path}`)).status, 404, path);
      strictEqual(balancer.counts.get('none'), before + unknown.length);
    },
  },
  {
    name: 'preflights and wrong methods are answered by the function of the path',
    run: async ({ stack }) => {
      const url = `${stack.broker}/v1/connections/google/token`;
      const preflight = await fetch(url, {
        method: 'OPTIONS',
        headers: { origin: stack.demo.origin, 'access-control-request-method': 'POST' },
      });
      strictEqual(preflight.headers.get('access-control-allow-origin'), stack.demo.origin);
      strictEqual((await fetch(url)).status, 405);
    },
  },
  {
    name: 'every route of the contract reaches its function, which knows no stranger',
    run: async ({ stack, functions, manifest, balancer }) => {
      for (const [id, route] of Object.entries(routes)) {
        const internal = manifest.functions[route.function]?.internal !== null;
        const path = route.path.replace(/\{\w+\}/g, 'google');
        const before = balancer.counts.get(route.function) ?? 0;
        const origin = internal ? functions.get(route.function)?.origin : stack.broker;
        const answer = await fetch(`${origin}${path}`, { method: route.method, redirect: 'manual' });
        await answer.body?.cancel();
        const isOpen = route.security.length === 0;
        ok(isOpen ? answer.status < 500 : answer.status === 401, `${id}: ${answer.status}`);
        ok(answer.headers.get('content-security-policy')?.includes("default-src 'none'"), id);
        if (!internal) strictEqual(balancer.counts.get(route.function), before + 1, id);
      }
    },
  },
];
