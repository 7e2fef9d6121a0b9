/**
 * Takes addresses out of a text: what a page makes a link or an image of can send away what it shows. A citation in the
 * middle of one does not hide it.
 */
import type { Piece, Stage } from './text.ts';

/**
 * How one begins: with a scheme or `//`, with `www.`, or as a host with a path or a query; shorter than SPARE. Browsers take
 * `\` for `/`, and need neither of them after the scheme of a page.
 */
const START = new RegExp(
  [
    String.raw`(?:[a-z][a-z0-9+.-]{1,15}:)?[/\\]{2}`,
    String.raw`(?:https?|wss?|ftp|file):[/\\]?[\w%[]`,
    String.raw`www\.|mailto:|javascript:|vbscript:|data:(?:[a-z]{1,15}\/|[,;])`,
    String.raw`(?:(?:[a-z0-9-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62}|(?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?(?:[/\\]|[?#][\w%])`,
  ].join('|'),
  'i',
);
const SPARE = 1024;
/** It begins with characters of ASCII; what they begin with goes as well, and what follows until a blank. */
const ASCII = /[\x21-\x7e]+/g;
/** A word that may become one is held back so long. */
const LONGEST_WORD = 4096;

/** Places in the text: from, until. */
const addressesIn = (text: string): (readonly [number, number])[] => {
  const found: (readonly [number, number])[] = [];
  let last = 0;
  for (const { 0: word, index } of text.matchAll(ASCII)) {
    if (index < last || !START.test(word)) continue;
    const length = /\s/.exec(text.slice(index))?.index ?? text.length - index;
    last = index + length;
    found.push([index, last]);
  }
  return found;
};

export const addresses = (): Stage<Piece> => {
  let held = '';
  /** Citations within what is held, and at which character. */
  let waiting: { at: number; readonly citation: Piece }[] = [];

  const say = (end: number): Piece[] => {
    const text = held.slice(0, end);
    const found = addressesIn(text);
    const shownBetween = (from: number, to: number): Piece[] => {
      let shown = '';
      let at = from;
      for (const [start, stop] of found) {
        if (stop <= at || start >= to) continue;
        shown += text.slice(at, Math.max(at, start));
        at = stop;
      }
      shown += text.slice(at, to);
      return shown === '' ? [] : [{ kind: 'text', text: shown }];
    };
    const pieces: Piece[] = [];
    let said = 0;
    for (const { at, citation } of waiting) {
      if (at > end) break;
      pieces.push(...shownBetween(said, at), citation);
      said = at;
    }
    pieces.push(...shownBetween(said, end));
    held = held.slice(end);
    waiting = waiting.flatMap(({ at, citation }) => (at > end ? [{ at: at - end, citation }] : []));
    return pieces;
  };

  return {
    push: (piece) => {
      if (piece.kind === 'citation') {
        if (held === '') return [piece];
        waiting.push({ at: held.length, citation: piece });
        return [];
      }
      held += piece.text;
      const { from, start } = unfinished(held);
      const said = say(from);
      // Of an address no more has to be known than that it is one.
      if (start > 0) {
        held = held.slice(0, start);
        for (const each of waiting) each.at = Math.min(each.at, start);
      }
      return said;
    },
    end: () => say(held.length),
  };
};

/**
 * Where that begins of which more has to be known. `start`: how much of it, where it is an address; 0 where it is a word that
 * may become one.
 */
const unfinished = (text: string): { readonly from: number; readonly start: number } => {
  let word = text.length;
  while (word > 0 && /\S/.test(text.charAt(word - 1))) word -= 1;
  for (const { 0: ascii, index } of text.slice(word).matchAll(ASCII)) {
    const start = START.exec(ascii);
    if (start) return { from: word + index, start: start.index + start[0].length };
  }
  let from = text.length;
  while (from > word && /[\x21-\x7e]/.test(text.charAt(from - 1))) from -= 1;
  return { from: text.length - from > LONGEST_WORD ? text.length - SPARE : from, start: 0 };
};
