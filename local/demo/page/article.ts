/** One of the product's own articles: where its search results lead. */
import { byId } from './dom.ts';

const id = new URLSearchParams(location.search).get('id') ?? '';
const response = await fetch(`/articles?${new URLSearchParams({ id })}`);
const [article] = response.ok ? (await response.json()).articles : [];
if (article) document.title = article.title;
byId('title').textContent = article?.title ?? 'Article';
byId('text').textContent =
  article?.text ?? (response.ok ? 'There is no such article.' : 'Sign in on the first page to read it.');
