/** What the simulated accounts own: the same few things at every start, each with a name of its own. */
import { createHash } from 'node:crypto';
import { parse } from 'node:path';
import type { Account } from './accounts.ts';

/** "Budget.xlsx" becomes "Budget 4074dc23f4.xlsx": found nowhere else, whoever looks for it. */
const unique = (account: Account, kind: string, name: string): string => {
  const number = createHash('sha256').update(`${account.email} ${kind} ${name}`).digest('hex').slice(0, 10);
  const { name: stem, ext } = parse(name);
  return `${stem} ${number}${ext}`;
};

export interface Item {
  readonly id: string;
  /** No other item of any account has it. */
  readonly name: string;
}

const items = (account: Account, kind: string, names: readonly string[]): Item[] =>
  names.map((name, index) => ({
    id: `${kind}-${account.subject.slice(-1)}${index + 1}`,
    name: unique(account, kind, name),
  }));

export const filesOf = (account: Account) => items(account, 'file', ['Budget.xlsx', 'Minutes.docx', 'Plan.pptx']);
export const eventsOf = (account: Account) => items(account, 'event', ['Weekly meeting', 'Review']);
export const messagesOf = (account: Account) => items(account, 'message', ['Welcome', 'Invoice', 'Lunch on Friday?']);
export const notesOf = (account: Account) => items(account, 'note', ['Shopping', 'Ideas']);

/** When the n-th event starts: ten o'clock UTC, n + 1 days from today. */
export const startOf = (index: number, now: number): Date => {
  const day = 24 * 3600 * 1000;
  return new Date(Math.floor(now / day) * day + (index + 1) * day + 10 * 3600 * 1000);
};
export const EVENT_MILLISECONDS = 3600 * 1000;
/** When every file changed and every message came. */
export const CHANGED = '2026-01-15T09:30:00Z';

/** All of them, for scans. */
export const contentNames = (everybody: readonly Account[]): string[] =>
  everybody
    .flatMap((account) => [filesOf, eventsOf, messagesOf, notesOf].flatMap((of) => of(account)))
    .map(({ name }) => name);
