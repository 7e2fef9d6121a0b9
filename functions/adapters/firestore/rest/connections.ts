/** The connections as the token call sees them, over HTTP and JSON. */
import type { ConnectionStore, Stored } from '../../../core/ports.ts';
import { connectionOf, connectionPlace, updateOf } from '../documents.ts';
import { isConflict } from '../failures.ts';
import { type FirestoreRest, Version } from './client.ts';

export const restConnections = (firestore: FirestoreRest): ConnectionStore => ({
  read: async (key) => {
    const { document, readAt } = await firestore.read(connectionPlace(key));
    if (!document) return undefined;
    return { key, connection: connectionOf(document.fields), version: document.version, readAt };
  },

  update: async (read, change) => {
    try {
      return { version: await firestore.update(versionOf(read), updateOf(change), isConflict) };
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  },
});

const versionOf = ({ version }: Stored): Version => {
  if (!(version instanceof Version)) throw new TypeError('not read from this store');
  return version;
};
