/** What a browser sends and gets, and the secrets in it. */
import { createHash } from 'node:crypto';
import type { BrowserContext, Page, Request } from 'playwright-core';
import type { Issued } from '../../local/providers/ledger.ts';

export interface Exchange {
  readonly method: string;
  /** With its fragment. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 0: no answer. */
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** Empty where the browser did not keep it, as with redirects. */
  readonly answer: string;
}

export interface Traffic {
  /** What was exchanged so far. */
  exchanges(): Promise<Exchange[]>;
  /** Each URL that a page was at. */
  readonly visited: readonly string[];
}

const read = async (request: Request): Promise<Exchange> => {
  const response = await request.response().catch(() => null);
  return {
    method: request.method(),
    url: new URL(request.url()),
    headers: await request.allHeaders().catch(() => request.headers()),
    body: request.postData() ?? '',
    status: response?.status() ?? 0,
    answerHeaders: (await response?.allHeaders().catch(() => undefined)) ?? {},
    answer: (await response?.text().catch(() => '')) ?? '',
  };
};

export const recordTraffic = (context: BrowserContext): Traffic => {
  const all: Promise<Exchange>[] = [];
  const visited: string[] = [];
  const add = (request: Request) => all.push(read(request));
  // Not before the end: what a body is can only be asked for then.
  context.on('requestfinished', add);
  context.on('requestfailed', add);
  context.on('page', (page) => {
    page.on('framenavigated', (frame) => visited.push(frame.url()));
  });
  return { exchanges: () => Promise.all(all), visited };
};

const forms = (value: string) => {
  const bytes = Buffer.from(value);
  return [value, encodeURIComponent(value), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
};

/** The secrets among `issued` that the text contains, as they are or encoded. */
export const secretsIn = (text: string, issued: readonly Issued[]): Issued['kind'][] =>
  issued.filter(({ value }) => forms(value).some((form) => text.includes(form))).map(({ kind }) => kind);

/** The PKCE verifiers in the text: whatever hashes to one of the challenges (RFC 7636 section 4.2). */
export const verifiersIn = (text: string, challenges: ReadonlySet<string>): string[] =>
  (text.match(/(?<![\w-])[\w-]{43}(?![\w-])/g) ?? []).filter((word) =>
    challenges.has(createHash('sha256').update(word).digest('base64url')),
  );

/** The URLs of a tab's history. */
export const historyOf = async (page: Page): Promise<string> => {
  const client = await page.context().newCDPSession(page);
  const { entries } = await client.send('Page.getNavigationHistory');
  return entries.map(({ url }) => url).join('\n');
};
