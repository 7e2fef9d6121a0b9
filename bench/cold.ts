/**
 * `npm run measure:start`: cold starts, from the start of a process to its first answered request of the real operation,
 * as ratios to functions-framework hello world. One process after the other, all subjects in turns.
 * `--rounds=11`, `--only=token` (subjects whose name has it in it), `--json=<file>`.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, followCallback, startFlow, startTestStack, type TestStack } from '../test/support/broker.ts';
import { byFramework, byItself, declared } from '../test/support/deployed.ts';
import { ROOT } from '../tools/build/bundle.ts';
import { build, type Manifest } from '../tools/build.ts';
import { type FirstAnswer, type FirstRequest, firstAnswer } from './processes.ts';

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

/** A real request, prepared anew for every round. */
interface Operation {
  readonly name: string;
  readonly target: string;
  /** The ones that are configured. */
  readonly providers: readonly string[];
  prepare(stack: TestStack, round: string): Promise<FirstRequest>;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const FILES = { integrations: ['files'] };

const tokenAt = (provider: string, wanted: readonly string[] = FILES.integrations): Operation => ({
  name: `token at ${provider}`,
  target: 'token',
  providers: provider === 'notes' ? ['notes'] : ['microsoft', 'google'],
  async prepare(stack) {
    const token = await stack.session();
    const path = `/v1/connections/${provider}/token`;
    if ((await stack.call('POST', path, { token })).status === 409) {
      await connect(stack, provider, { token, integrations: wanted });
    }
    return { method: 'POST', path, headers: bearer(token), status: 200 };
  },
});

const BOTH = ['microsoft', 'google'];
const OPERATIONS: readonly Operation[] = [
  {
    name: 'callback',
    target: 'callback',
    providers: BOTH,
    async prepare(stack) {
      const { callbackUrl } = await startFlow(stack, 'google', { token: await stack.session(), ...FILES });
      return { method: 'GET', path: callbackUrl.pathname + callbackUrl.search, status: 303 };
    },
  },
  {
    name: 'authorize',
    target: 'authorize',
    providers: BOTH,
    async prepare(stack) {
      const body = { ...FILES, return_to: stack.demo.returnUrls[0] };
      const headers = bearer(await stack.session());
      return { method: 'POST', path: '/v1/connections/google/authorize', headers, body, status: 200 };
    },
  },
  tokenAt('microsoft'),
  tokenAt('google'),
  tokenAt('notes', ['notes']),
  {
    name: 'complete',
    target: 'complete',
    providers: BOTH,
    async prepare(stack, round) {
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
    prepare: async (stack) => ({
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
    prepare: async (stack) => ({
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
    async prepare(stack, round) {
      const token = await stack.session(`user-${round}`);
      await connect(stack, 'google', { token, ...FILES });
      return { method: 'DELETE', path: '/v1/connections/google', headers: bearer(token), status: 200 };
    },
  },
];

const only = (providers: readonly string[], environment: Readonly<Record<string, string>>): Record<string, string> => {
  const all = Object.entries(JSON.parse(environment.PROVIDERS ?? '{}'));
  return {
    ...environment,
    PROVIDERS: JSON.stringify(Object.fromEntries(all.filter(([name]) => providers.includes(name)))),
  };
};

/** Node's arguments for a function in each variant. */
const prepareVariants = (folder: string, { functions }: Manifest) => {
  const bare = join(folder, 'without cache');
  cpSync(join(folder, 'dist'), bare, { recursive: true, filter: (file) => !file.endsWith('.cache') });
  return (target: string, variant: Variant): string[] => {
    const artifact = functions[target];
    if (!artifact) throw new Error(`${target} was not built`);
    switch (variant) {
      case 'source':
        return byFramework(join(ROOT, 'functions', target, 'index.ts'), target);
      case 'bundle':
        return byFramework(join(bare, artifact.framework.folder, 'index.cjs'), target);
      case 'bundle + cache':
        return byFramework(join(folder, 'dist', artifact.framework.folder, 'index.cjs'), target);
      case 'own server + cache':
        return byItself(join(folder, 'dist', artifact.server.folder, 'index.cjs'));
    }
  };
};

export interface StartOptions {
  readonly rounds?: number;
  /** Part of the operations' names. */
  readonly only?: string;
  readonly variants?: readonly Variant[];
  readonly progress?: (line: string) => void;
}

/** Takes minutes. Throws when a process does not start, or does not answer as it should. */
export const measureStarts = async (options: StartOptions = {}): Promise<StartReport> => {
  const { rounds = 11, variants = VARIANTS, progress = () => {} } = options;
  const operations = OPERATIONS.filter(({ name }) => name.includes(options.only ?? ''));
  const folder = mkdtempSync(join(tmpdir(), 'cold-'));
  // Many flows of one user within seconds.
  const stack = await startTestStack({ environment: { RATE_LIMIT_USER: '100000/100000' } });
  try {
    const { manifest } = await build(join(folder, 'dist'), [...new Set(operations.map(({ target }) => target))]);
    const argsOf = prepareVariants(folder, manifest);
    mkdirSync(join(folder, 'hello'));
    const hello = join(folder, 'hello', 'index.cjs');
    writeFileSync(hello, "exports.hello = (req, res) => res.end('hello');\n");
    const sayHello = (variant: 'framework' | 'framework, again') => ({
      operation: 'hello',
      variant,
      run: () => firstAnswer(byFramework(hello, 'hello'), {}, { method: 'GET', path: '/', status: 200 }),
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
            const first = await operation.prepare(stack, `${name}-${variant}-${round}`.replaceAll(/\W+/g, '-'));
            const environment = only(providers, await declared(target, stack.environment));
            return firstAnswer(argsOf(target, variant), environment, first);
          },
        })),
      ),
    ].map((subject) => ({ ...subject, rounds: [] as FirstAnswer[] }));
    for (let round = 1; round <= rounds; round++) {
      progress(`round ${round} of ${rounds}`);
      for (const subject of subjects) subject.rounds.push(await subject.run(round));
    }
    return { node: process.version, rounds, subjects: subjects.map(({ run: _, ...subject }) => subject) };
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true });
  }
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Median and range of the ratios to hello world of the same round. */
export const ratiosOf = (report: StartReport, subject: Subject, of: 'wall' | 'cpu') => {
  const base = report.subjects[0]?.rounds ?? [];
  const ratios = subject.rounds.map((each, round) => (each[of] ?? Number.NaN) / (base[round]?.[of] ?? Number.NaN));
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
};

export const startTable = (report: StartReport): string => {
  const rows = report.subjects.map((subject) => {
    const ratio = (of: 'wall' | 'cpu') => {
      const { median, least, most } = ratiosOf(report, subject, of);
      return `${median.toFixed(2)} [${least.toFixed(2)}-${most.toFixed(2)}]`;
    };
    const middle = (of: 'wall' | 'cpu' | 'rss') =>
      Math.round(median(subject.rounds.map((each) => each[of] ?? Number.NaN)));
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
  const head = ['operation', 'variant', 'wall, hello = 1', 'CPU, hello = 1', 'wall ms', 'CPU ms', 'RSS MB'];
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
