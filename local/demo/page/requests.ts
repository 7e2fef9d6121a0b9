/** Shows every request that this page makes: to whom, for what, with which outcome. No header and no body is kept. */
import { h } from './dom.ts';

const KEPT = 30;
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/**
 * @param list where the entries go, the latest first
 * @param names of origins; others are shown as they are
 * @returns `fetch`, observed
 */
export const observedFetch = (list: HTMLElement, names: () => ReadonlyMap<string, string>): typeof fetch => {
  const add = (url: URL, method: string, outcome: string, isGood: boolean, started: number) => {
    const to = names().get(url.origin) ?? url.host;
    list.prepend(
      h(
        'li',
        { 'data-to': to === 'Broker' || to === 'Product' ? to.toLowerCase() : 'provider' },
        h('span', { class: 'to' }, to),
        h('small', {}, `${time.format(new Date())}, ${Math.round(performance.now() - started)} ms`),
        h('span', { class: isGood ? 'outcome' : 'outcome failed' }, outcome),
        h('code', {}, `${method} ${url.pathname}`),
      ),
    );
    while (list.children.length > KEPT) list.lastElementChild?.remove();
  };
  return async (input, init) => {
    const url = new URL(String(input), location.href);
    const started = performance.now();
    const method = init?.method ?? 'GET';
    try {
      const response = await fetch(input, init);
      add(url, method, String(response.status), response.ok, started);
      return response;
    } catch (error) {
      add(url, method, 'no answer', false, started);
      throw error;
    }
  };
};
