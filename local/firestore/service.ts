/** The methods of `google.firestore.v1.Firestore` that the official client calls, over one store. */
import { Failure, invalid, type Rpc, status, unimplemented } from '../rpc.ts';
import { collectionParent, databaseOf, documentName, project } from './paths.ts';
import { type DeclaredIndex, find, page, type StructuredQuery } from './queries.ts';
import type { Store } from './store.ts';
import { type Transaction, type TransactionOptions, Transactions } from './transactions.ts';
import { fromMicros, integer, type Timestamp, type Value } from './values.ts';
import { type Document, nameOf, type Write } from './writes.ts';

const isDelete = ({ operation }: Write): boolean => operation === 'delete';

/** What was done so far. */
export interface Counts {
  /** Documents that were asked for, found or not, and documents that queries gave (at least one per query). */
  reads: number;
  /** Writes and deletes that took effect. */
  writes: number;
  /** The deletes among them. */
  deletes: number;
  queries: number;
  /** Begun, alone or by a read. */
  transactions: number;
}

interface Mask {
  readonly fieldPaths: readonly string[];
}
/** Which moment a request reads. */
interface Consistency {
  readonly consistencySelector?: 'transaction' | 'newTransaction' | 'readTime';
  readonly transaction?: Buffer;
  readonly newTransaction?: TransactionOptions;
  readonly readTime?: Timestamp;
}
interface BatchGet extends Consistency {
  readonly database: string;
  readonly documents: readonly string[];
  readonly mask: Mask | null;
}
interface RunQuery extends Consistency {
  readonly parent: string;
  readonly structuredQuery?: StructuredQuery;
  readonly explainOptions: object | null;
}
interface RunAggregationQuery extends Consistency {
  readonly parent: string;
  readonly structuredAggregationQuery?: {
    readonly structuredQuery?: StructuredQuery;
    readonly aggregations: readonly {
      readonly alias: string;
      readonly operator: string;
      readonly count?: { readonly upTo: { readonly value: string } | null };
    }[];
  };
  readonly explainOptions: object | null;
}
interface BeginTransaction {
  readonly database: string;
  readonly options: TransactionOptions | null;
}
interface Commit {
  readonly database: string;
  readonly writes: readonly Write[];
  readonly transaction: Buffer;
}
interface Rollback {
  readonly database: string;
  readonly transaction: Buffer;
}
interface ListDocuments extends Consistency {
  readonly parent: string;
  readonly collectionId: string;
  readonly pageSize: number;
  readonly pageToken: string;
  readonly orderBy: string;
  readonly mask: Mask | null;
  readonly showMissing: boolean;
}
interface ListCollectionIds extends Consistency {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

const onWire = (document: Document, mask: Mask | null = null) => ({
  name: document.name,
  fields: project(document.fields, mask?.fieldPaths ?? []),
  createTime: fromMicros(document.createTime),
  updateTime: fromMicros(document.updateTime),
});

const PAGE_SIZE = 300;

export const createService = (
  store: Store,
  counts: Counts,
  declared: readonly DeclaredIndex[],
): Record<string, Rpc> => {
  const transactions = new Transactions(store);

  const begin = (database: string, options: TransactionOptions, defaultMode: 'readOnly' | 'readWrite'): Buffer => {
    counts.transactions++;
    return transactions.begin(database, options, defaultMode);
  };

  /** The moment to read, and the transaction that has to remember what is read. */
  const momentOf = (
    request: Consistency,
    database: string,
  ): { at: number; transaction?: Transaction; begun?: Buffer } => {
    if (request.newTransaction) {
      const begun = begin(database, request.newTransaction, 'readOnly');
      const transaction = transactions.use(begun, database);
      return { at: transaction.at, transaction, begun };
    }
    if (request.transaction) {
      const transaction = transactions.use(request.transaction, database);
      return { at: transaction.at, transaction };
    }
    return { at: request.readTime ? transactions.readTime(request.readTime) : store.now() };
  };

  const runQuery = (parent: string, query: StructuredQuery | undefined, request: Consistency) => {
    if (!query) throw invalid('A query is missing.');
    counts.queries++;
    const { at, transaction, begun } = momentOf(request, databaseOf(parent));
    const found = find(store, parent, query, at, declared);
    transaction?.queries.push((time) =>
      JSON.stringify(find(store, parent, query, time, declared).map(({ name, updateTime }) => [name, updateTime])),
    );
    return { found, at, begun };
  };

  const BatchGetDocuments = {
    targets: (request: BatchGet) => request.documents,
    answer(request: BatchGet): object[] {
      const names = new Set(request.documents.map((name) => documentName(name, request.database)));
      const { at, transaction, begun } = momentOf(request, request.database);
      const readTime = fromMicros(at);
      const answers = [...names].map((name) => {
        transaction?.documents.add(name);
        const document = store.read(name, at);
        return document ? { found: onWire(document, request.mask), readTime } : { missing: name, readTime };
      });
      counts.reads += names.size;
      return begun ? [{ transaction: begun }, ...answers] : answers;
    },
  };

  const BeginTransaction = {
    targets: () => [],
    answer: ({ database, options }: BeginTransaction) => ({ transaction: begin(database, options ?? {}, 'readWrite') }),
  };

  const Commit = {
    targets: ({ writes }: Commit) => writes.map(nameOf),
    answer({ database, writes, transaction: id }: Commit) {
      const transaction = id.length > 0 ? transactions.close(id, database) : undefined;
      for (const write of writes) documentName(nameOf(write), database);
      if (transaction?.readOnly && writes.length > 0) {
        throw invalid('Cannot modify entities in a read-only transaction.');
      }
      // Reads alone need no check: they all saw one moment.
      if (transaction && writes.length > 0) transactions.verify(transaction);
      const { time, results } = store.commit(writes);
      counts.writes += writes.length;
      counts.deletes += writes.filter(isDelete).length;
      return { writeResults: results, commitTime: fromMicros(time) };
    },
  };

  const BatchWrite = {
    targets: ({ writes }: Commit) => writes.map(nameOf),
    answer({ database, writes }: Commit) {
      const names = writes.map((write) => documentName(nameOf(write), database));
      if (new Set(names).size < names.length) {
        throw invalid('the same document cannot be written more than once in a single request');
      }
      const outcomes = writes.map((write) => {
        try {
          const [result] = store.commit([write]).results;
          counts.writes++;
          if (isDelete(write)) counts.deletes++;
          return { result, status: { code: status.OK } };
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          return { result: {}, status: { code: error.code, message: error.message } };
        }
      });
      return { writeResults: outcomes.map(({ result }) => result), status: outcomes.map((outcome) => outcome.status) };
    },
  };

  const Rollback = {
    targets: () => [],
    answer({ transaction }: Rollback) {
      transactions.rollback(transaction);
      return {};
    },
  };

  const RunQuery = {
    targets: ({ parent, structuredQuery }: RunQuery) => [`${parent}/${structuredQuery?.from[0]?.collectionId}`],
    answer(request: RunQuery): object[] {
      if (request.explainOptions) throw unimplemented('explain');
      const query = request.structuredQuery;
      const { found, at, begun } = runQuery(collectionParent(request.parent), query, request);
      counts.reads += Math.max(1, found.length);
      const readTime = fromMicros(at);
      const mask = query?.select ? { fieldPaths: query.select.fields.map((field) => field.fieldPath) } : null;
      return [
        ...(begun ? [{ transaction: begun }] : []),
        ...found.map((document) => ({ document: onWire(document, mask), readTime })),
        { readTime, done: true },
      ];
    },
  };

  const RunAggregationQuery = {
    targets: ({ parent, structuredAggregationQuery: query }: RunAggregationQuery) => [
      `${parent}/${query?.structuredQuery?.from[0]?.collectionId}`,
    ],
    answer(request: RunAggregationQuery): object[] {
      if (request.explainOptions) throw unimplemented('explain');
      const query = request.structuredAggregationQuery;
      const { found, at, begun } = runQuery(collectionParent(request.parent), query?.structuredQuery, request);
      // One read per thousand index entries.
      counts.reads += Math.max(1, Math.ceil(found.length / 1000));
      const aggregateFields: Record<string, Value> = {};
      let unnamed = 0;
      for (const { alias, operator, count } of query?.aggregations ?? []) {
        if (!count) throw unimplemented(`the aggregation ${operator}`);
        const upTo = count.upTo ? Number(count.upTo.value) : Infinity;
        aggregateFields[alias || `field_${++unnamed}`] = integer(Math.min(found.length, upTo));
      }
      return [{ result: { aggregateFields }, readTime: fromMicros(at), ...(begun && { transaction: begun }) }];
    },
  };

  const ListDocuments = {
    targets: ({ parent, collectionId }: ListDocuments) => [`${parent}/${collectionId}`],
    answer(request: ListDocuments) {
      if (request.orderBy) throw unimplemented('orderBy in ListDocuments');
      if (request.transaction) throw unimplemented('transactions in ListDocuments');
      if (!request.collectionId) throw unimplemented('ListDocuments over all collections');
      const collection = `${collectionParent(request.parent)}/${request.collectionId}`;
      const { at } = momentOf(request, databaseOf(collection));
      const { names, more } = page(store, collection, at, {
        after: Buffer.from(request.pageToken, 'base64url').toString(),
        size: request.pageSize || PAGE_SIZE,
        missing: request.showMissing,
      });
      counts.queries++;
      counts.reads += Math.max(1, names.length);
      return {
        documents: names.map((name) => {
          const document = store.read(name, at);
          return document ? onWire(document, request.mask) : { name };
        }),
        nextPageToken: more ? Buffer.from(names.at(-1) ?? '').toString('base64url') : '',
      };
    },
  };

  const ListCollectionIds = {
    targets: ({ parent }: ListCollectionIds) => [parent],
    answer(request: ListCollectionIds) {
      if (request.pageToken) throw unimplemented('further pages of ListCollectionIds');
      const parent = collectionParent(request.parent);
      const { at } = momentOf(request, databaseOf(parent));
      const depth = parent.split('/').length;
      const ids = [...store.collectionsBelow(parent, at)].map((name) => name.split('/')[depth] as string);
      return { collectionIds: [...new Set(ids)].sort() };
    },
  };

  return {
    BatchGetDocuments,
    BatchWrite,
    BeginTransaction,
    Commit,
    ListCollectionIds,
    ListDocuments,
    Rollback,
    RunAggregationQuery,
    RunQuery,
  };
};
