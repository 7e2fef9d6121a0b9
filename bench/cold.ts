/**
 * `npm run measure:start`: cold starts, from the start of a process to its first answered request of the real operation,
 * as ratios to functions-framework hello world. One process after the other, all subjects in turns. The token calls face
 * the bench's provider over TLS: the first handshake and reading the authorities are in their figures.
 * `--rounds=11`, `--only=token,callback` (operations whose name has one of these in it), `--json=<file>`.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ProviderName } from '../local/environment.ts';
import { connect, followCallback, startFlow, startTestStack, type TestStack } from '../test/support/broker.ts';
import { byFramework, byItself, declared } from '../test/support/deployed.ts';
import { selfSigned } from '../test/support/self-signed.ts';
import { ROOT } from '../tools/build/bundle.ts';
import { type Built, buildInto, mainOf } from './built.ts';
import { beside, withProviders } from './candidates.ts';
import { run } from './children.ts';
import type { Ask } from './ipc.ts';
import { type FirstAnswer, type FirstRequest, firstAnswer } from './processes.ts';
import { ratios, type Spread, spread } from './statistics.ts';
import type { World } from './world.ts';

const VARIANTS = ['source', 'bundle', 'bundle + cache', 'own server + cache'] as const;
type Variant = (typeof VARIANTS)[number];

export interface Subject {
  /** `hello`, or an operation and what is special about it: `token at google`. */
  readonly operation: string;
  readonly variant: Variant | 'framework' | 'framework, again';
  readonly rounds: readonly FirstAnswer[];
}
export interface StartReport {
  readonly node: string;
  readonly rounds: number;
  readonly subjects: readonly Subject[];
}

/** What stands around a function: the local stack, and for the token calls the bench's own world. */
interface Surroundings {
  readonly stack: TestStack;
  readonly world: Ask;
  readonly info: World;
}

