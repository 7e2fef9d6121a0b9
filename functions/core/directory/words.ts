/** What a directory is searched by: words, without regard to case and accents. */
import type { DirectoryGroup, DirectoryUser } from './records.ts';

/** A prefix is indexed up to this length; what is longer is found by its beginning and compared afterwards. */
const PREFIX = 10;
/** Of each word of a pair. */
const PAIR = 3;
/** Of one record: with their pairs some 190 index entries. */
const MAX_WORDS = 12;

/** Letters that Unicode does not take apart, as people without them on their keyboards write them. */
// Pairs of strings, which a bundle writes in ASCII; it keeps names of members and patterns as they are.
const WRITTEN: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['ı', 'i'],
  ['ħ', 'h'],
  ['ŧ', 't'],
  ['ŋ', 'ng'],
  ['ə', 'e'],
  // The end of a Greek word; Arabic letters that are written one for the other, and the stroke that only stretches.
  ['ς', 'σ'],
  ['ى', 'ي'],
  ['ة', 'ه'],
  ['ـ', ''],
]);
const WRITTEN_LETTERS = new RegExp(`[${[...WRITTEN.keys()].join('')}]`, 'g');

/** NFKD takes accents off their letters, and width and ligatures away. Katakana is written as hiragana. */
export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(WRITTEN_LETTERS, (letter) => WRITTEN.get(letter) ?? letter)
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));

/** Names in scripts that are written without spaces, and the letters that a word of them may begin with. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u30fc]+$/u;
/** Also of Hangul that is taken apart into its letters. */
const UNSPACED_LETTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** Longer runs are sentences, and found by their beginning. */
const NAME_LENGTH = 8;

const runsOf = (text: string): string[] => text.normalize('NFKC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];

/** @returns the runs of letters and digits, each once */
export const wordsOf = (text: string): string[] => [
  ...new Set(runsOf(text).flatMap((run) => plain(run).match(/[\p{L}\p{N}]+/gu) ?? [])),
];

/** What else a run may be searched by: 王小明 by 小明 and 明, 김수현 by 수현 and 현. */
const endingsOf = (text: string): string[] =>
  runsOf(text).flatMap((run) => {
    const letters = [...run];
    if (!UNSPACED.test(run) || letters.length > NAME_LENGTH) return [];
    return letters.slice(1).map((_, index) => plain(letters.slice(index + 1).join('')));
  });

const localPart = (email: string): string => email.slice(0, email.lastIndexOf('@'));

type Searchable = Pick<DirectoryUser, 'email' | 'name'> & Partial<DirectoryUser & DirectoryGroup>;

/** The most telling words first. */
const textOf = (
  { name, givenName = '', familyName = '', title = '', department = '' }: Searchable,
  address: string,
): string => {
  // The family name first, as such names are written, however the directory joins them.
  const whole = familyName + givenName;
  const joined = UNSPACED.test(whole) ? whole : '';
  return [name, joined, givenName, familyName, address, title, department].join(' ');
};

/** The whole words first: endings never take their place. */
const allWords = (text: string): string[] => [...new Set([...wordsOf(text), ...endingsOf(text)])];

/** The words that are indexed. Not those of the address's domain: in an organization everybody has them. */
const indexedWords = (record: Searchable): string[] =>
  allWords(textOf(record, localPart(record.email))).slice(0, MAX_WORDS);

/** By code points: half a surrogate pair is no text. */
const prefix = (word: string, length: number): string => [...word].slice(0, length).join('');

/** Two words at once, whichever comes first; `undefined` where one is too short to be sure of. */
const pairOf = (one: string, other: string): string | undefined => {
  // Any of their endings may be meant: pairs of all would fill the index.
  if (UNSPACED_LETTER.test(one) || UNSPACED_LETTER.test(other)) return undefined;
  const beginnings = [prefix(one, PAIR), prefix(other, PAIR)].sort();
  return beginnings.every((each) => [...each].length === PAIR) ? beginnings.join(' ') : undefined;
};

/** What the index holds of a record: every beginning of every indexed word, and every two words by their beginnings. */
export const keysOf = (record: Searchable): string[] => {
  const keys = new Set<string>();
  const words = indexedWords(record);
  for (const [index, word] of words.entries()) {
    let beginning = '';
    for (const letter of [...word].slice(0, PREFIX)) {
      beginning += letter;
      keys.add(beginning);
    }
    for (const other of words.slice(index + 1)) {
      const pair = pairOf(word, other);
      if (pair) keys.add(pair);
    }
  }
  return [...keys];
};

/** The order in which records are answered: by name, then by id. */
export const sortOf = ({ name, email }: Searchable): string => plain(name || email).slice(0, 200);

export interface Query {
  /** What the index is asked for: the two longest words, or the longest one. */
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
  // What begins another word adds nothing, and would be half of a pair that no record has.
  const telling = indexed.filter((word) => !indexed.some((other) => other !== word && other.startsWith(word)));
  const [longest, second] = telling.toSorted((a, b) => b.length - a.length);
  if (longest === undefined) return undefined;
  return { key: (second && pairOf(longest, second)) ?? prefix(longest, PREFIX), words };
};

export const matches = (record: Searchable, { words }: Query): boolean => {
  const own = allWords(textOf(record, record.email));
  return words.every((word) => own.some((each) => each.startsWith(word)));
};
