/** What a search finds, and what became of each source. */
import type { AuthorizationReason } from '../contract.ts';
import type { ConnectAgain, ErrorCode } from '../errors.ts';

/** As a source gives it; what is empty or `undefined` is left out. */
export interface Hit {
  /** The source's own. */
  readonly id: string;
  readonly title?: string | undefined;
  /** Plain text. */
  readonly snippet?: string | undefined;
  /** Where the user opens it; nothing but http and https is kept. */
  readonly link?: string | undefined;
  /** When it was changed or sent, or begins: RFC 3339. */
  readonly date?: string | undefined;
}

/** Everything in it was written by others: show it as text, never as markup. */
export interface SearchResult {
  /** `onedrive`, `outlook`, `drive`, `gmail`, `calendar`, or one of the product's own. */
  readonly source: string;
  readonly id: string;
  /** May be empty. */
  readonly title: string;
  readonly snippet?: string;
  readonly link?: string;
  readonly date?: string;
  /** What other sources found at the same link. */
  readonly also?: readonly SearchResult[];
}

export type SourceStatus =
  | { readonly state: 'searching' }
  /** `partial`: the source could look only at a part of what it has (docs/front-end.md says of which). */
  | { readonly state: 'ok'; readonly results: number; readonly partial?: true }
  /** Hand `request` to `broker.connect`, in a click: it names the integration and the level that the source needs. */
  | {
      readonly state: 'not_authorized';
      readonly reason: AuthorizationReason;
      readonly missingScopes: readonly string[];
      readonly request: ConnectAgain;
    }
  /** The organization has switched it off. */
  | { readonly state: 'disabled' }
  /** The broker's code, or for the source's own refusals the one that fits. `retryAfter`: seconds. */
  | { readonly state: 'failed'; readonly code: ErrorCode; readonly retryAfter?: number }
  | { readonly state: 'timed_out' };

export interface Found {
  readonly query: string;
  /** The best first. */
  readonly results: readonly SearchResult[];
  /** Every source that was asked, by name. */
  readonly sources: Readonly<Record<string, SourceStatus>>;
}

const isWeb = (link: string | undefined): link is string =>
  link !== undefined && /^https?:\/\//i.test(link) && URL.canParse(link);

export const resultOf = (source: string, { id, title = '', snippet, link, date }: Hit): SearchResult => ({
  source,
  id,
  title,
  ...(snippet && { snippet }),
  // What a script or a file could hide behind is no link.
  ...(isWeb(link) && { link }),
  ...(date && { date }),
});
