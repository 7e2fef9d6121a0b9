/** Firestore's values as they travel (`google.firestore.v1.Value`), their order and their limits. */
import { invalid } from '../rpc.ts';

export interface Timestamp {
  /** int64, decimal */
  readonly seconds: string;
  readonly nanos: number;
}
export type Fields = Readonly<Record<string, Value>>;
export type Value =
  | { readonly valueType: 'nullValue'; readonly nullValue: 'NULL_VALUE' }
  | { readonly valueType: 'booleanValue'; readonly booleanValue: boolean }
  | { readonly valueType: 'integerValue'; readonly integerValue: string }
  | { readonly valueType: 'doubleValue'; readonly doubleValue: number }
  | { readonly valueType: 'timestampValue'; readonly timestampValue: Timestamp }
  | { readonly valueType: 'stringValue'; readonly stringValue: string }
  | { readonly valueType: 'bytesValue'; readonly bytesValue: Buffer }
  | { readonly valueType: 'referenceValue'; readonly referenceValue: string }
  | { readonly valueType: 'geoPointValue'; readonly geoPointValue: { latitude: number; longitude: number } }
  | { readonly valueType: 'arrayValue'; readonly arrayValue: { readonly values: readonly Value[] } }
  | { readonly valueType: 'mapValue'; readonly mapValue: { readonly fields: Fields } };

export const integer = (value: bigint | number): Value => ({ valueType: 'integerValue', integerValue: String(value) });
export const double = (value: number): Value => ({ valueType: 'doubleValue', doubleValue: value });
export const timestamp = (micros: number): Value => ({
  valueType: 'timestampValue',
  timestampValue: fromMicros(micros),
});
export const reference = (name: string): Value => ({ valueType: 'referenceValue', referenceValue: name });
export const map = (fields: Fields): Value => ({ valueType: 'mapValue', mapValue: { fields } });

/** Times are microseconds since the epoch: exact in a double until the year 2255. */
export const fromMicros = (micros: number): Timestamp => ({
  seconds: String(Math.floor(micros / 1e6)),
  nanos: (micros % 1e6) * 1000,
});

/** For the times of a request, which must have no more than microseconds. */
export const toMicros = ({ seconds, nanos }: Timestamp): number => {
  if (nanos % 1000 !== 0) throw invalid('timestamp cannot have more than microseconds precision');
  return Number(seconds) * 1e6 + nanos / 1000;
};

// --- Order: https://firebase.google.com/docs/firestore/manage-data/data-types ---------------------------------------

const order = [
  ['nullValue'],
  ['booleanValue'],
  ['integerValue', 'doubleValue'],
  ['timestampValue'],
  ['stringValue'],
  ['bytesValue'],
  ['referenceValue'],
  ['geoPointValue'],
  ['arrayValue'],
  ['mapValue'],
];
const rankOf = (value: Value) => order.findIndex((types) => types.includes(value.valueType));

const ascending = <T extends number | bigint | boolean>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** UTF-8 order, which differs from JavaScript's own where surrogate pairs occur. */
export const compareText = (a: string, b: string): number => {
  if (a === b) return 0;
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
};
const SURROGATE = /[\ud800-\udfff]/;

const compareLists = <T>(a: readonly T[], b: readonly T[], compareItems: (a: T, b: T) => number): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const result = compareItems(a[i] as T, b[i] as T);
    if (result !== 0) return result;
  }
  return a.length - b.length;
};

/** JavaScript compares a bigint with a double exactly. */
const numberOf = (value: Value): number | bigint | undefined =>
  value.valueType === 'integerValue'
    ? BigInt(value.integerValue)
    : value.valueType === 'doubleValue'
      ? value.doubleValue
      : undefined;

export const isNull = (value: Value) => value.valueType === 'nullValue';
export const isNaNumber = (value: Value) => Number.isNaN(numberOf(value));

export const sameType = (a: Value, b: Value) => rankOf(a) === rankOf(b);

export const compare = (a: Value, b: Value): number => {
  const x = numberOf(a);
  const y = numberOf(b);
  if (x !== undefined && y !== undefined) {
    return isNaNumber(a) || isNaNumber(b) ? ascending(isNaNumber(b), isNaNumber(a)) : ascending(x, y);
  }
  if (a.valueType === 'booleanValue' && b.valueType === 'booleanValue')
    return ascending(a.booleanValue, b.booleanValue);
  if (a.valueType === 'timestampValue' && b.valueType === 'timestampValue') {
    const [at, bt] = [a.timestampValue, b.timestampValue];
    return ascending(BigInt(at.seconds), BigInt(bt.seconds)) || ascending(at.nanos, bt.nanos);
  }
  if (a.valueType === 'stringValue' && b.valueType === 'stringValue') return compareText(a.stringValue, b.stringValue);
  if (a.valueType === 'bytesValue' && b.valueType === 'bytesValue') return Buffer.compare(a.bytesValue, b.bytesValue);
  if (a.valueType === 'referenceValue' && b.valueType === 'referenceValue') {
    return compareLists(a.referenceValue.split('/'), b.referenceValue.split('/'), compareText);
  }
  if (a.valueType === 'geoPointValue' && b.valueType === 'geoPointValue') {
    const [ap, bp] = [a.geoPointValue, b.geoPointValue];
    return ascending(ap.latitude, bp.latitude) || ascending(ap.longitude, bp.longitude);
  }
  if (a.valueType === 'arrayValue' && b.valueType === 'arrayValue') {
    return compareLists(a.arrayValue.values, b.arrayValue.values, compare);
  }
  if (a.valueType === 'mapValue' && b.valueType === 'mapValue') {
    const entries = (fields: Fields) => Object.entries(fields).sort(([k], [l]) => compareText(k, l));
    return compareLists(
      entries(a.mapValue.fields),
      entries(b.mapValue.fields),
      ([k, v], [l, w]) => compareText(k, l) || compare(v, w),
    );
  }
  return ascending(rankOf(a), rankOf(b));
};

