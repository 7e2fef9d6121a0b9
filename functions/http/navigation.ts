/** Requests that a browser makes for its window: before anybody asked for the page, and what a person sees of a problem. */
import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import { backLink, styledPage } from './page.ts';

/** https://www.w3.org/TR/fetch-metadata/#sec-fetch-mode-header; browsers without it say by Accept what they navigate for. */
export const isNavigation = ({ headers }: IncomingMessage): boolean => {
  const mode = headers['sec-fetch-mode'];
  return mode === undefined ? /(?:^|,)\s*text\/html\s*(?:[;,]|$)/i.test(headers.accept ?? '') : mode === 'navigate';
};

/**
 * `Sec-Purpose` (https://html.spec.whatwg.org/multipage/speculative-loading.html) and what came before it: `Purpose` of
 * Chromium, `X-Moz` of Firefox, `X-Purpose` of Safari.
 */
const PURPOSES = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/** The browser loads the page in advance: a person may never open it. */
export const isPrefetch = ({ headers }: IncomingMessage): boolean =>
  PURPOSES.some((name) => /\b(?:prefetch|prerender|preview|preload)\b/i.test(String(headers[name] ?? '')));

/** Where lost users go: the first of the registered return URLs. */
export const homeOf = (returnUrls: Iterable<string>): string | undefined => [...returnUrls][0];

export interface Place {
  /** Only browsers' windows go here: every problem is a page. Elsewhere only what passes by itself is one. */
  readonly isForPeople: boolean;
  /** `homeOf` */
  readonly home?: string | undefined;
}

/** What passes by itself: the same link works a little later. */
const PASSING: ReadonlyMap<number, readonly [title: string, text: string]> = new Map([
  [429, ['Too many requests at once', 'Many people are using this service from your network.']],
  [503, ['Not available at the moment', 'Something that this page needs did not answer.']],
]);

const FINAL: ReadonlyMap<number, readonly [title: string, text: string]> = new Map([
  [400, ['This link is not valid', 'It is not complete, or a part of it was changed.']],
  [404, ['There is no such page', 'The address is mistyped, or the page was moved.']],
  [405, ['This page cannot be opened like this', 'A browser sent a form here, or a program asked.']],
  [500, ['Something went wrong', 'An error in this service stopped what you began.']],
]);
const OTHER = ['This page cannot be shown', 'The service did not accept what the browser sent.'] as const;

// An empty href is the page's own address: nothing of the request has to be written into the page.
const linkToItself = (label: string) => `<p><a href="">${label}</a></p>`;

const wordsOf = ({ status, headers }: Answer, { isForPeople, home }: Place): readonly [string, string] | undefined => {
  const passing = PASSING.get(status);
  if (passing) {
    const seconds = Number(headers['Retry-After'] ?? 1);
    const wait = seconds === 1 ? 'one second' : `${seconds} seconds`;
    return [
      passing[0],
      `<p>${passing[1]} Wait ${wait}, then try again. Nothing is lost.</p>\n${linkToItself('Try again')}`,
    ];
  }
  if (!isForPeople) return undefined;
  if (status === 425) {
    return [
      'This page is not open yet',
      `<p>The browser loaded it in advance, so nothing was done. Open it to go on.</p>\n${linkToItself('Open the page')}`,
    ];
  }
  const [title, text] = FINAL.get(status) ?? OTHER;
  return [title, `<p>${text} Go back to the application and start again.</p>${backLink(home)}`];
};

/** @returns a page in the place of a problem, where a browser navigates; else the answer as it is */
export const forNavigation = (req: IncomingMessage, answer: Answer, place: Place): Answer => {
  if (answer.headers['Content-Type'] !== 'application/problem+json' || !isNavigation(req)) return answer;
  // A write is an API's, wherever it comes from.
  if (!place.isForPeople && req.method !== 'GET' && req.method !== 'HEAD') return answer;
  const words = wordsOf(answer, place);
  if (!words) return answer;
  const made = styledPage(answer.status, ...words);
  return { ...answer, body: made.body, headers: { ...answer.headers, ...made.headers } };
};
