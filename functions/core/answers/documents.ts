/**
 * Which documents a user's answers have cited: names alone, bounded in number and time. Kept only where the organization
 * consents (`search_ai.document_ids`).
 */
import { createHash } from 'node:crypto';
import type { Owner } from '../identity.ts';
import { searchAiRule } from '../policy-form.ts';
import type { PolicySource } from '../ports.ts';
import type { AnswerDocuments } from './ports.ts';

/** A document as its source names it. */
export interface DocumentName {
  readonly source: string;
  readonly id: string;
}

export interface AnswerDocument extends DocumentName {
  /** When an answer cited it last, by the database's clock; milliseconds since the epoch. */
  readonly usedAt: number;
}

/** Of one user; the oldest go. All are in one document of the database, which holds a mebibyte. */
export const MOST_DOCUMENTS = 500;
const MOST_BYTES = 700_000;
export const DOCUMENT_SECONDS = 90 * 24 * 3600;
/** Nothing is kept for so long after an account was deleted: longer than any answer that was under way takes. */
export const DELETED_SECONDS = 3600;

const isSame = (one: DocumentName, other: DocumentName): boolean => one.source === other.source && one.id === other.id;

/** Those whose time is not over, the last used first. */
export const present = (documents: readonly AnswerDocument[], now: number): AnswerDocument[] =>
  documents.filter(({ usedAt }) => usedAt + DOCUMENT_SECONDS * 1000 > now).sort(inOrder);

export const withCited = (
  documents: readonly AnswerDocument[],
  cited: readonly DocumentName[],
  now: number,
): AnswerDocument[] => {
  const others = present(documents, now).filter((each) => !cited.some((name) => isSame(name, each)));
  const all = [...cited.map(({ source, id }) => ({ source, id, usedAt: now })), ...others];
  let bytes = 0;
  const fitting = all.findIndex(({ source, id }) => {
    // 64 for the names of the members and the time.
    bytes += Buffer.byteLength(id) + source.length + 64;
    return bytes > MOST_BYTES;
  });
  return all.slice(0, Math.min(MOST_DOCUMENTS, fitting < 0 ? all.length : fitting));
};

export const without = (documents: readonly AnswerDocument[], document: DocumentName): AnswerDocument[] =>
  documents.filter((each) => !isSame(document, each));

// --- Pages ----------------------------------------------------------------------------------------------------------

const PAGE = 100;

/** Documents of one answer have one time: their order must be the same in every page. */
const keyOf = ({ source, id }: DocumentName): string =>
  createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('base64url')
    .slice(0, 22);

const inOrder = (one: AnswerDocument, other: AnswerDocument): number =>
  other.usedAt - one.usedAt || (keyOf(one) < keyOf(other) ? -1 : 1);

export interface DocumentPage {
  readonly documents: readonly AnswerDocument[];
  readonly next?: string;
}

/** @returns a page; nothing without the organization's consent; `undefined` for a page that is none. Throws `Unavailable`. */
export const listDocuments = async (
  { policies, documents }: { readonly policies: PolicySource; readonly documents: AnswerDocuments },
  owner: Owner,
  page: string | undefined,
): Promise<DocumentPage | undefined> => {
  const after = /^(\d{1,15})\.([\w-]{22})$/.exec(page ?? '');
  if (page !== undefined && !after) return undefined;
  const { policy } = await policies.policy(owner.tenant);
  if (!searchAiRule(policy).document_ids) return { documents: [] };
  const all = await documents.list(owner);
  const [, time = '', key = ''] = after ?? [];
  const isLater = (each: AnswerDocument) =>
    each.usedAt < Number(time) || (each.usedAt === Number(time) && keyOf(each) > key);
  const rest = after ? all.filter(isLater) : all;
  const shown = rest.slice(0, PAGE);
  const last = shown.at(-1);
  return { documents: shown, ...(last && rest.length > PAGE ? { next: `${last.usedAt}.${keyOf(last)}` } : {}) };
};
