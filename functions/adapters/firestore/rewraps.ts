/** Connections by the version that wrapped their data keys: `RewrapStore`, beside reading and updating. */
import { type DocumentSnapshot, FieldPath, type Firestore, type Query } from '@google-cloud/firestore';
import { randomId } from '../../core/flow.ts';
import type { RewrapStore, Stored } from '../../core/ports.ts';
import { call } from './client.ts';
import { fromSnapshot } from './connections.ts';

/** A count reads an index entry per connection; Firestore itself gives up after 60 s. */
const COUNT_MS = 20_000;
const PAGE = 200;
const ID = FieldPath.documentId();

export const firestoreRewraps = (firestore: Firestore): Pick<RewrapStore, 'countByVersion' | 'wrappedBy'> => {
  const connections = firestore.collection('connections');
  return {
    countByVersion: () =>
      call(
        () =>
          // One moment: a difference of counts of several moments could hide one.
          firestore.runTransaction(
            async (transaction) => {
              const count = async (query: Query) => (await transaction.get(query.count())).data().count;
              const counts = new Map<string | undefined, number>();
              let known = 0;
              const byVersion = connections.orderBy('key_version').limit(1);
              let first = await transaction.get(byVersion);
              for (let version = versionIn(first.docs[0]); version !== undefined; version = versionIn(first.docs[0])) {
                const connectionsOf = await count(connections.where('key_version', '==', version));
                counts.set(version, connectionsOf);
                known += connectionsOf;
                first = await transaction.get(byVersion.startAfter(version));
              }
              // A dead grant has left no data key.
              const dead = await count(connections.where('authorize_again', '==', 'grant_dead'));
              const unknown = (await count(connections)) - known - dead;
              if (unknown > 0) counts.set(undefined, unknown);
              return counts;
            },
            { readOnly: true },
          ),
        undefined,
        COUNT_MS,
      ),

    async *wrappedBy(version) {
      if (version !== undefined) {
        yield* pages(connections.where('key_version', '==', version));
        return;
      }
      // No query finds a document by what it lacks. Ids are hashes: each run walks another way round, and all of it where it can.
      const start = randomId();
      for (const half of [connections.where(ID, '>=', start), connections.where(ID, '<', start)]) {
        for await (const page of pages(half)) {
          yield page.filter(({ connection: { sealed } }) => sealed && sealed.keyVersion === undefined);
        }
      }
    },
  };
};

const versionIn = (snapshot: DocumentSnapshot | undefined): string | undefined => snapshot?.get('key_version');

/** In the order of ids; whoever leaves the query meanwhile is not missed, whoever stays does not come twice. */
async function* pages(query: Query): AsyncGenerator<Stored[]> {
  let last: DocumentSnapshot | undefined;
  do {
    const after = last;
    const page = query.orderBy(ID).limit(PAGE);
    const { docs } = await call(() => (after ? page.startAfter(after) : page).get());
    yield docs.flatMap((snapshot) => {
      const { tenant, user, provider } = snapshot.data();
      return fromSnapshot({ tenant: String(tenant), user: String(user), provider: String(provider) }, snapshot) ?? [];
    });
    last = docs.length < PAGE ? undefined : docs.at(-1);
  } while (last);
}
