/** What the adapters over the official client share: where documents are, how values travel, and how long a call may take. */
import { type DocumentReference, FieldValue, type Firestore, Timestamp } from '@google-cloud/firestore';
import type { ConnectionKey } from '../../core/connection.ts';
import { Unavailable } from '../../core/errors.ts';
import { DATABASE_TIME } from '../../core/ports.ts';
import { within } from '../deadline.ts';
import {
  connectionPlace,
  type Place,
  policyPlace,
  REMOVED,
  type ReadFields,
  removalPlace,
  type WrittenFields,
} from './documents.ts';
import { mapped } from './failures.ts';

/** Longer than any healthy call. */
const DEADLINE_MS = 5_000;
/** A transaction's several calls, and its repetitions. */
const TRANSACTION_MS = 10_000;

const refOf = (firestore: Firestore, [collection, id]: Place): DocumentReference =>
  firestore.collection(collection).doc(id);
export const connectionRef = (firestore: Firestore, key: ConnectionKey): DocumentReference =>
  refOf(firestore, connectionPlace(key));
export const policyRef = (firestore: Firestore, tenant: string): DocumentReference =>
  refOf(firestore, policyPlace(tenant));
export const flowRef = (firestore: Firestore, flowId: string): DocumentReference => refOf(firestore, ['flows', flowId]);
export const tombstoneRef = (firestore: Firestore, tombstone: string): DocumentReference =>
  refOf(firestore, ['tombstones', tombstone]);
export const removalRef = (firestore: Firestore, tenant: string, provider: string): DocumentReference =>
  refOf(firestore, removalPlace(tenant, provider));

/** Runs a call; what is not one of the `expected` failures becomes `Unavailable`. */
export const call = <T>(
  run: () => Promise<T>,
  expected?: (error: unknown) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> => mapped(() => within(deadlineMs, 'database', run), expected);

/** The same for what may be run again by the client: it can ask whether its time is over. */
export const callInTime = <T>(run: (isOver: () => boolean) => Promise<T>): Promise<T> => {
  const until = performance.now() + TRANSACTION_MS;
  return mapped(() => within(TRANSACTION_MS, 'database', () => run(() => performance.now() >= until)));
};

/** Nobody waits for it any more, and what a transaction would see now is not what the caller was told. */
export const refuseWhenOver = (isOver: () => boolean): void => {
  if (isOver()) throw new Unavailable('database', 'timeout', { applied: 'unknown' });
};

export const inSeconds = (seconds: number): Timestamp => Timestamp.fromMillis(Date.now() + seconds * 1000);

export const toClient = (fields: WrittenFields): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (value === REMOVED) return [name, FieldValue.delete()];
      if (value === DATABASE_TIME) return [name, FieldValue.serverTimestamp()];
      return [name, isMap(value) ? toClient(value as WrittenFields) : value];
    }),
  );

export const fromClient = (fields: ReadFields): ReadFields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (value instanceof Timestamp) return [name, value.toMillis()];
      return [name, isMap(value) ? fromClient(value as ReadFields) : value];
    }),
  );

const isMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
