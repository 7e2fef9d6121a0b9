/** The whole of it on one machine: stand-ins, providers, demo product, and as many broker processes as wanted. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Demo, startDemo } from './demo/server.ts';
import { environmentOf, PROVIDER_NAMES, type ProviderName } from './environment.ts';
import { type FirestoreStandIn, startFirestore } from './firestore/server.ts';
import { type LocalGemini, startGemini } from './gemini/server.ts';
import { generateKeys } from './keys.ts';
import { type KmsStandIn, startKms } from './kms/server.ts';
import { storePolicies } from './policies.ts';
import { accounts } from './providers/accounts.ts';
import { startGoogle } from './providers/google.ts';
import { startMicrosoft } from './providers/microsoft.ts';
import type { LocalProvider } from './providers/provider.ts';
import { startStrict } from './providers/strict.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import type { Workspace } from './workspace/directory.ts';
import { generateWorkspace } from './workspace/generate.ts';
import { type LocalWorkspace, startWorkspace } from './workspace/server.ts';

export interface StackOptions {
  /** 0 or absent: any free one. */
  readonly ports?: Partial<Record<'broker' | 'demo' | 'workspace' | 'gemini' | ProviderName, number>>;
  /** Broker processes; the first has the public port. */
  readonly brokers?: number;
  /** No broker process: what listens at the public URL is the caller's. */
  readonly withoutBroker?: boolean;
  /** Host and port of a Firestore emulator, instead of the stand-in. */
  readonly firestore?: string;
  /** The URL of one more front end: may be returned to, and its origin may call the broker and the providers. */
  readonly frontEnd?: string;
  /** The path of a page on the broker's own origin that may be returned to; nothing here serves it. */
  readonly ownPage?: string;
  /** Each line that a broker process prints. */
  readonly log?: (line: string) => void;
  /** Added to, or put in the place of, what the functions get; without a value: taken away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The Google Workspace of `org-1`, in the place of a small generated one. */
  readonly workspace?: Workspace;
  /** Decides expiry at the providers. */
  readonly now?: () => number;
}

/** Of the simulated Google's desktop client: it is in every copy of the app, so it proves nothing (RFC 8252 section 8.5). */
export const DESKTOP_SECRET = 'in-every-copy-of-the-app';

export interface Stack {
  /** The first one's origin is the broker's public URL. */
  readonly brokers: readonly { readonly origin: string; readonly process: ChildProcess }[];
  readonly broker: string;
  readonly demo: Demo;
  /** Absent where an emulator was given. */
  readonly firestore?: FirestoreStandIn;
  readonly kms: KmsStandIn;
  readonly providers: Readonly<Record<ProviderName, LocalProvider>>;
  readonly scheduler: Scheduler;
  readonly workspace: LocalWorkspace;
  readonly gemini: LocalGemini;
  /** What the functions were given. */
  readonly environment: Readonly<Record<string, string>>;
  /** One more broker process, with changes to its environment. */
  addBroker(environment?: Readonly<Record<string, string>>): Promise<{ origin: string; process: ChildProcess }>;
  stop(): Promise<void>;
}

