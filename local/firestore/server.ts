/** A strict in-process stand-in for Firestore, on the wire: the official client runs against it unchanged. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Faults } from '../rpc.ts';
import { type Serving, serve } from '../serve.ts';
import { type Counts, createService } from './service.ts';
import { Store } from './store.ts';
import { plainFields } from './values.ts';

export interface FirestoreStandIn extends Serving {
  /** Every stored document; bytes are Buffers, times are Dates. */
  dump(): { name: string; fields: Record<string, unknown>; createTime: Date; updateTime: Date }[];
  readonly faults: Faults;
  /** A copy. */
  counts(): Counts;
  /** Lets the database's own time run ahead: read times, update times, server timestamps, ends of transactions. */
  advance(milliseconds: number): void;
}

const requireHere = createRequire(import.meta.url);
// The descriptor stands in a package of the client's own.
const requireClient = createRequire(requireHere.resolve('@google-cloud/firestore'));

/** The project's own, as they are deployed. */
const { indexes: declared } = JSON.parse(
  readFileSync(new URL('../../functions/adapters/firestore/indexes.json', import.meta.url), 'utf8'),
);

/** @param port 0 or absent: a free one */
export const startFirestore = async ({ port = 0 }: { port?: number } = {}): Promise<FirestoreStandIn> => {
  const store = new Store();
  const faults = new Faults();
  const counts: Counts = { reads: 0, writes: 0, deletes: 0, queries: 0, transactions: 0 };
  const serving = await serve(
    requireClient('@google-cloud/firestore-api/protos/protos.json'),
    'google.firestore.v1.Firestore',
    createService(store, counts, declared),
    faults,
    port,
  );
  return {
    ...serving,
    faults,
    counts: () => ({ ...counts }),
    advance: (milliseconds) => store.advance(milliseconds),
    dump: () =>
      [...store.everything()].map(({ name, fields, createTime, updateTime }) => ({
        name,
        fields: plainFields(fields),
        createTime: new Date(createTime / 1000),
        updateTime: new Date(updateTime / 1000),
      })),
  };
};
