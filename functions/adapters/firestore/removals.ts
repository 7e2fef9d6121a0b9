/** What is to be removed after a switch to a browser-only flow: `RemovalQueue`, and the connections of a place. */
import type { DocumentReference, Firestore, Query, Timestamp } from '@google-cloud/firestore';
import type { Place, PlaceStore, RemovalQueue } from '../../core/ports.ts';
import { call } from './client.ts';
import { fromSnapshot } from './connections.ts';
import { isConflict } from './failures.ts';

const SOME = 100;

interface Version {
  readonly ref: DocumentReference;
  readonly lastUpdateTime: Timestamp;
}

export const firestoreRemovals = (firestore: Firestore): RemovalQueue => {
  const removals = firestore.collection('removals');
  return {
    next: async () => {
      const { docs } = await call(() => removals.limit(SOME).get());
      return docs.map((snapshot) => {
        const version: Version = { ref: snapshot.ref, lastUpdateTime: snapshot.updateTime };
        return { tenant: String(snapshot.get('tenant')), provider: String(snapshot.get('provider')), version };
      });
    },

    pending: async (tenant) => {
      const { docs } = await call(() => removals.where('tenant', '==', tenant).get());
      return new Set(docs.map((snapshot) => String(snapshot.get('provider'))));
    },

    end: async ({ version }) => {
      const { ref, lastUpdateTime } = version as Version;
      try {
        await call(() => ref.delete({ lastUpdateTime }), isConflict);
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    },
  };
};

export const firestorePlaces = (firestore: Firestore): PlaceStore => {
  const at = ({ tenant, provider }: Place): Query =>
    firestore.collection('connections').where('tenant', '==', tenant).where('provider', '==', provider);
  return {
    some: async (place, limit) => {
      const { docs } = await call(() => at(place).limit(limit).get());
      return docs.flatMap((snapshot) => {
        const key = { tenant: place.tenant, provider: place.provider, user: String(snapshot.get('user')) };
        return fromSnapshot(key, snapshot) ?? [];
      });
    },

    // One index entry a connection, and not one document, is read.
    count: async (place) => (await call(() => at(place).count().get())).data().count,
  };
};
