/** What was found, and what became of each source. All of it is others' text, shown as text. */
import type { ConnectAgain } from '../../../client/src/index.ts';
import type { Found, SearchResult, SourceStatus } from '../../../client/src/search.ts';
import { problemText, reasonText } from '../../../web/sentences.ts';
import { counted, listed, type Speech } from '../../../web/words.ts';
import { button, byId, h, redraw } from './dom.ts';

const UNTITLED = '(no title)';
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** Opens elsewhere, and tells it nothing of this page. */
export const titleOf = ({ title, link }: SearchResult): HTMLElement =>
  link
    ? h('a', { href: link, target: '_blank', rel: 'noopener noreferrer', class: 'name' }, title || UNTITLED)
    : h('span', { class: 'name' }, title || UNTITLED);

const line = (result: SearchResult, { source }: Speech): HTMLElement => {
  const { snippet, date, also = [] } = result;
  const places = [result, ...also].map((each) => source(each.source));
  return h(
    'li',
    { 'data-source': result.source },
    titleOf(result),
    snippet && h('p', { class: 'snippet' }, snippet),
    h('small', {}, [listed(places), date && day.format(new Date(date))].filter(Boolean).join(' · ')),
  );
};

/** What of the source `partial` means. */
const PARTS: Readonly<Record<string, string>> = {
  outlook: 'among the newest 200 messages, by subject and sender alone',
  calendar: 'from 30 days ago on',
};

const FAILURES: Readonly<Record<string, string>> = {
  forbidden: 'It refused the search.',
  provider_error: 'It gave an answer that makes no sense.',
  rate_limited: 'It had too many requests. Try again later.',
  temporarily_unavailable: 'It is not available at the moment.',
  unreachable: 'It could not be reached.',
};

const said = (name: string, status: SourceStatus, title: string): string => {
  switch (status.state) {
    case 'searching':
      return 'Searching …';
    case 'ok': {
      const part = status.partial && PARTS[name];
      const found = status.results === 0 ? 'Nothing found' : `${counted(status.results, 'result')}`;
      return `${found}${part ? ` ${part}` : ''}.`;
    }
    case 'not_authorized':
      return reasonText(status.reason, title);
    case 'disabled':
      return 'Your organization has switched it off.';
    case 'failed':
      return FAILURES[status.code] ?? problemText(status.code);
    case 'timed_out':
      return 'It did not answer in time.';
  }
};

/** The broker's session is over for all of them. */
export const isSignedOut = ({ sources }: Found): boolean =>
  Object.values(sources).some(
    (status) => status.state === 'failed' && ['login_required', 'session_ended'].includes(status.code),
  );

export const drawResults = ({ results, sources }: Found, speech: Speech): void => {
  const states = Object.entries(sources);
  const isOver = states.every(([, { state }]) => state !== 'searching');
  const silent = states
    .filter(([, { state }]) => !['ok', 'searching'].includes(state))
    .map(([name]) => speech.source(name));
  const found = results.length === 0 ? 'Nothing is found' : `${counted(results.length, 'result')}`;
  const without = silent.length > 0 ? `, without ${listed(silent)}` : '';
  byId('results-state').textContent = isOver ? `${found}${without}.` : 'Searching …';
  const list = byId('results');
  list.replaceChildren(...results.map((result) => line(result, speech)));
};

/** @param excluded sources that answers are not made from */
export const drawSources = (
  { sources }: Found,
  excluded: readonly string[],
  speech: Speech,
  authorize: (name: string, request: ConnectAgain) => void,
): void => {
  const list = byId('sources');
  const lines = Object.entries(sources).map(([name, status]) => {
    const title = speech.source(name);
    return h(
      'li',
      { id: `source-${name}`, 'data-state': status.state },
      h('span', { class: 'name' }, title),
      h('small', { class: 'said' }, said(name, status, title)),
      excluded.includes(name) && h('small', {}, 'Your organization keeps it out of answers.'),
      status.state === 'not_authorized' &&
        button(`source-${name}-authorize`, `Authorize ${title}`, 'plain', () => authorize(name, status.request)),
    );
  });
  redraw(byId('sources-place'), () => list.replaceChildren(...lines));
};
