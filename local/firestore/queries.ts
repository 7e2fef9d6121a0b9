/** Structured queries: what the indexes that every Firestore database has by itself can answer. */
import { Failure, invalid, status, unimplemented } from '../rpc.ts';
import type { Equality } from './equality-index.ts';
import { fieldPath, getField, lastIdOf, NAME_PATH } from './paths.ts';
import type { Store } from './store.ts';
import { compare, compareText, isNaNumber, isNull, reference, sameType, type Value } from './values.ts';
import type { Document } from './writes.ts';

interface FieldReference {
  readonly fieldPath: string;
}
interface Filter {
  readonly compositeFilter?: { readonly op: string; readonly filters: readonly Filter[] };
  readonly fieldFilter?: { readonly field: FieldReference; readonly op: string; readonly value: Value };
  readonly unaryFilter?: { readonly field: FieldReference; readonly op: string };
}
interface Cursor {
  readonly values: readonly Value[];
  readonly before: boolean;
}
export interface StructuredQuery {
  readonly select: { readonly fields: readonly FieldReference[] } | null;
  readonly from: readonly { readonly collectionId: string; readonly allDescendants: boolean }[];
  readonly where: Filter | null;
  readonly orderBy: readonly { readonly field: FieldReference; readonly direction: string }[];
  readonly startAt: Cursor | null;
  readonly endAt: Cursor | null;
  readonly offset: number;
  readonly limit: { readonly value: number } | null;
  readonly findNearest: object | null;
}

interface Condition {
  readonly path: string;
  readonly op: string;
  readonly value?: Value;
}
interface Order {
  readonly path: string;
  readonly descending: boolean;
}

/** A composite index that the project declares, as in `firestore.indexes.json`. */
export interface DeclaredIndex {
  readonly collectionGroup: string;
  readonly fields: readonly { readonly fieldPath: string; readonly order?: string; readonly arrayConfig?: string }[];
}

const CONTAINS = 'ARRAY_CONTAINS';
const INEQUALITIES = ['LESS_THAN', 'LESS_THAN_OR_EQUAL', 'GREATER_THAN', 'GREATER_THAN_OR_EQUAL'];

const conditionsOf = (filter: Filter | null): Condition[] => {
  if (filter?.compositeFilter) {
    const { op, filters } = filter.compositeFilter;
    if (op !== 'AND') throw unimplemented(`filters composed by ${op}`);
    return filters.flatMap(conditionsOf);
  }
  if (filter?.fieldFilter) {
    const { field, op, value } = filter.fieldFilter;
    if (op !== 'EQUAL' && op !== CONTAINS && !INEQUALITIES.includes(op)) throw unimplemented(`the filter ${op}`);
    if (field.fieldPath === NAME_PATH && value.valueType !== 'referenceValue') {
      throw invalid('__key__ filter value must be a Key');
    }
    return [{ path: field.fieldPath, op, value }];
  }
  if (filter?.unaryFilter) {
    const { field, op } = filter.unaryFilter;
    if (op !== 'IS_NULL' && op !== 'IS_NAN') throw unimplemented(`the filter ${op}`);
    return [{ path: field.fieldPath, op }];
  }
  return [];
};

/** The explicit order, then the implied one: fields of inequalities, at last the name, in the last direction. */
const ordersOf = (query: StructuredQuery, conditions: readonly Condition[]): Order[] => {
  const orders = query.orderBy.map((order) => ({
    path: order.field.fieldPath,
    descending: order.direction === 'DESCENDING',
  }));
  const paths = orders.map(({ path }) => path);
  if (new Set(paths).size < paths.length) throw invalid('order by clause cannot contain duplicate fields');
  if (paths.includes(NAME_PATH) && paths.at(-1) !== NAME_PATH) {
    throw invalid('order by clause cannot contain more fields after the key');
  }
  const descending = orders.at(-1)?.descending ?? false;
  const ranged = conditions.filter(({ op }) => INEQUALITIES.includes(op)).map(({ path }) => path);
  for (const path of [...ranged.sort(), NAME_PATH]) {
    if (!orders.some((order) => order.path === path)) {
      const key = orders.findIndex((order) => order.path === NAME_PATH);
      orders.splice(key === -1 ? orders.length : key, 0, { path, descending });
    }
  }
  return orders;
};

