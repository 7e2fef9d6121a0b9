/** From `[2]` and `[1, 3]` to citations; a number of no result that was passed vanishes. */
import type { Piece, Stage } from './text.ts';

/** With the blanks before it. */
const MARK = /[ \t]{0,8}\[(\d{1,3}(?:[, ]{1,3}\d{1,3}){0,9})\]/;
/** The longest mark, and more. */
const LONGEST = 80;
const BEGUN = /[ \t]{0,8}(?:\[[\d, ]{0,62})?$/;

/** @param results how many were passed */
export const marks = (results: number): Stage<string> => {
  let held = '';
  const say = (text: string): Piece[] =>
    // Odd parts are the numbers of a mark.
    text.split(MARK).flatMap((part, index): Piece[] => {
      if (index % 2 === 0) return part === '' ? [] : [{ kind: 'text', text: part }];
      const numbers = [...new Set(part.split(/[, ]+/).map(Number))];
      return numbers.flatMap((number) => (number >= 1 && number <= results ? [citation(number - 1)] : []));
    });
  return {
    push: (text) => {
      const all = held + text;
      const begun = BEGUN.exec(all.slice(-LONGEST))?.[0].length ?? 0;
      held = all.slice(all.length - begun);
      return say(all.slice(0, all.length - begun));
    },
    end: () => {
      const said = say(held);
      held = '';
      return said;
    },
  };
};

const citation = (result: number): Piece => ({ kind: 'citation', result });
