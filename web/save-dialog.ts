/** What a change would do, and the question whether it is meant. */
import type { PolicyEffect } from '../client/src/admin.ts';
import { button, h } from './dom.ts';
import { type Change, leafText, valueText } from './policy-changes.ts';
import { counted, type Speech } from './words.ts';

const effectText = ({ provider, change, connections }: PolicyEffect, { title }: Speech): string => {
  const name = title(provider);
  const stored = counted(connections, 'stored connection');
  switch (change) {
    case 'removes_connections':
      return `${name}: ${stored} will be revoked where possible and removed for good. Their users have to authorize again, in the browser.`;
    case 'stops_tokens':
      return `${name}: no more tokens for what is switched off or read only. This touches up to ${stored}; they stay, and work again when you switch back.`;
    case 'asks_again':
      return `${name}: every user authorizes once more; what is held in browsers until then is not carried over.`;
  }
};

/** @returns whether to save */
export const confirmChanges = (
  changes: readonly Change[],
  effects: readonly PolicyEffect[],
  speech: Speech,
): Promise<boolean> => {
  const removes = effects.some(({ change, connections }) => change === 'removes_connections' && connections > 0);
  return new Promise((resolve) => {
    const dialog = h('dialog', { 'aria-labelledby': 'admin-confirm-title', class: 'confirm' });
    const back = button('admin-confirm-back', 'Go back', 'plain', () => dialog.close());
    back.autofocus = true;
    const save = button(
      'admin-confirm-save',
      removes ? 'Save and remove connections' : 'Save',
      removes ? 'danger' : 'primary',
      () => dialog.close('save'),
    );
    dialog.append(
      h('h2', { id: 'admin-confirm-title' }, 'Save these changes?'),
      h('ul', {}, ...changes.map(({ path, to }) => h('li', {}, `${leafText(path, speech)}: ${valueText(to)}`))),
      h('h3', {}, 'What follows'),
      h('ul', {}, ...effects.map((effect) => h('li', {}, effectText(effect, speech)))),
      h('p', { class: 'actions' }, back, save),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'save');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
};
