/** Every built function as a process of its own, with the environment that terraform gives it, behind the balancer. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '../../functions/config/load.ts';
import { clientSecretVariable, signInSecretVariable } from '../../functions/config/settings.ts';
import type { Manifest } from '../../tools/build.ts';
import { type FunctionEntry, type InfraManifest, MANIFEST } from '../../tools/infra.ts';
import { CODE_FLOW, startTestStack, type TestStack } from '../support/broker.ts';
import { byFramework, type Deployed, startDeployed } from '../support/deployed.ts';
import { type Balancer, startBalancer } from './balancer.ts';

type Environment = Readonly<Record<string, string>>;

export interface Placed extends Deployed {
  readonly name: string;
  readonly environment: Environment;
  readonly startMs: number;
}

export interface Deployment {
  readonly stack: TestStack;
  readonly balancer: Balancer;
  readonly manifest: InfraManifest;
  readonly functions: ReadonlyMap<string, Placed>;
  stop(): Promise<void>;
}

interface Provider {
  readonly kind: string;
  readonly sign_in?: { readonly client_id?: string };
}

/** Which client secrets a function gets: the rule of infra/secrets.tf. */
const clientSecretsOf = ({ client_secrets }: FunctionEntry, all: Environment): string[] => {
  const providers = Object.entries(JSON.parse(all.PROVIDERS ?? '{}') as Record<string, Provider>);
  switch (client_secrets) {
    case 'none':
      return [];
    case 'tokens':
      return providers.map(([name]) => clientSecretVariable(name));
    case 'revocation':
      return providers.flatMap(([name, { kind }]) => (kind === 'microsoft' ? [] : [clientSecretVariable(name)]));
    case 'sign-in':
      return providers.flatMap(([name, { sign_in }]) => {
        if (!sign_in) return [];
        return [sign_in.client_id === undefined ? clientSecretVariable(name) : signInSecretVariable(name)];
      });
  }
};

/** Where the stand-ins are: the one thing that a function has here and not in the cloud. */
const standInsOf = async (name: string): Promise<string[]> => {
  const { needs } = (await import(`../../functions/${name}/config.ts`)) as {
    needs: { settings: Readonly<Record<string, Setting<unknown>>> };
  };
  return Object.values(needs.settings).flatMap(({ variable, development }) => (development ? [variable] : []));
};

const environmentOf = async (name: string, entry: FunctionEntry, stack: TestStack): Promise<Environment> => {
  const all: Environment = {
    ...stack.environment,
    CLIENT_ADDRESS_HOPS: '2',
    ...(entry.internal === null ? {} : { SCHEDULER_AUDIENCE: `${stack.broker}${entry.internal}` }),
  };
  const declared = [...entry.required, ...entry.optional, ...entry.secrets, ...clientSecretsOf(entry, all)];
  const given = [...declared, ...(await standInsOf(name))].flatMap((variable): [string, string][] => {
    const value = all[variable];
    return value === undefined ? [] : [[variable, value]];
  });
  return { ...Object.fromEntries(given), METADATA_SERVER_DETECTION: 'none' };
};

/** @param built the folder of a build with every function of the manifest */
export const startDeployment = async (built: string): Promise<Deployment> => {
  const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as InfraManifest;
  const folders = (JSON.parse(readFileSync(join(built, 'manifest.json'), 'utf8')) as Manifest).functions;
  const stack = await startTestStack({ withoutBroker: true, environment: CODE_FLOW });
  const functions = new Map<string, Placed>();
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    await Promise.all(stops.map((each) => each()));
    for (const { output } of functions.values()) stack.logs.push(output());
    await stack.stop();
  };
  try {
    const balancer = await startBalancer(
      Number(new URL(stack.broker).port),
      manifest.routes,
      (name) => functions.get(name)?.origin,
    );
    stops.push(() => balancer.stop());
    const start = async ([name, entry]: [string, FunctionEntry]) => {
      const begun = performance.now();
      const environment = await environmentOf(name, entry, stack);
      const folder = folders[name]?.framework.folder;
      if (folder === undefined) throw new Error(`${name} was not built`);
      const deployed = await startDeployed(byFramework(join(built, folder), name), environment);
      functions.set(name, { ...deployed, name, environment, startMs: performance.now() - begun });
      stops.push(() => end(deployed));
    };
    const waiting = Object.entries(manifest.functions);
    // Two at a time: each keeps a core busy while it starts.
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await start(next);
    };
    const workers = await Promise.allSettled([worker(), worker()]);
    for (const each of workers) if (each.status === 'rejected') throw each.reason;
    return { stack, balancer, manifest, functions, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const end = async ({ process: child }: Deployed): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
};
