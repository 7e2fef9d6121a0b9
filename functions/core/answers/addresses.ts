/**
 * Takes addresses out of a text: what a page makes a link or an image of can send away what it shows. A citation in the
 * middle of one does not hide it. Each character is looked at a bounded number of times, whatever pieces it comes in.
 */
import { type AsRead, asRead, isBreak } from './as-read.ts';
import type { Piece, Stage } from './text.ts';

/**
 * How one begins: with a scheme or `//`, with `www.`, or as a host with a path or a query; shorter than SPARE. Browsers take
 * `\` for `/`, and need neither of them after the scheme of a page. A host has letters of any script (RFC 5890), may have
 * underscores and may end in a dot.
 */
const START = new RegExp(
  [
    String.raw`(?:[a-z][a-z0-9+.\-]{1,15}:)?[\/\\]{2}`,
    String.raw`(?:https?|wss?|ftp|file):[\/\\]?[\w%\[]`,
    String.raw`www\.|mailto:|javascript:|vbscript:|data:(?:[a-z]{1,15}\/|[,;])`,
    String.raw`(?:(?:[\p{L}\p{N}\p{M}_\-]{1,63}\.){1,8}[\p{L}\p{M}][\p{L}\p{N}\p{M}\-]{1,62}\.?|(?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?(?:[\/\\]|[?#][\w%])`,
  ].join('|'),
  'iu',
);
/** What every beginning has one of. */
const SIGN = /[/\\:?#]|www\./i;
/** A word that may become an address is held back so long; of a longer one, so much is kept for a beginning within it. */
const LONGEST_WORD = 8192;
const SPARE = 4096;

/** Where the address in a word begins; what stands before it without a break, in ASCII, goes as well. */
const addressIn = (word: string): number | undefined => {
  const begins = [{ text: word, at: (index: number) => index }, asRead(word)].flatMap((read: AsRead | undefined) => {
    const found = read && SIGN.test(read.text) ? START.exec(read.text) : null;
    return found && read ? [read.at(found.index)] : [];
  });
  if (begins.length === 0) return undefined;
  let start = Math.min(...begins);
  while (start > 0 && /[\x21-\x7e]/.test(word.charAt(start - 1))) start -= 1;
  return start;
};

export const addresses = (): Stage<Piece> => {
  /** The word that the text ends with. */
  let parts: string[] = [];
  let length = 0;
  /** Citations within it, and at which character. */
  let waiting: { readonly at: number; readonly citation: Piece }[] = [];
  /** Within an address, which ends with a blank. */
  let isInside = false;

  /** Takes the word's first characters: says those before `shown`, and the citations among all of them. */
  const take = (word: string, shown: number, end: number): Piece[] => {
    const said: Piece[] = [];
    let from = 0;
    const text = (until: number) => {
      if (until > from) said.push({ kind: 'text', text: word.slice(from, until) });
      from = Math.max(from, until);
    };
    let count = 0;
    for (const { at, citation } of waiting) {
      if (at > end) break;
      text(Math.min(at, shown));
      said.push(citation);
      count += 1;
    }
    text(shown);
    waiting = waiting.slice(count).map(({ at, citation }) => ({ at: at - end, citation }));
    parts = end < word.length ? [word.slice(end)] : [];
    length = word.length - end;
    return said;
  };

  /** @param isWhole nothing can follow that belongs to the word */
  const judge = (isWhole: boolean): Piece[] => {
    const said: Piece[] = [];
    while (length > LONGEST_WORD || (isWhole && length > 0)) {
      const word = parts.join('');
      const seen = word.slice(0, LONGEST_WORD);
      const start = addressIn(seen);
      if (start !== undefined) {
        isInside = true;
        append(said, take(word, start, word.length));
      } else if (word.length > LONGEST_WORD) {
        // Never between the two halves of a character.
        const cut = LONGEST_WORD - SPARE - (/[\ud800-\udbff]/.test(word.charAt(LONGEST_WORD - SPARE - 1)) ? 1 : 0);
        append(said, take(word, cut, cut));
      } else append(said, take(word, word.length, word.length));
    }
    return said;
  };

  const hold = (text: string) => {
    parts.push(text);
    length += text.length;
  };

  return {
    push: (piece) => {
      if (piece.kind === 'citation') {
        if (length === 0) return [piece];
        waiting.push({ at: length, citation: piece });
        return [];
      }
      const said: Piece[] = [];
      for (const run of runsOf(piece.text)) {
        if (run.kind === 'blank') {
          append(said, judge(true));
          said.push({ kind: 'text', text: run.text });
          isInside = false;
        } else if (!isInside && run.kind === 'break') {
          append(said, judge(true));
          // Where the word before it was an address, that reaches beyond it.
          if (!isInside) said.push({ kind: 'text', text: run.text });
        } else if (!isInside) {
          hold(run.text);
          append(said, judge(false));
        }
      }
      return said;
    },
    end: () => judge(true),
  };
};

/** Not by spreading: an answer may have more citations than a call may have arguments. */
const append = (said: Piece[], more: readonly Piece[]): void => {
  for (const each of more) said.push(each);
};

type Kind = 'blank' | 'break' | 'word';

/** Neighbouring characters of one kind. */
const runsOf = (text: string): { kind: Kind; text: string }[] => {
  const runs: { kind: Kind; text: string }[] = [];
  for (const [all, blank] of text.matchAll(/(\s+)|[\x21-\x7e]+|[^\s\x21-\x7e]/gu)) {
    const kind: Kind = blank !== undefined ? 'blank' : isBreak(all) ? 'break' : 'word';
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += all;
    else runs.push({ kind, text: all });
  }
  return runs;
};
