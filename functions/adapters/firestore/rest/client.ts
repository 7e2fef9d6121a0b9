/**
 * The two methods of Firestore that a token call needs, over HTTP and JSON:
 * https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.documents
 */
import { Unavailable } from '../../../core/errors.ts';
import type { AccessTokens } from '../../google-access-token.ts';
import { createGoogleApi, standInTokens } from '../../google-api.ts';
import type { Place, ReadFields, WrittenFields } from '../documents.ts';
import { mapped } from '../failures.ts';
import { decode, encode, toMillis } from './values.ts';

export interface Found {
  /** `undefined`: there is no such document. */
  readonly document: { readonly fields: ReadFields; readonly version: Version } | undefined;
  /** The database's own time of the read, milliseconds since the epoch. */
  readonly readAt: number;
}

/** A document, and the write to it that was read. */
export class Version {
  readonly name: string;
  /** As the database spelt it: more digits than JavaScript's dates have. */
  readonly updateTime: string;

  constructor(name: string, updateTime: string) {
    this.name = name;
    this.updateTime = updateTime;
  }
}

export interface FirestoreRest {
  read(place: Place): Promise<Found>;
  /** One write, if the document still has the version; of the `expected` failures the caller hears as `RpcError`. */
  update(read: Version, fields: WrittenFields, expected: (error: unknown) => boolean): Promise<Version>;
}

/** `firestoreEmulator`: host and port of a stand-in without TLS. */
export const openFirestoreRest = (
  { project, databaseId, firestoreEmulator }: OpenOptions,
  tokens: AccessTokens,
): FirestoreRest => {
  const database = `projects/${project}/databases/${databaseId}`;
  const api = createGoogleApi(
    firestoreEmulator === undefined
      ? { upstream: 'database', origin: 'https://firestore.googleapis.com', tokens }
      : { upstream: 'database', origin: `http://${firestoreEmulator}`, tokens: standInTokens },
  );
  const documents = `/v1/${database}/documents`;

  return {
    read: async ([collection, id]) => {
      const name = `${database}/documents/${collection}/${id}`;
      // `get` would be simpler, and does not say when the database read.
      const answer = await mapped(() => api.post(`${documents}:batchGet`, { documents: [name] }, { reads: true }));
      return understood(() => found(name, answer));
    },

    update: async ({ name, updateTime }, written, expected) => {
      const { fields, mask, transforms } = encode(written);
      const write = {
        update: { name, fields },
        updateMask: { fieldPaths: mask },
        updateTransforms: transforms,
        currentDocument: { updateTime },
      };
      const answer = await mapped(
        () => api.post(`${documents}:commit`, { writes: [write] }, { reads: false }),
        expected,
      );
      return understood(() => new Version(name, text(members(list(members(answer).writeResults)[0]).updateTime)));
    },
  };
};

interface OpenOptions {
  readonly project: string;
  readonly databaseId: string;
  readonly firestoreEmulator: string | undefined;
}

const found = (name: string, answer: unknown): Found => {
  const [result, ...more] = list(answer);
  const { found: document, missing, readTime } = members(result);
  const readAt = toMillis(readTime);
  if (more.length > 0) throw new TypeError('more than was asked for');
  if (missing === name) return { document: undefined, readAt };
  const { name: actual, fields, updateTime } = members(document);
  if (actual !== name) throw new TypeError('another document');
  return { document: { fields: decode(fields), version: new Version(name, text(updateTime)) }, readAt };
};

/** An answer that is not of its form is no answer: what was asked for may have happened. */
const understood = <T>(read: () => T): T => {
  try {
    return read();
  } catch (cause) {
    throw new Unavailable('database', 'malformed', { applied: 'unknown', cause });
  }
};

const members = (value: unknown): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  return value as Record<string, unknown>;
};
const list = (value: unknown): unknown[] => {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return value;
};
const text = (value: unknown): string => {
  if (typeof value !== 'string' || value === '') throw new TypeError('not a text');
  return value;
};
