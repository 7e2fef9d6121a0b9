/** The answer as it comes: text, the numbers of its citations, and what they stand for. */
import { BrokerError } from '../../../client/src/index.ts';
import type { AnswerEvent, Found, Search, SearchResult, SourceCount } from '../../../client/src/search.ts';
import { createNoticePlace, type Notice } from '../../../web/notice.ts';
import { explain } from '../../../web/trouble.ts';
import { counted, listed, type Speech } from '../../../web/words.ts';
import { byId, h } from './dom.ts';
import { host } from './host.ts';
import { titleOf } from './search-results.ts';

export interface AnswerHooks {
  again(found: Found): void;
  /** Which sources the organization keeps out of answers. */
  onSources(excluded: readonly string[]): void;
}

const ENDS = {
  complete: '',
  length: ' It was cut at its greatest length.',
  declined: ' The model declined to say more.',
} as const;

export const createAnswerPlace = (search: Search, speech: Speech, { again, onSources }: AnswerHooks) => {
  const state = byId('answer-state');
  const text = byId('answer-text');
  const cited = byId('cited');
  const notice = createNoticePlace('answer-notice');
  state.after(notice.element);

  /** Whose answer is shown: one that was stopped for the next says nothing any more. */
  let current: AbortSignal | undefined;

  const clear = (said: string): void => {
    notice.show(undefined);
    state.textContent = said;
    text.replaceChildren();
    cited.replaceChildren();
  };

  const names = (counts: readonly SourceCount[]): string => listed(counts.map(({ source }) => speech.source(source)));

  const cite = (number: number, result: SearchResult): void => {
    const id = `cited-${number}`;
    const label = `Citation ${number}: ${result.title}`;
    text.append(' ', h('a', { href: `#${id}`, class: 'cite', 'aria-label': label }, `[${number}]`));
    if (document.getElementById(id)) return;
    const source = h('small', {}, speech.source(result.source));
    cited.append(h('li', { id, tabindex: '-1' }, h('span', {}, `${number}.`), titleOf(result), source));
  };

  let made = '';
  const take = (event: AnswerEvent): void => {
    switch (event.type) {
      case 'sources': {
        const { included, excluded } = event;
        const count = included.reduce((sum, { results }) => sum + results, 0);
        const without = excluded.length > 0 ? ` Your organization keeps out ${names(excluded)}.` : '';
        made = `from ${counted(count, 'result')} of ${names(included)}.${without}`;
        state.textContent = included.length > 0 ? `Being made ${made}` : '';
        onSources(excluded.map(({ source }) => source));
        return;
      }
      case 'text':
        text.append(event.text);
        return;
      case 'citation':
        cite(event.number, event.result);
        return;
      case 'done':
        state.textContent =
          event.finish === 'declined' && text.textContent === ''
            ? 'The model declined to answer this.'
            : `Made ${made}${ENDS[event.finish]}`;
    }
  };

  const trouble = (error: unknown, found: Found): Notice => {
    const said = explain(error, { title: 'The broker', signIn: host.signIn, again: () => again(found) });
    if (!(error instanceof BrokerError)) return said;
    switch (error.code) {
      case 'search_ai_disabled':
      case 'source_disabled':
        return { ...said, tone: 'plain' };
      case 'provider_error':
        return { ...said, text: 'The model gave no usable answer.' };
      default:
        return said;
    }
  };

  return {
    /** While the sources are searched. */
    wait(): void {
      current = undefined;
      clear('Waiting for the sources …');
    },

    /** @returns whether there is an answer */
    async ask(found: Found, signal: AbortSignal): Promise<boolean> {
      if (found.results.length === 0) {
        clear('Nothing was found to answer from.');
        return false;
      }
      current = signal;
      clear('Being made …');
      // Said as a whole when it is there, not word by word.
      text.setAttribute('aria-busy', 'true');
      try {
        for await (const event of search.answer({ ...found, signal })) take(event);
        return true;
      } catch (error) {
        if (current !== signal) return false;
        state.textContent = signal.aborted ? 'Stopped.' : '';
        if (!signal.aborted) notice.show(trouble(error, found));
        return false;
      } finally {
        if (current === signal) text.removeAttribute('aria-busy');
      }
    },
  };
};