// --- What may be stored: https://firebase.google.com/docs/firestore/quotas ------------------------------------------

const MAX_DEPTH = 20;

/** Refuses what Firestore refuses, and cuts timestamps to microseconds as Firestore does. */
export const storable = (fields: Fields): Fields => storableFields(fields, 1);

const storableFields = (fields: Fields, depth: number): Fields => {
  if (depth > MAX_DEPTH) throw invalid(`A value is nested more than ${MAX_DEPTH} levels deep.`);
  const checked = Object.entries(fields).map(([name, value]): [string, Value] => {
    if (name === '') throw invalid('A field name is empty.');
    if (/^__.*__$/.test(name)) throw invalid(`field name ${name} is reserved`);
    return [name, storableValue(value, depth)];
  });
  return Object.fromEntries(checked);
};

const storableValue = (value: Value, depth: number): Value => {
  if (rankOf(value) === -1) throw invalid(`A value has the type ${value.valueType ?? 'unset'}.`);
  switch (value.valueType) {
    case 'timestampValue': {
      const { seconds, nanos } = value.timestampValue;
      return { ...value, timestampValue: { seconds, nanos: nanos - (nanos % 1000) } };
    }
    case 'mapValue':
      return map(storableFields(value.mapValue.fields, depth + 1));
    case 'arrayValue': {
      const { values } = value.arrayValue;
      if (values.some((item) => item.valueType === 'arrayValue')) throw invalid('An array contains an array.');
      return { ...value, arrayValue: { values: values.map((item) => shared(storableValue(item, depth + 1))) } };
    }
    default:
      return value;
  }
};

/** Texts that many arrays have are kept once: search keys, in a directory of hundreds of thousands. */
const texts = new Map<string, Value>();
const shared = (value: Value): Value => {
  if (value.valueType !== 'stringValue' || value.stringValue.length > 16) return value;
  const known = texts.get(value.stringValue);
  if (!known && texts.size < 100_000) texts.set(value.stringValue, value);
  return known ?? value;
};

/** Bytes, as Firestore counts them: https://firebase.google.com/docs/firestore/storage-size */
export const sizeOf = (value: Value): number => {
  switch (value.valueType) {
    case 'nullValue':
    case 'booleanValue':
      return 1;
    case 'stringValue':
      return Buffer.byteLength(value.stringValue) + 1;
    case 'bytesValue':
      return value.bytesValue.length;
    case 'referenceValue':
      return sizeOfName(value.referenceValue);
    case 'geoPointValue':
      return 16;
    case 'arrayValue':
      return value.arrayValue.values.reduce((sum, item) => sum + sizeOf(item), 0);
    case 'mapValue':
      return sizeOfFields(value.mapValue.fields);
    default:
      return 8;
  }
};
export const sizeOfFields = (fields: Fields): number =>
  Object.entries(fields).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + 1 + sizeOf(value), 0);
/** Of a document's name, from behind `/documents`. */
export const sizeOfName = (name: string): number =>
  name
    .split('/')
    .slice(5)
    .reduce((sum, id) => sum + Buffer.byteLength(id) + 1, 16);

/** For readers of a dump: bytes are Buffers, times are Dates, an integer beyond 2^53 is a string. */
export const plain = (value: Value): unknown => {
  switch (value.valueType) {
    case 'nullValue':
      return null;
    case 'booleanValue':
      return value.booleanValue;
    case 'integerValue':
      return Number.isSafeInteger(Number(value.integerValue)) ? Number(value.integerValue) : value.integerValue;
    case 'doubleValue':
      return value.doubleValue;
    case 'timestampValue':
      return new Date(Number(value.timestampValue.seconds) * 1000 + value.timestampValue.nanos / 1e6);
    case 'stringValue':
      return value.stringValue;
    case 'bytesValue':
      return value.bytesValue;
    case 'referenceValue':
      return value.referenceValue;
    case 'geoPointValue':
      return value.geoPointValue;
    case 'arrayValue':
      return value.arrayValue.values.map(plain);
    case 'mapValue':
      return plainFields(value.mapValue.fields);
  }
};
export const plainFields = (fields: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
