/** What of the results goes to the broker: those of sources that the organization includes, within the contract's bounds. */
import type { AnswerRequest, Config, SentResult, SourceCount } from '../contract.ts';
import { utf8 } from '../encoding.ts';
import type { SearchResult } from './result.ts';

/** Of `AnswerRequest` and `SearchResult` in openapi.yaml; lengths are code points. */
const MOST = { results: 50, query: 1000, id: 512, title: 500, snippet: 2000, link: 2048, bytes: 131_072 };

/** No character is cut in two. */
const cut = (text: string, length: number): string =>
  text.length <= length ? text : [...text.slice(0, 2 * length)].slice(0, length).join('');

/** Dates stay here. */
const sent = ({ source, id, title, snippet, link }: SearchResult): SentResult => ({
  source,
  id,
  title: cut(title, MOST.title),
  ...(snippet && { snippet: cut(snippet, MOST.snippet) }),
  ...(link && link.length <= MOST.link && { link }),
});

/** Of two sources that found the same, an included one speaks for it. An id that does not fit cannot be cited. */
export const choose = (
  results: readonly SearchResult[],
  sources: Config['search_ai']['sources'],
): { readonly chosen: readonly SearchResult[]; readonly excluded: readonly SourceCount[] } => {
  const isIncluded = ({ source }: SearchResult) => sources[source] === true;
  const chosen = results.flatMap((result) => [result, ...(result.also ?? [])].find(isIncluded) ?? []);
  const counts = new Map<string, number>();
  for (const { source } of results.flatMap((result) => [result, ...(result.also ?? [])])) {
    if (sources[source] !== true) counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return {
    chosen: chosen.filter(({ id }) => id !== '' && id.length <= MOST.id),
    excluded: [...counts].map(([source, results]) => ({ source, results })),
  };
};

/** As many of the best as fit. */
export const answerRequest = (query: string, chosen: readonly SearchResult[]): AnswerRequest => {
  const results = chosen.slice(0, MOST.results).map(sent);
  const request = { query: cut(query, MOST.query), results };
  while (utf8(JSON.stringify(request)).byteLength > MOST.bytes) results.pop();
  return request;
};