/** Refuses what needs an index that nobody has declared. */
const checkIndexes = (
  { collectionId, allDescendants: group }: StructuredQuery['from'][number],
  conditions: readonly Condition[],
  orders: readonly Order[],
  declared: readonly DeclaredIndex[],
): void => {
  if (conditions.filter(({ op }) => op === CONTAINS).length > 1) {
    throw invalid("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.");
  }
  const [first, ...more] = orders.filter(({ path }) => path !== NAME_PATH);
  const byName = orders.at(-1)?.descending ?? false;
  const onOthers = conditions.some(({ path }) => path !== first?.path);
  const composite = first !== undefined && (more.length > 0 || onOthers || first.descending !== byName);
  const grouped = group && (first !== undefined || byName || conditions.length > 0);
  if ((composite || grouped) && !(composite && !group && isDeclared(collectionId, conditions, orders, declared))) {
    throw new Failure(status.FAILED_PRECONDITION, 'The query requires an index.');
  }
  if (!first && byName && conditions.every(({ path }) => path === NAME_PATH)) {
    throw new Failure(status.FAILED_PRECONDITION, 'Firestore does not support descending key scans');
  }
};

/** Exactly the fields of the filters, then those of the order. */
const isDeclared = (
  collectionId: string,
  conditions: readonly Condition[],
  orders: readonly Order[],
  declared: readonly DeclaredIndex[],
): boolean => {
  const ordered = orders.filter(({ path }) => path !== NAME_PATH);
  const needed = [
    ...conditions
      .filter(({ path }) => !ordered.some((order) => order.path === path))
      .map(({ path, op }) => `${path} ${op === CONTAINS ? 'CONTAINS' : 'ASCENDING'}`),
    ...ordered.map(({ path, descending }) => `${path} ${descending ? 'DESCENDING' : 'ASCENDING'}`),
  ];
  return declared.some(
    ({ collectionGroup, fields }) =>
      collectionGroup === collectionId &&
      fields.map(({ fieldPath: path, order, arrayConfig }) => `${path} ${arrayConfig ?? order}`).join() ===
        needed.join(),
  );
};

const valueAt = (document: Document, path: string): Value | undefined =>
  path === NAME_PATH ? reference(document.name) : getField(document.fields, fieldPath(path));

const matches = (document: Document, { path, op, value }: Condition): boolean => {
  const found = valueAt(document, path);
  if (!found) return false;
  if (op === 'EQUAL' && value?.valueType === 'stringValue') {
    return found.valueType === 'stringValue' && found.stringValue === value.stringValue;
  }
  if (!value) return op === 'IS_NULL' ? isNull(found) : isNaNumber(found);
  if (op === CONTAINS) {
    return found.valueType === 'arrayValue' && found.arrayValue.values.some((item) => compare(item, value) === 0);
  }
  if (!sameType(found, value) || isNull(value) || isNaNumber(found) || isNaNumber(value)) return false;
  const order = compare(found, value);
  if (op === 'EQUAL') return order === 0;
  return (
    (order < 0 && op.startsWith('LESS')) ||
    (order > 0 && op.startsWith('GREATER')) ||
    (order === 0 && op.endsWith('EQUAL'))
  );
};

/** Where a document stands to a cursor, which may name only the first of the orders. */
const position = (document: Document, cursor: Cursor, orders: readonly Order[]): number => {
  for (const [i, value] of cursor.values.entries()) {
    const order = orders[i] as Order;
    const result = compare(valueAt(document, order.path) as Value, value);
    if (result !== 0) return order.descending ? -result : result;
  }
  return 0;
};

const checkCursor = (cursor: Cursor | null, query: StructuredQuery): void => {
  if (cursor && cursor.values.length > query.orderBy.length) throw invalid('Cursor has too many values.');
  for (const [i, value] of cursor?.values.entries() ?? []) {
    if (query.orderBy[i]?.field.fieldPath === NAME_PATH && value.valueType !== 'referenceValue') {
      throw invalid('Cursor __key__ value is not a document reference.');
    }
  }
};

