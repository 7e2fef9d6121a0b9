/** The search box: results as one types, the latest question's only. */
import type { Directory, Group, Member, Person } from './directory-client.ts';
import { button, byId, h } from './dom.ts';

/** Milliseconds after the last key. */
const PAUSE = 200;

const person = ({ name, email, title, department, suspended }: Person): HTMLElement =>
  h(
    'li',
    {},
    h(
      'div',
      { class: 'person' },
      h('span', { class: 'name' }, name || email),
      suspended && h('span', { class: 'mark' }, 'Suspended'),
    ),
    h('small', {}, [title, department].filter(Boolean).join(' · ')),
    h('small', {}, email),
  );

const memberLine = ({ email, type, role }: Member): HTMLElement => {
  const kind = { user: '', group: ', a group', everybody: '', other: ', from outside' }[type];
  const who = type === 'everybody' ? 'Everybody in the organization' : (email ?? 'Unnamed');
  return h('li', {}, h('small', {}, `${who}${kind}${role === 'member' ? '' : `, ${role}`}`));
};

export const createFind = (directory: Directory, onError: (error: unknown) => void) => {
  const words = byId('words') as HTMLInputElement;
  const results = byId('results');
  let asked = 0;
  let timer: number | undefined;

  const group = ({ id, name, email, description }: Group): HTMLElement => {
    const list = h('ul');
    const members = h('details', {}, h('summary', {}, 'Members'), list);
    members.addEventListener('toggle', async () => {
      if (!members.open || list.children.length > 0) return;
      try {
        const page = await directory.members(id);
        const rest = page.next_page === undefined ? [] : [h('li', {}, h('small', {}, 'and more'))];
        const lines = page.members.map(memberLine);
        list.replaceChildren(...(lines.length > 0 ? lines : [h('li', {}, h('small', {}, 'Nobody'))]), ...rest);
      } catch (error) {
        onError(error);
      }
    });
    return h(
      'li',
      {},
      h('span', { class: 'name' }, name || email),
      description !== undefined && h('small', {}, description),
      h('small', {}, email),
      members,
    );
  };

  const show = async (page?: string): Promise<void> => {
    const question = ++asked;
    const query = words.value;
    const isPeople = new FormData(byId('find') as HTMLFormElement).get('kind') === 'users';
    try {
      if (!/[\p{L}\p{N}]/u.test(query)) {
        results.replaceChildren();
        byId('more').replaceChildren();
        byId('found').textContent = 'Type the beginning of a word.';
        return;
      }
      const found = isPeople ? await directory.people(query, page) : await directory.groups(query, page);
      if (question !== asked) return;
      const items = 'users' in found ? found.users.map(person) : found.groups.map(group);
      if (page === undefined) results.replaceChildren(...items);
      else results.append(...items);
      const { next_page: next } = found;
      byId('more').replaceChildren(
        ...(next === undefined ? [] : [button('next', 'Show more', 'plain', () => void show(next))]),
      );
      const count = results.children.length;
      byId('found').textContent =
        next === undefined
          ? count === 0
            ? 'Nobody is found.'
            : `${count} found`
          : count === 0
            ? 'None found so far.'
            : `${count} or more found`;
    } catch (error) {
      if (question === asked) onError(error);
    }
  };

  const later = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void show(), PAUSE);
  };
  words.addEventListener('input', later);
  byId('find').addEventListener('change', ({ target }) => {
    // The box itself changes when it is left, to click on something: that is no other question.
    if (target !== words) later();
  });
  byId('find').addEventListener('submit', (event) => {
    event.preventDefault();
    later();
  });
};
