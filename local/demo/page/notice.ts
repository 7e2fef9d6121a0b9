/** A card's notice: the broker's next step as something to click. */
import { createNoticePlace as createPlace, type Step as Shown } from '../../../web/notice.ts';
import type { Notice, Step } from './sentences.ts';

export const createNoticePlace = (id: string, act: (step: Step) => void) => {
  const { element, show } = createPlace(id);
  let before: Notice | undefined;

  const shown = (step: Step): Shown => {
    switch (step.kind) {
      case 'retry':
        return { label: 'Try again', act: () => act(step), after: step.after };
      case 'authorize':
        return { label: 'Authorize', act: () => act(step), isMain: true };
      case 'open':
        return { label: 'Open your account page', href: step.url };
    }
  };

  return {
    element,
    show(notice: Notice | undefined): void {
      if (JSON.stringify(notice) === JSON.stringify(before)) return;
      before = notice;
      show(notice && { tone: notice.tone, text: notice.text, ...(notice.step ? { steps: [shown(notice.step)] } : {}) });
    },
  };
};
