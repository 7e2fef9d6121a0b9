/** The ways to the database that stand behind the same ports, and what their tests put into it. */
import { Firestore } from '@google-cloud/firestore';
import { firestoreCompletions } from '../../functions/adapters/firestore/completions.ts';
import { firestoreConnections } from '../../functions/adapters/firestore/connections.ts';
import { firestorePolicies } from '../../functions/adapters/firestore/policies.ts';
import { openFirestoreRest } from '../../functions/adapters/firestore/rest/client.ts';
import { restConnections } from '../../functions/adapters/firestore/rest/connections.ts';
import { restPolicies } from '../../functions/adapters/firestore/rest/policies.ts';
import { standInTokens } from '../../functions/adapters/google-api.ts';
import type { ConnectionKey } from '../../functions/core/connection.ts';
import type {
  CompletionStore,
  ConnectionStore,
  NewConnection,
  PolicySource,
  Stored,
} from '../../functions/core/ports.ts';

/** What both clients offer. */
export interface Client {
  readonly connections: ConnectionStore;
  readonly policies: PolicySource;
}

export const openOfficial = (address: string): Firestore => {
  process.env.METADATA_SERVER_DETECTION = 'none';
  process.env.FIRESTORE_EMULATOR_HOST = address;
  const firestore = new Firestore({ projectId: 'local-project' });
  delete process.env.FIRESTORE_EMULATOR_HOST;
  return firestore;
};

/** The emulator's first answers take seconds, longer than the adapters wait. */
export const warmUp = (firestore: Firestore): Promise<unknown> => {
  const ref = firestore.collection('warm-up').doc('one');
  return firestore.runTransaction(async (transaction) => {
    await transaction.get(ref);
    transaction.set(ref, { at: 1 });
  });
};

const noPolicy = { providers: {} };
/** `address`: where `firestore` was opened. */
export const CLIENTS: readonly (readonly [name: string, open: (firestore: Firestore, address: string) => Client])[] = [
  [
    'official client',
    (firestore) => ({
      connections: firestoreConnections(firestore),
      policies: firestorePolicies(firestore, noPolicy),
    }),
  ],
  [
    'HTTP and JSON',
    (_, address) => {
      const options = { project: 'local-project', databaseId: '(default)', firestoreEmulator: address };
      const rest = openFirestoreRest(options, standInTokens);
      return { connections: restConnections(rest), policies: restPolicies(rest, noPolicy) };
    },
  ],
];

let serial = 0;
export const newKey = (): ConnectionKey => ({
  tenant: 'org-1',
  user: `user-${Date.now()}-${++serial}`,
  provider: 'google',
});
export const life = (generation = 'life-1', revision = 1): NewConnection => ({
  generation,
  revision,
  sealed: { wrappedKey: Buffer.from('wrapped'), ciphertext: Buffer.from('sealed') },
  scopes: ['a', 'b'],
  account: 'account-hash',
  attempt: 'first',
});

export const completionsOf = (firestore: Firestore): CompletionStore => firestoreCompletions(firestore, noPolicy);
/** A claimed flow for the key. */
export const placeOf = async (completions: CompletionStore, key: ConnectionKey) => {
  const flowId = `flow-${Date.now()}-${++serial}`;
  await completions.claimFlow(flowId, 60);
  return { key, tombstone: `tombstone-${key.user}`, flowId };
};
export const write = async (completions: CompletionStore, key: ConnectionKey, connection: NewConnection) =>
  completions.store(await placeOf(completions, key), () => ({ write: connection }));

/** Throws where there is nothing. */
export const readStored = async ({ connections }: Pick<Client, 'connections'>, key: ConnectionKey): Promise<Stored> => {
  const found = await connections.read(key);
  if (!found) throw new Error('nothing there');
  return found;
};
