/**
 * The model's text on its way out, whatever pieces it comes in: characters that hide something vanish, citation marks
 * become citations, and addresses are taken out.
 */
import { addresses } from './addresses.ts';
import { withoutReordering } from './hidden.ts';
import { marks } from './marks.ts';

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `result`: index among the passed ones. It belongs to the place that the text has reached. */
  | { readonly kind: 'citation'; readonly result: number };

/** What comes of the pieces together does not depend on where one ends and the next begins. */
export interface Stage<In> {
  /** @returns what can be said already */
  push(piece: In): Piece[];
  /** @returns the rest */
  end(): Piece[];
}

/** @param results how many were passed */
export const answerText = (results: number): Stage<string> => {
  const marked = marks(results);
  const shown = addresses();
  const show = (pieces: readonly Piece[]) => pieces.flatMap((piece) => shown.push(piece));
  let half = '';
  return {
    push: (text) => {
      // The first half of a character that is cut in two.
      const whole = /[\ud800-\udbff]$/.test(half + text) ? (half + text).slice(0, -1) : half + text;
      half = (half + text).slice(whole.length);
      return joined(show(marked.push(withoutReordering(whole))));
    },
    end: () => joined([...show(marked.end()), ...shown.end()]),
  };
};

const joined = (pieces: readonly Piece[]): Piece[] => {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text') {
      result[result.length - 1] = { kind: 'text', text: last.text + piece.text };
    } else result.push(piece);
  }
  return result;
};
