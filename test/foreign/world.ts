/** The broker beside a foreign server: stand-ins for Firestore and Cloud KMS, and as many broker processes as wanted. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE_MS } from '../../functions/core/refresh.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { Fleet, type Member } from '../chaos/fleet.ts';
import { ask, type Reply } from '../chaos/http.ts';
import { CALL_HEADER, type CallHeader, type Directive, type Line } from '../chaos/protocol.ts';
import { CODE_FLOW } from '../support/broker.ts';
import type { Browser } from '../support/consent.ts';
import { type Person, type SignInOptions, signInAndConsent } from './browser.ts';

/** A member of `PROVIDERS`, and its client's secret. */
export interface Entry {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secret?: string;
}

/** A user of the broker, the provider's entry and the account there. */
export interface User {
  readonly id: string;
  readonly tenant: string;
  readonly provider: string;
  readonly person: Person;
}

export interface World {
  readonly stack: Stack;
  readonly fleet: Fleet;
  readonly entries: readonly Entry[];
  /** Lines that broker processes printed since the last call: events, as JSON. */
  takeLog(): string[];
  /** What the broker processes noted of their refreshes, from the start on. */
  journal(): Line[];
  /** Lets every lease run out. */
  outwaitLeases(): void;
  /** One more broker process that verifies other sessions. */
  addBroker(environment: Readonly<Record<string, string>>): Promise<string>;
  stop(): Promise<void>;
}

export const INTEGRATION = 'notes';
export const PROCESSES = 4;

/** Where the provider sends the browser: registered there before the world starts its processes. */
export const redirectUriOf = (stack: Stack, provider: string): string => `${stack.broker}/v1/callback/${provider}`;

/**
 * @param prepare makes the clients at the foreign server, for the stack's redirect URIs
 * @param origins of the foreign server
 */
export const startWorld = async (
  origins: readonly string[],
  prepare: (stack: Stack) => Promise<readonly Entry[]>,
): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), 'foreign-'));
  const journal = join(folder, 'journal');
  closeSync(openSync(journal, 'w'));
  let log: string[] = [];
  const stack = await startStack({ withoutBroker: true, log: (line) => log.push(line) });
  const stop = async (fleet?: Fleet) => {
    await fleet?.stop();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const entries = await prepare(stack);
    const environment: Record<string, string> = {
      ...CODE_FLOW,
      PROVIDERS: JSON.stringify(Object.fromEntries(entries.map(({ name, settings }) => [name, settings]))),
      DEVELOPMENT_ORIGINS: [stack.environment.DEVELOPMENT_ORIGINS, ...origins].join(' '),
      // What this lane asks for is more than any user's share.
      RATE_LIMIT_USER: '900000/900000',
      RATE_LIMIT_ADDRESS: '900000/900000',
    };
    for (const { name, secret } of entries) {
      if (secret !== undefined) environment[`CLIENT_SECRET_${name.toUpperCase().replaceAll('-', '_')}`] = secret;
    }
    const fleet = new Fleet({ stack, environment, journal });
    await fleet.resize(PROCESSES);
    return {
      stack,
      fleet,
      entries,
      takeLog: () => {
        const taken = log;
        log = [];
        return taken;
      },
      journal: () =>
        readFileSync(journal, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Line),
      outwaitLeases: () => stack.firestore?.advance(LEASE_MS + 1_000),
      addBroker: async (more) => (await stack.addBroker({ ...environment, ...more })).origin,
      stop: () => stop(fleet),
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

let calls = 0;

const headersOf = async ({ stack }: World, user: User, directive?: Directive) => ({
  authorization: `Bearer ${await stack.demo.sessions.sessionToken(user.id, user.tenant)}`,
  [CALL_HEADER]: JSON.stringify({
    call: `call-${++calls}`,
    subject: subjectOf(user),
    ...(directive ? { directive } : {}),
  } satisfies CallHeader),
});

/** Names a connection in the journal. */
export const subjectOf = ({ tenant, id, provider }: User): string => `${tenant}/${id}/${provider}`;

const anyMember = (world: World): Promise<Member> => world.fleet.choose(Math.random(), () => world.fleet.punctual);

/** A call to one of the broker's processes, or to the given one. Throws where no whole answer came. */
export const call = async (world: World, user: User, method: string, path: string, body?: unknown): Promise<Reply> => {
  const { origin } = await anyMember(world);
  const reply = await ask({ method, url: origin + path, headers: await headersOf(world, user), body });
  if (typeof reply === 'string') throw new Error(`${method} ${path}: ${reply}`);
  return reply;
};

export const tokenOf = (world: World, user: User): Promise<Reply> =>
  call(world, user, 'POST', `/v1/connections/${user.provider}/token`, { integration: INTEGRATION });

/** @returns a transport code where the process was killed */
export const tokenFrom = async (
  world: World,
  user: User,
  member: Member,
  directive?: Directive,
): Promise<Reply | string> =>
  ask({
    method: 'POST',
    url: `${member.origin}/v1/connections/${user.provider}/token`,
    headers: await headersOf(world, user, directive),
    body: { integration: INTEGRATION },
  });

/** Up to the broker's callback, in whose answer the page finds a ticket or an error. */
export const authorize = async (world: World, user: User, options: SignInOptions = {}) => {
  const start = () =>
    call(world, user, 'POST', `/v1/connections/${user.provider}/authorize`, {
      integrations: [INTEGRATION],
      return_to: world.stack.demo.returnUrls[0],
    });
  let started = await start();
  // A server that has just started is slow with its metadata.
  for (let tries = 1; started.status === 503 && tries < 5; tries += 1) {
    await sleep(2_000);
    started = await start();
  }
  if (started.status !== 200) throw new Error(`authorize: ${started.status} ${started.text}`);
  const redirected = new URL(await signInAndConsent(String(started.body.authorization_url), user.person, options));
  const { origin } = await anyMember(world);
  const returned = await ask({ method: 'GET', url: origin + redirected.pathname + redirected.search });
  if (typeof returned === 'string' || returned.status !== 303) {
    throw new Error(`callback: ${typeof returned === 'string' ? returned : returned.status}`);
  }
  const fragment = new URLSearchParams(new URL(returned.headers.location ?? '').hash.slice(1));
  return { flow: String(started.body.flow), fragment };
};

export const complete = (
  world: World,
  user: User,
  { flow, fragment }: { readonly flow: string; readonly fragment: URLSearchParams },
): Promise<Reply> =>
  call(world, user, 'POST', `/v1/connections/${user.provider}/complete`, { ticket: fragment.get('ticket'), flow });

/** The whole of it. @returns what `complete` answered */
export const connect = async (world: World, user: User, browse?: Browser): Promise<Reply> => {
  const authorized = await authorize(world, user, browse ? { browse } : {});
  if (authorized.fragment.get('ticket') === null) throw new Error(`no ticket, but ${authorized.fragment.get('error')}`);
  return complete(world, user, authorized);
};

export const disconnect = (world: World, user: User): Promise<Reply> =>
  call(world, user, 'DELETE', `/v1/connections/${user.provider}`);

/** As the front end sees it; `undefined` when absent. */
export const connectionOf = async (
  world: World,
  user: User,
): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const { body } = await call(world, user, 'GET', '/v1/connections');
  const connections = body.connections as readonly Readonly<Record<string, unknown>>[];
  return connections.find(({ provider }) => provider === user.provider);
};
