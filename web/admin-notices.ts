/** What the admin's page says of others: of the administrator at the provider, and of another admin here. */
import type { ConsentAnswer } from './admin-consent.ts';
import { button, h } from './dom.ts';
import type { Notice } from './notice.ts';
import { type Change, leafText, valueText } from './policy-changes.ts';
import type { Speech } from './words.ts';

export const consentNotice = (answer: ConsentAnswer, { title }: Speech): Notice => {
  switch (answer.kind) {
    case 'given':
      return { tone: 'good', text: `${title(answer.provider)} has the consent for everybody in the directory.` };
    case 'denied':
      return { tone: 'plain', text: `The consent was declined at ${title(answer.provider)}. Nothing has changed.` };
    case 'failed':
      return {
        tone: 'bad',
        text: `${title(answer.provider)} did not take the consent. Nothing has changed; try again.`,
      };
    case 'foreign':
      return { tone: 'bad', text: 'An answer came that this tab did not ask for. It was not used; start again here.' };
  }
};

export const createConflictPlace = (speech: Speech, discard: () => void) => {
  const heading = h('h2', { tabindex: '-1', id: 'admin-conflict-title' }, 'Another admin was faster');
  const list = h('ul', {});
  const element = h(
    'section',
    { class: 'card conflict', 'aria-labelledby': 'admin-conflict-title', hidden: true },
    heading,
    h('p', {}, 'Nothing of yours is saved yet. Since you opened this page, this was changed:'),
    list,
    h('p', {}, 'The form shows it, with your own changes on top. Look it over, then save again.'),
    h('p', { class: 'actions' }, button('admin-conflict-discard', 'Keep theirs, discard mine', 'plain', discard)),
  );

  const lineOf = ({ path, to }: Change, mine: readonly Change[]): HTMLElement => {
    const own = mine.find((each) => each.path === path);
    const clash = own ? ` You chose ${valueText(own.to)}, and the form still says so.` : '';
    return h('li', {}, `${leafText(path, speech)}: now ${valueText(to)}.${clash}`);
  };

  return {
    element,
    show(theirs: readonly Change[], mine: readonly Change[]): void {
      list.replaceChildren(...theirs.map((change) => lineOf(change, mine)));
      element.hidden = false;
      heading.focus();
    },
    hide(): void {
      element.hidden = true;
    },
  };
};
