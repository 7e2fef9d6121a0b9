/** What Search AI may look into. What is not named in the policy is excluded. */
import type { Policy } from '../client/src/admin.ts';
import { h } from './dom.ts';
import { toggle } from './switch.ts';
import type { Speech } from './words.ts';

export const createSearchForm = (
  { enabled, sources, document_ids }: Policy['search_ai'],
  offered: readonly string[],
  { title }: Speech,
  set: (path: string, value: boolean) => void,
): HTMLElement => {
  const names = [...new Set([...offered, ...Object.keys(sources)])];
  const rows = names.map((name) =>
    h(
      'li',
      { class: 'integration' },
      toggle(`admin-search-${name}`, title(name), sources[name] ?? false, (is) => set(`sources.${name}`, is), {
        context: 'Search AI',
      }),
    ),
  );
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'admin-search-title', id: 'admin-search' },
    h('header', {}, h('h2', { id: 'admin-search-title', tabindex: '-1' }, 'Search AI')),
    toggle('admin-search-enabled', 'Search AI is available', enabled, (is) => set('enabled', is)),
    names.length > 0 && h('ul', { class: 'integrations', 'aria-label': 'Sources of Search AI' }, ...rows),
    toggle('admin-search-documents', 'Keep identifiers of documents', document_ids, (is) => set('document_ids', is), {
      about: 'Which documents an answer was made from; never what is in them.',
    }),
  );
};
