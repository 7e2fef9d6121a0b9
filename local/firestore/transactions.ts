/**
 * Transactions with optimistic concurrency, one of the two modes of the real service: reads see the moment at which the
 * transaction began, and the commit is ABORTED if anything that was read has changed since.
 */
import { randomBytes } from 'node:crypto';
import { Failure, invalid, status } from '../rpc.ts';
import { HISTORY_SECONDS, type Store } from './store.ts';
import { type Timestamp, toMicros } from './values.ts';

/** Seconds: https://firebase.google.com/docs/firestore/quotas */
const IDLE_SECONDS = 60;
const LIFE_SECONDS = 270;

export interface TransactionOptions {
  readonly mode?: 'readOnly' | 'readWrite';
  readonly readOnly?: { readonly readTime?: Timestamp };
  readonly readWrite?: { readonly retryTransaction: Buffer };
}

export interface Transaction {
  readonly database: string;
  readonly readOnly: boolean;
  /** The moment that its reads see; microseconds. */
  readonly at: number;
  readonly begun: number;
  lastUsed: number;
  /** Names of the documents that were read, found or not. */
  readonly documents: Set<string>;
  /** Gives what a query that was read finds at a time: names and update times. */
  readonly queries: ((at: number) => string)[];
}

export class Transactions {
  readonly #store: Store;
  readonly #open = new Map<string, Transaction>();
  readonly #prefix = randomBytes(6).toString('hex');
  #begun = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  begin(database: string, options: TransactionOptions, defaultMode: 'readOnly' | 'readWrite'): Buffer {
    const retried = options.readWrite?.retryTransaction;
    if (retried?.length) this.#checkId(retried);
    const begun = this.#store.now();
    for (const [id, transaction] of this.#open) if (isOver(transaction, begun)) this.#open.delete(id);
    const id = `${this.#prefix}-${++this.#begun}`;
    const readTime = options.readOnly?.readTime;
    this.#open.set(id, {
      database,
      readOnly: (options.mode ?? defaultMode) === 'readOnly',
      at: readTime ? this.readTime(readTime) : begun,
      begun,
      lastUsed: begun,
      documents: new Set(),
      queries: [],
    });
    return Buffer.from(id);
  }

  /** @returns an open transaction of this database */
  use(id: Buffer, database: string): Transaction {
    this.#checkId(id);
    const transaction = this.#open.get(id.toString());
    const now = this.#store.now();
    // The client retries on these words.
    if (!transaction || isOver(transaction, now)) {
      throw invalid('The referenced transaction has expired or is no longer valid.');
    }
    if (transaction.database !== database) throw invalid('The transaction belongs to another database.');
    transaction.lastUsed = now;
    return transaction;
  }

  /** Ends it for a commit: whatever comes of that, the transaction is over. */
  close(id: Buffer, database: string): Transaction {
    const transaction = this.use(id, database);
    this.#open.delete(id.toString());
    return transaction;
  }

  /** Repeating it, or coming after the end, is no error. */
  rollback(id: Buffer): void {
    this.#checkId(id);
    this.#open.delete(id.toString());
  }

  /** Throws ABORTED if anything that was read has changed since. */
  verify(transaction: Transaction): void {
    const { at, documents, queries } = transaction;
    const now = this.#store.now();
    const changed =
      [...documents].some((name) => this.#store.changedAt(name) > at) || queries.some((find) => find(at) !== find(now));
    if (changed) throw new Failure(status.ABORTED, 'Too much contention on these documents. Please try again.');
  }

  /** @returns microseconds, if that moment can be read */
  readTime(time: Timestamp): number {
    const at = toMicros(time);
    const now = this.#store.now();
    if (at > now) throw invalid("The requested 'read_time' cannot be in the future.");
    if (at < now - HISTORY_SECONDS * 1e6) {
      throw new Failure(status.FAILED_PRECONDITION, 'The requested snapshot version is too old.');
    }
    return at;
  }

  /** Refuses what was never the id of a transaction here. */
  #checkId(id: Buffer): void {
    const [prefix, serial] = id.toString().split('-');
    if (prefix !== this.#prefix || !(Number(serial) <= this.#begun)) throw invalid('Invalid transaction.');
  }
}

const isOver = ({ begun, lastUsed }: Transaction, now: number): boolean =>
  now - lastUsed > IDLE_SECONDS * 1e6 || now - begun > LIFE_SECONDS * 1e6;