export const startStack = async (options: StackOptions = {}): Promise<Stack> => {
  const { ports = {}, log = () => {} } = options;
  const stops: (() => Promise<unknown>)[] = [];
  const started = async <T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
    const running = await starting;
    stops.push(() => running.stop());
    return running;
  };
  const stop = async () => {
    await Promise.all(stops.reverse().map((each) => each()));
  };
  try {
    const brokerPorts = await freePorts(options.brokers ?? 1, ports.broker);
    const brokerOrigin = originAt(brokerPorts[0]);
    const apis: Record<string, string> = {};
    const demo = await started(
      startDemo({ settings: () => ({ broker: brokerOrigin, apis }), ...(ports.demo ? { port: ports.demo } : {}) }),
    );
    const firestore = options.firestore === undefined ? await started(startFirestore()) : undefined;
    const kms = await started(startKms());
    const client = (name: string) => ({
      id: `demo-${name}`,
      name: 'Demo product',
      secret: randomBytes(24).toString('base64url'),
    });
    const clients = { microsoft: client('microsoft'), google: client('google'), notes: client('notes') };
    const nativeClients = {
      // As its own documentation has it; the port is the app's to choose.
      microsoft: { id: 'demo-microsoft-desktop', redirectUri: 'http://localhost' },
      google: { id: 'demo-google-desktop', redirectUri: 'http://127.0.0.1/callback', secret: DESKTOP_SECRET },
      notes: { id: 'demo-notes-desktop', redirectUri: 'http://127.0.0.1/callback' },
    };
    const own = options.ownPage === undefined ? [] : [brokerOrigin + options.ownPage];
    const frontEnd = [...own, ...(options.frontEnd === undefined ? [] : [options.frontEnd])].map((url) => new URL(url));
    const provider = (name: ProviderName) => ({
      client: clients[name],
      nativeClient: nativeClients[name],
      redirectUris: [`${brokerOrigin}/v1/callback/${name}`, `${brokerOrigin}/v1/sso/${name}/callback`],
      // The admin page is where an admin consent leads back to.
      browserRedirectUris: [...demo.returnUrls, `${demo.origin}/admin.html`, ...frontEnd.map(({ href }) => href)],
      browserOrigins: [demo.origin, ...frontEnd.map(({ origin }) => origin)],
      ...(ports[name] ? { port: ports[name] } : {}),
      ...(options.now ? { now: options.now } : {}),
    });
    const providers = {
      microsoft: await started(startMicrosoft(provider('microsoft'))),
      google: await started(startGoogle(provider('google'))),
      notes: await started(startStrict(provider('notes'))),
    };
    const ofOrganization = options.workspace ?? generateWorkspace({ users: 300, groups: 40 });
    // Whoever signs in with the simulated Google stands in its directory, too.
    for (const { subject, email, name, organization } of accounts) {
      const [givenName = '', familyName = ''] = name.split(' ');
      if (ofOrganization.domains.some((domain) => domain.name === organization)) {
        ofOrganization.addUser({ id: subject, primaryEmail: email, givenName, familyName, suspended: false });
      }
    }
    const workspace = await started(startWorkspace([ofOrganization], ports.workspace ? { port: ports.workspace } : {}));
    const gemini = await started(startGemini(ports.gemini ? { port: ports.gemini } : {}));
    for (const name of PROVIDER_NAMES) apis[name] = providers[name].origin;

    const base = environmentOf({
      brokerOrigin,
      demo,
      frontEnd,
      firestore: options.firestore ?? firestore?.address ?? '',
      kms,
      keys: generateKeys(),
      clients,
      nativeClients,
      providers,
      workspace: { origin: workspace.origin, administrator: ofOrganization.administrator },
      gemini,
    });
    const given = Object.entries({ ...base, ...options.environment });
    const environment = Object.fromEntries(
      given.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
    );
    await storePolicies(base);
    const runBroker = async (port: number, extra: Readonly<Record<string, string>> = {}) => {
      const running = await started(startBroker({ ...environment, ...extra, PORT: String(port) }, log));
      return { origin: originAt(port), process: running.process };
    };
    const brokers = options.withoutBroker ? [] : await Promise.all(brokerPorts.map((port) => runBroker(port)));
    return {
      brokers,
      broker: brokerOrigin,
      demo,
      kms,
      providers,
      scheduler: createScheduler(base, providers.google),
      workspace,
      gemini,
      environment,
      addBroker: async (extra) => runBroker((await freePorts(1))[0] ?? 0, extra),
      stop,
      ...(firestore ? { firestore } : {}),
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Starts a broker process, and waits until it listens. Throws with what it printed when it does not start. */
const startBroker = async (environment: Readonly<Record<string, string>>, log: (line: string) => void) => {
  const { PATH = '', TMPDIR } = process.env;
  const child = fork(new URL('broker.ts', import.meta.url), {
    // Only what a function is given: nothing of the developer's own environment reaches it.
    env: { PATH, NODE_ENV: 'production', ...(TMPDIR ? { TMPDIR } : {}), ...environment },
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (printed.length < 50) printed.push(line);
        log(line);
      }
    });
  }
  const exited = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => {
      throw new Error(`A broker process did not start (exit code ${code}):\n${printed.join('\n')}`);
    }),
  ]);
  return {
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(timer);
    },
  };
};

/** Without `:80`, as browsers and the configuration spell it. */
const originAt = (port = 0): string => new URL(`http://127.0.0.1:${port}`).origin;

/** Asks for several at once, so that they differ. Throws EADDRINUSE where `first` is taken. */
const freePorts = async (count: number, first = 0): Promise<number[]> => {
  const servers = Array.from({ length: count }, (_, index) =>
    createServer().listen(index === 0 ? first : 0, '127.0.0.1'),
  );
  const listening = await Promise.allSettled(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  const open = servers.filter((server) => server.listening);
  await Promise.all(open.map((server) => once(server.close(), 'close')));
  for (const each of listening) if (each.status === 'rejected') throw each.reason;
  return ports;
};
