/** What Search AI may look into. What is not named in the policy is excluded. */
import type { Policy } from '../client/src/admin.ts';
import { h } from './dom.ts';
import { toggle } from './switch.ts';
import type { Speech } from './words.ts';

export const createSearchForm = (
  { enabled, sources, document_ids }: Policy['search_ai'],
  offered: readonly string[],
  { source }: Speech,
  set: (path: string, value: boolean) => void,
): HTMLElement => {
  const names = [...new Set([...offered, ...Object.keys(sources)])];
  const rows = names.map((name) =>
    h(
      'li',
      { class: 'integration' },
      toggle(`admin-search-${name}`, source(name), sources[name] ?? false, (is) => set(`sources.${name}`, is), {
        context: 'Search AI',
      }),
    ),
  );
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'admin-search-title', id: 'admin-search' },
    h('header', {}, h('h2', { id: 'admin-search-title', tabindex: '-1' }, 'Search AI')),
    toggle('admin-search-enabled', 'Search AI is available', enabled, (is) => set('enabled', is), {
      about:
        'On: what a user asks, and the titles and snippets that the user’s own browser has found, go to a model for an answer. Nothing of it is kept. Off: searching goes on, without answers.',
    }),
    names.length > 0 && h('p', { class: 'about' }, 'Answers are made from what is on here; the rest is only searched.'),
    names.length > 0 && h('ul', { class: 'integrations', 'aria-label': 'Sources of Search AI' }, ...rows),
    toggle('admin-search-documents', 'Keep identifiers of documents', document_ids, (is) => set('document_ids', is), {
      about:
        'Which documents answers have cited, by source and identifier, per user and for 90 days; never a question, an answer or what is in a document. Each user sees and deletes their own.',
    }),
  );
};
