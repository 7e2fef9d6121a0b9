/** Problems that a person would see as raw JSON in the browser's window: a page in their place. */
import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import { styledPage } from './page.ts';

/** https://www.w3.org/TR/fetch-metadata/#sec-fetch-mode-header; browsers without it say by Accept what they navigate for. */
export const isNavigation = ({ method, headers }: IncomingMessage): boolean => {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = headers['sec-fetch-mode'];
  return mode === undefined ? /(?:^|,)\s*text\/html\s*(?:[;,]|$)/i.test(headers.accept ?? '') : mode === 'navigate';
};

/** What passes by itself: the same link works a little later. */
const PAGES: ReadonlyMap<number, readonly [title: string, text: string]> = new Map([
  [429, ['Too many requests at once', 'Many people are using this service from your network.']],
  [503, ['Not available at the moment', 'Something that this page needs did not answer.']],
]);

/** @returns the page for a problem that passes by itself, where a browser navigates; else the answer as it is */
export const forNavigation = (req: IncomingMessage, answer: Answer): Answer => {
  const words = PAGES.get(answer.status);
  if (!words || answer.headers['Content-Type'] !== 'application/problem+json' || !isNavigation(req)) return answer;
  const [title, text] = words;
  const seconds = Number(answer.headers['Retry-After'] ?? 1);
  const wait = seconds === 1 ? 'one second' : `${seconds} seconds`;
  // An empty href is the page's own address: nothing of the request has to be written into the page.
  const made = styledPage(
    answer.status,
    title,
    `<p>${text} Wait ${wait}, then try again. Nothing is lost.</p>\n<p><a href="">Try again</a></p>`,
  );
  return { ...answer, body: made.body, headers: { ...answer.headers, ...made.headers } };
};
