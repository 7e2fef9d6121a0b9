/** Numbers and tables, as docs/performance.md shows them. */
import type { Spread } from './statistics.ts';

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export const number = (value: number): string => (Number.isFinite(value) ? NUMBER.format(value) : 'none');
export const ranged = ({ median, min, max }: Spread): string => `${number(median)} (${number(min)}-${number(max)})`;

/** All columns but the first are figures. */
export const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
