/** What the simulated accounts own: the same few things at every start, each with a name and a mark in its text of its own. */
import { createHash } from 'node:crypto';
import { parse } from 'node:path';
import type { Account } from './accounts.ts';

const numberOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 10);

/** "Budget.xlsx" becomes "Budget 4074dc23f4.xlsx": found nowhere else, whoever looks for it. */
const unique = (account: Account, kind: string, name: string): string => {
  const { name: stem, ext } = parse(name);
  return `${stem} ${numberOf(account.email, kind, name)}${ext}`;
};

export interface Item {
  readonly id: string;
  /** No other item of any account has it. */
  readonly name: string;
  /** What is in it. */
  readonly text: string;
  /** In the text, and in no other. */
  readonly mark: string;
}

/** @param texts by name */
const items = (account: Account, kind: string, texts: Readonly<Record<string, string>>): Item[] =>
  Object.entries(texts).map(([name, text], index) => {
    const mark = `No. ${numberOf(account.email, kind, name, 'text')}`;
    return {
      id: `${kind}-${account.subject.slice(-1)}${index + 1}`,
      name: unique(account, kind, name),
      text: `${text} (${mark})`,
      mark,
    };
  });

export const filesOf = (account: Account) =>
  items(account, 'file', {
    'Budget.xlsx': 'The travel budget of this year is 12,000 euros. Half of it is spent by the end of June.',
    'Minutes.docx': 'It was agreed to book every journey two weeks ahead, and to go by train where that is possible.',
    'Plan.pptx': 'A new office in spring, a fair in May, and a better search for everybody in autumn.',
  });
export const eventsOf = (account: Account) =>
  items(account, 'event', {
    'Weekly meeting': 'What is open, what is next.',
    Review: 'We look at the travel budget and at what the fair has cost.',
  });
export const messagesOf = (account: Account) =>
  items(account, 'message', {
    Welcome: 'Your account is ready. Here is how to begin.',
    Invoice: "The train's invoice over 240 euros is to be paid from the travel budget by Friday.",
    'Lunch on Friday?': 'There is a table for four around the corner at noon.',
  });
export const notesOf = (account: Account) => items(account, 'note', { Shopping: 'Bread, apples.', Ideas: 'A bench.' });

/** Those that have every word of the query, in any order, in name or text. */
export const matching = (all: readonly Item[], query: string): Item[] => {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return all.filter(({ name, text }) => {
    const whole = `${name} ${text}`.toLowerCase();
    return words.length > 0 && words.every((word) => whole.includes(word));
  });
};

/** When the n-th event starts: ten o'clock UTC, n + 1 days from today. */
export const startOf = (index: number, now: number): Date => {
  const day = 24 * 3600 * 1000;
  return new Date(Math.floor(now / day) * day + (index + 1) * day + 10 * 3600 * 1000);
};
export const EVENT_MILLISECONDS = 3600 * 1000;
/** When every file changed and every message came. */
export const CHANGED = '2026-01-15T09:30:00Z';

/** All names, and the marks of all texts, for scans. */
export const contentNames = (everybody: readonly Account[]): string[] =>
  everybody
    .flatMap((account) => [filesOf, eventsOf, messagesOf, notesOf].flatMap((of) => of(account)))
    .flatMap(({ name, mark }) => [name, mark]);
