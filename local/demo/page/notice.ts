/** A place that says what happened. It stays in the page, so that screen readers announce what changes in it. */
import { button, h } from './dom.ts';
import type { Notice, Step } from './sentences.ts';

export const createNoticePlace = (id: string, act: (step: Step) => void) => {
  const text = h('p', { class: 'text', role: 'status' });
  const step = h('div', { class: 'step' });
  const element = h('div', { class: 'notice', id, hidden: true }, text, step);
  let ticking: ReturnType<typeof setInterval> | undefined;
  let shown: Notice | undefined;

  const retryButton = (next: Extract<Step, { kind: 'retry' }>) => {
    const again = button(`${id}-step`, 'Try again', 'plain', () => act(next));
    let left = next.after;
    const tick = () => {
      again.textContent = left > 0 ? `Try again in ${left} s` : 'Try again';
      again.setAttribute('aria-disabled', String(left > 0));
      if (left-- <= 0) clearInterval(ticking);
    };
    ticking = setInterval(tick, 1000);
    tick();
    return again;
  };

  const stepElement = (next: Step): HTMLElement => {
    switch (next.kind) {
      case 'retry':
        return retryButton(next);
      case 'authorize':
        return button(`${id}-step`, 'Authorize', 'primary', () => act(next));
      case 'open':
        return h('a', { href: next.url, target: '_blank', rel: 'noreferrer' }, 'Open your account page');
    }
  };

  const show = (notice: Notice | undefined): void => {
    if (JSON.stringify(notice) === JSON.stringify(shown)) return;
    shown = notice;
    clearInterval(ticking);
    element.hidden = notice === undefined;
    element.dataset.tone = notice?.tone ?? 'plain';
    text.textContent = notice?.text ?? '';
    step.replaceChildren(...(notice?.step ? [stepElement(notice.step)] : []));
  };
  return { element, show };
};
