/** The search page: what every source finds, and an answer from what may be used for one. */
import { browserOnly } from '../../../client/src/browser-only.ts';
import { type ConnectAgain, createBroker } from '../../../client/src/index.ts';
import { createSearch, type Found, type OwnSearch } from '../../../client/src/search.ts';
import { createNoticePlace } from '../../../web/notice.ts';
import { connectedText } from '../../../web/sentences.ts';
import { explain } from '../../../web/trouble.ts';
import { createSpeech } from '../../../web/words.ts';
import { byId } from './dom.ts';
import { apis, host } from './host.ts';
import { createAnswerPlace } from './search-answer.ts';
import { createDocumentsPlace } from './search-documents.ts';
import { drawResults, drawSources, isSignedOut } from './search-results.ts';

const DEADLINE_MS = 4_000;

interface Article {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** The product's own search, with the product's own session. */
const searchArticles: OwnSearch = async (query, { signal }) => {
  const response = await fetch(`/articles?${new URLSearchParams({ query })}`, { signal });
  const { articles }: { readonly articles: readonly Article[] } = await response.json();
  return articles.map(({ id, title, text }) => ({
    id,
    title,
    snippet: text,
    link: `${location.origin}/article.html?id=${encodeURIComponent(id)}`,
  }));
};

const speech = createSpeech(host.words);
const broker = createBroker({ ...host, returnTo: `${location.origin}/bridge.html`, flows: browserOnly });
const search = createSearch(broker, {
  ...host,
  own: { host: searchArticles },
  origins: apis,
  deadline: DEADLINE_MS,
});
const notice = createNoticePlace('search-notice');
byId('ask').after(notice.element);

const show = (view: 'search' | 'signed-out'): void => {
  byId('search').hidden = view !== 'search';
  byId('signed-out').hidden = view !== 'signed-out';
};

const documents = createDocumentsPlace(search, speech);
let canceller = new AbortController();
const stop = byId('stop');
stop.addEventListener('click', () => canceller.abort());

const answer = createAnswerPlace(search, speech, {
  again: (found) => void ask(found, canceller.signal),
  onSources: (excluded) => draw(excluded),
});

let last: Found | undefined;
const draw = (excluded: readonly string[] = []): void => {
  if (!last) return;
  drawResults(last, speech);
  drawSources(last, excluded, speech, (name, request) => void authorize(name, request));
};

const ask = async (found: Found, signal: AbortSignal): Promise<void> => {
  stop.hidden = false;
  const isAnswered = await answer.ask(found, signal);
  if (signal === canceller.signal) stop.hidden = true;
  if (isAnswered) await documents.load();
};

const run = async (): Promise<void> => {
  const { value: query } = byId('query') as HTMLInputElement;
  if (query.trim() === '') return;
  canceller.abort();
  canceller = new AbortController();
  const { signal } = canceller;
  byId('found-place').hidden = false;
  answer.wait();
  try {
    const onProgress = (found: Found): void => {
      last = found;
      draw();
    };
    const found = await search.search({ query, signal, onProgress });
    if (isSignedOut(found)) show('signed-out');
    else await ask(found, signal);
  } catch (error) {
    // Another search has taken its place.
    if (!signal.aborted) throw error;
  }
};

const authorize = async (name: string, request: ConnectAgain, mode?: 'redirect'): Promise<void> => {
  const title = speech.source(name);
  const cancel = new AbortController();
  const steps = [{ label: 'Cancel', act: () => cancel.abort() }];
  try {
    // First of all: a browser opens windows in the click alone.
    const connecting = broker.connect({
      ...request,
      mode,
      signal: cancel.signal,
      onPopupClosed: () =>
        notice.show({ tone: 'plain', text: 'The window seems to be closed. If it is not, go on there.', steps }),
    });
    notice.show({ tone: 'plain', text: `Go on in the window for ${title}.`, steps });
    const connected = await connecting;
    const isWhole = connected.missing_scopes.length === 0;
    notice.show(isWhole ? undefined : { tone: 'plain', text: connectedText(connected, title, speech.scope) });
    await run();
  } catch (error) {
    const again = () => void authorize(name, request);
    notice.show(
      explain(error, { title, signIn: host.signIn, again, redirect: () => void authorize(name, request, 'redirect') }),
    );
  }
};

byId('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  notice.show(undefined);
  void run();
});

// First thing: what a redirect brought back is in the address bar.
await broker.handleRedirect().catch((error) => {
  const again = () => notice.show(undefined);
  notice.show(explain(error, { title: 'The provider', signIn: host.signIn, again }));
});
if (await host.session()) {
  show('search');
  byId('query').focus();
  await documents.open(broker);
} else show('signed-out');
