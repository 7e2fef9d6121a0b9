/**
 * A word as browsers and Markdown read it: character references and escapes decoded (CommonMark 0.31 sections 2.4 and 2.5,
 * HTML section 13.5), wide and other compatible forms as the plain ones (UTS #46), without what is invisible.
 */

export interface AsRead {
  readonly text: string;
  /** Where in the word a character of `text` comes from. */
  readonly at: (index: number) => number;
}

/** Of HTML's names, those of the characters that an address begins with. */
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: '&',
    bsol: '\\',
    colon: ':',
    commat: '@',
    dash: '-',
    hyphen: '-',
    lowbar: '_',
    num: '#',
    percnt: '%',
    period: '.',
    quest: '?',
    sol: '/',
    Tab: '\t',
    NewLine: '\n',
  }),
);
const PART = /&#(?:x([0-9a-f]{1,8})|(\d{1,8}));?|&([a-z]{2,8});|\\([!-/:-@[-`{-~])|[\s\S]/giu;
const IGNORED = /\p{Default_Ignorable_Code_Point}|[\t\n\r\u00ad]/gu;

/** @returns `undefined`: the word is read as it stands */
export const asRead = (word: string): AsRead | undefined => {
  if (!/[&\\]|[^\x21-\x7e]/.test(word)) return undefined;
  let text = '';
  const places: number[] = [];
  for (const { 0: all, 1: hex, 2: decimal, 3: name, 4: escaped, index } of word.matchAll(PART)) {
    const coded = hex === undefined ? decimal : `0x${hex}`;
    const read = coded === undefined ? (NAMED.get(name ?? '') ?? escaped ?? all) : characterOf(Number(coded));
    const plain = read.normalize('NFKC').replace(IGNORED, '');
    for (let count = 0; count < plain.length; count++) places.push(index);
    text += plain;
  }
  return { text, at: (index) => places[index] ?? word.length };
};

const characterOf = (code: number): string => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd');

/**
 * Whether no beginning of an address reaches across this character: neither a letter, digit or invisible one, nor one that
 * is read as a sign of an address. In a script without blanks, the text up to it can be said.
 */
export const isBreak = (character: string): boolean =>
  /[^\x21-\x7e\p{L}\p{N}\p{M}\p{Default_Ignorable_Code_Point}]/u.test(character) &&
  !/[\w.:/\\?#%&@+;-]/.test(character.normalize('NFKC'));
