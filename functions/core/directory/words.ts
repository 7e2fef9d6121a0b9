/** What a directory is searched by: words, without regard to case and accents. */
import type { DirectoryGroup, DirectoryUser } from './records.ts';

/** A prefix is indexed up to this length; what is longer is found by its beginning and compared afterwards. */
const PREFIX = 10;
/** Of one record: a bound on index entries. */
const MAX_WORDS = 16;

/** NFKD takes accents off their letters, and width and ligatures away. */
export const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** @returns the runs of letters and digits, each once */
export const wordsOf = (text: string): string[] => [...new Set(plain(text).match(/[\p{L}\p{N}]+/gu))];

const localPart = (email: string): string => email.slice(0, email.lastIndexOf('@'));

type Searchable = Pick<DirectoryUser, 'email' | 'name'> & Partial<DirectoryUser & DirectoryGroup>;

const textOf = ({ name, givenName = '', familyName = '', title = '', department = '' }: Searchable): string =>
  [name, givenName, familyName, title, department].join(' ');

/** The words that are indexed. Not those of the address's domain: in an organization everybody has them. */
const indexedWords = (record: Searchable): string[] =>
  wordsOf(`${textOf(record)} ${localPart(record.email)}`).slice(0, MAX_WORDS);

/** By code points: half a surrogate pair is no text. */
const prefix = (word: string, length: number): string => [...word].slice(0, length).join('');

/** Every beginning of every indexed word: what the index holds of a record. */
export const keysOf = (record: Searchable): string[] => {
  const keys = new Set<string>();
  for (const word of indexedWords(record)) {
    for (let length = 1; length <= PREFIX; length++) keys.add(prefix(word, length));
  }
  return [...keys];
};

/** The order in which records are answered: by name, then by id. */
export const sortOf = ({ name, email }: Searchable): string => plain(name || email).slice(0, 200);

export interface Query {
  /** The one that the index is asked for: the longest, which fewest records have. */
  readonly key: string;
  /** All of them must begin a word of the record. */
  readonly words: readonly string[];
}

/** @returns `undefined` where there is nothing to search by */
export const queryOf = (text: string): Query | undefined => {
  const at = text.lastIndexOf('@');
  const words = wordsOf(text);
  // What stands behind an @ is the domain's, which is not indexed.
  const indexed = at < 0 ? words : wordsOf(text.slice(0, at));
  const longest = indexed.reduce((found, word) => (word.length > found.length ? word : found), '');
  return longest === '' ? undefined : { key: prefix(longest, PREFIX), words };
};

export const matches = (record: Searchable, { words }: Query): boolean => {
  const own = wordsOf(`${textOf(record)} ${record.email}`);
  return words.every((word) => own.some((each) => each.startsWith(word)));
};
