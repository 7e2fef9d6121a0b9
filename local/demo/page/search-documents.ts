/** The documents that the broker keeps as cited, where the organization has agreed to it. */
import type { Broker } from '../../../client/src/index.ts';
import type { AnswerDocument, Search } from '../../../client/src/search.ts';
import { createNoticePlace } from '../../../web/notice.ts';
import { explain } from '../../../web/trouble.ts';
import type { Speech } from '../../../web/words.ts';
import { button, byId, h, redraw } from './dom.ts';
import { host } from './host.ts';

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export const createDocumentsPlace = (search: Search, speech: Speech) => {
  const section = byId('documents');
  const list = byId('documents-list');
  const all = byId('forget-all');
  const notice = createNoticePlace('documents-notice');
  byId('documents-state').after(notice.element);

  const line = (cited: AnswerDocument): HTMLElement => {
    const { source, id, used_at } = cited;
    const title = speech.source(source);
    const forget = button(
      `forget-${source}-${id}`,
      'Forget',
      'plain',
      () => void act(() => search.forgetDocument(cited)),
    );
    forget.setAttribute('aria-label', `Forget ${id} of ${title}`);
    return h(
      'li',
      {},
      h('span', { class: 'name' }, title),
      h('code', {}, id),
      h('small', {}, `cited ${moment.format(new Date(used_at))}`),
      forget,
    );
  };

  /** Does something, and shows what is kept then. */
  const act = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      const documents = await search.documents();
      notice.show(undefined);
      redraw(section, () => {
        const isEmpty = documents.length === 0;
        byId('documents-state').textContent = isEmpty ? 'Nothing is kept.' : '';
        // What is hidden would take the focus with it.
        if (isEmpty && document.activeElement === all) byId('documents-title').focus();
        byId('forget-place').hidden = isEmpty;
        list.replaceChildren(...documents.map(line));
      });
    } catch (error) {
      notice.show(explain(error, { title: 'The broker', signIn: host.signIn, again: () => void act(work) }));
    }
  };
  const load = async (): Promise<void> => {
    if (!section.hidden) await act(async () => {});
  };
  all.addEventListener('click', () => void act(search.forgetDocuments));

  return {
    load,
    /** Shows them, if the organization has any kept. */
    async open(broker: Broker): Promise<void> {
      const config = await broker.config().catch(() => undefined);
      section.hidden = !config?.search_ai.document_ids;
      await load();
    },
  };
};
