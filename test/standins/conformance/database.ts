import type { Firestore } from '@google-cloud/firestore';

/** A Firestore that is asked. */
export interface Database {
  /** Another client; all are closed at the end. */
  client(settings?: FirebaseFirestore.Settings): Firestore;
  /** The client that most tests share. */
  db(): Firestore;
  /** A collection that no other test knows. */
  collection(): FirebaseFirestore.CollectionReference;
}

export type Doc = FirebaseFirestore.DocumentReference;

/** The emulator waits seconds for a lock before it refuses. */
export const CONTENDED_MS = 60_000;
