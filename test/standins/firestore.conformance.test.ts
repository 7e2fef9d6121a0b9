/**
 * What this project relies on in Firestore, asked by the official client: once of the strict stand-in, once of the
 * official emulator where it is installed. What the two answer differently is not for code to rely on.
 */

import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { findEmulator, startEmulator } from '../../local/firestore/emulator.ts';
import { startFirestore } from '../../local/firestore/server.ts';
import type { Listening } from '../../local/serve.ts';
import { CONTENDED_MS, type Database } from './conformance/database.ts';
import { documents } from './conformance/documents.ts';
import { queries } from './conformance/queries.ts';
import { transactions } from './conformance/transactions.ts';

// No question leaves this machine.
process.env.METADATA_SERVER_DETECTION = 'none';

const conformance = (start: () => Promise<Listening>) => () => {
  let server: Listening;
  let db: Firestore;
  let collections = 0;
  const opened: Firestore[] = [];
  const database: Database = {
    client: (settings) => {
      const firestore = new Firestore({ projectId: 'demo', host: server.address, ssl: false, ...settings });
      opened.push(firestore);
      return firestore;
    },
    db: () => db,
    collection: () => db.collection(`c${++collections}`),
  };

  beforeAll(async () => {
    server = await start();
    db = database.client();
  }, CONTENDED_MS);

  afterAll(async () => {
    await Promise.all(opened.map((firestore) => firestore.terminate()));
    await server?.stop();
  });

  describe('documents', () => documents(database));
  describe('transactions', () => transactions(database));
  describe('queries', () => queries(database));
};

describe('the strict stand-in', conformance(startFirestore));

if (findEmulator()) {
  describe('the official emulator', conformance(startEmulator));
} else {
  const reason = 'no Google Cloud SDK with the Firestore emulator, or no Java, on this machine';
  console.warn(`Skipped: Firestore conformance of the official emulator (${reason})`);
  test.skip(`the official emulator (${reason})`, () => {});
}
