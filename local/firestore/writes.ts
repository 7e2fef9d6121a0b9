/** What one write makes of one document (`google.firestore.v1.Write`). */
import { isDeepStrictEqual } from 'node:util';
import { Failure, invalid, status, unimplemented } from '../rpc.ts';
import { fieldPath, getField, withField } from './paths.ts';
import {
  double,
  type Fields,
  fromMicros,
  integer,
  sizeOfFields,
  sizeOfName,
  storable,
  type Timestamp,
  timestamp,
  toMicros,
  type Value,
} from './values.ts';

/** Times are microseconds since the epoch. */
export interface Document {
  readonly name: string;
  readonly fields: Fields;
  readonly createTime: number;
  readonly updateTime: number;
}

export interface Write {
  readonly operation?: 'update' | 'delete' | 'transform';
  readonly update?: { readonly name: string; readonly fields: Fields };
  readonly delete?: string;
  /** Absent: the document is replaced. */
  readonly updateMask: { readonly fieldPaths: readonly string[] } | null;
  readonly updateTransforms: readonly FieldTransform[];
  readonly currentDocument: Precondition | null;
}
interface FieldTransform {
  readonly fieldPath: string;
  readonly transformType: string;
  readonly setToServerValue?: string;
  readonly increment?: Value;
}
interface Precondition {
  readonly conditionType?: 'exists' | 'updateTime';
  readonly exists?: boolean;
  readonly updateTime?: Timestamp;
}

export interface WriteResult {
  readonly updateTime: Timestamp | null;
  readonly transformResults: readonly Value[];
}

const MAX_DOCUMENT_BYTES = 1024 * 1024;

export const nameOf = (write: Write): string => {
  if (write.operation === 'transform') throw unimplemented('DocumentTransform writes');
  const name = write.operation === 'delete' ? write.delete : write.update?.name;
  if (name === undefined) throw invalid('empty write operation');
  return name;
};

const check = (precondition: Precondition | null, name: string, current: Document | undefined): void => {
  if (precondition?.conditionType === 'exists') {
    if (precondition.exists && !current) throw new Failure(status.NOT_FOUND, `No document to update: ${name}`);
    if (!precondition.exists && current) throw new Failure(status.ALREADY_EXISTS, `Document already exists: ${name}`);
  }
  if (precondition?.updateTime) {
    const required = toMicros(precondition.updateTime);
    const stored = current?.updateTime ?? 0;
    if (required !== stored) {
      throw new Failure(
        status.FAILED_PRECONDITION,
        `the stored version (${stored}) does not match the required base version (${required})`,
      );
    }
  }
};

const INT64_MAX = 2n ** 63n - 1n;

const increased = (present: Value | undefined, by: Value): Value => {
  if (by.valueType !== 'integerValue' && by.valueType !== 'doubleValue') throw invalid('increment needs a number');
  if (present?.valueType !== 'integerValue' && present?.valueType !== 'doubleValue') return by;
  if (present.valueType === 'integerValue' && by.valueType === 'integerValue') {
    const sum = BigInt(present.integerValue) + BigInt(by.integerValue);
    return integer(sum > INT64_MAX ? INT64_MAX : sum < -INT64_MAX - 1n ? -INT64_MAX - 1n : sum);
  }
  const number = (value: typeof by) =>
    value.valueType === 'integerValue' ? Number(value.integerValue) : value.doubleValue;
  return double(number(present) + number(by));
};

const transformed = (transform: FieldTransform, present: Value | undefined, time: number): Value => {
  // The request's time has milliseconds only, unlike a document's update time.
  if (transform.setToServerValue === 'REQUEST_TIME') return timestamp(time - (time % 1000));
  if (transform.increment) return increased(present, transform.increment);
  throw unimplemented(`the field transform ${transform.transformType}`);
};

/**
 * @param time of the commit
 * @returns the document afterwards, the very same object where nothing changed (its update time stays, too)
 */
export const apply = (
  write: Write,
  current: Document | undefined,
  time: number,
): { document: Document | undefined; result: WriteResult } => {
  const name = nameOf(write);
  check(write.currentDocument, name, current);
  if (!write.update) return { document: undefined, result: { updateTime: null, transformResults: [] } };

  const sent = storable(write.update.fields);
  let fields = sent;
  if (write.updateMask) {
    fields = write.updateMask.fieldPaths
      .map(fieldPath)
      .reduce((kept, path) => withField(kept, path, getField(sent, path)), current?.fields ?? {});
  }
  const transformResults = write.updateTransforms.map((transform) => {
    const path = fieldPath(transform.fieldPath);
    const value = transformed(transform, getField(fields, path), time);
    fields = withField(fields, path, value);
    return value;
  });
  if (sizeOfName(name) + sizeOfFields(fields) + 32 > MAX_DOCUMENT_BYTES) {
    throw invalid(`Document "${name}" exceeds the maximum size of ${MAX_DOCUMENT_BYTES} bytes.`);
  }
  const document =
    current && isDeepStrictEqual(current.fields, fields)
      ? current
      : { name, fields, createTime: current?.createTime ?? time, updateTime: time };
  return { document, result: { updateTime: fromMicros(document.updateTime), transformResults } };
};
