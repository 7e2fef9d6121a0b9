/** The synchronization with its real adapters, between a simulated Workspace and the strict Firestore stand-in. */
import { Firestore } from '@google-cloud/firestore';
import { directorySource, SCOPES } from '../../functions/adapters/directory/source.ts';
import { createExchange } from '../../functions/adapters/exchange.ts';
import { firestoreDirectoryReader } from '../../functions/adapters/firestore/directory-reader.ts';
import { firestoreDirectoryStore, firestoreRequests } from '../../functions/adapters/firestore/directory-store.ts';
import { delegatedToken } from '../../functions/adapters/google/delegation.ts';
import { createAccessTokens } from '../../functions/adapters/google-access-token.ts';
import { createHttpClient } from '../../functions/adapters/http-client.ts';
import { type Clock, systemClock } from '../../functions/core/clock.ts';
import { CHUNK } from '../../functions/core/directory/records.ts';
import { type SyncDependencies, type SyncReport, synchronize } from '../../functions/core/directory/synchronize.ts';
import { keysOf, sortOf } from '../../functions/core/directory/words.ts';
import type { Event } from '../../functions/core/ports.ts';
import { type FirestoreStandIn, startFirestore } from '../../local/firestore/server.ts';
import type { Workspace } from '../../local/workspace/directory.ts';
import { type LocalWorkspace, SYNC_ACCOUNT, startWorkspace } from '../../local/workspace/server.ts';

export const TENANT = 'org-1';

export interface World {
  readonly firestore: FirestoreStandIn;
  readonly client: Firestore;
  readonly workspace: LocalWorkspace;
  readonly reader: ReturnType<typeof firestoreDirectoryReader>;
  readonly requests: ReturnType<typeof firestoreRequests>;
  readonly events: Event[];
  /** What waiting there was, in milliseconds; nobody really waits. */
  readonly waits: number[];
  onWait(told: (milliseconds: number) => void): void;
  /** One call of the scheduler. */
  sync(change?: Partial<SyncDependencies>): Promise<SyncReport>;
  dependencies(): SyncDependencies;
  stop(): Promise<void>;
}

export const startWorld = async (organization: Workspace): Promise<World> => {
  process.env.METADATA_SERVER_DETECTION = 'none';
  const firestore = await startFirestore();
  const workspace = await startWorkspace([organization]);
  const client = new Firestore({ projectId: 'demo', databaseId: 'directory', host: firestore.address, ssl: false });
  const events: Event[] = [];
  const waits: number[] = [];
  let told = (milliseconds: number): void => void waits.push(milliseconds);
  const clock: Clock = { ...systemClock, sleep: async (milliseconds) => told(milliseconds) };
  const http = createHttpClient({ developmentOrigins: [workspace.origin], maxAnswerBytes: 4 * 1024 * 1024 });
  const own = createAccessTokens(createExchange(), workspace.origin);
  const delegation = {
    account: SYNC_ACCOUNT,
    administrator: organization.administrator,
    scopes: SCOPES,
    endpoints: { sign: workspace.origin, token: `${workspace.origin}/token` },
  };
  const token = () => delegatedToken(delegation, http, own.get);
  const dependencies = (): SyncDependencies => ({
    store: firestoreDirectoryStore(client),
    sources: new Map([
      [
        TENANT,
        (until, beat) =>
          directorySource({ endpoint: workspace.origin, customer: 'my_customer', until }, { http, clock, token, beat }),
      ],
    ]),
    allowance: { share: 0.2, floor: 10 },
    // Each call is due.
    intervalMs: 0,
    callMs: 120_000,
    clock,
    observe: (event) => void events.push(event),
  });
  return {
    firestore,
    client,
    workspace,
    reader: firestoreDirectoryReader(client),
    requests: firestoreRequests(client),
    events,
    waits,
    onWait: (each) => {
      told = each;
    },
    dependencies,
    sync: (change = {}) => synchronize({ ...dependencies(), ...change }),
    stop: async () => {
      await client.terminate();
      await workspace.stop();
      await firestore.stop();
    },
  };
};

type Plain = Readonly<Record<string, unknown>>;

/** By kind and id, what the database holds of the organization: records with what search adds, members as lists. */
export const storedDirectory = ({ firestore }: Pick<World, 'firestore'>, tenant = TENANT): Record<string, Plain> => {
  const found: Record<string, Record<string, unknown>> = {
    users: {},
    groups: {},
    domains: {},
    members: {},
    log: {},
    manifest: {},
  };
  const prefix = `/documents/directories/org-${tenant}/`;
  for (const { name, fields } of firestore.dump()) {
    const at = name.indexOf(prefix);
    if (at < 0) continue;
    const [kind = '', id = '', , chunk] = name.slice(at + prefix.length).split('/');
    if (chunk !== undefined) Object.assign(found.members ?? {}, { [`${id}/${Number(chunk)}`]: fields.members });
    else if (kind.endsWith('_manifest')) {
      for (const line of String(fields.entries).split('\n'))
        Object.assign(found.manifest ?? {}, { [`${kind} ${line}`]: true });
    } else Object.assign(found[kind] ?? {}, { [id]: fields });
  }
  return found;
};

/** What it should hold. */
export const expectedDirectory = (workspace: Workspace): Record<string, Plain> => {
  const users = workspace.users().map(({ id, primaryEmail: email, givenName, familyName, suspended, ...post }) => {
    const name = `${givenName} ${familyName}`;
    const searched = { email, name, givenName, familyName, ...post };
    return [
      id,
      {
        google_id: id,
        email,
        name,
        given_name: givenName,
        family_name: familyName,
        suspended,
        ...post,
        keys: keysOf(searched),
        sort: sortOf(searched),
      },
    ];
  });
  const groups = workspace.groups().map(({ id, email, name, description }) => {
    const record = { email, name, ...(description === undefined ? {} : { description }) };
    return [id, { google_id: id, ...record, keys: keysOf(record), sort: sortOf(record) }];
  });
  const types = { USER: 'user', GROUP: 'group', CUSTOMER: 'everybody', EXTERNAL: 'other' } as const;
  const members = workspace.groups().flatMap((group) => {
    // The simulated listing is in this order, too.
    const sorted = [...group.members].sort((a, b) => (a.id < b.id ? -1 : 1));
    return Array.from({ length: Math.ceil(sorted.length / CHUNK) }, (_, chunk) => [
      `${group.id}/${chunk}`,
      sorted.slice(chunk * CHUNK, (chunk + 1) * CHUNK).map(({ id, email, type, role }) => ({
        id,
        ...(email === undefined ? {} : { email }),
        type: types[type],
        role: role.toLowerCase(),
      })),
    ]);
  });
  const domains = workspace.domains.map(({ name, primary }) => [name, { id: name, primary, verified: true }]);
  return {
    users: Object.fromEntries(users),
    groups: Object.fromEntries(groups),
    members: Object.fromEntries(members),
    domains: Object.fromEntries(domains),
    log: {},
  };
};
