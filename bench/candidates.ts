/** Who is compared, how each is started, and how its users get in. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProviderName } from '../local/environment.ts';
import type { Caller } from './generator.ts';
import type { Ask } from './ipc.ts';
import { refreshToken } from './provider.ts';
import { grantOf, type World } from './world.ts';

export interface Candidate {
  /** Unique; a part of its grants' names. */
  readonly id: string;
  /** As it stands in the table. */
  readonly name: string;
  readonly kind: 'broker' | 'floor' | 'hello' | 'peer';
  readonly args: readonly string[];
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly tokens: boolean;
  environment(world: World, folder: string): Readonly<Record<string, string>>;
  /** Users from one to before another: their grants are stored, and they have sessions. */
  enter(who: { readonly from: number; readonly to: number }, world: Ask, server: Ask): Promise<Caller[]>;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const FRAMEWORK = join(dirname(fileURLToPath(import.meta.resolve('@google-cloud/functions-framework'))), 'main.js');
const hosted = (target: string, source: string) => [FRAMEWORK, `--target=${target}`, `--source=${source}`];

/** What `npm run build` makes: for Cloud Functions, and with the project's own entry for Cloud Run. */
const BUILT = { function: here('../dist/token/index.cjs'), entry: here('../dist/cloud-run/token/index.cjs') };

const withSessions = async (who: { readonly from: number; readonly to: number }, world: Ask): Promise<Caller[]> =>
  (await world<string[]>('sessions', who)).map((session) => ({ headers: { authorization: `Bearer ${session}` } }));

const broker = (id: string, provider: ProviderName, what: string, args: readonly string[]): Candidate => ({
  id,
  name: `this broker, ${what}`,
  kind: 'broker',
  args,
  method: 'POST',
  path: `/v1/connections/${provider}/token`,
  tokens: true,
  environment: ({ broker }) => ({ ...broker, PORT: '0' }),
  enter: async (who, world) => {
    await world('connect', { holder: id, provider, ...who });
    return withSessions(who, world);
  },
});

/** The second one is the first one again: what the two differ by is noise. */
const floor = (id: string, name: string): Candidate => ({
  id,
  name,
  kind: 'floor',
  args: hosted('floor', here('floor/floor.ts')),
  method: 'POST',
  path: '/',
  tokens: true,
  environment: ({ floor }) => ({ ...floor, PROVIDER: id, PORT: '0' }),
  enter: async (who, world) => {
    await world('connect', { holder: id, provider: id, ...who });
    return withSessions(who, world);
  },
});

const hello: Candidate = {
  id: 'hello',
  name: 'hello world, functions-framework',
  kind: 'hello',
  args: hosted('hello', here('floor/hello.cjs')),
  method: 'GET',
  path: '/',
  tokens: false,
  environment: () => ({ PORT: '0' }),
  enter: async ({ from, to }) => Array.from({ length: to - from }, () => ({ headers: {} })),
};

const peer = (
  id: string,
  name: string,
  file: string,
  path: string,
  environment: (folder: string) => Readonly<Record<string, string>> = () => ({}),
  method: 'GET' | 'POST' = 'POST',
): Candidate => ({
  id,
  name,
  kind: 'peer',
  args: [here(`peers/${file}`)],
  method,
  path,
  tokens: true,
  environment: ({ peer }, folder) => ({ ...peer, ...environment(folder) }),
  enter: ({ from, to }, _world, server) =>
    server<Caller[]>(
      'connect',
      Array.from({ length: to - from }, (_, index) => refreshToken(grantOf(id, from + index), 0)),
    ),
});

const betterAuth = (id: string, what: string, environment: (folder: string) => Readonly<Record<string, string>>) =>
  peer(id, `better-auth, ${what}`, 'better-auth.js', '/api/auth/get-access-token', environment);

/** `built`: what `npm run build` made, instead of the source. */
const brokersOf = (built: boolean): Candidate[] => {
  const framework = hosted('token', built ? BUILT.function : here('../functions/token/index.ts'));
  return [
    broker('broker-microsoft', 'microsoft', 'Microsoft', framework),
    broker('broker-google', 'google', 'Google', framework),
    broker('broker-notes', 'notes', 'any other, strict', framework),
    ...(built ? [broker('broker-entry', 'microsoft', 'Microsoft, Cloud Run', [BUILT.entry])] : []),
  ];
};

export const candidatesOf = ({ built, peers }: { readonly built: boolean; readonly peers: boolean }): Candidate[] => [
  hello,
  floor('floor', 'the floor'),
  floor('floor-again', 'the floor again'),
  ...brokersOf(built),
  ...(peers
    ? [
        betterAuth('better-auth-encrypted-sqlite', 'encrypted, node:sqlite', (folder) => ({
          ENCRYPT: 'yes',
          DATABASE: join(folder, 'better-auth.sqlite'),
        })),
        betterAuth('better-auth-encrypted', 'encrypted, memory', () => ({ ENCRYPT: 'yes', DATABASE: 'memory' })),
        betterAuth('better-auth', 'memory', () => ({ ENCRYPT: 'no', DATABASE: 'memory' })),
        peer('by-hand', 'express + openid-client by hand', 'by-hand.js', '/token'),
        peer('auth-express', 'Auth.js (@auth/express)', 'auth-express.js', '/auth/session', undefined, 'GET'),
        peer('express-openid-connect', 'express-openid-connect', 'express-openid-connect.js', '/token'),
      ]
    : []),
];

export const isBuilt = (): boolean => existsSync(BUILT.function) && existsSync(BUILT.entry);
/** Whether `bench/peers` is installed. */
export const hasPeers = (): boolean => existsSync(here('peers/node_modules'));

/** The versions of what is compared. */
export const versions = (): Readonly<Record<string, string>> => {
  const of = (file: string): Record<string, string> => JSON.parse(readFileSync(here(file), 'utf8')).dependencies;
  return { ...of('../package.json'), ...of('peers/package.json') };
};
