/** A place that says what happened. It stays in the page, so that screen readers announce what changes in it. */
import { button, h } from './dom.ts';

export type Step =
  /** `after`: seconds until it can be done. */
  | { readonly label: string; readonly act: () => void; readonly after?: number; readonly isMain?: boolean }
  | { readonly label: string; readonly href: string; readonly isHere?: boolean };

export interface Notice {
  readonly tone: 'good' | 'plain' | 'bad';
  readonly text: string;
  readonly steps?: readonly Step[];
}

export const createNoticePlace = (id: string) => {
  const text = h('p', { class: 'text', role: 'status' });
  const place = h('div', { class: 'step actions' });
  const element = h('div', { class: 'notice', id, hidden: true }, text, place);
  let ticking: ReturnType<typeof setInterval> | undefined;

  const countDown = (element: HTMLElement, label: string, seconds: number) => {
    let left = seconds;
    const tick = () => {
      element.textContent = left > 0 ? `${label} in ${left} s` : label;
      element.setAttribute('aria-disabled', String(left > 0));
      if (left-- <= 0) clearInterval(ticking);
    };
    ticking = setInterval(tick, 1000);
    tick();
  };

  const elementOf = (step: Step, index: number): HTMLElement => {
    const name = `${id}-step${index > 0 ? `-${index}` : ''}`;
    if ('href' in step) {
      const elsewhere = step.isHere ? {} : { target: '_blank', rel: 'noreferrer' };
      return h('a', { href: step.href, id: name, ...elsewhere }, step.label);
    }
    const element = button(name, step.label, step.isMain ? 'primary' : 'plain', step.act);
    if (step.after) countDown(element, step.label, step.after);
    return element;
  };

  return {
    element,
    show(notice: Notice | undefined): void {
      clearInterval(ticking);
      element.hidden = notice === undefined;
      element.dataset.tone = notice?.tone ?? 'plain';
      text.textContent = notice?.text ?? '';
      place.replaceChildren(...(notice?.steps ?? []).map(elementOf));
    },
  };
};

export type NoticePlace = ReturnType<typeof createNoticePlace>;