/** @returns the documents in order, without the projection */
export const find = (
  store: Store,
  parent: string,
  query: StructuredQuery,
  at: number,
  declared: readonly DeclaredIndex[],
): Document[] => {
  const [from, ...others] = query.from;
  if (others.length > 0) throw invalid('StructuredQuery.from cannot have more than one collection selector.');
  if (!from?.collectionId) throw unimplemented('queries over all collections');
  if (query.findNearest) throw unimplemented('findNearest');
  const limit = query.limit?.value ?? Infinity;
  if (limit < 0) throw invalid('limit is negative');
  if (query.offset < 0) throw invalid('offset is negative');
  const { startAt, endAt } = query;
  checkCursor(startAt, query);
  checkCursor(endAt, query);

  const conditions = conditionsOf(query.where);
  const orders = ordersOf(query, conditions);
  checkIndexes(from, conditions, orders, declared);

  const collections = from.allDescendants
    ? [...store.collectionsBelow(parent, at)].filter((name) => lastIdOf(name) === from.collectionId)
    : [`${parent}/${from.collectionId}`];
  const equalities = conditions.filter(isTextEquality);
  const candidates = (collection: string) =>
    equalities.length > 0 ? store.listSome(collection, equalities, at) : store.list(collection, at);
  // Of one collection, by nothing but the name: the usual case, without an array for every comparison.
  const isByName = orders.length === 1 && !from.allDescendants;
  const inOrder = (a: Document, b: Document) => {
    if (isByName) return orders[0]?.descending ? compareText(b.name, a.name) : compareText(a.name, b.name);
    const values = orders.map(({ path }) => valueAt(b, path) as Value);
    return position(a, { values, before: true }, orders);
  };
  const found = collections
    .flatMap((collection) => [...candidates(collection)])
    .filter((document) => conditions.every((condition) => matches(document, condition)))
    .filter((document) => orders.every(({ path }) => path === NAME_PATH || valueAt(document, path)))
    .filter((document) => !startAt || position(document, startAt, orders) > (startAt.before ? -1 : 0))
    .filter((document) => !endAt || position(document, endAt, orders) < (endAt.before ? 0 : 1));
  return firstOf(found, query.offset + limit, inOrder).slice(query.offset);
};

const isTextEquality = (condition: Condition): condition is Condition & Equality =>
  condition.op === 'EQUAL' && condition.path !== NAME_PATH && condition.value?.valueType === 'stringValue';

/** The first `count` in order: of a long list, without sorting all of it. */
const firstOf = (documents: Document[], count: number, inOrder: (a: Document, b: Document) => number): Document[] => {
  if (documents.length < 10 * count) return documents.sort(inOrder).slice(0, count);
  let first: Document[] = [];
  let last: Document | undefined;
  for (const document of documents) {
    if (last && inOrder(document, last) >= 0) continue;
    first.push(document);
    if (first.length < 2 * count) continue;
    first = first.sort(inOrder).slice(0, count);
    last = first.at(-1);
  }
  return first.sort(inOrder).slice(0, count);
};

/**
 * One page of a collection's documents by name (`ListDocuments`).
 * @param missing also names that hold no document, but collections
 */
export const page = (
  store: Store,
  collection: string,
  at: number,
  { after, size, missing }: { after: string; size: number; missing: boolean },
): { names: string[]; more: boolean } => {
  const names = new Set([...store.list(collection, at)].map(({ name }) => name));
  if (missing) {
    const depth = collection.split('/').length + 1;
    for (const below of store.collectionsBelow(collection, at)) names.add(below.split('/').slice(0, depth).join('/'));
  }
  const sorted = [...names].sort((a, b) => compare(reference(a), reference(b)));
  const rest = sorted.filter((name) => !after || compare(reference(name), reference(after)) > 0);
  return { names: rest.slice(0, size), more: rest.length > size };
};