/** A real request, prepared anew for every round. */
interface Operation {
  readonly name: string;
  readonly target: string;
  /** The ones that are configured. */
  readonly providers: readonly string[];
  /** Of the stack, where it does not say otherwise. */
  environment?(info: World): Readonly<Record<string, string>>;
  prepare(around: Surroundings, round: string): Promise<FirstRequest>;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const FILES = { integrations: ['files'] };

/** Users of the world: a new one each time, since a strict provider ends the grant of one that begins again. */
let users = 0;

const tokenAt = (provider: ProviderName): Operation => ({
  name: `token at ${provider}`,
  target: 'token',
  providers: beside(provider),
  environment: ({ broker }) => broker,
  async prepare({ world }) {
    const who = { from: users, to: ++users };
    await world('connect', { holder: 'cold', provider, ...who });
    const [session = ''] = await world<string[]>('sessions', who);
    return { method: 'POST', path: `/v1/connections/${provider}/token`, headers: bearer(session), status: 200 };
  },
});

const BOTH = beside('google');
const OPERATIONS: readonly Operation[] = [
  {
    name: 'callback',
    target: 'callback',
    providers: BOTH,
    async prepare({ stack }) {
      const { callbackUrl } = await startFlow(stack, 'google', { token: await stack.session(), ...FILES });
      return { method: 'GET', path: callbackUrl.pathname + callbackUrl.search, status: 303 };
    },
  },
  {
    name: 'authorize',
    target: 'authorize',
    providers: BOTH,
    async prepare({ stack }) {
      const body = { ...FILES, return_to: stack.demo.returnUrls[0] };
      const headers = bearer(await stack.session());
      return { method: 'POST', path: '/v1/connections/google/authorize', headers, body, status: 200 };
    },
  },
  tokenAt('microsoft'),
  tokenAt('google'),
  tokenAt('notes'),
  {
    name: 'complete',
    target: 'complete',
    providers: BOTH,
    async prepare({ stack }, round) {
      const token = await stack.session(`user-${round}`);
      const { callbackUrl, flow } = await startFlow(stack, 'google', { token, ...FILES });
      const ticket = (await followCallback(stack, callbackUrl)).get('ticket') ?? '';
      const path = '/v1/connections/google/complete';
      return { method: 'POST', path, headers: bearer(token), body: { ticket, flow }, status: 200 };
    },
  },
  {
    name: 'connections',
    target: 'connections',
    providers: BOTH,
    prepare: async ({ stack }) => ({
      method: 'GET',
      path: '/v1/connections',
      headers: bearer(await stack.session()),
      status: 200,
    }),
  },
  {
    name: 'offer',
    target: 'offer',
    providers: BOTH,
    prepare: async ({ stack }) => ({
      method: 'GET',
      path: '/v1/config',
      headers: bearer(await stack.session()),
      status: 200,
    }),
  },
  {
    name: 'revoke',
    target: 'revoke',
    providers: BOTH,
    async prepare({ stack }, round) {
      const token = await stack.session(`user-${round}`);
      await connect(stack, 'google', { token, ...FILES });
      return { method: 'DELETE', path: '/v1/connections/google', headers: bearer(token), status: 200 };
    },
  },
];

/** Node's arguments for a function in each variant. @param folder for what is made beside the build */
const prepareVariants = (folder: string, built: Built) => {
  const bare: Built = { ...built, folder: join(folder, 'without cache') };
  cpSync(built.folder, bare.folder, { recursive: true, filter: (file) => !file.endsWith('.cache') });
  return (target: string, variant: Variant): string[] => {
    switch (variant) {
      case 'source':
        return byFramework(join(ROOT, 'functions', target, 'index.ts'), target);
      case 'bundle':
        return byFramework(mainOf(bare, target, 'framework'), target);
      case 'bundle + cache':
        return byFramework(mainOf(built, target, 'framework'), target);
      case 'own server + cache':
        return byItself(mainOf(built, target, 'server'));
    }
  };
};

export interface StartOptions {
  readonly rounds?: number;
  /** Parts of the operations' names, with commas between them. */
  readonly only?: string;
  readonly variants?: readonly Variant[];
  /** With the functions that are measured; absent: they are built for it. */
  readonly built?: Built;
  readonly progress?: (line: string) => void;
}

/** Takes minutes. Throws when a process does not start, or does not answer as it should. */
export const measureStarts = async (options: StartOptions = {}): Promise<StartReport> => {
  const { rounds = 11, variants = VARIANTS, progress = () => {} } = options;
  const parts = (options.only ?? '').split(',');
  const operations = OPERATIONS.filter(({ name }) => parts.some((part) => name.includes(part)));
  const folder = mkdtempSync(join(tmpdir(), 'cold-'));
  const tls = selfSigned();
  const trust = { NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') };
  writeFileSync(trust.NODE_EXTRA_CA_CERTS, tls.cert);
  const world = run('rest', [join(ROOT, 'bench', 'world.ts')], {});
  // Many flows of one user within seconds.
  const stack = await startTestStack({ environment: { RATE_LIMIT_USER: '100000/100000' } });
  try {
    const info = await world.ask<World>('start', tls);
    const around: Surroundings = { stack, world: world.ask, info };
    const targets = [...new Set(operations.map(({ target }) => target))];
    const argsOf = prepareVariants(folder, options.built ?? (await buildInto(join(folder, 'dist'), targets)));
    const hello = join(ROOT, 'bench', 'floor', 'hello.cjs');
    const sayHello = (variant: 'framework' | 'framework, again') => ({
      operation: 'hello',
      variant,
      run: () => firstAnswer(byFramework(hello, 'hello'), trust, { method: 'GET', path: '/', status: 200 }),
    });
    const subjects = [
      sayHello('framework'),
      sayHello('framework, again'),
      ...operations.flatMap((operation) =>
        variants.map((variant) => ({
          operation: operation.name,
          variant,
          async run(round: number) {
            const { target, providers, name } = operation;
            const first = await operation.prepare(around, `${name}-${variant}-${round}`.replaceAll(/\W+/g, '-'));
            const all = operation.environment?.(info) ?? stack.environment;
            const environment = withProviders(await declared(target, all), providers);
            return firstAnswer(argsOf(target, variant), { ...environment, ...trust }, first);
          },
        })),
      ),
    ].map((subject) => ({ ...subject, rounds: [] as FirstAnswer[] }));
    for (let round = 1; round <= rounds; round++) {
      progress(`cold starts of functions, round ${round} of ${rounds}`);
      for (const subject of subjects) subject.rounds.push(await subject.run(round));
    }
    return { node: process.version, rounds, subjects: subjects.map(({ run: _, ...subject }) => subject) };
  } finally {
    await Promise.all([stack.stop(), world.stop()]);
    rmSync(folder, { recursive: true });
  }
};

/** Median and range of the ratios to hello world of the same round. */
export const ratiosOf = ({ subjects }: StartReport, { rounds }: Subject, of: 'wall' | 'cpu'): Spread => {
  const values = (all: readonly FirstAnswer[] = []) => all.map((each) => each[of] ?? Number.NaN);
  return ratios(values(rounds), values(subjects[0]?.rounds));
};

export const startTable = (report: StartReport): string => {
  const rows = report.subjects.map((subject) => {
    const ratio = (of: 'wall' | 'cpu') => {
      const { median, min, max } = ratiosOf(report, subject, of);
      return `${median.toFixed(2)} [${min.toFixed(2)}-${max.toFixed(2)}]`;
    };
    const middle = (of: 'wall' | 'cpu' | 'rss') =>
      Math.round(spread(subject.rounds.map((each) => each[of] ?? Number.NaN)).median);
    return [
      subject.operation,
      subject.variant,
      ratio('wall'),
      ratio('cpu'),
      String(middle('wall')),
      String(middle('cpu')),
      String(middle('rss')),
    ];
  });
  const head = ['operation', 'variant', 'wall, hello = 1', 'CPU, hello = 1', 'wall ms', 'CPU ms', 'RSS MiB'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: { rounds: { type: 'string' }, only: { type: 'string' }, json: { type: 'string' } },
  });
  const report = await measureStarts({
    ...(values.rounds ? { rounds: Number(values.rounds) } : {}),
    ...(values.only ? { only: values.only } : {}),
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  console.log(`Node ${report.node}, ${report.rounds} rounds\n\n${startTable(report)}`);
  if (values.json) writeFileSync(values.json, JSON.stringify(report, undefined, 2));
}
