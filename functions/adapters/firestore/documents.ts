/**
 * The documents of docs/storage.md, apart from any client: where they are, and which member of a connection is which
 * field. A client adds only how values travel.
 */
import { createHash } from 'node:crypto';
import type { Connection, ConnectionKey, WrappedKey } from '../../core/connection.ts';
import { checkPolicy, type Policy } from '../../core/policy-form.ts';
import { type ConnectionChange, DATABASE_TIME, type NewConnection, type RefusalChange } from '../../core/ports.ts';

/** Collection and id. */
export type Place = readonly [collection: string, id: string];

/** A hash spreads the writes and takes any character in an id; the parts stand in the document for queries. */
const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

export const connectionPlace = ({ tenant, user, provider }: ConnectionKey): Place => [
  'connections',
  hashOf(tenant, user, provider),
];
export const removalPlace = (tenant: string, provider: string): Place => ['removals', hashOf(tenant, provider)];
/** Firestore's bound is 1,500 bytes of UTF-8: https://firebase.google.com/docs/firestore/quotas */
const MAX_ID = 1_000;
/**
 * Readable, for people who look at it in the console; the prefix keeps `.`, `..` and `__x__` away. What would be too long for
 * a document's name is hashed, behind a prefix of its own: 256 characters of other scripts are 2,304 escaped ones.
 */
export const organizationId = (tenant: string): string => {
  const id = `org-${encodeURIComponent(tenant)}`;
  return id.length <= MAX_ID ? id : `long-${hashOf(tenant)}`;
};
export const policyPlace = (tenant: string): Place => ['policies', organizationId(tenant)];

/** Stands for a field that is taken away. */
export const REMOVED = Symbol('removed');

/** What is written: a client puts its own forms in the places of the two symbols. */
export type Written =
  | string
  | number
  | Uint8Array
  | readonly string[]
  | { readonly [field: string]: Written }
  | typeof DATABASE_TIME
  | typeof REMOVED;
export type WrittenFields = { readonly [field: string]: Written };

/** What was read: times are milliseconds since the epoch, bytes are Buffers or Uint8Arrays. */
export type ReadFields = { readonly [field: string]: unknown };

/** As a client reads it. */
interface ConnectionDocument {
  readonly generation: string;
  readonly revision: number;
  readonly wrapped_key?: Uint8Array;
  readonly key_version?: string;
  readonly sealed_token?: Uint8Array;
  readonly authorize_again?: NonNullable<Connection['authorizeAgain']>;
  readonly refused_since?: unknown;
  readonly refused_scopes?: readonly string[];
  readonly refused_reason?: NonNullable<Connection['refusal']>['reason'];
  readonly scopes: readonly string[];
  readonly withheld?: readonly string[];
  readonly account: string;
  readonly attempt: string;
  readonly lease?: { readonly attempt: string; readonly started_at: unknown };
  readonly connected_at: unknown;
  readonly updated_at: unknown;
}

export const connectionOf = (fields: ReadFields): Connection => {
  const found = fields as unknown as ConnectionDocument;
  const { generation, revision, scopes, account, attempt, lease } = found;
  return {
    generation,
    revision,
    scopes,
    account,
    attempt,
    connectedAt: time(found.connected_at),
    updatedAt: time(found.updated_at),
    ...(found.wrapped_key && found.sealed_token
      ? {
          sealed: {
            wrappedKey: found.wrapped_key,
            ...(found.key_version ? { keyVersion: found.key_version } : {}),
            ciphertext: found.sealed_token,
          },
        }
      : {}),
    ...(found.authorize_again ? { authorizeAgain: found.authorize_again } : {}),
    ...(found.refused_since === undefined
      ? {}
      : {
          refusal: {
            since: time(found.refused_since),
            scopes: found.refused_scopes ?? [],
            ...(found.refused_reason ? { reason: found.refused_reason } : {}),
          },
        }),
    ...(found.withheld ? { withheld: found.withheld } : {}),
    ...(lease ? { lease: { attempt: lease.attempt, startedAt: time(lease.started_at) } } : {}),
  };
};

/** A whole document, for a new life. */
export const documentOf = (
  { tenant, user, provider }: ConnectionKey,
  { sealed, authorizeAgain, ...connection }: NewConnection,
): WrittenFields => ({
  tenant,
  user,
  provider,
  ...connection,
  ...(sealed
    ? {
        wrapped_key: sealed.wrappedKey,
        ...(sealed.keyVersion === undefined ? {} : { key_version: sealed.keyVersion }),
        sealed_token: sealed.ciphertext,
      }
    : {}),
  ...(authorizeAgain ? { authorize_again: authorizeAgain } : {}),
  connected_at: DATABASE_TIME,
  updated_at: DATABASE_TIME,
});

export const updateOf = ({
  sealed,
  wrapped,
  authorizeAgain,
  refusal,
  lease,
  ...same
}: ConnectionChange): WrittenFields => ({
  ...same,
  ...(sealed === undefined ? {} : { ...wrappedFields(sealed), sealed_token: sealed?.ciphertext ?? REMOVED }),
  ...(wrapped === undefined ? {} : wrappedFields(wrapped)),
  ...(authorizeAgain === undefined ? {} : { authorize_again: authorizeAgain ?? REMOVED }),
  ...(refusal === undefined ? {} : refusalFields(refusal)),
  ...(lease === undefined ? {} : { lease: lease ? { attempt: lease.attempt, started_at: lease.startedAt } : REMOVED }),
  ...(wrapped === undefined ? { updated_at: DATABASE_TIME } : {}),
});

const refusalFields = (refusal: RefusalChange | null): WrittenFields => {
  if (!refusal) return { refused_since: REMOVED, refused_scopes: REMOVED, refused_reason: REMOVED };
  return {
    ...(refusal.since === undefined ? {} : { refused_since: refusal.since }),
    refused_scopes: refusal.scopes,
    refused_reason: refusal.reason ?? REMOVED,
  };
};

/** A wrapped key and its version are written together, or neither. */
const wrappedFields = (wrapped: WrappedKey | null): WrittenFields => ({
  wrapped_key: wrapped?.wrappedKey ?? REMOVED,
  key_version: wrapped?.keyVersion ?? REMOVED,
});

/** `undefined`: the organization has none of its own. Throws `TypeError` for a document that is no policy. */
export const policyOf = (fields: ReadFields | undefined, defaultPolicy: Policy): Policy =>
  fields ? checkPolicy(fields) : defaultPolicy;

const time = (value: unknown): number => {
  if (typeof value !== 'number') throw new TypeError('a document without its times');
  return value;
};
