/** What a campaign is about: one database, one key service, the providers of each class, their users, and time. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Firestore } from '@google-cloud/firestore';
import { LEASE_MS } from '../../functions/core/refresh.ts';
import { databaseOf } from '../../local/firestore/client.ts';
import { startEmulator } from '../../local/firestore/emulator.ts';
import type { FirestoreStandIn } from '../../local/firestore/server.ts';
import type { KmsStandIn } from '../../local/kms/server.ts';
import type { LocalProvider } from '../../local/providers/provider.ts';
import { startStrict } from '../../local/providers/strict.ts';
import { initialSwitches } from '../../local/providers/switches.ts';
import type { Listening } from '../../local/serve.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { CODE_FLOW } from '../support/broker.ts';
import { Fleet } from './fleet.ts';
import type { Line, Variant } from './protocol.ts';
import { CLASSES, type ClassName, createUsers, GRACE_SECONDS, PROVIDER_CLASSES, type User } from './users.ts';

/** A lease's life and a little. */
export const LEASE_OVER_MS = LEASE_MS + 1_000;

export interface World {
  readonly stack: Stack;
  readonly users: readonly User[];
  readonly providers: Readonly<Record<ClassName, LocalProvider>>;
  readonly kms: KmsStandIn;
  readonly database: Firestore;
  /** Absent with the official emulator: it has no faults, and its time is real. */
  readonly standIn?: FirestoreStandIn;
  /** Lines that processes printed since the last call. */
  takeLog(): string[];
  /** What processes noted since the last call; only while none of them works. */
  takeJournal(): Line[];
  createFleet(variant?: Variant): Fleet;
  /** One that is not wrapped, and takes no part. */
  startBroker(): Promise<{ readonly origin: string; readonly process: ChildProcess }>;
  /** Nothing goes wrong from here on. */
  heal(): void;
  /** Lets every lease run out; only while nobody holds one and works. */
  outwaitLeases(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly usersPerClass: number;
  /** The official emulator in the stand-in's place. */
  readonly emulator?: boolean;
}

export const startWorld = async ({ usersPerClass, emulator = false }: WorldOptions): Promise<World> => {
  // Before the providers start: they note what their accounts own.
  const users = createUsers(usersPerClass);
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const journal = join(folder, 'journal');
  closeSync(openSync(journal, 'w'));
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of stops.reverse()) await each();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    let ahead = 0;
    let log: string[] = [];
    const official: Listening | undefined = emulator ? await startEmulator() : undefined;
    if (official) stops.push(() => official.stop());
    const stack = await startStack({
      log: (line) => log.push(line),
      ...(official ? { firestore: official.address } : {}),
    });
    stops.push(() => stack.stop());
    // It gave the others their public URL; only wrapped processes take part.
    stack.brokers[0]?.process.kill('SIGKILL');
    const client = { id: 'demo-grace', secret: randomBytes(24).toString('base64url') };
    const grace = await startStrict({
      client,
      redirectUris: [`${stack.broker}/v1/callback/${PROVIDER_CLASSES.grace.provider}`],
      browserOrigins: [],
      now: () => Date.now() + ahead,
    });
    stops.push(() => grace.stop());
    const { google, microsoft, notes } = stack.providers;
    const providers = { stable: google, tolerant: microsoft, grace, strict: notes };
    const database = databaseOf(stack.environment);
    stops.push(() => database.terminate());
    const environment = environmentWith(stack.environment, grace, client);

    const world: World = {
      stack,
      users,
      providers,
      kms: stack.kms,
      database,
      ...(stack.firestore ? { standIn: stack.firestore } : {}),
      takeLog: () => {
        const taken = log;
        log = [];
        return taken;
      },
      takeJournal: () => {
        const lines = readFileSync(journal, 'utf8').split('\n');
        truncateSync(journal);
        return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
      },
      createFleet: (variant) => new Fleet({ stack, environment, journal, ...(variant ? { variant } : {}) }),
      startBroker: () => stack.addBroker(environment),
      heal: () => heal(world),
      outwaitLeases: async () => {
        ahead += LEASE_OVER_MS;
        if (stack.firestore) stack.firestore.advance(LEASE_OVER_MS);
        else await sleep(LEASE_OVER_MS);
      },
      stop,
    };
    world.heal();
    return world;
  } catch (error) {
    await stop();
    throw error;
  }
};

/** What the broker is configured with, and the provider with a grace window beside it. */
const environmentWith = (
  base: Readonly<Record<string, string>>,
  grace: LocalProvider,
  client: { readonly id: string; readonly secret: string },
): Record<string, string> => {
  const configured = JSON.parse(base.PROVIDERS ?? '{}') as Record<string, object>;
  const { notes } = configured;
  const more = { ...notes, issuer: grace.endpoints.issuer, client_id: client.id, manage_url: grace.endpoints.manage };
  return {
    PROVIDERS: JSON.stringify({ ...configured, [PROVIDER_CLASSES.grace.provider]: more }),
    CLIENT_SECRET_GRACE: client.secret,
    ...CODE_FLOW,
    DEVELOPMENT_ORIGINS: `${base.DEVELOPMENT_ORIGINS} ${grace.origin}`,
    // What a campaign asks for is more than any user's share.
    RATE_LIMIT_USER: '900000/900000',
    RATE_LIMIT_ADDRESS: '900000/900000',
  };
};

/** The first version of the key: what everything is wrapped with, unless the key was rotated. */
export const firstVersion = ({ kms }: Pick<World, 'kms'>): string => `${kms.keyName}/cryptoKeyVersions/1`;

const heal = (world: World): void => {
  world.standIn?.faults.clear();
  world.kms.faults.clear();
  world.kms.setEnabled(firstVersion(world), true);
  const { outage, latencyMs, mfaRequired, clientSecretExpired, commitThen, answerShape, tooManyRequests } =
    initialSwitches;
  for (const name of CLASSES) {
    const { rotation } = PROVIDER_CLASSES[name];
    world.providers[name].control.change({
      ...{ outage, latencyMs, mfaRequired, clientSecretExpired, commitThen, answerShape, tooManyRequests },
      rotation,
      ...(name === 'stable' ? { liveRefreshTokens: 10_000 } : {}),
      ...(name === 'grace' ? { graceSeconds: GRACE_SECONDS } : {}),
    });
  }
};
