/**
 * Field values as they travel in JSON: https://cloud.google.com/firestore/docs/reference/rest/v1/Value, the types that
 * docs/storage.md needs.
 */
import { DATABASE_TIME } from '../../../core/ports.ts';
import { REMOVED, type ReadFields, type Written, type WrittenFields } from '../documents.ts';

/** One member, named after the type. */
type Value = Readonly<Record<string, unknown>>;
export type Fields = Readonly<Record<string, Value>>;

/** Throws `TypeError` for what is no set of fields, or has a type that no document here has. */
export const decode = (fields: unknown = {}): ReadFields => {
  if (typeof fields !== 'object' || fields === null) throw new TypeError('not fields');
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, decodeValue(value)]));
};

const decodeValue = (value: unknown): unknown => {
  const [[type, content] = []] = Object.entries(value ?? {});
  switch (type) {
    case 'stringValue':
    case 'booleanValue':
    case 'doubleValue':
    case 'nullValue':
      return content;
    case 'integerValue':
      return Number(content);
    case 'timestampValue':
      return toMillis(content);
    case 'bytesValue':
      return Buffer.from(String(content), 'base64');
    case 'arrayValue':
      // Empty lists have no `values` at all.
      return ((content as { values?: unknown[] }).values ?? []).map(decodeValue);
    case 'mapValue':
      return decode((content as { fields?: unknown }).fields);
    default:
      throw new TypeError('not a value');
  }
};

/** RFC 3339 with up to nine digits of a second; milliseconds are what JavaScript keeps of them. */
export const toMillis = (time: unknown): number => {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new TypeError('not a time');
  return milliseconds;
};

/** `google.firestore.v1.Write` without its document's name and precondition. */
export interface Change {
  readonly fields: Fields;
  /** Those whose values stand in `fields`, and those that are removed. */
  readonly mask: readonly string[];
  readonly transforms: readonly { readonly fieldPath: string; readonly setToServerValue: 'REQUEST_TIME' }[];
}

/** Field names need no quoting: they are identifiers. */
export const encode = (written: WrittenFields): Change => {
  const transforms: Change['transforms'][number][] = [];
  const encodeFields = (fields: WrittenFields, path: string): Fields =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]): [string, Value][] => {
        if (value === REMOVED) return [];
        if (value === DATABASE_TIME) {
          transforms.push({ fieldPath: path + name, setToServerValue: 'REQUEST_TIME' });
          return [];
        }
        return [[name, encodeValue(value, `${path}${name}.`)]];
      }),
    );
  const encodeValue = (value: Exclude<Written, symbol>, path: string): Value => {
    if (typeof value === 'string') return { stringValue: value };
    if (typeof value === 'number') return { integerValue: String(value) };
    if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
    if (isList(value)) return { arrayValue: { values: value.map((each) => ({ stringValue: each })) } };
    return { mapValue: { fields: encodeFields(value, path) } };
  };
  const fields = encodeFields(written, '');
  return { fields, mask: Object.keys(written).filter((name) => written[name] !== DATABASE_TIME), transforms };
};

const isList = (value: Written): value is readonly string[] => Array.isArray(value);
