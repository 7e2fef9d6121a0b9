/** Shows what the callback brought, and leaves it where it is: a page for people, not how a product treats a ticket. */
import { byId, h } from './dom.ts';

const show = (): void => {
  const members = [...new URLSearchParams(location.hash.slice(1))];
  byId('nothing').hidden = members.length > 0;
  byId('members').replaceChildren(
    ...members.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, h('code', {}, value))]),
  );
};

addEventListener('hashchange', show);
show();
