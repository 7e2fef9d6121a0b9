/** Who is compared, how each is started, and how its users get in. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProviderName } from '../local/environment.ts';
import { byFramework, byItself } from '../test/support/deployed.ts';
import type { HostName } from '../tools/build/bundle.ts';
import { type Built, mainOf, partIn } from './built.ts';
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
  /** For `node`. @param folder of the run, with the bench's own parts @param built absent: from the sources */
  args(folder: string, built?: Built): readonly string[];
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly tokens: boolean;
  environment(world: World, folder: string): Readonly<Record<string, string>>;
  /** Users get grants and sessions. @param ask a peer's own server, of all others the world */
  enter(who: Users, ask: Ask): Promise<Caller[]>;
}

/** From one to before another. */
export interface Users {
  readonly from: number;
  readonly to: number;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Without the providers that a deployment of this kind does not have: metadata of one is asked for at the start. */
export const withProviders = (
  environment: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> => {
  const all = Object.entries(JSON.parse(environment.PROVIDERS ?? '{}'));
  return {
    ...environment,
    PROVIDERS: JSON.stringify(Object.fromEntries(all.filter(([name]) => names.includes(name)))),
  };
};
/** The ones whose metadata the broker knows, or the other alone. */
export const beside = (provider: ProviderName): readonly ProviderName[] =>
  provider === 'notes' ? ['notes'] : ['microsoft', 'google'];

const withSessions = async (who: Users, world: Ask): Promise<Caller[]> =>
  (await world<string[]>('sessions', who)).map((session) => ({ headers: { authorization: `Bearer ${session}` } }));

const SOURCE = here('../functions/token/index.ts');

const broker = (id: string, provider: ProviderName, what: string, host: HostName): Candidate => ({
  id,
  name: `this broker, ${what}`,
  kind: 'broker',
  args: (_folder, built) => {
    const main = built ? mainOf(built, 'token', host) : SOURCE;
    return host === 'server' ? byItself(main) : byFramework(main, 'token');
  },
  method: 'POST',
  path: `/v1/connections/${provider}/token`,
  tokens: true,
  environment: ({ broker }) => ({ ...withProviders(broker, beside(provider)), PORT: '0' }),
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
  args: (folder) => byFramework(partIn(folder, 'floor'), 'floor'),
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
  args: () => byFramework(here('floor/hello.cjs'), 'hello'),
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
  args: () => byItself(here(`peers/${file}`)),
  method,
  path,
  tokens: true,
  environment: ({ peer }, folder) => ({ ...peer, ...environment(folder) }),
  enter: ({ from, to }, server) =>
    server<Caller[]>(
      'connect',
      Array.from({ length: to - from }, (_, index) => refreshToken(grantOf(id, from + index), 0)),
    ),
});

const betterAuth = (id: string, what: string, environment: (folder: string) => Readonly<Record<string, string>>) =>
  peer(id, `better-auth, ${what}`, 'better-auth.js', '/api/auth/get-access-token', environment);

const brokersAt = (prefix: string, host: HostName, where: string): Candidate[] => [
  broker(`${prefix}-microsoft`, 'microsoft', `Microsoft${where}`, host),
  broker(`${prefix}-google`, 'google', `Google${where}`, host),
  broker(`${prefix}-notes`, 'notes', `any other, strict${where}`, host),
];

/** `built`: as it is deployed, so that the project's own entry for Cloud Run is there too. */
export const candidatesOf = ({ built, peers }: { readonly built: boolean; readonly peers: boolean }): Candidate[] => [
  hello,
  floor('floor', 'the floor'),
  floor('floor-again', 'the floor again'),
  ...brokersAt('broker', 'framework', ''),
  ...(built ? brokersAt('entry', 'server', ', Cloud Run') : []),
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

/** Whether `bench/peers` is installed. */
export const hasPeers = (): boolean => existsSync(here('peers/node_modules'));

/** The versions of what is compared. */
export const versions = (): Readonly<Record<string, string>> => {
  const of = (file: string): Record<string, string> => JSON.parse(readFileSync(here(file), 'utf8')).dependencies;
  return { ...of('../package.json'), ...of('peers/package.json') };
};
