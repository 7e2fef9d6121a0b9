/** Which of the results a model may see. */
import type { SearchAiPolicy } from '../policy-form.ts';
import type { DocumentName } from './documents.ts';

/** What a front end has found; its link stays where it is. */
export interface SearchResult extends DocumentName {
  readonly title: string;
  readonly snippet?: string;
}

export interface SourceCount {
  readonly source: string;
  readonly results: number;
}

export interface Selection {
  readonly included: readonly SearchResult[];
  /** In the order in which they came. */
  readonly sources: { readonly included: readonly SourceCount[]; readonly excluded: readonly SourceCount[] };
}

/** Without what comes twice, and without the sources that the organization excludes: what it does not name is excluded. */
export const select = ({ sources }: SearchAiPolicy, results: readonly SearchResult[]): Selection => {
  const isIncluded = ({ source }: SearchResult) => Object.hasOwn(sources, source) && sources[source] === true;
  const first = new Map<string, SearchResult>();
  for (const result of results) {
    const name = JSON.stringify([result.source, result.id]);
    if (!first.has(name)) first.set(name, result);
  }
  const distinct = [...first.values()];
  const included = distinct.filter(isIncluded);
  const excluded = distinct.filter((result) => !isIncluded(result));
  return { included, sources: { included: counted(included), excluded: counted(excluded) } };
};

const counted = (results: readonly SearchResult[]): SourceCount[] => {
  const counts = new Map<string, number>();
  for (const { source } of results) counts.set(source, (counts.get(source) ?? 0) + 1);
  return [...counts].map(([source, number]) => ({ source, results: number }));
};
