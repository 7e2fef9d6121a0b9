/**
 * One list out of several: reciprocal rank fusion (Cormack, Clarke, Büttcher: "Reciprocal Rank Fusion outperforms
 * Condorcet and individual Rank Learning Methods", SIGIR 2009). A result's score is the sum of 1 / (60 + its place) over
 * the sources that found it, and a little more where its title has words of the query. Sources' own scores are not
 * compared: no two mean the same. The same lists give the same order, whichever came first.
 */
import type { SearchResult } from './result.ts';

const K = 60;
/** For a title with all of the query's words: worth about nine places among the first. */
const TITLE = 0.002;

const normal = (text: string): string => text.normalize('NFKC').toLowerCase();
const wordsOf = (query: string): string[] => [...new Set(normal(query).match(/[\p{L}\p{N}]+/gu))];

/** The part of the query's words that the text has, 0 to 1. */
const overlap = (words: readonly string[], text: string): number => {
  const whole = normal(text);
  return words.length === 0 ? 0 : words.filter((word) => whole.includes(word)).length / words.length;
};

/** Whether the text has all of the query's words. */
export const matches = (query: string, text: string): boolean => overlap(wordsOf(query), text) === 1;

/** @param lists one per source, each with the best first. Where two sources found the same link, the earlier one's stays. */
export const fuse = (query: string, lists: readonly (readonly SearchResult[])[]): SearchResult[] => {
  const words = wordsOf(query);
  const found = new Map<string, { score: number; readonly all: [SearchResult, ...SearchResult[]] }>();
  for (const list of lists) {
    for (const [place, result] of list.entries()) {
      const { source, id, link, title } = result;
      const key = link ? new URL(link).href : JSON.stringify([source, id]);
      const score = 1 / (K + place + 1);
      const known = found.get(key);
      if (!known) found.set(key, { score: score + TITLE * overlap(words, title), all: [result] });
      // Whoever repeats itself is not heard twice.
      else if (known.all.every((each) => each.source !== source)) {
        known.score += score;
        known.all.push(result);
      }
    }
  }
  // Of equal ones the earlier source's comes first: the sort is stable.
  return [...found.values()]
    .sort((one, other) => other.score - one.score)
    .map(({ all: [first, ...also] }) => (also[0] ? { ...first, also } : first));
};
