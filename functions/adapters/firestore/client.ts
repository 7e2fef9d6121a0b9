/** What every Firestore adapter shares: where documents are, and what a failed call means. */
import { createHash } from 'node:crypto';
import { type DocumentReference, type Firestore, Timestamp } from '@google-cloud/firestore';
import type { ConnectionKey } from '../../core/connection.ts';
import { Unavailable } from '../../core/errors.ts';
import type { Place } from '../../core/ports.ts';
import { within } from '../deadline.ts';

/** Longer than any healthy call. */
const DEADLINE_MS = 5_000;
/** A transaction's several calls, and its repetitions. */
const TRANSACTION_MS = 10_000;

/** docs/storage.md describes the documents. */
export const connectionRef = (firestore: Firestore, { tenant, user, provider }: ConnectionKey): DocumentReference => {
  return firestore.collection('connections').doc(hashOf([tenant, user, provider]));
};
/** A hash spreads the writes and takes any character in an id; the parts stand in the document for queries. */
const hashOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
export const flowRef = (firestore: Firestore, flowId: string): DocumentReference =>
  firestore.collection('flows').doc(flowId);
export const tombstoneRef = (firestore: Firestore, tombstone: string): DocumentReference =>
  firestore.collection('tombstones').doc(tombstone);
/** Readable, for people who look at it in the console; the prefix keeps `.`, `..` and `__x__` away. */
export const policyRef = (firestore: Firestore, tenant: string): DocumentReference =>
  firestore.collection('policies').doc(`org-${encodeURIComponent(tenant)}`);

export const removalRef = (firestore: Firestore, { tenant, provider }: Place): DocumentReference =>
  firestore.collection('removals').doc(hashOf([tenant, provider]));

/** gRPC status codes (google.rpc.Code). */
export const Code = {
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
} as const;
const NEEDS_OPS: ReadonlySet<number> = new Set([3, Code.NOT_FOUND, Code.PERMISSION_DENIED, 12, 16]);

export const grpcCodeOf = (error: unknown): number | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
};

/** Whether a precondition (exists, last update time) was what refused the write. */
export const isConflict = (error: unknown): boolean => {
  const code = grpcCodeOf(error);
  return code === Code.FAILED_PRECONDITION || code === Code.NOT_FOUND;
};

/** Runs a call; what is not one of the `expected` failures becomes `Unavailable`. */
export const call = <T>(run: () => Promise<T>, expected: (error: unknown) => boolean = () => false): Promise<T> =>
  mapped(() => within(DEADLINE_MS, 'database', run), expected);

/** The same for what may be run again by the client: it can ask whether its time is over. */
export const callInTime = <T>(run: (isOver: () => boolean) => Promise<T>): Promise<T> => {
  const until = performance.now() + TRANSACTION_MS;
  return mapped(() => within(TRANSACTION_MS, 'database', () => run(() => performance.now() >= until)));
};

/** Nobody waits for it any more, and what a transaction would see now is not what the caller was told. */
export const refuseWhenOver = (isOver: () => boolean): void => {
  if (isOver()) throw new Unavailable('database', 'timeout', { applied: 'unknown' });
};

const mapped = async <T>(run: () => Promise<T>, expected: (error: unknown) => boolean = () => false): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Unavailable || expected(error)) throw error;
    // A fault of our own, not of the database: not to be retried.
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    const code = grpcCodeOf(error);
    throw new Unavailable('database', code === undefined ? 'client' : `grpc_${code}`, {
      applied: code === Code.ABORTED ? 'no' : 'unknown',
      needsOps: code === undefined || NEEDS_OPS.has(code),
      cause: error,
    });
  }
};

export const inSeconds = (seconds: number): Timestamp => Timestamp.fromMillis(Date.now() + seconds * 1000);
