/** Form controls with their labels. */
import { h } from './dom.ts';

/** A switch; `about` is read with it. */
export const toggle = (
  id: string,
  label: string,
  isOn: boolean,
  onChange: (isOn: boolean) => void,
  { about = '', context = '' } = {},
): HTMLElement => {
  const input = h('input', { type: 'checkbox', role: 'switch', id, checked: isOn });
  if (context) input.setAttribute('aria-label', `${label}: ${context}`);
  const more = about && h('small', { id: `${id}-about` }, about);
  if (more) input.setAttribute('aria-describedby', `${id}-about`);
  input.addEventListener('change', () => onChange(input.checked));
  return h('div', { class: 'toggle' }, input, h('label', { for: id }, label), more || undefined);
};

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly about: string;
}

/** One of several. */
export const choice = (
  id: string,
  legend: string,
  options: readonly Option[],
  chosen: string,
  onChange: (value: string) => void,
): HTMLElement => {
  const parts = options.map(({ value, label, about }) => {
    const own = `${id}-${value}`;
    const describedBy = `${own}-about`;
    const input = h('input', {
      type: 'radio',
      name: id,
      id: own,
      value,
      checked: value === chosen,
      'aria-describedby': describedBy,
    });
    input.addEventListener('change', () => onChange(value));
    return h(
      'div',
      { class: 'toggle' },
      input,
      h('label', { for: own }, label),
      h('small', { id: describedBy }, about),
    );
  });
  return h('fieldset', { class: 'choice' }, h('legend', {}, legend), ...parts);
};
